"""The page of a whole tree: only what changed since the last time is looked at again."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pixforge.engine.ledger import Ledger
from pixforge.engine.ledger_rows import Row
from pixforge.engine.machine import worker_count
from pixforge.engine.plan import ONE_FILE, Job
from pixforge.errors import OutputError
from pixforge.image.save import write_atomic
from pixforge.project.tree import Tree
from pixforge.report.films import FOLDER
from pixforge.report.looking import Task, content_of, look
from pixforge.report.model import FORMAT, Subject
from pixforge.report.ways import Way

PAGE: Final = "index.html"
DATA: Final = "review-data.js"
_HEAD: Final = "window.PIXFORGE_REVIEW = "
_FEW: Final = 24  # pictures that are looked at sooner than processes start
_AHEAD: Final = 4  # tasks waiting for each process


@dataclass(frozen=True)
class Looked:
    """A picture that the page now shows.

    Attributes:
        subject: its record, as plain values.
        fresh: it was looked at anew.
    """

    subject: dict[str, Any]
    fresh: bool


@dataclass
class Review:
    """A page being made. Iterate it once; then `write`.

    Attributes:
        tree: what it shows.
        folder: where it goes.
        ways: others to try on every picture.
        workers: processes; None: as many as cores and memory bear.
        subjects: the records, in the order of the sources.
    """

    tree: Tree
    folder: Path
    ways: tuple[Way, ...] = ()
    workers: int | None = None

    def __post_init__(self) -> None:
        self.subjects: list[dict[str, Any]] = []
        self._before = memory(self.folder)

    def __iter__(self) -> Iterator[Looked]:
        """Yield every picture of the tree, in no certain order.

        Raises:
            OutputError: the page's folder holds something else, or cannot be written.
        """
        check_folder(self.folder, self.tree)
        fresh: list[Task] = []
        for task in list(self._tasks()):
            known = self._known(task)
            if known is not None:
                self.subjects.append(_unchanged(known))
                yield Looked(self.subjects[-1], fresh=False)
            else:
                fresh.append(task)
        for subject in _looked_at(fresh, self.folder, self.workers):
            self.subjects.append(_compared(subject, self._before.get(subject.name)))
            yield Looked(self.subjects[-1], fresh=True)
        self.subjects.sort(key=lambda values: str(values["name"]))

    def plan(self) -> tuple[int, int]:
        """Return how many pictures are known to the page that is there, and how many would be looked at; write nothing.

        Raises:
            OutputError: as when iterated.
        """
        check_folder(self.folder, self.tree)
        known = [self._known(task) is not None for task in self._tasks()]
        return sum(known), len(known) - sum(known)

    def _known(self, task: Task) -> dict[str, Any] | None:
        """The record of a picture that need not be looked at again."""
        known = self._before.get(task.name)
        same = known is not None and known["key"] == task.key and _whole(known, self.folder)
        return known if same else None

    def write(self) -> Path:
        """Write the page and return its path; pictures that it no longer shows are removed.

        Raises:
            OutputError: it cannot be written.
        """
        from pixforge.report.render import page

        title = self.tree.source.resolve().name
        content = {"format": FORMAT, "title": title, "subjects": self.subjects}
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
        write_atomic(self.folder / DATA, f"{_HEAD}{text};\n".encode())
        write_atomic(self.folder / PAGE, page(title).encode())
        _sweep(self.folder, self.subjects)
        return self.folder / PAGE

    def _tasks(self) -> Iterator[Task]:
        if not self.tree.ledger.exists():
            for job in self.tree.jobs():
                yield from self._of(job, None)
            return
        with Ledger(self.tree.ledger, self.tree.root) as ledger:
            for job in self.tree.jobs():
                yield from self._of(job, ledger.row(job.destination))

    def _of(self, job: Job, row: Row | None) -> Iterator[Task]:
        """One task for a picture or a clip; for a cast one for each member."""
        made = tuple((each.path, each.content) for each in row.outputs) if row is not None else ()
        made = made or tuple((path, content_of(path)) for path in job.outputs if path.is_file())
        error = row.error if row is not None and row.state != "made" else None
        rule = job.preset.name if job.preset.path is None else _rule_name(job.preset.path, self.tree.root)
        root = self.tree.output.absolute().parent
        if job.intake.kind != "cast":
            yield Task(self._name(job.source), job.read, job.intake, job.preset, rule, made, error, self.ways, root)
            return
        for path in job.read:
            own = tuple(output for output in made if output[0].stem == path.stem)
            yield Task(self._name(path), (path,), ONE_FILE, job.preset, rule, own, error, self.ways, root)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.tree.source).as_posix() if path.is_relative_to(self.tree.source) else path.name


def check_folder(folder: Path, tree: Tree) -> None:
    """Make sure that a page may be written there.

    Raises:
        OutputError: the folder is that of the sources or outputs, or holds files of others.
    """
    place = folder.resolve()
    if place in (tree.source.resolve(), tree.output.resolve()):
        raise OutputError("is the folder of the pictures themselves", "give the page a folder of its own", folder)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / DATA).is_file():
        raise OutputError("is not empty and holds no review page", "give the page a folder of its own", folder)


def memory(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the records of the page that is there, by name; none if there is none of this version."""
    try:
        text = (folder / DATA).read_text("utf-8")
        content = json.loads(text.removeprefix(_HEAD).rstrip().removesuffix(";"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return {}
    return {str(subject["name"]): subject for subject in content["subjects"]}


def _looked_at(tasks: Sequence[Task], folder: Path, wanted: int | None) -> Iterator[Subject]:
    """Look at pictures, in processes if there are many."""
    workers = worker_count(len(tasks), wanted)
    if len(tasks) <= _FEW or workers < 2:
        yield from (look(task, folder) for task in tasks)
        return
    waiting = iter(tasks)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        running: set[Future[Subject]] = set()
        while True:
            wanted_now = islice(waiting, workers * _AHEAD - len(running))
            running |= {pool.submit(look, task, folder) for task in wanted_now}
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)


def _compared(subject: Subject, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The record with what has changed since the page's last state."""
    old = {each["label"]: each["digest"] for each in before["variants"]} if before else {}
    variants = tuple(
        replace(
            one,
            change="new" if one.label not in old else "same" if old[one.label] == one.digest else "changed",
        )
        for one in subject.variants
    )
    values: dict[str, Any] = json.loads(json.dumps(replace(subject, variants=variants).as_dict()))
    return values


def _unchanged(known: dict[str, Any]) -> dict[str, Any]:
    return known | {"variants": [variant | {"change": "same"} for variant in known["variants"]]}


def _files(subject: Mapping[str, Any]) -> list[str]:
    films = [subject["film"], *(variant["film"] for variant in subject["variants"])]
    return [str(film["file"]) for film in films if film]


def _whole(subject: Mapping[str, Any], folder: Path) -> bool:
    return all((folder / name).is_file() for name in _files(subject))


def _sweep(folder: Path, subjects: Sequence[Mapping[str, Any]]) -> None:
    shown = {name for subject in subjects for name in _files(subject)}
    for path in (folder / FOLDER).glob("*/*"):
        if path.relative_to(folder).as_posix() not in shown:
            path.unlink(missing_ok=True)


def _rule_name(path: Path, root: Path) -> str:
    """A preset's file as a project file would name it; one that is shipped or the user's own goes by its name."""
    place = path.resolve()
    return place.relative_to(root.resolve()).as_posix() if place.is_relative_to(root.resolve()) else path.stem

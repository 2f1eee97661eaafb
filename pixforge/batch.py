"""A whole tree over all cores, repeating only what changed. No fault of one picture costs another.

Outcomes come in the order of the sources, whatever the order in which they were done. Memory hardly grows with a tree:
what is held are the jobs in flight and, while it is looked at, a number for each file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pixforge.engine.book import Book
from pixforge.engine.compare import compare, compared
from pixforge.engine.content import MovingSourceError
from pixforge.engine.events import Failure, Outcome, known_error
from pixforge.engine.ledger import Ledger
from pixforge.engine.lock import Lock
from pixforge.engine.machine import JOBS_WORTH_A_WORKER, cores, worker_count, worker_memory
from pixforge.engine.plan import Job
from pixforge.engine.provenance import read_provenance
from pixforge.engine.prune import prune, sweep
from pixforge.engine.run import planned
from pixforge.engine.workers import Executor, Here, Processes, Setup
from pixforge.errors import OutputError, PictureError, PixforgeError
from pixforge.project.hooks import HookError, Hooks
from pixforge.project.survey import Survey, survey
from pixforge.project.tree import Tree

_LOOKS: Final = 64  # jobs examined between two looks at the workers
_UNCLEAN: Final = "running"
Stop = Callable[[], bool]
Cluster = Callable[[Setup, Tree], Executor]


@dataclass(frozen=True)
class Options:
    """How a run is done.

    Attributes:
        overwrite: as for `pixforge.engine.files.convert_file`.
        workers: processes; None: as many as cores and memory bear.
        retry: try pictures again that killed their process twice in an earlier run.
        prune: remove outputs whose source is gone: only what we made and nobody changed.
        dry: change nothing.
        check: change nothing either; an output that is missing or out of date is a failed outcome (`StaleError`).
        cluster: makes the executor of other machines; None: processes of this one.
    """

    overwrite: bool | None = None
    workers: int | None = None
    retry: bool = False
    prune: bool = False
    dry: bool = False
    check: bool = False
    cluster: Cluster | None = None


@dataclass
class Batch:
    """One run over a tree. Iterate it once.

    Attributes:
        tree, options: what and how.
        stop: asked often; once it says True nothing new is begun, what was begun is finished, and the iteration ends.
        total: how many pictures there are to convert; known before the first outcome.
        left: pictures that no rule wants.
        workers: processes that were used; 0 if nothing had to be converted.
        pruned: outputs that were removed (in a dry run: would be).
        troubles: errors that are no outcome: hooks that failed, folders that cannot be listed; as plain values.
    """

    tree: Tree
    options: Options = field(default_factory=Options)
    stop: Stop = lambda: False
    total: int = 0
    left: int = 0
    workers: int = 0
    pruned: list[Path] = field(default_factory=list)
    troubles: list[dict[str, Any]] = field(default_factory=list)

    def survey(self) -> Survey:
        """Look at the tree: count it, and refuse what cannot work.

        Raises:
            PixforgeError: the source is no folder, two pictures want one place, a rule has mistakes.
        """
        found = survey(self.tree, self._unlisted)
        self.total, self.left = found.jobs, found.left
        return found

    def __iter__(self) -> Iterator[Outcome]:
        """Yield the outcome of every picture, in the order of the sources.

        Raises:
            PixforgeError: as for `survey`; another run works here; a hook failed that may not; workers cannot start.
        """
        if not self.total:
            self.survey()
        with ExitStack() as stack:
            if self.options.dry or self.options.check:
                yield from self._planned(stack)
                return
            if not self.total and not self.tree.ledger.exists():
                return
            stack.enter_context(Lock(self.tree.state, "batch"))
            ledger = stack.enter_context(Ledger(self.tree.ledger, self.tree.root))
            hooks = Hooks(self.tree.hooks, self.tree.root, self.troubles)
            self._clean_up(ledger)
            hooks.call("before-run", self._facts())
            counts: dict[str, int] = {}
            for outcome in in_order(self._converted(ledger, hooks)):
                counts[outcome.status] = counts.get(outcome.status, 0) + 1
                yield outcome
            try:
                if self.options.prune and not self.stop() and not self.troubles:
                    self.pruned += prune(ledger, self._wanted, self.tree.output)
                ledger.remember(_UNCLEAN, "")
            except OutputError as error:  # the disk is full: no reason to withhold the report of what was done
                self.troubles.append(error.as_dict())
            hooks.call("after-run", {**self._facts(), "summary": counts, "pruned": [str(path) for path in self.pruned]})

    def _planned(self, stack: ExitStack) -> Iterator[Outcome]:
        book: Book | None = None
        if self.tree.ledger.exists():
            book = Book(stack.enter_context(Ledger(self.tree.ledger, self.tree.root)), self.options.overwrite)

        def settle(job: Job) -> Outcome | None:
            return book.settle(job, dry=True) if book is not None else None

        if self.options.check:
            yield from self._checked(settle, stack)
        else:
            yield from (settle(job) or planned(job) for job in self.tree.jobs(self._unlisted))
        if book is not None and self.options.prune:
            self.pruned += prune(book.ledger, self._wanted, self.tree.output, dry=True)
        elif self.options.check and self.options.prune:
            self.pruned += self._orphans()

    def _orphans(self) -> Iterator[Path]:
        """Outputs that say they are ours and that no job writes: what is known without a ledger."""
        names: dict[Path, list[str]] = {}
        for job in self.tree.jobs(self._unlisted):
            names.setdefault(job.folder.absolute(), []).extend(job.names)  # of a clip's pages the names only begin so
        for path in sorted(self.tree.output.rglob("*.png")):
            ours = tuple(names.get(path.parent.absolute(), ()))
            if not (ours and path.name.startswith(ours)) and read_provenance(path) is not None:
                yield path

    def _checked(self, settle: Callable[[Job], Outcome | None], stack: ExitStack) -> Iterator[Outcome]:
        self.workers = worker_count(self.total, self.options.workers, worker_memory(self.tree.presets()))
        executor: Executor
        if self.workers == 1:
            executor = Here(Setup(run=compare))
        else:
            executor = Processes(self.workers, Setup(threads=max(1, cores() // self.workers), run=compare))
        stack.callback(executor.close)
        numbered = enumerate(self.tree.jobs(self._unlisted))
        yield from in_order(compared(numbered, settle, executor, self.stop))

    def _converted(self, ledger: Ledger, hooks: Hooks) -> Iterator[tuple[int, Outcome]]:
        book = Book(ledger, self.options.overwrite, self.options.retry)
        numbered = enumerate(self.tree.jobs(self._unlisted))
        with ExitStack() as stack:
            yield from _Drive(self, book, hooks, numbered, stack)

    def _wanted(self, destination: Path, source: Path) -> bool:
        """Whether an output still has its source."""
        if not self.tree.alive(source):
            return False
        job = self.tree.find(self.tree.known(source))
        return job is not None and job.destination.absolute() == destination

    def _clean_up(self, ledger: Ledger) -> None:
        """Remove what a run that was killed left half written."""
        if ledger.meta(_UNCLEAN):
            sweep(self.tree.output)
        ledger.remember(_UNCLEAN, "yes")

    def _facts(self) -> dict[str, Any]:
        return {"source": str(self.tree.source), "output": str(self.tree.output), "jobs": self.total}

    def _unlisted(self, error: OSError) -> None:
        problem = PictureError(f"cannot be listed: {error.strerror}", "check the permissions", error.filename)
        if problem.as_dict() not in self.troubles:
            self.troubles.append(problem.as_dict())


class _Drive:
    """The loop between jobs, ledger and workers; yields outcomes with their jobs' numbers, in no certain order."""

    def __init__(
        self, batch: Batch, book: Book, hooks: Hooks, jobs: Iterator[tuple[int, Job]], stack: ExitStack
    ) -> None:
        self._batch = batch
        self._book = book
        self._hooks = hooks
        self._jobs = jobs
        self._stack = stack
        self._pending: deque[tuple[int, Job]] = deque()
        self._flying = 0
        self._exhausted = False
        self._moved: set[int] = set()
        self._executor: Executor | None = None
        self._most = worker_count(1 << 30, batch.options.workers)

    def __iter__(self) -> Iterator[tuple[int, Outcome]]:
        stop = self._batch.stop
        while True:
            if not stop():
                yield from self._look_ahead()
                yield from self._submit()
            if not self._flying and (stop() or (self._exhausted and not self._pending)):
                return
            if self._executor is not None and self._flying:
                yield from self._collect(self._executor)

    def _look_ahead(self) -> Iterator[tuple[int, Outcome]]:
        """Examine jobs until there is work for all workers; those with nothing to do are done with."""
        for _ in range(_LOOKS):
            if self._exhausted or len(self._pending) >= self._most * JOBS_WORTH_A_WORKER:
                return
            numbered = next(self._jobs, None)
            if numbered is None:
                self._exhausted = True
                return
            number, job = numbered
            outcome = self._book.settle(job)
            if outcome is None:
                self._pending.append(numbered)
            else:
                yield number, outcome

    def _submit(self) -> Iterator[tuple[int, Outcome]]:
        enough = self._exhausted or len(self._pending) >= self._most * JOBS_WORTH_A_WORKER
        if self._executor is None and self._pending and enough:
            self._executor = self._open()
        while self._executor is not None and self._pending and self._executor.capacity() > 0:
            number, job = self._pending.popleft()
            try:
                self._hooks.call("before-job", {"source": str(job.source), "destination": str(job.destination)})
            except HookError as error:
                yield number, _failed(job, error)
                continue
            self._executor.submit(self._book.task(number, job))
            self._flying += 1

    def _collect(self, executor: Executor) -> Iterator[tuple[int, Outcome]]:
        busy = not self._exhausted and len(self._pending) < self._most * JOBS_WORTH_A_WORKER
        for task, outcome in executor.wait(0.0 if busy else 0.2):
            self._flying -= 1
            number = task.key
            assert isinstance(number, int)
            if _moving(outcome) and number not in self._moved:
                self._moved.add(number)  # a file that was being written: once more, at the end of what waits
                self._pending.append((number, task.job))
                continue
            self._book.finish(task, outcome, claimed=self._batch.options.cluster is None)
            yield number, self._after(task.job, outcome)

    def _after(self, job: Job, outcome: Outcome) -> Outcome:
        try:
            self._hooks.call("after-job", outcome.as_dict())
        except HookError as error:
            return _failed(job, error)
        return outcome

    def _open(self) -> Executor:
        options, tree = self._batch.options, self._batch.tree
        setup = Setup(tree.ledger, tree.root)
        if options.cluster is not None:
            executor = options.cluster(setup, tree)
            self._stack.callback(executor.close)
            return executor
        jobs = len(self._pending) + (0 if self._exhausted else self._most * JOBS_WORTH_A_WORKER)
        count = worker_count(jobs, options.workers, worker_memory(tree.presets()))
        self._batch.workers = count
        if options.workers == 1 or (self._exhausted and len(self._pending) < JOBS_WORTH_A_WORKER and count == 1):
            here = Here(setup)
            self._stack.callback(here.close)
            return here
        threads = max(1, cores() // count)
        pool = Processes(count, Setup(tree.ledger, tree.root, threads))
        self._stack.callback(pool.close)
        return pool


def in_order(numbered: Iterator[tuple[int, Outcome]]) -> Iterator[Outcome]:
    """Yield outcomes by their numbers; those that are early wait. Numbers that never come are passed at the end."""
    waiting: dict[int, Outcome] = {}
    following = 0
    for number, outcome in numbered:
        waiting[number] = outcome
        while following in waiting:
            yield waiting.pop(following)
            following += 1
    for number in sorted(waiting):
        yield waiting[number]


def _moving(outcome: Outcome) -> bool:
    return outcome.failure is not None and outcome.failure.error["kind"] == MovingSourceError.kind


def _failed(job: Job, error: PixforgeError) -> Outcome:
    return Outcome(job.source, job.destination, job.preview, "failed", failure=Failure(known_error(error, job.source)))

"""From changes to conversions: an iterator in, an iterator out, no clock and no events of its own.

What a change was does not matter, only what is on the disk when it has settled: a file that is there is compared with
the ledger, as in a batch; one that is gone takes its outputs along. So nothing is lost when changes are reported twice,
late, in another order or as a burst, and our own outputs trigger nothing, because they are no pictures of the tree.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from pixforge.engine.book import Book
from pixforge.engine.content import MovingSourceError, Stamp
from pixforge.engine.events import Failure, Outcome, known_error
from pixforge.engine.ledger import Ledger
from pixforge.engine.plan import Job, collide
from pixforge.engine.prune import remove, remove_stale
from pixforge.engine.workers import Executor
from pixforge.errors import OutputError, PictureError, PixforgeError
from pixforge.project.hooks import HookError, Hooks
from pixforge.project.tree import Tree
from pixforge.watch.changes import Changes
from pixforge.watch.known import Known
from pixforge.watch.notes import remove_note, write_note
from pixforge.watch.settling import Settler, Writing, stamp_of

_CHUNK: Final = 200  # files of a scan examined between two looks at the changes
_YOUNG: Final = 5.0  # seconds: a damaged picture that young may be one that is still being written
_BACKOFF: Final = (5.0, 15.0, 60.0, 300.0)  # seconds until a full disk or a missing folder is tried again
_IDLE: Final = 120.0  # seconds after which idle workers give their memory back
_SETTINGS_LOOK: Final = 1.0  # seconds between two looks at presets, palettes and project files
Open = Callable[[Tree, int], Executor]
Load = Callable[[], Tree]


@dataclass(frozen=True)
class Note:
    """Something that happened.

    Attributes:
        kind: made (an outcome that is not a failure), failed, removed, reloaded, trouble, recovered (the source or the
            ledger can be used again), or ready (the tree has been gone through once).
        outcome: of made and failed.
        path: what was removed or reloaded.
        error: plain values, of failed and trouble.
    """

    kind: Literal["made", "failed", "removed", "reloaded", "trouble", "recovered", "ready"]
    outcome: Outcome | None = None
    path: Path | None = None
    error: dict[str, Any] | None = None


@dataclass(eq=False)
class Watcher:
    """The state of a watch.

    Attributes:
        tree: what is watched; replaced when its files change.
        load: reads it again.
        ledger: what was made.
        open_executor: makes the workers for about so many jobs, when the first is there.
        hooks: of the user.
        stop: asked often; once it says True nothing new is begun, what was begun is finished, and the iteration ends.
        writing: whether somebody has a file open for writing.
    """

    tree: Tree
    load: Load
    ledger: Ledger
    open_executor: Open
    hooks: Hooks
    stop: Callable[[], bool]
    writing: Writing
    failing: dict[Path, dict[str, Any]] = field(default_factory=dict)
    _queue: deque[Job] = field(default_factory=deque)
    _queued: set[Path] = field(default_factory=set)
    _flying: set[Path] = field(default_factory=set)
    _tries: dict[Path, int] = field(default_factory=dict)
    _first_seen: dict[Path, float] = field(default_factory=dict)
    _scan: Iterator[Path] | None = None
    _executor: Executor | None = None
    _worked: float = 0.0
    _scanned: float | None = None
    _checked: float = 0.0
    _lost: bool = False
    _ready: bool = False
    _trouble: dict[str, Any] | None = None  # with the source or the ledger, until a scan and what it found went well
    _healing: bool = False

    def __post_init__(self) -> None:
        self._known = Known(lambda: self.tree, self.writing)
        self._settler = Settler(self.tree.watch.settle, self._known.being_written, self._known.stamp)
        self._book = Book(self.ledger, patient=True)
        self._marks = self._settings()

    @property
    def waiting(self) -> int:
        """How many files are settling, queued or being converted."""
        return len(self._settler) + len(self._queue) + len(self._flying)

    @property
    def patience(self) -> float:
        """How many seconds there is nothing to do but to listen."""
        if self._scan is not None:
            return 0.0
        if self._flying:
            return 0.02
        return self.tree.watch.settle / 4 if len(self._settler) else 0.5

    def run(self, batches: Iterable[Changes]) -> Iterator[Note]:
        """Yield what happens. Each batch, also an empty one, is a moment in which something may be done.

        Raises:
            WorkersError: worker processes cannot be started.
        """
        try:
            for batch in batches:
                if self.stop():
                    break
                yield from self._attempt(batch)
            while self._flying:
                yield from self._collect(self._worked, 0.2)
        finally:
            self._close()

    def _attempt(self, batch: Changes) -> Iterator[Note]:
        """Do what is to be done; if the ledger cannot be written (the disk is full), all of it again a little later."""
        try:
            yield from self._step(batch)
        except OutputError as error:
            self._scan, self._healing, self._scanned = None, False, batch.now - self.tree.watch.rescan + _BACKOFF[0]
            if self._trouble != error.as_dict():
                self._trouble = error.as_dict()
                yield Note("trouble", error=self._trouble)

    def _step(self, batch: Changes) -> Iterator[Note]:
        now = batch.now
        yield from self._reload(now)
        yield from self._root_there()
        if not self._lost:
            self._hear(batch)
            yield from self._go_through(now)
            for path, there in list(self._settler.due(now)):
                yield from (self._take(path, now) if there else self._gone(path))
        yield from self._submit(now)
        if self._flying:
            yield from self._collect(now, 0.0)
        elif self._healing and not len(self._settler):
            self._trouble, self._healing = None, False
            yield Note("recovered")
        elif self._executor is not None and now - self._worked > _IDLE:
            self._close()

    def _hear(self, batch: Changes) -> None:
        for path in batch.paths:
            self._settler.touch(self._known.key(path), batch.now)
        for folder in batch.folders:
            self._settler.touch(folder, batch.now)
        due = self._scanned is None or batch.now - self._scanned > self.tree.watch.rescan
        if batch.everything or (due and self._scan is None):
            self._scan = self._everything()
            self._scanned = batch.now

    def _everything(self) -> Iterator[Path]:
        """Yield all that is to be converted, then all that once was."""
        yield from self.tree.sources(onerror=lambda _: None)
        for _, row in self.ledger.rows():
            if not self.tree.alive(row.source):
                yield row.source

    def _go_through(self, now: float) -> Iterator[Note]:
        """Go on with a scan: what is not as the ledger says is touched."""
        if self._scan is None:
            return
        for _ in range(_CHUNK):
            try:
                path = next(self._scan, None)
            except PixforgeError as error:
                self._scan = None
                yield Note("trouble", error=error.as_dict())
                return
            if path is None:
                self._scan = None
                self._healing = self._trouble is not None
                if not self._ready:
                    self._ready = True
                    yield Note("ready")
                return
            if not self._current(path):
                self._settler.touch(path, now)

    def _current(self, path: Path) -> bool:
        try:
            job = self.tree.find(path)
            return job is not None and job.source == path and self._book.current(job)
        except (OSError, PixforgeError):
            return False

    def _take(self, path: Path, now: float) -> Iterator[Note]:
        """Deal with a path that is there and quiet."""
        if path.is_dir():
            if path.is_symlink() and path != self.tree.source:
                return  # links to folders are not followed, as in a batch: they may lead in a circle
            for inner in self.tree.sources(onerror=lambda _: None, below=path):
                if not self._current(inner):
                    self._settler.touch(inner, now)
            return
        if path in self._flying or path in self._queued:
            self._settler.touch(path, now)
            return
        try:
            job = self.tree.find(path)
            if job is None or job.source != path:  # by now it belongs to a clip, which has been heard of as well
                yield from self._gone(path)
                return
            yield from self._drop_former(job)
            self._refuse_collision(job)
        except PixforgeError as error:
            yield from self._fail(path, known_error(error, path), None, now)
            return
        outcome = self._book.settle(job)
        if outcome is None:
            self._queue.append(job)
            self._queued.add(path)
        else:
            yield from self._done(job, outcome, now)

    def _drop_former(self, job: Job) -> Iterator[Note]:
        """Remove outputs of the same source at other places: a rule or the layout has changed."""
        if not self.tree.watch.prune:
            return
        for destination, row in self.ledger.from_source(job.source):
            if row.source == job.source.absolute() and destination != job.destination.absolute():
                yield from self._remove(destination)

    def _refuse_collision(self, job: Job) -> None:
        row = self.ledger.row(job.destination)
        if row is None or row.source == job.source.absolute() or not self.tree.alive(row.source):
            return
        other = self.tree.find(self.tree.known(row.source))
        if other is not None and other.destination == job.destination:
            raise collide(other.source, job.source, job.destination)

    def _gone(self, path: Path) -> Iterator[Note]:
        """Follow what was deleted, or moved to another name, whose output is there by now."""
        self.failing.pop(path, None)
        self._tries.pop(path, None)
        self._first_seen.pop(path, None)
        remove_note(path, self._notes)
        if not self.tree.watch.prune:
            return
        for destination, row in self.ledger.from_source(path):
            if not self.tree.alive(row.source):
                yield from self._remove(destination)

    def _remove(self, destination: Path) -> Iterator[Note]:
        row = self.ledger.row(destination)
        if row is not None:
            for path in remove(self.ledger, destination, row, self.tree.output):
                yield Note("removed", path=path)

    def _drop_stale(self, job: Job) -> Iterator[Note]:
        """Remove what the conversion before made and this one did not, such as a further page."""
        row = self.ledger.row(job.destination) if self.tree.watch.prune else None
        if row is not None:
            for path in remove_stale(self.ledger, job.destination, row, self.tree.output):
                yield Note("removed", path=path)

    def _submit(self, now: float) -> Iterator[Note]:
        while self._queue and not self.stop():
            if self._executor is None:
                self._executor = self.open_executor(self.tree, len(self._queue))
            if self._executor.capacity() <= 0:
                return
            job = self._queue.popleft()
            self._queued.discard(job.source)
            try:
                self.hooks.call("before-job", {"source": str(job.source), "destination": str(job.destination)})
            except HookError as error:
                yield from self._fail(job.source, known_error(error, job.source), None, now)
                continue
            self._executor.submit(self._book.task(job.source, job))
            self._flying.add(job.source)
            self._worked = now

    def _collect(self, now: float, timeout: float) -> Iterator[Note]:
        if self._executor is None:
            return
        for task, outcome in self._executor.wait(timeout):
            self._flying.discard(task.job.source)
            self._worked = now
            self._book.finish(task, outcome)
            yield from self._done(task.job, outcome, now)

    def _done(self, job: Job, outcome: Outcome, now: float) -> Iterator[Note]:
        path = job.source
        if outcome.failure is not None:
            yield from self._fail(path, outcome.failure.error, outcome, now)
            return
        self._tries.pop(path, None)
        self._first_seen.pop(path, None)
        if self.failing.pop(path, None) is not None or self.tree.watch.notes:
            remove_note(path, self._notes)
        if outcome.facts is None and outcome.status == "unchanged":
            return
        yield from self._drop_stale(job)
        with contextlib.suppress(HookError):  # it is in `hooks.troubles`, or the user's to look at: the picture is made
            self.hooks.call("after-job", outcome.as_dict())
        yield Note("made", outcome)

    def _fail(self, path: Path, error: dict[str, Any], outcome: Outcome | None, now: float) -> Iterator[Note]:
        """Try again what may pass by itself; leave the rest alone until it changes, with a note beside it."""
        if self._known.stamp(path) is None or error["kind"] == MovingSourceError.kind:
            self._settler.touch(path, now)
            return
        first = self._first_seen.setdefault(path, now)
        if error["kind"] == PictureError.kind and now - first < _YOUNG and self._known.age(path) < _YOUNG:
            self._settler.touch(path, now, 2 * self.tree.watch.settle)
            return
        if error["kind"] == OutputError.kind:
            tries = self._tries.get(path, 0)
            self._tries[path] = tries + 1
            self._settler.touch(path, now, _BACKOFF[min(tries, len(_BACKOFF) - 1)])
        if self.failing.get(path) == error:
            return
        self.failing[path] = error
        if self.tree.watch.notes:
            write_note(path, error, self._notes)
        job = self.tree.find(path)
        if outcome is None and job is not None:
            outcome = Outcome(path, job.destination, job.preview, "failed", failure=Failure(error))
        if outcome is not None:
            with contextlib.suppress(HookError):
                self.hooks.call("after-job", outcome.as_dict())
        yield Note("failed", outcome, path, error)

    def _reload(self, now: float) -> Iterator[Note]:
        """Take changed presets, palettes and project files; what they concern is found by a scan."""
        if now - self._checked < _SETTINGS_LOOK:
            return
        self._checked = now
        marks = self._settings()
        # What is seen for the first time (a folder was looked at, a rule used) was read just now: it has not changed.
        changed = [path for path, mark in self._marks.items() if marks.get(path, stamp_of(path)) != mark]
        self._marks = marks
        if not changed:
            return
        try:
            tree = self.load()
            tree.settings()
        except PixforgeError as error:
            yield Note("trouble", error=error.as_dict())
            return
        self.tree = tree
        self._queue.clear()
        self._queued.clear()
        self._scan, self._scanned = self._everything(), now
        for path in list(self.failing):
            self._settler.touch(path, now)
        self._marks = self._settings()
        yield Note("reloaded", path=changed[0])

    def _settings(self) -> dict[Path, Stamp | None]:
        found: dict[Path, Stamp | None] = {}
        for path in (*self.tree.settings(), *self.tree.project_files()):
            found[path] = stamp_of(path)
        return found

    def _root_there(self) -> Iterator[Note]:
        """If the source itself is gone (a share is not mounted), everything waits: nothing was deleted."""
        there = self.tree.source.is_dir()
        if there and self._lost:
            self._lost = False
            self._scan = self._everything()
        elif not there and not self._lost:
            self._lost = True
            self._trouble = PictureError("is not there; waiting for it", "mount or make it", self.tree.source).as_dict()
            yield Note("trouble", error=self._trouble)

    @property
    def _notes(self) -> Path:
        return self.tree.state / "errors"

    def _close(self) -> None:
        if self._executor is not None:
            self._executor.close()
            self._executor = None

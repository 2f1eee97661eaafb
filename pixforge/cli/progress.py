"""The progress bar of a batch, where somebody is looking, and what Ctrl-C does."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from pixforge.cli.output import Output

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

INTERRUPTED = 130


class Bar(Protocol):
    """A count of jobs that are done."""

    def advance(self, failed: bool) -> None:
        """One more is done."""
        ...


class Silence:
    """The bar where nobody is looking."""

    def advance(self, failed: bool) -> None:
        """Show nothing."""


@contextmanager
def progress(total: int) -> Iterator[Bar]:
    """Show a bar on stderr if it is a terminal; errors written to stderr meanwhile appear above it."""
    if total < 2 or not sys.stderr.isatty():
        yield Silence()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[red]{task.fields[failed]}"),
        TextColumn("{task.fields[pace]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        yield _RichBar(shown, total)


class _RichBar:
    def __init__(self, shown: object, total: int) -> None:
        from rich.progress import Progress

        assert isinstance(shown, Progress)
        self._shown = shown
        self._task = shown.add_task("", total=total, failed="", pace="")
        self._failed = 0

    def advance(self, failed: bool) -> None:
        self._failed += failed
        task = self._shown.tasks[0]
        pace = f"{task.speed:.1f}/s" if task.speed else ""
        text = f"{self._failed} failed" if self._failed else ""
        self._shown.update(self._task, advance=1, failed=text, pace=pace)


@contextmanager
def frames_bar() -> Iterator[Callable[[int, int], None] | None]:
    """Give what shows the frames of one clip after another on stderr; None if that is no terminal.

    Methods that take long show the steps within a picture as well.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from pixforge.methods.contract import listening

    bar = _FramesBar()
    try:
        with listening(bar.steps):
            yield bar
    finally:
        bar.stop()


class _FramesBar:
    """Bars that appear with the first frame or step and go with the last, so that what is said next has the line."""

    def __init__(self) -> None:
        self._shown: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, done: int, total: int) -> None:
        """So many frames are done, of so many."""
        self._tell("frames", done, total)

    def steps(self, done: int, total: int) -> None:
        """So many steps of a picture are done, of so many."""
        self._tell("steps", done, total)

    def stop(self) -> None:
        """Take the bars away, if they are there."""
        if self._shown is not None:
            self._shown.stop()
        self._shown, self._tasks = None, {}

    def _tell(self, name: str, done: int, total: int) -> None:
        if done < total:
            shown = self._shown = self._shown or _started()
            if name not in self._tasks:
                self._tasks[name] = shown.add_task(name, total=total)
            shown.update(self._tasks[name], completed=done, total=total)
            return
        if self._shown is not None and name in self._tasks:
            self._shown.remove_task(self._tasks.pop(name))
        if not self._tasks:
            self.stop()


def _started() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    shown.start()
    return shown


class Interruption:
    """Whether the process was told to end. Who asks hears it announced: a signal handler may not print.

    (It may come in the midst of another line, and Python refuses to write into a line that is being written.)
    """

    def __init__(self, announce: Callable[[], None]) -> None:
        self.requested = False
        self._announce = announce
        self._announced = False

    def __call__(self) -> bool:
        """Return True once the process was told to end."""
        if self.requested and not self._announced:
            self._announced = True
            self._announce()
        return self.requested


@contextmanager
def drained(output: Output) -> Iterator[Interruption]:
    """Turn the first Ctrl-C into a request to finish what was begun; the second ends the process at once."""
    interruption = Interruption(lambda: output.note("finishing what was begun; press Ctrl-C again to stop at once"))

    def handle(_signal: int, _frame: FrameType | None) -> None:
        if interruption.requested:
            os._exit(INTERRUPTED)  # files are written whole or not at all, and workers end with their parent
        interruption.requested = True

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, before)

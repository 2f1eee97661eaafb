"""What a training run shows: a live bar where somebody is looking, lines elsewhere; files for both."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pixforge.cli.output import Output

if TYPE_CHECKING:
    from rich.progress import Progress

    from pixforge.train.events import Event

_SMOOTH: Final = 0.95
_SHOWN: Final = ("loss", "colour", "decided", "outline", "taught", "adversarial_pixel", "judge pixel", "drawing")


class View(Protocol):
    """Somebody who is told what happens."""

    def tell(self, event: Event) -> None:
        """Show an event."""
        ...


class Lines:
    """A line for every so many steps and for whatever else happens.

    Args:
        output: where they go.
        every: steps.
    """

    def __init__(self, output: Output, every: int) -> None:
        self._output = output
        self._every = every
        self._started = time.monotonic()

    def tell(self, event: Event) -> None:
        """Write a line, unless it is one of the many steps."""
        from pixforge.train.events import StepDone

        if not isinstance(event, StepDone) or event.step % self._every == 0:
            self._output.line(f"{time.monotonic() - self._started:8.0f} s  {words(event)}")


class Live:
    """A bar: step, rate, time left, smoothed losses, the last validation; what matters longer goes above it."""

    def __init__(self, shown: Progress, total: int) -> None:
        self._shown = shown
        self._task = shown.add_task("", total=total, pace="", losses="", score="")
        self._means: dict[str, float] = {}
        self._seconds = 0.0

    def tell(self, event: Event) -> None:
        """Move the bar, or write above it."""
        from pixforge.train.events import StepDone, Validated

        if isinstance(event, StepDone):
            for name, value in event.losses.items():
                self._means[name] = _SMOOTH * self._means.get(name, value) + (1 - _SMOOTH) * value
            losses = "  ".join(f"{name} {self._means[name]:.3f}" for name in _SHOWN if name in self._means)
            self._seconds = _SMOOTH * (self._seconds or event.seconds) + (1 - _SMOOTH) * event.seconds
            pace = f"{1 / max(self._seconds, 1e-9):.1f}/s"
            self._shown.update(self._task, completed=event.step, pace=pace, losses=losses)
            return
        if isinstance(event, Validated):
            name = "hard" if "hard" in event.scores else next(iter(event.scores))
            score = f"{name} {event.scores[name]:.3f} at {event.step}"
            self._shown.update(self._task, score=score + (" (best)" if event.best else ""))
        self._shown.console.print(words(event), markup=False, highlight=False)


@contextmanager
def view(output: Output, total: int, every: int) -> Iterator[View]:
    """Show a bar on stderr if it is a terminal, else lines.

    Args:
        output: for lines.
        total: steps of the run.
        every: steps between two lines.
    """
    if not sys.stderr.isatty():
        yield Lines(output, every)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[score]}"),
        TextColumn("{task.fields[losses]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        yield Live(shown, total)


class Record:
    """Files of a run: losses.csv, scores.csv, and event files for TensorBoard where it is installed.

    Args:
        folder: of the run.
        resumed: the step from which it goes on.
    """

    def __init__(self, folder: Path, resumed: int) -> None:
        from pixforge.train.board import Board
        from pixforge.train.log import Log

        self._losses, self._scores = Log(folder / "losses.csv", resumed), Log(folder / "scores.csv", resumed)
        self._board = Board(folder / "tensorboard", resumed)

    def tell(self, event: Event) -> None:
        """Write what has numbers."""
        from pixforge.train.events import StepDone, Validated

        if isinstance(event, StepDone):
            self._losses.add(event.step, event.losses | {"seconds": event.seconds})
            self._board.add("losses", event.step, event.losses)
        elif isinstance(event, Validated):
            self._scores.add(event.step, event.scores)
            self._board.add("scores", event.step, event.scores)

    def close(self) -> None:
        """Write what is still held back."""
        self._board.close()


def words(event: Event) -> str:
    """Return one line about an event."""
    from pixforge.train.events import Pictured, Saved, StepDone, Validated

    if isinstance(event, StepDone):
        parts = "  ".join(f"{name} {value:.4g}" for name, value in event.losses.items())
        return f"step {event.step}  {parts}  {event.seconds:.2f} s"
    if isinstance(event, Validated):
        parts = "  ".join(f"{name} {value:.4f}" for name, value in event.scores.items())
        return f"step {event.step}  {'best' if event.best else 'score'}: {parts}"
    if isinstance(event, Saved | Pictured):
        return f"step {event.step}  saved {event.path.name}"
    return f"step {event.step}  {event.reason}"

"""What the page knows of a picture. Plain values only: the page reads them as JSON, and the next run as its memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Change = Literal["new", "changed", "same"]
Outcome = Literal["made", "failed", "missing"]

FORMAT: Final = 1


@dataclass(frozen=True)
class Film:
    """The frames of a picture on one file of the page, row after row.

    Attributes:
        file: relative to the page.
        width, height: of one frame in pixels.
        columns: frames in a row of the file.
        durations: milliseconds of each frame; one entry for a still.
    """

    file: str
    width: int
    height: int
    columns: int
    durations: tuple[int, ...]


@dataclass(frozen=True)
class Variant:
    """One way in which a picture was converted.

    Attributes:
        label: of the way: the preset's name, and what was set besides.
        preset: name or file of the preset, as a rule of the project file names it.
        set: keys that were set besides.
        method: which made it.
        outcome: made; failed; missing: nothing has been made of the source so far.
        output: path of the output; empty for a way that was tried for the page alone.
        digest: SHA-256 of the output, "" without one.
        film: the output.
        palette: colours "#rrggbb" with the number of their cells, the most used first.
        scores: by name; None where a score says nothing about this picture.
        error: kind, path, cause and remedy of a failure.
        change: against the page's last state.
    """

    label: str
    preset: str
    set: dict[str, Any]
    method: str
    outcome: Outcome
    output: str = ""
    digest: str = ""
    film: Film | None = None
    palette: tuple[tuple[str, int], ...] = ()
    scores: dict[str, float | None] | None = None
    error: dict[str, Any] | None = None
    change: Change = "new"


@dataclass(frozen=True)
class Subject:
    """A source picture.

    Attributes:
        name: path below the tree's source, with slashes.
        key: of all that the record depends on; the same key needs no new look.
        film: the source, brought to the place of its cells; None if it cannot be read.
        variants: the tree's own first.
    """

    name: str
    key: str
    film: Film | None
    variants: tuple[Variant, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

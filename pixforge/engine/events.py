"""What the engine reports: one outcome a job. Free of numpy; drivers show it, write it as JSON, or log it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pixforge.errors import PixforgeError

Status = Literal["written", "unchanged", "skipped", "planned", "failed"]
STATUSES: Final[tuple[Status, ...]] = ("written", "unchanged", "skipped", "planned", "failed")
INTERNAL_EXIT: Final = 1

Progress = Callable[[int, int], None]  # is told after each frame of a clip how many are done, and of how many


@dataclass(frozen=True)
class Facts:
    """What is known about a converted picture.

    Attributes:
        width, height: cells (to-pixel) or pixels (to-drawing) of the output.
        colors: colours in the output, transparency not counted.
        source_width, source_height: pixels of the source.
        direction, method, model_digest: what made it.
        preset, preset_digest: how.
        version: of pixforge.
        grid: of a recovered grid the pitch_x, pitch_y, phase_x, phase_y and confidence; None else.
        frames: of a clip; the members' together for a cast; 1 for a still.
        pages: of the sheet that its targets wanted; 0 without one.
        milliseconds: from the first frame of a clip to the end of its last; None for a still.
        flicker: of a clip, 0..1: the share of cells that change where the source does not; None for a still.
        seam: of a tile that repeats, by "source_x", "source_y", "x", "y" (the output's): the difference across the
            joint divided by the largest between neighbouring lines inside; above 1 it shows. None else.
    """

    width: int
    height: int
    colors: int
    source_width: int
    source_height: int
    direction: str
    method: str
    model_digest: str
    preset: str
    preset_digest: str
    version: str
    grid: dict[str, float] | None = None
    frames: int = 1
    pages: int = 0
    milliseconds: int | None = None
    flicker: float | None = None
    seam: dict[str, float] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Failure:
    """Why a job failed.

    Attributes:
        error: `PixforgeError.as_dict()`, or the same keys with kind "internal" for a fault of pixforge itself.
        traceback: text for people who asked for it.
    """

    error: dict[str, Any]
    traceback: str = ""


@dataclass(frozen=True)
class Made:
    """What a conversion read and wrote, for the ledger.

    Attributes:
        content: hex digest (SHA-256) of the source.
        model_digest: of the model that was used.
        outputs: every file with the hex digest of its bytes, in the order of the job's.
        kept: files, some of `outputs` and others, that belong to the user once they are there.
    """

    content: str
    model_digest: str
    outputs: tuple[tuple[Path, str], ...]
    kept: frozenset[Path] = frozenset()


@dataclass(frozen=True)
class Product:
    """A file to be written.

    Attributes:
        path: where.
        data: its bytes.
        keep: leave alone what is there: it belongs to the user from then on.
    """

    path: Path
    data: bytes
    keep: bool = False


@dataclass(frozen=True)
class Written:
    """What became of a file.

    Attributes:
        path: where.
        status: written, unchanged (the same bytes were there), kept (it belongs to the user) or planned.
        size: bytes; 0 of one that is planned.
    """

    path: Path
    status: Literal["written", "unchanged", "kept", "planned"]
    size: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        source, destination: of the job.
        preview: the enlarged copy, if one is wanted.
        status: written, unchanged (the same bytes were there), skipped (a file was there and was to be kept), planned
            (dry run) or failed.
        seconds: wall time of the job.
        facts: about the output, when there is one.
        failure: why it failed, when it did.
        made: digests of what was read and written, when something was and a ledger is kept.
        files: every output, when something was written or is planned.
    """

    source: Path
    destination: Path
    preview: Path | None
    status: Status
    seconds: float = 0.0
    facts: Facts | None = None
    failure: Failure | None = None
    made: Made | None = None
    files: tuple[Written, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; every key is always there."""
        return {
            "source": str(self.source),
            "destination": str(self.destination),
            "preview": None if self.preview is None else str(self.preview),
            "status": self.status,
            "seconds": round(self.seconds, 4),
            "facts": None if self.facts is None else self.facts.as_dict(),
            "files": [{"path": str(file.path), "status": file.status, "bytes": file.size} for file in self.files],
            "error": None if self.failure is None else self.failure.error,
        }


def internal_error(error: BaseException, path: Path | None = None) -> dict[str, Any]:
    """Return a fault of pixforge itself in the form of `PixforgeError.as_dict`."""
    return {
        "kind": "internal",
        "exit_code": INTERNAL_EXIT,
        "path": None if path is None else str(path),
        "cause": f"{type(error).__name__}: {error}",
        "remedy": "this is a fault of pixforge: please report it with the output of -v",
    }


def known_error(error: PixforgeError, path: Path) -> dict[str, Any]:
    """Return the error as plain values, with `path` where it names none."""
    values: dict[str, Any] = error.as_dict()
    values["path"] = values["path"] or str(path)
    return values


def summarize(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Count the outcomes of every status."""
    counts: dict[str, int] = dict.fromkeys(STATUSES, 0)
    for outcome in outcomes:
        counts[outcome.status] += 1
    return counts

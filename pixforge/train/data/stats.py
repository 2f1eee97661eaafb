"""What a data set holds, counted by source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import median

from pixforge.train.data.manifest import Entry


@dataclass(frozen=True)
class SourceStats:
    """One source.

    Attributes:
        source: its name.
        kind: pixel or drawing.
        licence: of its pictures, joined where there are several.
        pictures: how many.
        groups: how many groups.
        train: pictures in that split.
        validate: likewise.
        held_out: likewise.
        width: median, in cells or pixels.
        height: likewise.
        colours: median.
        cells: cell sizes found, most frequent first, at most three.
        soft: share with partial alpha.
    """

    source: str
    kind: str
    licence: str
    pictures: int
    groups: int
    train: int
    validate: int
    held_out: int
    width: float
    height: float
    colours: float
    cells: tuple[float, ...]
    soft: float

    def as_dict(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def stats(entries: Iterable[Entry]) -> list[SourceStats]:
    """Return the statistics of each source and kind, sorted."""
    sources: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        sources[entry.kind, entry.source].append(entry)
    return [_source(kind, source, some) for (kind, source), some in sorted(sources.items())]


def _source(kind: str, source: str, some: list[Entry]) -> SourceStats:
    cells = [entry.cell for entry in some]
    splits = [entry.split for entry in some]
    return SourceStats(
        source=source,
        kind=kind,
        licence=", ".join(sorted({entry.licence for entry in some})),
        pictures=len(some),
        groups=len({entry.group for entry in some}),
        train=splits.count("train"),
        validate=splits.count("validate"),
        held_out=splits.count("held-out"),
        width=median(entry.width for entry in some),
        height=median(entry.height for entry in some),
        colours=median(entry.colours for entry in some),
        cells=tuple(sorted(set(cells), key=lambda cell: (-cells.count(cell), cell))[:3]),
        soft=sum(entry.alpha == "soft" for entry in some) / len(some),
    )

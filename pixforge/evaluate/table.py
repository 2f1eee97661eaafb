"""From findings on single pictures to means with confidence intervals, distances between sets, and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

import numpy as np

from pixforge.evaluate.distances import FEWEST, frechet_distance, kernel_distance
from pixforge.evaluate.examine import ARTIST, Finding

_SAMPLES: Final = 2000


@dataclass(frozen=True)
class Mean:
    """A measure over many pictures.

    Attributes:
        contender, task, measure: as in `Finding`.
        mean: over the pictures for which it is defined; for a distance between sets, the distance.
        low: lower end of its 95 % interval (percentile bootstrap over pictures); None where no interval is known.
        high: upper end.
        pictures: how many.
    """

    contender: str
    task: str
    measure: str
    mean: float
    low: float | None
    high: float | None
    pictures: int


def means(findings: Iterable[Finding]) -> tuple[Mean, ...]:
    """Return the mean of each measure of each contender, in the order in which they first occur."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for finding in findings:
        for measure, value in finding.values.items():
            found.setdefault((finding.contender, finding.task, measure), []).append(value)
    return tuple(Mean(*key, *interval(numbers), len(numbers)) for key, numbers in found.items())


def distances(findings: Sequence[Finding]) -> Iterator[Mean]:
    """Yield how far each contender's drawings are from real sprites: "kernel distance" and "frechet distance".

    All sets are cut to the size of the smallest, as the second is biased by it. For the artist two halves of the real
    sprites are compared: what nobody can be below, give or take the interval.
    """
    sets: dict[str, list[tuple[float, ...]]] = {}
    for finding in findings:
        if finding.features and finding.task == "drawings":
            sets.setdefault(finding.contender, []).append(finding.features)
    real = np.array(sets.pop(ARTIST, []), np.float64)
    half = len(real) // 2
    if half < FEWEST:
        return
    pairs = {name: (np.array(features), real) for name, features in sets.items() if len(features) >= FEWEST}
    pairs[ARTIST] = (real[1::2], real[::2])
    least = min(len(side) for pair in pairs.values() for side in pair)
    for name, (made, reference) in pairs.items():
        found = kernel_distance(made, reference)
        yield Mean(name, "drawings", "kernel distance", found.value, found.low, found.high, len(made))
        biased = frechet_distance(made[:least], reference[:least])
        yield Mean(name, "drawings", "frechet distance", biased, None, None, least)


def interval(numbers: list[float]) -> tuple[float, float, float]:
    """Return the mean and the bounds of its 95 % bootstrap interval; the same for the same numbers."""
    values = np.array(numbers, np.float64)
    rng = np.random.default_rng(0)
    drawn = values[rng.integers(0, len(values), (_SAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(values.mean()), float(low), float(high)


def to_csv(rows: Iterable[Mean]) -> str:
    """Return the rows as CSV with a head."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Mean)], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in asdict(row).items()}
        )
    return text.getvalue()


def to_markdown(rows: Sequence[Mean]) -> str:
    """Return a table for each task: a line a measure, a column a contender, each cell the mean and its interval."""
    parts = []
    for task in dict.fromkeys(row.task for row in rows):
        some = {(row.measure, row.contender): row for row in rows if row.task == task}
        names = list(dict.fromkeys(contender for _, contender in some))
        lines = [f"| {task} | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
        for measure in dict.fromkeys(measure for measure, _ in some):
            cells = (shown(some.get((measure, name))) for name in names)
            lines.append(f"| {measure} | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def shown(row: Mean | None) -> str:
    """Return a mean with half the width of its interval if it has one, in as many figures as are worth reading."""
    if row is None:
        return ""
    places = 0 if abs(row.mean) >= 1000 else 1 if abs(row.mean) >= 100 else 3
    if row.low is None or row.high is None:
        return f"{row.mean:.{places}f}"
    return f"{row.mean:.{places}f} ±{(row.high - row.low) / 2:.{places}f}"

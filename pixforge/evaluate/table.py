"""From values of single pictures to means with confidence intervals, and to CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Final

import numpy as np

from pixforge.evaluate.examine import Value

_SAMPLES: Final = 2000


@dataclass(frozen=True)
class Mean:
    """A measure over many pictures.

    Attributes:
        contender, task, measure: as in `Value`.
        mean: over the pictures for which it is defined.
        low: lower end of its 95 % interval (percentile bootstrap over pictures).
        high: upper end.
        pictures: how many.
    """

    contender: str
    task: str
    measure: str
    mean: float
    low: float
    high: float
    pictures: int


def means(values: Iterable[Value]) -> tuple[Mean, ...]:
    """Return the mean of each measure of each contender, in the order in which they first occur."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for value in values:
        found.setdefault((value.contender, value.task, value.measure), []).append(value.value)
    return tuple(Mean(*key, *interval(numbers), len(numbers)) for key, numbers in found.items())


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

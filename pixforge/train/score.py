"""Exact-cell recovery of networks beside plain downscales, on sprites that training never saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.agreement import agree
from pixforge.train.baselines import mapped
from pixforge.train.pairs.make import Pair
from pixforge.train.validation import Exam

Converter = Callable[[Pair], NDArray[np.uint8]]
_SAMPLES: Final = 1000


@dataclass(frozen=True)
class Score:
    """Recovery of one method on one kind of drawing.

    Attributes:
        method: its name.
        kind: the drawing recipe, or "all".
        exact: share of all cells, 0..1.
        hard: share of the hard cells.
        low: lower end of the 95 % interval of `hard` (bootstrap over canvases).
        high: upper end.
    """

    method: str
    kind: str
    exact: float
    hard: float
    low: float
    high: float


def score(exam: Exam, methods: Mapping[str, Converter], colours: int | None = None) -> Iterator[Score]:
    """Yield the scores of each method, all kinds together first.

    Args:
        exam: held-out pairs.
        methods: converters by name.
        colours: reduce every answer to so many colours first, as the pixel stage does; None: as they come.
    """
    kinds = np.array(exam.names)
    for name, convert in methods.items():
        counts = np.array([_counts(pair, convert, colours) for pair in exam.pairs], np.float64)
        for kind in ("all", *dict.fromkeys(exam.names)):
            some = counts if kind == "all" else counts[kinds == kind]
            yield Score(name, kind, *_interval(some))


def _counts(pair: Pair, convert: Converter, colours: int | None) -> tuple[int, ...]:
    cells = convert(pair)
    return astuple(agree(cells if colours is None else mapped(cells, colours), pair.logical.pixels))


def _interval(counts: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Both shares, and the bounds between which the second lies in 95 of 100 resamplings."""
    rng = np.random.default_rng(0)
    drawn = counts[rng.integers(0, len(counts), (_SAMPLES, len(counts)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 2] / np.maximum(drawn[:, 3], 1), (0.025, 0.975))
    total = counts.sum(axis=0)
    return float(total[0] / max(total[1], 1)), float(total[2] / max(total[3], 1)), float(low), float(high)

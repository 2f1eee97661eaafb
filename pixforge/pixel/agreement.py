"""How many cells of pixel art are those of the artist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba

TOLERANCE: Final = 24  # of 255: a cell within it in every channel counts as the artist's


@dataclass(frozen=True)
class Agreement:
    """Cells that agree with the right answer.

    Attributes:
        hit: cells within TOLERANCE in every channel, and of equal alpha.
        counted: cells that are opaque in either picture, so that emptiness earns nothing.
        hard_hit: likewise among the hard cells.
        hard: counted cells that a neighbour differs from: contours, lines, details. Flat areas cannot hide there.
    """

    hit: int
    counted: int
    hard_hit: int
    hard: int

    @property
    def exact(self) -> float | None:
        """Share of the counted cells; None if there are none."""
        return self.hit / self.counted if self.counted else None

    @property
    def hard_exact(self) -> float | None:
        """Share of the hard cells; None if there are none."""
        return self.hard_hit / self.hard if self.hard else None


def agree(answer: Rgba, right: Rgba) -> Agreement:
    """Compare two pictures (H, W, 4) with hard alpha."""
    counted = (answer[..., 3] > 0) | (right[..., 3] > 0)
    hit = counted & ~_apart(answer, right)
    hard = counted & hard_cells(right)
    return Agreement(int(hit.sum()), int(counted.sum()), int((hit & hard).sum()), int(hard.sum()))


def hard_cells(right: Rgba) -> NDArray[np.bool_]:
    """Return the cells (H, W) that one of their four neighbours differs from by more than TOLERANCE or in alpha."""
    found = np.zeros(right.shape[:2], bool)
    down, across = _apart(right[1:], right[:-1]), _apart(right[:, 1:], right[:, :-1])
    found[1:] |= down
    found[:-1] |= down
    found[:, 1:] |= across
    found[:, :-1] |= across
    return found


def _apart(first: Rgba, second: Rgba) -> NDArray[np.bool_]:
    gap = np.abs(first.astype(np.int16) - second)
    return np.asarray((gap[..., :3].max(axis=-1) > TOLERANCE) | (gap[..., 3] > 0))

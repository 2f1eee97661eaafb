"""A random part of a picture on a canvas, the same part of a drawing and of its pixel art."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pixforge.preprocess import Array
from pixforge.train.pairs.sprite import Generator


@dataclass(frozen=True)
class Cut:
    """Which cells of a picture lie where on a square canvas.

    Attributes:
        side: cells of the canvas.
        take: first row and column taken.
        put: row and column of the canvas where they lie.
        size: rows and columns.
        mirrored: left to right, on the canvas.
    """

    side: int
    take: tuple[int, int]
    put: tuple[int, int]
    size: tuple[int, int]
    mirrored: bool

    def planes(self, picture: Array, per_cell: int) -> Array:
        """Return the canvas (C, side * per_cell, side * per_cell), 0 where the picture ends.

        Args:
            picture: (C, H * per_cell, W * per_cell), premultiplied.
            per_cell: array pixels a cell.
        """
        out = np.zeros((len(picture), self.side * per_cell, self.side * per_cell), np.float32)
        (y, x), (down, right), (height, width) = (
            tuple(per_cell * value for value in pair) for pair in (self.take, self.put, self.size)
        )
        out[:, down : down + height, right : right + width] = picture[:, y : y + height, x : x + width]
        return np.ascontiguousarray(out[:, :, ::-1]) if self.mirrored else out


def random_cut(height: int, width: int, side: int, rng: Generator) -> Cut:
    """Return a cut of a picture of so many cells: a random part if it is larger than the canvas, else all of it."""
    size = (min(side, height), min(side, width))
    take = (int(rng.integers(0, height - size[0] + 1)), int(rng.integers(0, width - size[1] + 1)))
    put = (int(rng.integers(0, side - size[0] + 1)), int(rng.integers(0, side - size[1] + 1)))
    return Cut(side, take, put, size, bool(rng.random() < 0.5))


def ladder(bounds: tuple[int, int], rungs: int = 6) -> tuple[int, ...]:
    """Return sizes in cells from the least to the largest, in equal ratios."""
    return tuple(int(size + 0.5) for size in np.geomspace(*bounds, rungs))


def grid_size(height: int, width: int, longest: int) -> tuple[int, int]:
    """Return rows and columns of a picture whose longest side has so many cells."""
    largest = max(height, width)
    return max(1, round(height * longest / largest)), max(1, round(width * longest / largest))

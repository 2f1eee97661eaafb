"""From fine pixels to cells: a fine picture holds k x k pixels for every cell.

Shapes: fine arrays are (H * k, W * k, ...), cell arrays (H, W, ...).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def cell_mean(fine: NDArray[Any], k: int) -> Plane:
    """Mean over every k x k block: (H * k, W * k) to float32 (H, W)."""
    height, width = fine.shape[0] // k, fine.shape[1] // k
    rows = fine.reshape(height, k, width * k).sum(axis=1, dtype=np.float32)
    sums: Plane = rows.reshape(height, width, k).sum(axis=2)
    return sums / np.float32(k * k)


def cell_index(height: int, width: int, k: int) -> NDArray[np.intp]:
    """Number of the cell that each fine pixel lies in: intp (H * k, W * k)."""
    rows = np.repeat(np.arange(height) * width, k)
    return rows[:, None] + np.repeat(np.arange(width), k)[None, :]


def box3(cells: NDArray[np.float32]) -> Plane:
    """Sum over a cell and its eight neighbours; nothing lies outside. (H, W, ...) to the same."""
    pad = [(1, 1), (1, 1)] + [(0, 0)] * (cells.ndim - 2)
    p = np.pad(cells, pad)
    rows = p[:-2] + p[1:-1] + p[2:]
    out: Plane = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return out


def max3(cells: NDArray[np.float32]) -> Plane:
    """Largest value over a cell and its eight neighbours: (H, W) to the same."""
    p = np.pad(cells, 1, mode="edge")
    rows = np.maximum(np.maximum(p[:-2], p[1:-1]), p[2:])
    out: Plane = np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return out


def neighbours(cells: NDArray[Any], fill: int) -> NDArray[Any]:
    """The eight neighbours of every cell, clockwise from north: (H, W) to (8, H, W); `fill` lies outside."""
    p = np.pad(cells, 1, constant_values=fill)
    h, w = cells.shape
    steps = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    return np.stack([p[y : y + h, x : x + w] for y, x in steps])

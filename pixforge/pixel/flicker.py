"""How much a converted clip flickers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unchanged_cells(before: NDArray[np.uint8], after: NDArray[np.uint8], columns: int, rows: int) -> NDArray[np.bool_]:
    """Return the cells, bool (rows, columns), of which every pixel is the same in both sources.

    Args:
        before: uint8 (H, W, 4), the picture that `columns` x `rows` cells lie over.
        after: the next one, of the same shape; pixels of alpha 0 are equal whatever their colour.
        columns: cells across.
        rows: cells down.
    """
    differs = (before != after).any(axis=-1) & ((before[..., 3] > 0) | (after[..., 3] > 0))
    height, width = differs.shape
    ys, xs = np.nonzero(differs)
    changed = np.zeros((rows, columns), np.bool_)
    for down in (0, 1):  # a pixel on a border belongs to the cells on both sides
        for across in (0, 1):
            y, x = _cell(ys, down, rows, height), _cell(xs, across, columns, width)
            changed[y, x] = True
    return ~changed


def _cell(pixels: NDArray[np.intp], end: int, cells: int, length: int) -> NDArray[np.intp]:
    """The cell in which a pixel's near (0) or far (1) end lies."""
    out: NDArray[np.intp] = ((pixels + end) * cells - end) // length
    return np.clip(out, 0, cells - 1)


def count(before: NDArray[np.uint8], after: NDArray[np.uint8], same: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many of the cells whose source is the `same` (H, W) change between outputs (H, W, 4), and of how many.

    Flicker is the first divided by the second, both summed over a clip.
    """
    changed = (before != after).any(axis=-1) & same
    return int(np.count_nonzero(changed)), int(np.count_nonzero(same))

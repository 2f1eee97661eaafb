"""How much a converted clip flickers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.windows import Lattice, packed, unchanged


def unchanged_cells(before: NDArray[np.uint8], after: NDArray[np.uint8], lattice: Lattice) -> NDArray[np.bool_]:
    """Return the cells, bool (rows, columns), of which every pixel is the same in both sources.

    Args:
        before: uint8 (H, W, 4), a picture that the lattice lies over.
        after: the next one, of the same shape; pixels of alpha 0 are equal whatever their colour.
        lattice: the cells.
    """
    return unchanged(packed(before) != packed(after), lattice, 0.0)


def count(before: NDArray[np.uint8], after: NDArray[np.uint8], same: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many of the cells whose source is the `same` (H, W) change between outputs (H, W, 4), and of how many.

    Flicker is the first divided by the second, both summed over a clip.
    """
    changed = (before != after).any(axis=-1) & same
    return int(np.count_nonzero(changed)), int(np.count_nonzero(same))

"""Which entries of a palette a cell may have."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

AXES: Final = (1.0, 3.0, 3.0)  # a style shades: another lightness is nearer than another hue
NEAR: Final = 0.06  # OKLab distance at which another entry is a likely choice
HUE: Final = 0.06  # distance of hue and chroma, and ...
REACH: Final = 0.3  # distance (along these axes) from which another entry is none of a cell's shades


def shades_of(lab: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which entries (K, K) are shades of which: of nearly one hue, and not too far; lab (K, 3) in OKLab."""
    hues = np.square(lab[:, None, 1:] - lab[:, 1:]).sum(axis=-1)
    near: NDArray[np.bool_] = (gaps_of(lab) <= REACH * REACH) & (hues <= HUE * HUE)
    return near


def gaps_of(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the squared distances (K, K) of entries (K, 3) in OKLab, hue counting more than lightness."""
    gaps: NDArray[np.float32] = np.square((lab[:, None] - lab) * np.array(AXES, np.float32)).sum(axis=-1)
    return gaps

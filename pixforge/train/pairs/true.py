"""True pairs: a sprite and a drawing of the same subject, brought to the same frame. They agree only roughly."""

from __future__ import annotations

import math

import numpy as np

from pixforge.image.picture import Picture
from pixforge.preprocess import CELL, Array, drawing_array, logical_array
from pixforge.train.pairs.sprite import Rgba, hardened

_STRETCH = 0.25  # largest difference of the frames' aspects, as a natural logarithm


def aligned(drawing: Rgba, sprite: Rgba, overlap: float) -> tuple[Array, Array] | None:
    """Return the drawing (4, 4H, 4W) and the sprite (4, H, W), both cut to what they show, or None if they differ.

    Args:
        drawing: RGBA of any size.
        sprite: RGBA at true 1x.
        overlap: least intersection over union of the silhouettes.
    """
    fine, logical = _framed(drawing), _framed(hardened(sprite))
    if fine is None or logical is None:
        return None
    height, width = logical.shape[:2]
    if abs(math.log(fine.shape[1] * height / (fine.shape[0] * width))) > _STRETCH:
        return None
    planes, right = drawing_array(Picture(fine), width, height), logical_array(Picture(logical))
    return (planes, right) if silhouette_overlap(planes, right) >= overlap else None


def silhouette_overlap(drawing: Array, logical: Array) -> float:
    """Return intersection over union of the cells that are at least half opaque."""
    height, width = logical.shape[1:]
    cover = drawing[3].reshape(height, CELL, width, CELL).mean(axis=(1, 3)) >= 0.5
    other = logical[3] >= 0.5
    return float((cover & other).sum() / max(1, (cover | other).sum()))


def _framed(pixels: Rgba) -> Rgba | None:
    shown = pixels[..., 3] >= 128
    if not shown.any():
        return None
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])

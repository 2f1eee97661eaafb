"""How the cells lie beside each other: orphans, jaggies, variation. Read beside the values of real sprites.

Arrays are RGBA uint8 (H, W, 4) with hard alpha.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba
from pixforge.pixel.cells import neighbours
from pixforge.pixel.ground import packed

Mask = NDArray[np.bool_]
_SIDES = (0, 2, 4, 6)


def orphan_rate(cells: Rgba) -> float | None:
    """Share of opaque cells whose colour none of the eight neighbours has, 0..1; None for an empty picture."""
    code = packed(cells)
    opaque = code >= 0
    return float((neighbours(code, -2) != code).all(axis=0)[opaque].mean()) if opaque.any() else None


def jaggy_rate(cells: Rgba) -> float | None:
    """Share of the cells along the silhouette that are a lone bump or dent on a straight edge, 0..1."""
    opaque = cells[..., 3] > 0
    near = neighbours(opaque, 0)
    border = opaque & ~near[list(_SIDES)].all(axis=0)
    if not border.any():
        return None
    return float(((_lone(near) & opaque) | (_lone(~near) & ~opaque)).sum() / border.sum())


def variation(cells: Rgba) -> float | None:
    """Mean absolute difference of neighbouring opaque cells, over the three channels, 0..1 (total variation)."""
    opaque = cells[..., 3] > 0
    colour = cells[..., :3].astype(np.float32) / 255
    steps: list[NDArray[np.float32]] = []
    for axis in (0, 1):
        both = opaque.take(range(1, opaque.shape[axis]), axis) & opaque.take(range(opaque.shape[axis] - 1), axis)
        steps.append(np.abs(np.diff(colour, axis=axis)).mean(axis=-1)[both])
    joined = np.concatenate(steps)
    return float(joined.mean()) if joined.size else None


def total_variation(cells: Rgba, side: int = 512) -> float:
    """Return the total variation of the cells when they are shown with `side` pixels on the longer side.

    The sum that style transfer minimises: absolute steps down and across, three channels of 0..1, transparency as
    black. Flat cells keep it low and edges between cells raise it: a number to compare, not an aim.
    """
    colour = cells[..., :3].astype(np.float64) * (cells[..., 3:] > 0) / 255
    steps = sum(float(np.abs(np.diff(colour, axis=axis)).sum()) for axis in (0, 1))
    return float(steps * side / max(cells.shape[:2]))


def _lone(near: Mask) -> Mask:
    """Cells with three neighbours in a row on one side and none elsewhere."""
    found = np.zeros(near.shape[1:], bool)
    for side in _SIDES:
        row = [(side - 1) % 8, side, (side + 1) % 8]
        found |= near[row].all(axis=0) & ~near[[place for place in range(8) if place not in row]].any(axis=0)
    return found

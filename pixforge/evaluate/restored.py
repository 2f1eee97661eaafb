"""What a drawing made of pixel art looks like: does the grid of the cells still show, are its edges sharp.

A round trip alone says little: an enlargement by squares survives it perfectly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba

Plane = NDArray[np.float32]


def grid_visibility(drawing: Rgba, cell: int) -> float | None:
    """Share of the edges that lie on the borders of cells, beyond what chance puts there.

    Args:
        drawing: RGBA (H * cell, W * cell, 4).
        cell: pixels a cell, at least 4.

    Returns:
        1 for an enlargement by squares, about 0 where edges run freely; None for a picture without edges.
    """
    on = whole = 0.0
    for axis in (0, 1):
        steps = np.abs(np.diff(_shown(drawing), axis=axis)).sum(axis=(1 - axis, 2))
        # The step between pixels k - 1 and k has number k - 1; one to each side belongs to a border that was softened.
        near = np.isin((np.arange(len(steps)) + 1) % cell, (0, 1, cell - 1))
        on += float(steps[near].sum())
        whole += float(steps.sum())
    if not whole:
        return None
    chance = 3 / cell
    return (on / whole - chance) / (1 - chance)


def sharpness(drawing: Rgba) -> float | None:
    """Mean step between neighbouring pixels, weighted by the step itself, 0..1; blur spreads an edge over many."""
    square = total = 0.0
    for axis in (0, 1):
        steps = np.abs(np.diff(_shown(drawing), axis=axis)).mean(axis=-1)
        square += float((steps * steps).sum())
        total += float(steps.sum())
    return square / total if total else None


def _shown(drawing: Rgba) -> Plane:
    """Premultiplied RGBA, 0..1."""
    planes = drawing.astype(np.float32) / np.float32(255)
    planes[..., :3] *= planes[..., 3:]
    return planes

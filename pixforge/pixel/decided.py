"""What a network's draft decided on purpose: lines and lone features for clean-up to spare, shades for dithering."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.cells import cell_mean, neighbours
from pixforge.pixel.colour import srgb_to_oklab

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
_ACROSS: Final = ((0, 4), (1, 5), (2, 6), (3, 7))  # opposite neighbours, in the order of `neighbours`
_STEP: Final = 0.08  # OKLab lightness by which a line is darker than what lies on both sides of it
_ALONE: Final = 0.12  # OKLab distance from all neighbours
_BORNE: Final = 0.10  # OKLab distance from the mean of the drawing in the cell, up to which the drawing bears it out
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_STEADY: Final = 0.06  # standard deviation of luma inside a cell without an edge
_SHADE: Final = (0.003, 0.1)  # luma between neighbouring cells of a gradient


def line_cells(cells: Plane, opaque: Mask) -> Mask:
    """Return the cells that are clearly darker than both neighbours across some direction.

    Args:
        cells: float32 (H, W, 3), sRGB 0..255.
        opaque: bool (H, W); what is transparent counts as light, so that an outline is a line.
    """
    tone = np.where(opaque, srgb_to_oklab(cells)[..., 0], 1.0).astype(np.float32)
    around = neighbours(tone, 1)
    across = np.stack([np.minimum(around[one], around[other]) for one, other in _ACROSS])
    found: Mask = opaque & ((across - tone).max(axis=0) > _STEP)
    return found


def lone_features(cells: Plane, opaque: Mask, means: Plane) -> Mask:
    """Return the cells that differ from all their opaque neighbours and whose colour the drawing itself has there.

    Args:
        cells: float32 (H, W, 3), sRGB 0..255.
        opaque: bool (H, W).
        means: float32 (H, W, 3), the mean colour of the drawing in each cell.
    """
    lab = srgb_to_oklab(cells)
    steps = np.stack([neighbours(np.ascontiguousarray(lab[..., k]), 9) - lab[..., k] for k in range(3)], axis=-1)
    gap = np.where(neighbours(opaque, 0), np.sqrt((steps * steps).sum(axis=-1)), np.inf)
    found: Mask = opaque & bears_out(cells, means) & (gap.min(axis=0) > _ALONE)
    return found


def bears_out(cells: Plane, means: Plane, reach: float = _BORNE) -> Mask:
    """Return where cells (H, W, 3) are of about the mean colour that the drawing has there; both sRGB 0..255.

    Args:
        cells: what was drafted.
        means: of the drawing.
        reach: OKLab distance that is still about the same.
    """
    found: Mask = np.sqrt(((srgb_to_oklab(means) - srgb_to_oklab(cells)) ** 2).sum(axis=-1)) < reach
    return found


def shading(drawing: Plane, k: int) -> Plane:
    """Return 1 for each cell (H, W) in which the drawing varies smoothly, 0 where it is flat or has an edge.

    Args:
        drawing: float32 (4, H * k, W * k), premultiplied RGBA, 0..1.
        k: drawing pixels a cell.
    """
    tone = np.tensordot(_LUMA, drawing[:3], axes=1)
    mean = cell_mean(tone, k)
    spread = np.sqrt(np.maximum(cell_mean(tone * tone, k) - mean * mean, 0))
    steady = (spread < _STEADY) & (cell_mean(drawing[3], k) > 0.99)
    step = np.abs(neighbours(mean, 9) - mean)
    few = ((step > _SHADE[0]) & (step < _SHADE[1])).sum(axis=0) >= 3
    found: Plane = (steady & few).astype(np.float32)
    return found

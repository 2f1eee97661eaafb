"""Does a closed outline stay closed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import resize
from pixforge.pixel.cells import cell_mean, max3
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.morphology import dilate

Mask = NDArray[np.bool_]
_FINE: Final = 8  # pixels a cell at which the drawing's outline is found
_DARK: Final = 0.42  # OKLab lightness of ink in the drawing
_DARK_CELL: Final = 0.55  # and of a cell that still reads as ink
_LEAST: Final = 0.2  # share of a cell that ink must fill
_OUTLINED: Final = 0.6  # share of the silhouette that must be ink for the drawing to count as outlined


def continuity(drawing: Rgba, cells: Rgba) -> float | None:
    """Share of the drawing's dark outline that the output's longest connected dark line follows, 0..1.

    None for a drawing that has no dark outline round most of its silhouette. A cell of the outline counts as followed
    if a cell of that line is it or one of its neighbours.
    """
    height, width = cells.shape[:2]
    wanted = _outline(resize(Picture(drawing), width * _FINE, height * _FINE).pixels)
    if wanted is None:
        return None
    dark = (cells[..., 3] > 0) & (srgb_to_oklab(cells[..., :3])[..., 0] < _DARK_CELL)
    line = largest_component(dark & _grown(wanted))
    return float((wanted & _grown(line)).sum() / wanted.sum())


def largest_component(mask: Mask) -> Mask:
    """Return the largest 8-connected part of a mask (H, W)."""
    if not mask.any():
        return mask
    label = connected(mask)
    values, counts = np.unique(label[mask], return_counts=True)
    return np.asarray(label == values[counts.argmax()])


def connected(mask: Mask) -> NDArray[np.intp]:
    """Return a number for each 8-connected part of a mask (H, W), the same in all its cells; 0 outside the mask."""
    label = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        rows = np.pad(label, 1)
        near = np.maximum.reduce(
            [rows[y : y + mask.shape[0], x : x + mask.shape[1]] for y in range(3) for x in range(3)]
        )
        spread = np.where(mask, near, 0)
        # A label is the number of a cell; taking that cell's own label on halves the way still to go.
        spread = np.where(mask, np.append(0, spread.ravel())[spread], 0)
        if np.array_equal(spread, label):
            return label
        label = spread


def _outline(fine: Rgba) -> Mask | None:
    """Cells of the longest connected part of the dark band along the silhouette."""
    inside = fine[..., 3] >= 128
    if inside.all() or not inside.any():
        return None
    ink = inside & (srgb_to_oklab(fine[..., :3])[..., 0] < _DARK)
    edge = inside & _near(~inside, 3)
    if (ink & _near(edge, 3))[edge].mean() < _OUTLINED:
        return None
    band = ink & _near(~inside, _FINE)
    wanted = largest_component(cell_mean(band.astype(np.float32), _FINE) >= _LEAST)
    return wanted if wanted.sum() >= 8 else None


def _near(mask: Mask, radius: int) -> Mask:
    return np.asarray(dilate(mask.astype(np.uint8), radius) > 0)


def _grown(mask: Mask) -> Mask:
    return np.asarray(max3(mask.astype(np.float32)) > 0)

"""The failures of plain image-to-image networks on backgrounds, borders and cells, each as a number."""

from __future__ import annotations

from typing import Final

import numpy as np

from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import composite, crop, resize, trim_box
from pixforge.pixel.cells import max3

GROUNDS: Final = {"white": (255, 255, 255), "grey": (160, 160, 160)}
TOLERANCE: Final = 8  # of 255: a background cell further from the ground in any channel counts as altered
_KEPT: Final = 0.6  # share of a drawing's extent that is kept when its middle is cut out


def on_ground(drawing: Picture, ground: tuple[int, int, int]) -> Picture:
    """Return the drawing on a plain ground, opaque."""
    return composite(drawing, ground)


def altered(drawing: Picture, cells: Rgba, ground: tuple[int, int, int]) -> float | None:
    """Share of the background cells of an output that are not the ground any more, 0..1.

    Background cells are those that the drawing leaves empty together with all their neighbours.

    Args:
        drawing: with its own transparency.
        cells: (H, W, 4), the output for the drawing on the ground.
        ground: R, G and B in 0..255.

    Returns:
        None for a drawing that leaves no cell empty.
    """
    height, width = cells.shape[:2]
    drawn = resize(drawing, width, height).pixels[..., 3] > 0
    empty = max3(drawn.astype(np.float32)) == 0
    if not empty.any():
        return None
    off = np.abs(cells[..., :3].astype(np.int16) - np.array(ground)).max(axis=-1) > TOLERANCE
    return float((off | (cells[..., 3] == 0))[empty].mean())


def middle(drawing: Picture) -> Picture | None:
    """Return the middle of a drawing, cut so that it runs over the edge of the picture; None for an empty one."""
    box = trim_box(drawing)
    if box is None:
        return None
    left, top, right, bottom = box
    dx, dy = ((length * (1 - _KEPT)) / 2 for length in (right - left, bottom - top))
    cut = (round(left + dx), round(top + dy), round(right - dx), round(bottom - dy))
    return crop(drawing, cut) if cut[0] < cut[2] and cut[1] < cut[3] else None


def uniform_cells(preview: Rgba, cell: int) -> float:
    """Share of the cells of an enlarged output (H * cell, W * cell, 4) that are of one colour to the last bit."""
    height, width = preview.shape[0] // cell, preview.shape[1] // cell
    blocks = preview.reshape(height, cell, width, cell, 4).swapaxes(1, 2).reshape(height, width, cell * cell, 4)
    return float((blocks == blocks[:, :, :1]).all(axis=(2, 3)).mean())

"""How a student's colours become entries of a palette, while it learns and when it is used."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.colour import srgb_to_oklab

AXES: Final = (1.0, 3.0, 3.0)  # a style shades: another lightness is nearer than another hue
NEAR: Final = 0.06  # OKLab distance at which another entry is a likely choice
REACH: Final = 0.3  # distance (with these axes) from which another entry is none of a cell's shades
HOLD: Final = 0.7  # logits by which the entry that the drawing's cell has by itself is ahead


def entries(
    colour: NDArray[np.float32], palette: NDArray[np.uint8], own: NDArray[np.intp], held: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return the palette entry of each cell, intp (H, W): the nearest one, unless the cell's own is nearly as near.

    Args:
        colour: float32 (H, W, 3), sRGB 0..255, what the student says.
        palette: uint8 (K, 3).
        own: intp (H, W), what the drawing decides without it.
        held: bool (H, W), where it stays: lines.
    """
    axes = np.sqrt(np.array(AXES, np.float32))
    lab, placed = srgb_to_oklab(palette) * axes, srgb_to_oklab(np.clip(colour, 0, 255)) * axes
    logits = -np.square(placed[:, :, None] - lab).sum(axis=-1) / np.float32(2 * NEAR * NEAR)
    shades = np.square(lab[:, None] - lab).sum(axis=-1) <= np.float32(REACH * REACH)
    logits = np.where(shades[own], logits, -np.inf)
    ahead = np.take_along_axis(logits, own[..., None], axis=-1) + np.float32(HOLD)
    np.put_along_axis(logits, own[..., None], ahead, axis=-1)
    chosen: NDArray[np.intp] = np.where(held, own, logits.argmax(axis=-1))
    return chosen

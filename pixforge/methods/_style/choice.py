"""Which entries of a palette a cell may have, and how a student's colours become entries, in training and in use."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.colour import srgb_to_oklab

AXES: Final = (1.0, 3.0, 3.0)  # a style shades: another lightness is nearer than another hue
NEAR: Final = 0.06  # OKLab distance at which another entry is a likely choice
HUE: Final = 0.06  # distance of hue and chroma, and ...
REACH: Final = 0.3  # distance (along these axes) from which another entry is none of a cell's shades
HOLD: Final = 0.7  # logits by which the entry that the drawing's cell has by itself is ahead


def shades_of(lab: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which entries (K, K) are shades of which: of nearly one hue, and not too far; lab (K, 3) in OKLab."""
    hues = np.square(lab[:, None, 1:] - lab[:, 1:]).sum(axis=-1)
    near: NDArray[np.bool_] = (gaps_of(lab) <= REACH * REACH) & (hues <= HUE * HUE)
    return near


def gaps_of(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the squared distances (K, K) of entries (K, 3) in OKLab, hue counting more than lightness."""
    gaps: NDArray[np.float32] = np.square((lab[:, None] - lab) * np.array(AXES, np.float32)).sum(axis=-1)
    return gaps


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
    logits = np.where(shades_of(srgb_to_oklab(palette))[own], logits, -np.inf)
    ahead = np.take_along_axis(logits, own[..., None], axis=-1) + np.float32(HOLD)
    np.put_along_axis(logits, own[..., None], ahead, axis=-1)
    chosen: NDArray[np.intp] = np.where(held, own, logits.argmax(axis=-1))
    return chosen

"""Outlines round the silhouette: none, black, or selective (a darker colour of the ramp that lies beneath)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.cells import neighbours
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.mapping import nearest_index
from pixforge.pixel.options import OutlineOptions

Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]
_STEP = 0.16  # OKLab lightness between a colour and its selective outline
_DARKER = 0.10  # a border cell this much darker than the inside is an outline


def border(opaque: Mask) -> Mask:
    """Opaque cells beside a transparent one (four-neighbours), bool (H, W).

    The edge of the canvas counts as transparent when anything is; a full picture has no border.
    """
    if opaque.all():
        return np.zeros_like(opaque)
    sides = neighbours(opaque, 0)[[0, 2, 4, 6]]
    out: Mask = opaque & ~sides.all(0)
    return out


def apply(indices: Indices, opaque: Mask, palette: NDArray[np.uint8], options: OutlineOptions) -> Indices:
    """Redraw the border cells as the options say; only palette entries are used. (H, W) to (H, W)."""
    edge = border(opaque)
    if options.mode == "keep" or not edge.any():
        return indices
    if options.mode == "black":
        wanted = np.array([[int(options.color[i : i + 2], 16) for i in (1, 3, 5)]], np.uint8)
        return np.where(edge, nearest_index(wanted, palette)[0], indices)
    bare = _bare(indices, opaque, edge, palette)
    if options.mode == "none":
        return bare
    return np.where(edge, _darker(palette)[bare], bare)


def _bare(indices: Indices, opaque: Mask, edge: Mask, palette: NDArray[np.uint8]) -> Indices:
    """Border cells darker than the inside beside them take the inside's most common entry."""
    light = srgb_to_oklab(palette)[:, 0]
    inside = neighbours(opaque & ~edge, 0)
    around = np.where(inside, neighbours(indices, 0), -1).astype(np.intp)
    out = indices.copy()
    for y, x in zip(*np.nonzero(edge & inside.any(0)), strict=True):
        near = around[:, y, x]
        best = int(np.bincount(near[near >= 0]).argmax())
        if light[best] - light[indices[y, x]] > _DARKER:
            out[y, x] = best
    return out


def _darker(palette: NDArray[np.uint8]) -> Indices:
    """For each entry the palette entry that best serves as its outline: darker, alike in hue. intp (K,)."""
    lab = srgb_to_oklab(palette)
    # Going down a ramp, chroma shrinks with lightness: aim at the same hue, a step darker.
    factor = np.clip((lab[:, :1] - _STEP) / np.maximum(lab[:, :1], 1e-3), 0, 1)
    aim = lab * factor
    cost = (((aim[:, None] - lab[None]) * np.array([1.0, 1.5, 1.5], np.float32)) ** 2).sum(-1)
    # A ramp's dark end is not more vivid than its middle: a red lip is no outline for a cheek.
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    cost = cost + (3 * np.maximum(chroma[None] - chroma[:, None] - 0.03, 0)) ** 2
    darker = lab[None, :, 0] < lab[:, None, 0] - 0.04
    cost = np.where(darker, cost, np.inf)
    own = np.arange(len(lab))
    return np.where(np.isfinite(cost).any(1), cost.argmin(1), own)

"""Pixel art enlarged as shapes: the areas of a sprite with smooth outlines, each still of its own colour.

Every colour is an area; its indicator is blurred, and each fine pixel takes the colour whose blurred indicator is the
largest there (as label maps are smoothed). Stairs become slopes, no colour is mixed, and the middle of a cell stays
the cell's: it goes back to the sprite that it came from. Rare colours count more, so that a diagonal line of single
cells holds together and a single cell stays.
"""

from __future__ import annotations

from math import erf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.image.resample import resize
from pixforge.pixel.colour import srgb_to_oklab

Array = NDArray[np.float32]
_BLUR: Final = 0.44  # cells, the deviation of the blur; the middle of a cell stays its own, whatever is round it
_ALIKE: Final = 0.05  # OKLab distance at which two shades hardly help each other against a third colour any more
_RARE: Final = 0.5  # how much more a colour counts that is rare round its cell
_SAMPLES: Final = 2  # per fine pixel and axis
_MOST: Final = 24_000_000  # scores that are held at once
_REACH: Final = 2  # cells round a cell within which a colour is rare or not


def shapes(sprite: Picture, scale: int) -> Picture:
    """Return a sprite (H, W) as shapes of (H * scale, W * scale) pixels; their borders are antialiased.

    Args:
        sprite: pixel art at one pixel a cell.
        scale: pixels a cell, at least 1.
    """
    fine = scale * _SAMPLES
    pixels = np.where(sprite.pixels[..., 3:] > 0, sprite.pixels, 0)
    colours, entry = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True)
    padded = np.pad(entry.reshape(sprite.height, sprite.width).astype(np.intp), 1, mode="edge")
    kin, weight = _kinship(colours), np.pad(_weights(pixels, entry), 1, mode="edge")
    # Nine cells, themselves and their neighbours: which they are, and how much each votes for each.
    near = _nine(padded)
    votes = kin[near[:, None], near[None]] * _nine(weight)[None]
    pull = _pull(fine)
    out = np.empty((sprite.height, fine, sprite.width, fine, 4), np.uint8)
    rows = max(1, _MOST // (81 * sprite.width))
    for first in range(0, sprite.height, rows):
        part = slice(first, first + rows)
        for y in range(fine):
            for x in range(fine):
                best = np.tensordot(votes[:, :, part], pull[y, x], axes=([1], [0])).argmax(axis=0)
                out[part, y, :, x] = colours[np.take_along_axis(near[:, part], best[None], axis=0)[0]]
    whole = Picture(out.reshape(sprite.height * fine, sprite.width * fine, 4))
    return resize(whole, sprite.width * scale, sprite.height * scale, "box")


def _kinship(colours: NDArray[np.uint8]) -> Array:
    """How much each colour (K, 4) speaks for each (K, K), 0..1: shades of one area stand together."""
    lab = srgb_to_oklab(colours[:, :3])
    gaps = np.square(lab[:, None] - lab).sum(axis=-1)
    cover = colours[:, 3].astype(np.float32) / np.float32(255)
    gaps += np.square(cover[:, None] - cover)
    found: Array = np.exp(-gaps / (2 * _ALIKE * _ALIKE)).astype(np.float32)
    return found


def _weights(pixels: NDArray[np.uint8], entry: NDArray[np.intp]) -> Array:
    """How much each cell (H, W) counts: more where its colour is rare round it."""
    height, width = pixels.shape[:2]
    grid = np.pad(entry.reshape(height, width), _REACH, constant_values=-1)
    same = np.zeros((height, width), np.float32)
    side = 2 * _REACH + 1
    for y in range(side):
        for x in range(side):
            same += grid[y : y + height, x : x + width] == entry.reshape(height, width)
    found: Array = 1 + np.float32(_RARE) * (1 - same / np.float32(side * side))
    return found


def _nine(padded: NDArray[np.generic]) -> NDArray[np.generic]:
    """Each cell (H, W) of an array with a margin of one, and its eight neighbours, row by row: (9, H, W)."""
    height, width = padded.shape[0] - 2, padded.shape[1] - 2
    return np.stack([padded[y : y + height, x : x + width] for y in range(3) for x in range(3)])


def _pull(fine: int) -> Array:
    """What each of nine cells has of the blur round each fine pixel of the middle one: (fine, fine, 9)."""
    places = (np.arange(fine) + 0.5) / fine - 0.5
    edges = np.array([-1.5, -0.5, 0.5, 1.5])
    below = np.array([[0.5 * (1 + erf((edge - place) / (_BLUR * sqrt(2)))) for edge in edges] for place in places])
    share = np.diff(below, axis=1)
    found: Array = np.einsum("ya,xb->yxab", share, share).reshape(fine, fine, 9).astype(np.float32)
    return found

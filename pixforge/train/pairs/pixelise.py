"""Real drawings made pixel art by plain means: pairs whose *drawing* is real, for the reverse direction."""

from __future__ import annotations

import numpy as np

from pixforge.image.picture import Picture
from pixforge.preprocess import CELL
from pixforge.train.pairs.enlarge import averaged
from pixforge.train.pairs.make import Pair, straight
from pixforge.train.pairs.sprite import Generator, Rgba, hardened


def pixelised(drawing: Rgba, side: int, rng: Generator) -> Pair:
    """Return a cut of a real drawing, and pixel art of it that a plain downscale with few colours gives.

    Args:
        drawing: RGBA of any size.
        side: cells across and down.
        rng: the only source of chance.
    """
    cut = _cut(drawing, side * CELL, rng)
    cells = _centres(cut, rng) if rng.random() < 0.5 else _means(cut)
    return Pair(Picture(cut), Picture(_reduced(hardened(cells), int(rng.integers(4, 33)))), CELL)


def _cut(drawing: Rgba, side: int, rng: Generator) -> Rgba:
    """A square cut of the drawing, enlarged or reduced a little first; transparent beyond its border."""
    from PIL import Image

    largest = max(drawing.shape[:2])
    target = int(side * rng.uniform(0.6, 2.0))
    factor = min(target, largest) / largest
    size = tuple(max(1, round(length * factor)) for length in drawing.shape[1::-1])
    image = Image.fromarray(drawing, "RGBA").convert("RGBa").resize(size, Image.Resampling.BOX).convert("RGBA")
    pixels = np.asarray(image)
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    out = np.zeros((side, side, 4), np.uint8)
    height, width = (min(side, length) for length in pixels.shape[:2])
    y, x = (
        int(rng.integers(0, length - part + 1)) for length, part in zip(pixels.shape, (height, width), strict=False)
    )
    top, left = int(rng.integers(0, side - height + 1)), int(rng.integers(0, side - width + 1))
    out[top : top + height, left : left + width] = pixels[y : y + height, x : x + width]
    return out


def _means(cut: Rgba) -> Rgba:
    colour = cut.astype(np.float32)
    colour[..., :3] *= colour[..., 3:] / 255
    return straight(averaged(colour, CELL)).pixels


def _centres(cut: Rgba, rng: Generator) -> Rgba:
    start = int(rng.integers(1, 3))
    return cut[start::CELL, start::CELL]


def _reduced(cells: Rgba, colours: int) -> Rgba:
    """The cells with at most so many colours (median cut)."""
    from PIL import Image

    shown = cells[..., 3] > 0
    if not shown.any():
        return cells
    strip = Image.fromarray(np.ascontiguousarray(cells[shown][None, :, :3]))
    out = cells.copy()
    out[shown, :3] = np.asarray(
        strip.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    )[0]
    return out

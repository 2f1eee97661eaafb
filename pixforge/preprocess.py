"""Pictures to network arrays and back: the one road that training and inference both take.

Arrays are float32, channels first, premultiplied RGBA in 0..1. A drawing enters at four pixels a cell, a logical
picture at one. Premultiplied, because a filter must never see the colour of a transparent pixel.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture

Array = NDArray[np.float32]

CELL: Final = 4  # pixels of a drawing for each cell
CONDITIONS: Final = 3
_HALF: Final = 0.5


@dataclass(frozen=True)
class Specification:
    """What a model file says about its preprocessing; a reader refuses a model whose words differ from these.

    Attributes:
        version: raised when any array changes for the same picture.
        cell: pixels of a drawing for each cell.
        channels: order and range of the channels.
        shrink: filter used when a drawing is made smaller.
        enlarge: filter used when it is made larger.
        multiple: cells across and down are padded to a multiple of this, by repeating the edge.
        conditions: what the numbers of the condition vector are.
    """

    version: int = 1
    cell: int = CELL
    channels: str = "premultiplied RGBA, 0..1, sRGB"
    shrink: str = "box"
    enlarge: str = "bilinear"
    multiple: int = 4
    conditions: str = "log2(source pixels a cell) - 2, colours known, log2(colours) - 4 or 0"

    def as_dict(self) -> dict[str, int | str]:
        """Return plain values for a model card."""
        return asdict(self)


SPECIFICATION: Final = Specification()


def drawing_array(picture: Picture, width: int, height: int) -> Array:
    """Return a drawing as (4, 4 * height, 4 * width), resized to four pixels a cell.

    Args:
        picture: the drawing; its aspect is that of the grid.
        width: cells across.
        height: cells down.
    """
    return _planes(_resized(picture, CELL * width, CELL * height))


def logical_array(picture: Picture) -> Array:
    """Return a logical picture (one pixel a cell) as (4, H, W)."""
    from PIL import Image

    return _planes(np.asarray(Image.fromarray(picture.pixels, "RGBA").convert("RGBa")))


def conditions(cell: float, colours: int | None) -> Array:
    """Return the condition vector (3,) of the generators.

    Args:
        cell: source pixels for each cell, before resizing (clipped to 1..64).
        colours: how many colours the pixel art has or shall have; None: unknown.
    """
    size = math.log2(min(max(cell, 1.0), 64.0)) - 2.0
    count = 0.0 if colours is None else math.log2(min(max(colours, 1), 256)) - 4.0
    return np.array([size, float(colours is not None), count], np.float32)


def pad_cells(array: Array, per_cell: int, multiple: int = SPECIFICATION.multiple) -> Array:
    """Return (C, H, W) padded at the right and below to whole multiples of cells, by repeating the edge.

    Args:
        array: the planes.
        per_cell: array pixels a cell (4 for a drawing, 1 for a logical picture).
        multiple: cells.
    """
    step = per_cell * multiple
    down, across = -array.shape[1] % step, -array.shape[2] % step
    return np.pad(array, ((0, 0), (0, down), (0, across)), mode="edge") if down or across else array


def logical_picture(array: Array, threshold: float = _HALF) -> Picture:
    """Return the pixel art of a generator's output (4, H, W): colour as if opaque, and alpha, both about 0..1.

    Alpha is hardened first: the colour planes are never divided by an alpha that a network made up.
    """
    opaque = array[3] >= threshold
    pixels = np.zeros((*opaque.shape, 4), np.uint8)
    pixels[..., :3] = _bytes(array[:3].transpose(1, 2, 0))
    pixels[..., 3] = 255
    pixels[~opaque] = 0
    return Picture(pixels)


def drawing_picture(array: Array) -> Picture:
    """Return the drawing of a generator's output (4, H, W): premultiplied colour and alpha, about 0..1."""
    alpha = np.clip(array[3], 0.0, 1.0)
    pixels = np.zeros((*alpha.shape, 4), np.uint8)
    pixels[..., 3] = _bytes(alpha)
    colour = np.clip(array[:3], 0.0, alpha) / np.maximum(alpha, 1 / 512)
    pixels[..., :3] = _bytes(colour.transpose(1, 2, 0))
    pixels[pixels[..., 3] == 0] = 0
    return Picture(pixels)


def _resized(picture: Picture, width: int, height: int) -> NDArray[np.uint8]:
    """Premultiplied RGBA uint8 (height, width, 4)."""
    from PIL import Image

    source = Image.fromarray(picture.pixels, "RGBA").convert("RGBa")
    if source.size == (width, height):
        return np.asarray(source)
    shrinks = width <= source.width and height <= source.height
    kind = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    return np.asarray(source.resize((width, height), kind))


def _planes(premultiplied: NDArray[np.uint8]) -> Array:
    return np.ascontiguousarray(premultiplied.transpose(2, 0, 1), np.float32) / np.float32(255)


def _bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(values * 255.0 + 0.5, 0, 255), np.uint8)

"""Plain ways back from pixel art to something smooth: what `to-drawing` is measured beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.image.resample import enlarge, resize
from pixforge.train.pairs.enlarge import Filter, Fine, filtered, premultiplied, scale2x
from pixforge.train.pairs.make import straight

Enlarger = Callable[[Picture, int], Picture]
Mask = NDArray[np.bool_]

# hqx's thresholds: how far two colours may be apart in Y, U and V (0..255) and still count as one area.
_ALIKE: Final = np.array([48.0, 7.0, 6.0], np.float32)
_YUV: Final = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], np.float32)


def smoothed(kind: Filter) -> Enlarger:
    """Return the enlarger that is one of Pillow's filters, premultiplied."""
    return lambda sprite, cell: straight(filtered(premultiplied(sprite.pixels), cell, kind, (0.0, 0.0)))


def twice_scale2x(sprite: Picture, cell: int) -> Picture:
    """Scale2x (A. Mazzoleni, 2001) twice, from there to the size wanted."""
    fine = straight(scale2x(scale2x(premultiplied(sprite.pixels))))
    return resize(fine, sprite.width * cell, sprite.height * cell, "box" if cell < 4 else "bilinear")


def hqx_like(sprite: Picture, cell: int) -> Picture:
    """Enlarge in the manner of hqx (M. Stepin, 2003): alike neighbours blend, unlike ones stay apart, corners are cut.

    hqx looks its rules up in a table of 256 patterns for each factor; these are its principles for any factor: within
    its thresholds a neighbour takes part in bilinear blending, beyond them its weight falls to the cell itself, and
    where two unlike neighbours are alike each other, the corner between them is theirs.

    Args:
        sprite: pixel art.
        cell: pixels a cell.
    """
    fine = premultiplied(sprite.pixels)
    out = np.empty((sprite.height, cell, sprite.width, cell, 4), np.float32)
    for down in (-1, 1):
        for across in (-1, 1):
            corner = _Corner.of(fine, down, across)
            for y, dy in _quarter(cell, down):
                for x, dx in _quarter(cell, across):
                    out[:, y, :, x] = corner.blended(dy, dx, 1 / cell)
    return straight(out.reshape(sprite.height * cell, sprite.width * cell, 4))


def _quarter(cell: int, side: int) -> list[tuple[int, float]]:
    """The pixels of a cell on one side of its middle, and how far from it they are, in cells."""
    away = [(place, (2 * place + 1 - cell) * side / (2 * cell)) for place in range(cell)]
    return [(place, distance) for place, distance in away if distance > 0 or (distance == 0 and side > 0)]


class _Corner:
    """The cells that one quarter of every cell is blended of."""

    def __init__(self, middle: Fine, vertical: Fine, horizontal: Fine, diagonal: Fine) -> None:
        self._cells = (middle, vertical, horizontal, diagonal)
        self._with = [_alike(middle, other)[..., None].astype(np.float32) for other in self._cells[1:]]
        apart = ~_alike(middle, vertical) & ~_alike(middle, horizontal)
        self._cut = (apart & _alike(vertical, horizontal))[..., None]

    @classmethod
    def of(cls, fine: Fine, down: int, across: int) -> _Corner:
        padded = np.pad(fine, ((1, 1), (1, 1), (0, 0)), mode="edge")
        height, width = fine.shape[:2]

        def moved(dy: int, dx: int) -> Fine:
            return padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]

        return cls(fine, moved(down, 0), moved(0, across), moved(down, across))

    def blended(self, y: float, x: float, step: float) -> Fine:
        """The colours (H, W, 4) 0..0.5 cells from the middle towards the corner; pixels are `step` cells wide."""
        middle, vertical, horizontal, diagonal = self._cells
        weights = (y * (1 - x), (1 - y) * x, y * x)
        out = middle + sum(
            weight * alike * (other - middle)
            for weight, alike, other in zip(weights, self._with, (vertical, horizontal, diagonal), strict=True)
        )
        beyond = min(max((x + y - 0.5) / step + 0.5, 0.0), 1.0)
        return np.asarray(
            np.where(self._cut, (1 - beyond) * out + beyond * (vertical + horizontal) / 2, out), np.float32
        )


def _alike(first: Fine, second: Fine) -> Mask:
    gap = np.abs(first - second)
    return np.asarray((np.abs((first - second)[..., :3] @ _YUV.T) <= _ALIKE).all(axis=-1) & (gap[..., 3] < 128))


ENLARGERS: Final[dict[str, Enlarger]] = {
    "nearest": enlarge,
    "bicubic": smoothed("bicubic"),
    "lanczos": smoothed("lanczos"),
    "scale2x": twice_scale2x,
    "hqx-like": hqx_like,
}

"""What a method proposes for the pixel stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.manner import Manner


@dataclass(frozen=True, eq=False)
class Draft:
    """What a method proposes; the pixel stage makes the contract true.

    Attributes:
        cells: float32 (H, W, 3) sRGB 0..255, one colour a cell; need not be palette colours.
        alpha: float32 (H, W) coverage 0..1 a cell.
        protected: bool (H, W) cells that clean-up must not touch (lines, eyes), or None.
        gradient: float32 (H, W) 0..1, how much the source varies smoothly here (dither only there), or None.
        manner: of the style that the cells are to lie together in, or None.
    """

    cells: NDArray[np.float32]
    alpha: NDArray[np.float32]
    protected: NDArray[np.bool_] | None = None
    gradient: NDArray[np.float32] | None = None
    manner: Manner | None = None

    def picture(self, threshold: float) -> Picture:
        """Return the cells as a picture, opaque where the coverage is at least `threshold`."""
        pixels = np.zeros((*self.alpha.shape, 4), np.uint8)
        opaque = self.alpha >= threshold
        pixels[opaque, :3] = np.clip(np.rint(self.cells[opaque]), 0, 255)
        pixels[opaque, 3] = 255
        return Picture(pixels)

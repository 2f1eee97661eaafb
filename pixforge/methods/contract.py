"""What a method receives and gives. Imported by method modules inside functions or for typing only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions

Direction = Literal["to-pixel", "to-drawing"]


@dataclass(frozen=True, eq=False)
class Request:
    """One picture to convert.

    Attributes:
        picture: the source, already fitted: its aspect is that of the grid.
        width: cells across (to-pixel), or output pixels across (to-drawing).
        height: cells down, or output pixels down.
        palette: uint8 (K, 3) sRGB, the only colours the output may have; None in direction to-drawing.
        direction: which way.
        alpha, outline, cleanup: the preset's wishes; a method may honour them itself or leave them to the pixel stage.
        seed: for methods that draw random numbers.
    """

    picture: Picture
    width: int
    height: int
    palette: NDArray[np.uint8] | None
    direction: Direction
    alpha: AlphaOptions
    outline: OutlineOptions
    cleanup: CleanupOptions
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Draft:
    """What a method proposes; the pixel stage makes the contract true.

    Attributes:
        cells: float32 (H, W, 3) sRGB 0..255, one colour a cell; need not be palette colours.
        alpha: float32 (H, W) coverage 0..1 a cell.
        protected: bool (H, W) cells that clean-up must not touch (lines, eyes), or None.
        gradient: float32 (H, W) 0..1, how much the source varies smoothly here (dither only there), or None.
    """

    cells: NDArray[np.float32]
    alpha: NDArray[np.float32]
    protected: NDArray[np.bool_] | None = None
    gradient: NDArray[np.float32] | None = None


class Session(Protocol):
    """A loaded method, used for many pictures."""

    def convert(self, request: Request) -> Draft:
        """Turn one prepared picture into a draft.

        Raises:
            PixforgeError: with cause and remedy, when the picture cannot be converted by this method.
        """
        ...

    @property
    def model_digest(self) -> str:
        """Hex digest of the model's weights, or "" for a method without one."""
        ...

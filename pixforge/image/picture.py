"""The one picture type: straight-alpha RGBA, uint8, sRGB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rgba = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture in memory.

    Attributes:
        pixels: uint8 array of shape (height, width, 4): sRGB with straight (not premultiplied) alpha, read-only.
    """

    pixels: Rgba

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 4:
            raise ValueError(f"a picture is (H, W, 4) uint8, not {self.pixels.shape} {self.pixels.dtype}")
        self.pixels.flags.writeable = False

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def opaque(self) -> bool:
        """Whether every pixel has alpha 255."""
        return bool((self.pixels[..., 3] == 255).all())


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a clip and how long it is shown.

    Attributes:
        picture: the frame, composed (never a partial update).
        duration: milliseconds.
    """

    picture: Picture
    duration: int

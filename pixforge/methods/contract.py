"""What a method receives and gives. Imported by method modules inside functions or for typing only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.draft import Draft
from pixforge.pixel.options import AlphaOptions, CleanupOptions, Direction, Dither, OutlineOptions

__all__ = ["Direction", "Draft", "Request", "Session", "reach"]


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
        dither: the pattern that the pixel stage will lay over gradients: where it is not "none", a method that
            decides colours itself gives means.
        seed: for methods that draw random numbers.
        whole: where the picture is cut out of a larger one, the width and height of that one's output: what depends on
            the size of the output (a measure, a condition) goes by it.
        series: the same object for all pictures of a clip, asked for in their order: a method may start one where it
            ended the picture before. None: the answer must not depend on any other picture.
    """

    picture: Picture
    width: int
    height: int
    palette: NDArray[np.uint8] | None
    direction: Direction
    alpha: AlphaOptions
    outline: OutlineOptions
    cleanup: CleanupOptions
    dither: Dither = "none"
    seed: int = 0
    whole: tuple[int, int] | None = None
    series: object | None = None


def reach(session: Session) -> int | None:
    """Return how many cells away a picture may differ without any effect on a cell; None: any difference may have one.

    A session says so by an attribute `reach`. Clips then convert what changed between frames, and a margin of so many
    cells, instead of whole frames.
    """
    cells = getattr(session, "reach", None)
    return cells if isinstance(cells, int) else None


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

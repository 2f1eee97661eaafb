"""What a decoder tells about a file before it decodes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pixforge.image.picture import Rgba

# Milliseconds of a frame for which the file gives none (0 means "as fast as possible" to no viewer); as browsers do.
DEFAULT_DURATION = 100


@dataclass(frozen=True)
class Source:
    """A file whose header has been read.

    Attributes:
        width: pixels of the canvas, before any orientation is applied.
        height: likewise.
        count: frames of the animation or pages, 1 for a still picture.
        frames: decodes the frames one after the other: sRGB RGBA uint8 (H, W, 4), composed, and milliseconds.
        many: what more than one of them is called.
    """

    width: int
    height: int
    count: int
    frames: Callable[[], Iterator[tuple[Rgba, int]]]
    many: str = "frames"

"""Clips of a few pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pixforge.image.picture import Frame, Picture
from pixforge.sheet.clip import Clip


@pytest.fixture(scope="session")
def picture() -> Callable[..., Picture]:
    """A picture with one opaque block."""

    def made(
        width: int, height: int, box: tuple[int, int, int, int], color: tuple[int, int, int] = (200, 30, 40)
    ) -> Picture:
        pixels = np.zeros((height, width, 4), np.uint8)
        x, y, across, down = box
        pixels[y : y + down, x : x + across] = (*color, 255)
        return Picture(pixels)

    return made


@pytest.fixture(scope="session")
def clip(picture: Callable[..., Picture]) -> Clip:
    """Six frames, of which the last repeats the first."""
    boxes = [(1, 2, 5, 6), (2, 2, 5, 6), (3, 3, 4, 4), (0, 0, 12, 10), (5, 5, 1, 1), (1, 2, 5, 6)]
    colors = [(200, 30, 40), (10, 90, 40), (200, 30, 40), (0, 0, 0), (255, 255, 255), (200, 30, 40)]
    return Clip(
        tuple(Frame(picture(12, 10, box, color), 100) for box, color in zip(boxes, colors, strict=True)),
    )

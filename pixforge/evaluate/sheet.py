"""A picture of pictures: drawings at the left, every contender's pixel art beside them, enlarged. Numbers need eyes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pixforge.image.picture import Picture
from pixforge.image.resample import composite, enlarge, resize

_GROUND: Final = (200, 204, 208)
_GAP: Final = 8


def contact_sheet(rows: Sequence[Sequence[Picture]], side: int = 288) -> Picture:
    """Lay pictures out in rows.

    Args:
        rows: pictures of any size; small ones are enlarged by a whole factor, large ones shrunk.
        side: pixels of a place.
    """
    across = max(len(row) for row in rows)
    step = side + _GAP
    out = np.empty((len(rows) * step + _GAP, across * step + _GAP, 4), np.uint8)
    out[...] = (*_GROUND, 255)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            shown = composite(_fitted(picture, side), _GROUND).pixels
            top, left = y * step + _GAP, x * step + _GAP
            out[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    return Picture(out)


def _fitted(picture: Picture, side: int) -> Picture:
    longest = max(picture.width, picture.height)
    if longest <= side:
        return enlarge(picture, side // longest)
    return resize(picture, max(1, picture.width * side // longest), max(1, picture.height * side // longest))

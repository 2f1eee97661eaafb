"""The part of a picture that shows something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pixforge.image.picture import Picture
from pixforge.sheet.clip import Box


def shown(picture: Picture) -> Box | None:
    """x, y, width, height of the smallest box round all pixels of alpha above 0; None if there is none."""
    visible = picture.pixels[..., 3] > 0
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)


def union(boxes: Sequence[Box | None]) -> Box | None:
    """The smallest box that holds all boxes; None if there is none."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    left, top = min(box[0] for box in known), min(box[1] for box in known)
    right, bottom = max(box[0] + box[2] for box in known), max(box[1] + box[3] for box in known)
    return left, top, right - left, bottom - top


def crop(picture: Picture, box: Box) -> Picture:
    """The part of a picture inside a box."""
    x, y, width, height = box
    return Picture(np.ascontiguousarray(picture.pixels[y : y + height, x : x + width]))

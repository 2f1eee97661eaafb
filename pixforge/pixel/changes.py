"""Where one picture of a clip differs from the one before: what was counted of the rest need not be counted again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture

Box = tuple[int, int, int, int]
Pixels = NDArray[np.uint8]


def pairs(pictures: Iterable[Picture]) -> Iterator[tuple[Pixels | None, Pixels]]:
    """Yield each picture's pixels with those of the one before; None for the first and where the size changes."""
    before: Pixels | None = None
    for picture in pictures:
        pixels = np.ascontiguousarray(picture.pixels)
        same = before is not None and before.shape == pixels.shape
        yield (before if same else None), pixels
        before = pixels


def changed_box(before: Pixels, after: Pixels) -> Box | None:
    """Return the smallest box (left, top, right, bottom) that holds every pixel that differs, or None if none does.

    Args:
        before: uint8 (H, W, 4), contiguous.
        after: the same; the colour counts even where alpha is 0.
    """
    differs = (before.view(np.uint32) != after.view(np.uint32))[..., 0]
    rows = np.flatnonzero(differs.any(axis=1))
    if not len(rows):
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(differs[top:bottom].any(axis=0))
    return int(columns[0]), top, int(columns[-1]) + 1, bottom


def widened(box: Box, by: int, shape: tuple[int, ...]) -> Box:
    """Return the box with `by` pixels more on every side, within a plane of this shape."""
    left, top, right, bottom = box
    return max(left - by, 0), max(top - by, 0), min(right + by, shape[1]), min(bottom + by, shape[0])


def within(inner: Box, outer: Box) -> tuple[slice, slice]:
    """Return the rows and columns of a box in an array that was cut to another box about it."""
    left, top = outer[:2]
    return slice(inner[1] - top, inner[3] - top), slice(inner[0] - left, inner[2] - left)


def cut(box: Box) -> tuple[slice, slice]:
    """Return the rows and columns of a box."""
    return slice(box[1], box[3]), slice(box[0], box[2])

"""When something moves where in a clip, so that what rests can be told from what only looks the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.changes import cut
from pixforge.pixel.regions import find_regions
from pixforge.pixel.windows import Box, Lattice

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Activity:
    """What moves in a clip.

    Attributes:
        moving: for each frame but the last, where something moves to the next one: the bits of `busy`, packed.
        constant: bool (H, W), the pixels that are the same in all frames.
    """

    moving: tuple[NDArray[np.uint8], ...]
    constant: Mask

    def rests(self) -> Iterator[Mask]:
        """Yield for each frame where nothing moves, neither from the frame before nor to the next: bool (H, W)."""
        size = self.constant.size
        none = np.zeros(-(-size // 8), np.uint8)
        for before, after in zip((none, *self.moving), (*self.moving, none), strict=True):
            bits = np.unpackbits(before | after, count=size).view(np.bool_)
            yield ~bits.reshape(self.constant.shape)


def watch(frames: Iterable[NDArray[np.uint32]], lattice: Lattice) -> Activity:
    """Compare each frame, uint32 (H, W), with the next; at least one.

    Raises:
        ValueError: there is none.
    """
    moving: list[NDArray[np.uint8]] = []
    constant: Mask | None = None
    before: NDArray[np.uint32] | None = None
    for frame in frames:
        if before is None or constant is None:
            constant = np.ones(frame.shape, np.bool_)
        else:
            differs = frame != before
            constant &= ~differs
            moving.append(np.packbits(busy(differs, lattice)))
        before = frame
    if constant is None:
        raise ValueError("no frame moves where there is none")
    return Activity(tuple(moving), constant)


def busy(differs: Mask, lattice: Lattice) -> Mask:
    """Return where something moves, bool (H, W), from the pixels that change.

    What is flat changes at its sides only, and not where they run along its way: all of the convex hull of the changes
    of one thing moves. Changes are of one thing if they are apart by less than a cell, or by less than the smaller of
    them is long.
    """
    out = np.zeros_like(differs)
    for box in _merged([region.box for region in find_regions(differs, lattice)] if differs.any() else []):
        out[cut(box)] |= _hull(differs[cut(box)])
    return out


def _hull(mask: Mask) -> Mask:
    """The pixels that the convex hull of some pixels touches; the mask has some in its first and its last row."""
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    lines = np.arange(mask.shape[0])
    left, right = _least(rows, first, lines), -_least(rows, -last, lines)
    columns = np.arange(mask.shape[1])[None]
    return np.asarray((columns >= np.floor(left)[:, None]) & (columns <= np.ceil(right)[:, None]))


def _least(rows: NDArray[np.intp], ends: NDArray[np.intp], lines: NDArray[np.intp]) -> NDArray[np.float64]:
    """The lower convex hull of points (row, end) at each line (Andrew's monotone chain, 1979)."""
    hull: list[tuple[int, int]] = []
    for row, end in zip(rows.tolist(), ends.tolist(), strict=True):
        while len(hull) > 1 and _turns(hull[-2], hull[-1], (row, end)):
            hull.pop()
        hull.append((row, end))
    return np.interp(lines, [row for row, _ in hull], [end for _, end in hull])


def _turns(one: tuple[int, int], middle: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether the middle point lies on or above the line between the others."""
    return (middle[1] - one[1]) * (other[0] - one[0]) >= (other[1] - one[1]) * (middle[0] - one[0])


def _merged(boxes: list[Box]) -> list[Box]:
    merged: list[Box] = []
    for box in boxes:
        near = [other for other in merged if _near(box, other)]
        while near:
            merged = [other for other in merged if other not in near]
            lefts, tops, rights, bottoms = zip(box, *near, strict=True)
            box = (min(lefts), min(tops), max(rights), max(bottoms))  # noqa: PLW2901
            near = [other for other in merged if _near(box, other)]
        merged.append(box)
    return merged


def _near(one: Box, other: Box) -> bool:
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down) <= min(max(box[2] - box[0], box[3] - box[1]) for box in (one, other))

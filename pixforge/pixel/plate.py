"""The background of a clip that stands still: what each pixel is while nothing moves about it.

A vote over all frames is not enough: a figure that moves by less than itself covers some pixels in most of them. So a
frame votes only where it is at rest (`pixforge.pixel.activity`). Pixels that never rest and never change are background
where they go on into what is known, or end at edges that stand still as well (`pixforge.pixel.pieces`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.activity import Activity, watch
from pixforge.pixel.pieces import standing
from pixforge.pixel.windows import Lattice

Values = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Frames = Callable[[], Iterator[Values]]


@dataclass(frozen=True, eq=False)
class Plate:
    """A background.

    Attributes:
        values: uint32 (H, W), packed RGBA; where nothing is known, that of the nearest pixel of the line that is.
        known: bool (H, W).
    """

    values: Values
    known: Mask


def at_rest(frames: Frames, lattice: Lattice) -> Plate:
    """Find the background, holding two frames at a time and a bit for each pixel of all.

    Args:
        frames: begins anew with each call; uint32 (H, W) each, at least one.
        lattice: cells over them; changes less than a cell apart belong together.
    """
    activity = watch(frames(), lattice)
    values = _winners(frames, activity)
    votes = np.zeros(values.shape, np.int32)
    rests = np.zeros(values.shape, np.int32)
    for frame, still in zip(frames(), activity.rests(), strict=True):
        votes += still & (frame == values)
        rests += still
    known = 2 * votes > rests
    known |= standing(values, activity.constant, known)
    return Plate(_filled(values, known), known)


def _winners(frames: Frames, activity: Activity) -> Values:
    """What each pixel is in most of the frames in which it rests (Boyer and Moore's majority vote, 1981)."""
    values = next(frames()).copy()
    count = np.zeros(values.shape, np.int32)
    for frame, still in zip(frames(), activity.rests(), strict=True):
        agrees = frame == values
        fresh = still & ~agrees & (count == 0)
        values[fresh] = frame[fresh]
        count += np.where(agrees | fresh, 1, -1) * still
    return values


def _filled(values: Values, known: Mask) -> Values:
    """The values with each unknown one that of the nearest known pixel left, right, above or below of it, if any."""
    nearest = np.full(values.shape, sum(values.shape), np.int32)
    out = values.copy()
    for axis in (0, 1):
        for turn in (slice(None), slice(None, None, -1)):
            flip = (turn, slice(None)) if axis == 0 else (slice(None), turn)
            place = np.arange(values.shape[axis], dtype=np.int32)
            place = place[:, None] if axis == 0 else place[None]
            last = np.maximum.accumulate(np.where(known[flip], place, -1), axis=axis)
            away = np.where(last >= 0, place - last, sum(values.shape))
            there = np.take_along_axis(values[flip], np.maximum(last, 0), axis)
            closer = ~known[flip] & (away < nearest[flip])
            out[flip][closer] = there[closer]
            nearest[flip][closer] = away[closer]
    return out

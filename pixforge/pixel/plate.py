"""The background of a clip that stands still: what each pixel is in most of the frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Plate:
    """A background.

    Attributes:
        values: uint32 (H, W), packed RGBA.
        known: bool (H, W), where more than half of the frames have this value.
    """

    values: NDArray[np.uint32]
    known: NDArray[np.bool_]


def majority(frames: Callable[[], Iterator[NDArray[np.uint32]]]) -> Plate:
    """Find what most frames have, holding no more than one of them (Boyer and Moore's majority vote, 1981).

    Args:
        frames: begins anew with each call; uint32 (H, W) each, at least one.
    """
    values = count = None
    for frame in frames():
        if values is None or count is None:
            values, count = frame.copy(), np.ones(frame.shape, np.int32)
            continue
        agrees = frame == values
        fresh = ~agrees & (count == 0)
        values[fresh] = frame[fresh]
        count += np.where(agrees | fresh, 1, -1)
    if values is None:
        raise ValueError("a plate needs at least one frame")
    votes, total = np.zeros(values.shape, np.int32), 0
    for frame in frames():
        votes += frame == values
        total += 1
    return Plate(values, 2 * votes > total)

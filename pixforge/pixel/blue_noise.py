"""A 64 x 64 blue-noise threshold matrix, made by void and cluster.

Source: Robert Ulichney, "The void-and-cluster method for dither array generation" (1993). It wraps round, so it tiles.
The shipped matrix is made by this module:

    python -m pixforge.pixel.blue_noise pixforge/pixel/blue_noise.npy
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIZE = 64
SPREAD = 1.5  # standard deviation, in pixels, of the Gaussian by which crowding is measured; Ulichney's choice
_UNIT = 1 << 20  # crowding is counted in whole numbers, so that every machine makes the same matrix

Ranks = NDArray[np.uint16]


@cache
def ranks() -> Ranks:
    """Return the shipped matrix: uint16 (64, 64), each of 0..4095 once, read-only."""
    with resources.files("pixforge.pixel").joinpath("blue_noise.npy").open("rb") as file:
        matrix: Ranks = np.load(file, allow_pickle=False)
    matrix.flags.writeable = False
    return matrix


def generate(size: int) -> Ranks:
    """Return a matrix of ranks: uint16 (size, size), each of 0..size*size-1 once; 2 <= size <= 256."""
    crowd = _Crowd(size)
    first = _even_start(crowd)
    result = np.zeros(size * size, dtype=np.int64)
    _rank_down(crowd.copy(), first, result)
    # Ulichney's phase three, on the voids that are left, chooses the same places as going on with phase two does,
    # up to a constant in the crowding: the kernel sums to the same over all places.
    for rank in range(first, size * size):
        place = crowd.emptiest()
        crowd.put(place)
        result[place] = rank
    return result.reshape(size, size).astype(np.uint16)


class _Crowd:
    """Points on a torus and how crowded each place is by them."""

    def __init__(self, size: int) -> None:
        axis = np.minimum(np.arange(size), size - np.arange(size)) ** 2
        kernel = np.exp(-(axis[:, None] + axis[None]) / (2 * SPREAD * SPREAD))
        self.size = size
        self.kernel = np.rint(kernel * _UNIT).astype(np.int64)
        self.crowding = np.zeros((size, size), dtype=np.int64)
        self.taken = np.zeros(size * size, dtype=np.bool_)

    def copy(self) -> _Crowd:
        twin = _Crowd(self.size)
        twin.crowding, twin.taken = self.crowding.copy(), self.taken.copy()
        return twin

    def put(self, place: int) -> None:
        self.taken[place] = True
        self.crowding += self._around(place)

    def take(self, place: int) -> None:
        self.taken[place] = False
        self.crowding -= self._around(place)

    def _around(self, place: int) -> NDArray[np.int64]:
        return np.roll(self.kernel, divmod(place, self.size), axis=(0, 1))

    def fullest(self) -> int:
        """The point in the tightest cluster, of equals the first."""
        return int(np.where(self.taken, self.crowding.ravel(), -1).argmax())

    def emptiest(self) -> int:
        """The free place in the largest void, of equals the first."""
        return int(np.where(self.taken, np.iinfo(np.int64).max, self.crowding.ravel()).argmin())


def _even_start(crowd: _Crowd) -> int:
    """Put a tenth of the points, spread evenly by moving the most crowded into the largest void until that rests."""
    cells = crowd.size * crowd.size
    count = max(1, cells // 10)
    for index in range(count):
        # Irregular without a random generator: multiples of the golden ratio, whose low digits scatter.
        place = int(index * index * 0.6180339887498949 * cells + index * 7919) % cells
        while crowd.taken[place]:
            place = (place + 1) % cells
        crowd.put(place)
    while True:
        fullest = crowd.fullest()
        crowd.take(fullest)
        emptiest = crowd.emptiest()
        crowd.put(emptiest)
        if emptiest == fullest:
            return count


def _rank_down(crowd: _Crowd, count: int, result: NDArray[np.int64]) -> None:
    """Give the points of the even start the ranks count-1 .. 0, the most crowded first."""
    for rank in range(count - 1, -1, -1):
        place = crowd.fullest()
        crowd.take(place)
        result[place] = rank


if __name__ == "__main__":
    np.save(Path(sys.argv[1]), generate(SIZE))

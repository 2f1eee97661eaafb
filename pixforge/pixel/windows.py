"""What a cell sees of the source: windows of pixels under a lattice of cells that may have been moved.

A part of a picture that has moved by (x, y) pixels takes its lattice along: its *own* cells lie where they lay before
the move. On the output a part can only move by whole cells, and those two numbers describe its place (`Place`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Values = NDArray[np.uint32]
Moved = tuple[int, int]
Box = tuple[int, int, int, int]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Lattice:
    """Cells over a picture.

    Attributes:
        columns, rows: cells.
        width, height: pixels of the picture.
    """

    columns: int
    rows: int
    width: int
    height: int

    @property
    def pitch(self) -> tuple[float, float]:
        """Pixels a cell, across and down."""
        return self.width / self.columns, self.height / self.rows

    def whole(self) -> tuple[int, int]:
        """After how many cells, across and down, a border between cells falls on one between pixels."""
        return self.columns // math.gcd(self.columns, self.width), self.rows // math.gcd(self.rows, self.height)


@dataclass(frozen=True)
class Place:
    """Where a part of a picture is.

    Attributes:
        shift: pixels by which it has moved since it was seen first, right and down.
        cells: cells by which the output shows it moved.
    """

    shift: Moved = (0, 0)
    cells: Moved = (0, 0)

    def rest(self, lattice: Lattice) -> Moved:
        """Pixels by which it has moved further than it is shown."""
        pitch = lattice.pitch
        across, down = (round(self.shift[k] - self.cells[k] * pitch[k]) for k in range(2))
        return across, down


def packed(pixels: NDArray[np.uint8]) -> Values:
    """Return one number a pixel, uint32 (H, W), 0 where alpha is 0."""
    values = np.ascontiguousarray(pixels).view("<u4")[..., 0]  # alpha is the highest byte
    return np.where(values < 1 << 24, np.uint32(0), values)


def keys(values: Values, lattice: Lattice, place: Place, reach: float, box: Box | None = None) -> Keys:
    """Return a number for each cell, uint64 (rows, columns), that is equal only for equal windows.

    The window is the cell and `reach` cells round it, taken where the part that has moved has it, and its position
    there counts. Pixels of value 0, and what lies outside the picture, count as nothing; a window of nothing gives 0.
    Collisions are as likely as those of 64 random bits.

    Args:
        values: uint32 (H, W), from `packed`, perhaps with more of it set to 0.
        lattice: the cells.
        place: of the part that is looked at.
        reach: cells.
        box: left, top, right, bottom: outside of it all values are taken for 0; None: all are looked at.
    """
    left, top, right, bottom = box or (0, 0, lattice.width, lattice.height)
    across = _scatter((np.arange(left, right) - place.shift[0] + (1 << 32)).astype(np.uint64))
    down = _scatter((np.arange(top, bottom) - place.shift[1] + (1 << 40)).astype(np.uint64))
    own = values[top:bottom, left:right]
    mixed = _scatter((own.astype(np.uint64) * _GOLDEN + across[None, :]) ^ down[:, None])
    mixed *= own != 0
    return _sums(mixed, lattice, place, reach, (left, top))


def coverage(mask: NDArray[np.bool_], lattice: Lattice, place: Place, box: Box | None = None) -> NDArray[np.float32]:
    """Return the share of each cell, float32 (rows, columns), that a mask (H, W) covers; `box` as in `keys`."""
    left, top, right, bottom = box or (0, 0, lattice.width, lattice.height)
    count = _sums(mask[top:bottom, left:right].astype(np.int32), lattice, place, 0.0, (left, top))
    share: NDArray[np.float32] = np.minimum(count / (lattice.pitch[0] * lattice.pitch[1]), 1).astype(np.float32)
    return share


def touched(mask: NDArray[np.bool_], lattice: Lattice, reach: float = 0.0) -> NDArray[np.bool_]:
    """Return bool (rows, columns): some pixel of the cell, or within `reach` cells of it, is in the mask (H, W)."""
    out = np.zeros((lattice.rows, lattice.columns), np.bool_)
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return out
    # Only the lines from the mask's first to its last are looked at.
    first, last = int(rows[0]), int(rows[-1]) + 1
    top, bottom = _spans(lattice.rows, lattice.height, 0, 0, reach)
    top, bottom = np.clip(top - first, 0, last - first), np.clip(bottom - first, 0, last - first)
    hit = np.flatnonzero(bottom > top)
    bands = _any(mask[first:last], top[hit], bottom[hit])
    left, right = _spans(lattice.columns, lattice.width, 0, 0, reach)
    out[hit] = _any(np.ascontiguousarray(bands.T), left, right).T
    return out


def unchanged(differs: NDArray[np.bool_], lattice: Lattice, reach: float) -> NDArray[np.bool_]:
    """Return bool (rows, columns): no pixel of the cell or within `reach` cells of it is in the mask (H, W)."""
    return ~touched(differs, lattice, reach)


def _any(mask: NDArray[np.bool_], first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return whether any of the lines from `first` to `last` (exclusive, later) is set, bool (spans, width)."""
    ends = np.stack([first, last], axis=1).ravel()
    padded = np.concatenate([mask, np.zeros((1, mask.shape[1]), np.bool_)])  # an end may lie behind the last line
    return np.asarray(np.logical_or.reduceat(padded, ends, axis=0)[::2])


def _sums(pixels: NDArray[Any], lattice: Lattice, place: Place, reach: float, start: Moved = (0, 0)) -> NDArray[Any]:
    """Sum over every cell's window, modulo 2**64 where the numbers are uint64; the first pixel lies at `start`."""
    height, width = pixels.shape
    table = np.zeros((height + 1, width + 1), pixels.dtype)
    np.cumsum(pixels, axis=0, out=table[1:, 1:])
    np.cumsum(table[1:, 1:], axis=1, out=table[1:, 1:])
    left, right = _spans(lattice.columns, lattice.width, place.cells[0], place.shift[0], reach)
    top, bottom = _spans(lattice.rows, lattice.height, place.cells[1], place.shift[1], reach)
    left, right = (np.clip(side - start[0], 0, width) for side in (left, right))
    top, bottom = (np.clip(side - start[1], 0, height) for side in (top, bottom))
    out: NDArray[Any] = table[np.ix_(bottom, right)] - table[np.ix_(top, right)]
    out -= table[np.ix_(bottom, left)]
    out += table[np.ix_(top, left)]
    return out


def _spans(count: int, length: int, moved: int, shift: int, reach: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where the window of each cell begins and ends (exclusive), in pixels within the picture."""
    own, pitch = np.arange(count) - moved, length / count
    first = np.floor((own - reach) * pitch + 1e-6).astype(np.intp) + shift
    last = np.ceil((own + 1 + reach) * pitch - 1e-6).astype(np.intp) + shift
    return np.clip(first, 0, length), np.clip(last, 0, length)


def _scatter(numbers: Keys) -> Keys:
    """Mix the bits of 64-bit numbers; the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))

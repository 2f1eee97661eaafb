"""sRGB in cubes of 8 levels a channel: which palette entries can be the nearest to any colour of a cube.

With c the distance from a cube's middle to an entry and r the cube's radius in OKLab, no colour of the cube is nearer
to the entry than c - r, none farther than c + r. So only entries with c <= min(c) + 2 r can win in it, often just one.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.colour import Float, srgb_to_oklab

SIDE = 8
COUNT = (256 // SIDE) ** 3
SLACK = np.float32(2e-6)  # squared distance, far above the rounding errors of float32: an entry so close may win, too
_CHUNK = 1 << 16  # distances at once: they stay in the cache, and no threads are woken for the product


class Cubes(NamedTuple):
    """All cubes, in the order of `code`.

    Attributes:
        middle: float32 (COUNT, 3), OKLab of the mean colour.
        radius: float32 (COUNT,), the largest distance from there to a colour of the cube.
    """

    middle: Float
    radius: Float


class Candidates(NamedTuple):
    """Entries that can win in each of some cubes.

    Attributes:
        first: intp (U,), where a cube's candidates begin in `entries`.
        many: intp (U,), how many there are, >= 1.
        entries: intp (E,), their indices, rising within a cube.
    """

    first: NDArray[np.intp]
    many: NDArray[np.intp]
    entries: NDArray[np.intp]


def code(packed: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return intp (N,), 0..COUNT - 1: the cube of each colour 0xRRGGBB of uint32 (N,)."""
    found = packed >> 9 & np.uint32(31 << 10)
    found |= packed >> 6 & np.uint32(31 << 5)
    found |= packed >> 3 & np.uint32(31)
    return found.astype(np.intp)


@cache
def cubes(whole: bool = True) -> Cubes:
    """Return all cubes. The colour farthest from a cube's middle is one of its corners (all 2**24 were tried).

    Args:
        whole: only whole levels count; else a cube reaches as far as where the next one begins.
    """
    corners = np.minimum(np.arange(0, 256, SIDE)[:, None] + [0, SIDE - 1 if whole else SIDE], 255)
    lab = srgb_to_oklab(_grid(corners.ravel().astype(np.uint8))).reshape(32, 2, 32, 2, 32, 2, 3)
    middle = srgb_to_oklab(_grid(corners.mean(axis=1).astype(np.float32)))
    step = lab - middle[:, None, :, None, :, None]
    radius = np.sqrt(np.einsum("...i,...i->...", step, step).max(axis=(1, 3, 5)))
    return Cubes(middle.reshape(-1, 3), radius.reshape(-1))


def candidates(used: NDArray[np.intp], entries: Float, whole: bool = True) -> Candidates:
    """Return which of the OKLab entries (K, 3) can be the nearest, or as near as it, in the cubes `used` (U,).

    For `whole` see `cubes`.
    """
    rows = max(1, _CHUNK // len(entries))
    parts = [_candidates(used[start : start + rows], entries, cubes(whole)) for start in range(0, len(used), rows)]
    count = np.concatenate([part[0] for part in parts])
    return Candidates(np.cumsum(count) - count, count, np.concatenate([part[1] for part in parts]))


def _candidates(used: NDArray[np.intp], entries: Float, every: Cubes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return how many candidates each cube has, intp (U,), and all of them in the order of the cubes."""
    own, span = every.middle[used], every.radius[used]
    # The squared distance, less that of the middle from the origin.
    reach = own @ np.ascontiguousarray(entries.T * np.float32(-2))  # contiguous: multiplied four times as fast
    reach += squares(entries)
    best = reach.argmin(axis=1)
    least = reach[np.arange(len(used)), best]
    base = squares(own)
    limit = np.sqrt(np.maximum(least + base, 0) + SLACK) + 2 * span
    near = np.flatnonzero(reach <= (limit * limit - base + SLACK)[:, None])
    row, entry = np.divmod(near, len(entries))
    # The plane half way between an entry and the best one must cut the ball about the cube.
    way = np.sqrt(squares(entries[entry] - entries[best[row]]))
    cuts = reach.ravel()[near] - least[row] <= 2 * span[row] * way + SLACK
    return np.bincount(row[cuts], minlength=len(used)), entry[cuts]


def squares(points: Float) -> Float:
    """Return float32 (N,), the squared length of each of (N, 3)."""
    result: Float = np.einsum("ij,ij->i", points, points)
    return result


def _grid(levels: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return (N, N, N, 3), all colours of these levels, in order of (r, g, b)."""
    return np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)

"""Lines one cell wide: homotopic thinning of a cell mask in the order of evidence.

Cells with the least evidence go first, and a cell goes only if that neither breaks, joins nor opens anything (it is a
*simple point*: foreground connected over eight neighbours, background over four). What is left is as connected as
the mask was and nowhere two cells thick unless the topology asks for it. Source: simple points after T. Y. Kong and
A. Rosenfeld, Digital topology, 1989; ordering by evidence is ours.
"""

from __future__ import annotations

import heapq
from functools import cache

import numpy as np
from numpy.typing import NDArray

# Neighbours clockwise from north; bit i of a neighbourhood code is neighbour i.
_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


@cache
def _simple() -> tuple[bool, ...]:
    """For every neighbourhood code: whether the middle cell may go without a change of topology."""
    return tuple(crossings(code) == 1 and _open_side(code) for code in range(256))


def crossings(code: int) -> int:
    """Return the number of eight-connected foreground parts round the middle (Hilditch's crossing number).

    0 where there is none, and where all four sides are foreground.

    Args:
        code: bit i: neighbour i, clockwise from north.
    """
    bit = [(code >> i) & 1 for i in range(8)]
    return sum((1 - bit[i]) & (bit[i + 1] | bit[(i + 2) % 8]) for i in (0, 2, 4, 6))


def _open_side(code: int) -> bool:
    """Whether some four-neighbour is background: an inner cell would become a hole."""
    return code & 0b01010101 != 0b01010101


def thin(
    mask: NDArray[np.bool_], evidence: NDArray[np.float32], fixed: NDArray[np.bool_], end: float
) -> NDArray[np.bool_]:
    """Thin a mask of cells to lines one cell wide.

    Args:
        mask: bool (H, W), cells that a line touches.
        evidence: float32 (H, W), how much of a line each cell holds; the least goes first.
        fixed: bool (H, W), cells that stay (solid areas that lines run into).
        end: a line's end with less than this share of its neighbour's evidence is a spur and goes.

    Returns:
        bool (H, W), a subset of `mask` that holds all of `mask & fixed`.
    """
    width = mask.shape[1] + 2
    alive = np.pad(mask, 1).ravel().tolist()
    weight = np.pad(evidence, 1).ravel().tolist()
    stays = np.pad(fixed, 1).ravel().tolist()
    ring = tuple(dy * width + dx for dy, dx in _RING)
    simple = _simple()
    heap = [(round(weight[i] * 16), i) for i, on in enumerate(alive) if on and not stays[i]]
    heapq.heapify(heap)
    while heap:
        _, i = heapq.heappop(heap)
        if not alive[i]:
            continue
        code = 0
        for n, step in enumerate(ring):
            if alive[i + step]:
                code |= 1 << n
        if not simple[code]:
            continue
        if code & (code - 1) == 0 and weight[i] >= end * weight[i + ring[code.bit_length() - 1]]:
            continue  # the end of a line: relative to its neighbour, or a faint line would unzip from its end
        alive[i] = False
        for step in ring:
            j = i + step
            if alive[j] and not stays[j]:
                heapq.heappush(heap, (round(weight[j] * 16), j))
    kept = np.array(alive, dtype=bool).reshape(mask.shape[0] + 2, width)
    return kept[1:-1, 1:-1]

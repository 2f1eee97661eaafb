"""Packing of rectangles into pages.

Method: the skyline heuristic, bottom-left, highest rectangles first (J. Jylänki, A Thousand Ways to Pack the Bin,
2010), over a range of page widths, of which the one with the smallest area is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isqrt

Size = tuple[int, int]
_TRIES = 20_000  # rectangles placed over all page widths tried; bounds the time for sheets of thousands of frames


@dataclass(frozen=True)
class Place:
    """Where a rectangle lies.

    Attributes:
        page: number from 0.
        x, y: its top left corner.
    """

    page: int
    x: int
    y: int


def pack(sizes: Sequence[Size], limit: Size, rounded: Callable[[int], int] = lambda side: side) -> list[Place]:
    """Place rectangles without overlap, on as few pages as the method finds; same input, same places.

    Args:
        sizes: width and height of each, none larger than `limit`.
        limit: the largest page.
        rounded: gives the side a page would really have for a side that is needed.
    """
    order = sorted(range(len(sizes)), key=lambda index: (-sizes[index][1], -sizes[index][0], index))
    places: dict[int, Place] = {}
    page = 0
    while order:
        best = _fill(sizes, order, limit[0], limit[1])
        if len(best) == len(order):
            best = _smallest(sizes, order, limit, rounded)
        places.update((index, Place(page, x, y)) for index, (x, y) in best.items())
        order = [index for index in order if index not in best]
        page += 1
    return [places[index] for index in range(len(sizes))]


def _smallest(
    sizes: Sequence[Size], order: Sequence[int], limit: Size, rounded: Callable[[int], int]
) -> dict[int, tuple[int, int]]:
    """The places on the page of the smallest area (then the squarest) that holds everything."""
    results = []
    for width in _widths([sizes[index] for index in order], limit[0]):
        found = _fill(sizes, order, width, limit[1])
        if len(found) == len(order):
            across = rounded(max(x + sizes[index][0] for index, (x, _) in found.items()))
            down = rounded(max(y + sizes[index][1] for index, (_, y) in found.items()))
            results.append((across * down, abs(across - down), width, found))
    return min(results, key=lambda result: result[:3])[3]


def _widths(sizes: Sequence[Size], limit: int) -> Iterable[int]:
    """Page widths worth trying: round the side of a square of the same area, and the widest."""
    side = isqrt(sum(width * height for width, height in sizes))
    least = max(width for width, _ in sizes)
    low, high = max(least, side * 3 // 4), min(limit, max(least, side * 3 // 2))
    step = max(1, (high - low) // min(64, max(4, _TRIES // len(sizes))))
    powers = {1 << bit for bit in range(15) if low <= 1 << bit <= limit}
    return sorted({*range(low, high + 1, step), *powers, limit})


def _fill(sizes: Sequence[Size], order: Sequence[int], width: int, height: int) -> dict[int, tuple[int, int]]:
    """Fill one page; what does not fit is left out."""
    skyline = [(0, 0, width)]  # pieces from left to right: x, y, width
    found: dict[int, tuple[int, int]] = {}
    for index in order:
        across, down = sizes[index]
        spot = _lowest(skyline, across, width)
        if spot is None or spot[1] + down > height:
            continue
        found[index] = spot
        skyline = _raised(skyline, spot[0], spot[1] + down, across)
    return found


def _lowest(skyline: Sequence[tuple[int, int, int]], across: int, width: int) -> Size | None:
    """The x, y of the lowest (then leftmost) spot that is `across` wide."""
    best: Size | None = None
    for start, (x, y, _) in enumerate(skyline):
        if x + across > width:
            break
        if best is not None and y >= best[1]:
            continue
        top, piece = y, start
        while piece < len(skyline) and skyline[piece][0] < x + across:
            top = max(top, skyline[piece][1])
            piece += 1
        if best is None or top < best[1]:
            best = (x, top)
    return best


def _raised(skyline: Sequence[tuple[int, int, int]], left: int, top: int, across: int) -> list[tuple[int, int, int]]:
    """The skyline after a rectangle was put on it."""
    right = left + across
    pieces: list[tuple[int, int, int]] = []
    for x, y, width in skyline:
        if x + width <= left or x >= right:
            pieces.append((x, y, width))
            continue
        if x < left:
            pieces.append((x, y, left - x))
        if x <= left:
            pieces.append((left, top, across))
        if x + width > right:
            pieces.append((right, y, x + width - right))
    merged: list[tuple[int, int, int]] = []
    for x, y, width in pieces:
        if merged and merged[-1][1] == y:
            merged[-1] = (merged[-1][0], y, merged[-1][2] + width)
        else:
            merged.append((x, y, width))
    return merged

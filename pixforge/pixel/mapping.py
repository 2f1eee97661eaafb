"""Which palette entry is nearest to a colour, in OKLab.

The answer is exact: each distinct colour of the input is compared with every entry, in float32, with no coarse table
in between. Speed comes from doing so once per distinct colour.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.colour import Float, srgb_to_oklab

Indices = NDArray[np.intp]

_CHUNK = 8192  # colours compared at once: their planes stay in the second-level cache
_TABLE_FROM = 16384  # with fewer colours a binary search is faster than touching the table


def nearest_index(rgb: NDArray[Any], palette: NDArray[np.uint8]) -> Indices:
    """Return for each colour the index of the nearest palette entry.

    Args:
        rgb: sRGB (..., 3), uint8 or float 0..255.
        palette: uint8 (K, 3), K >= 1.

    Returns:
        intp (...): index of the entry with the least float32 OKLab distance; of equals the lowest index.
    """
    if palette.ndim != 2 or palette.shape[0] == 0:
        raise ValueError(f"a palette is (K, 3) with K >= 1, not {palette.shape}")
    entries = srgb_to_oklab(palette)
    if rgb.dtype != np.uint8:
        colours = srgb_to_oklab(rgb).reshape(-1, 3)
        return nearest_lab(colours, entries).reshape(rgb.shape[:-1])
    if rgb.size == 0:
        return np.zeros(rgb.shape[:-1], dtype=np.intp)
    packed = pack(rgb)
    starts = np.flatnonzero(np.concatenate([[True], packed[1:] != packed[:-1]]))
    runs = _nearest_of_packed(packed[starts], entries)
    return np.repeat(runs, np.diff(starts, append=packed.size)).reshape(rgb.shape[:-1])


def _nearest_of_packed(packed: NDArray[np.uint32], entries: Float) -> Indices:
    """Ask once per distinct colour; the answers lie in a table of all colours, of which only the pages used exist."""
    distinct = np.unique(packed)
    answers = nearest_lab(srgb_to_oklab(unpack(distinct)), entries)
    if packed.size < _TABLE_FROM:
        return answers[np.searchsorted(distinct, packed)]
    table = np.empty(1 << 24, dtype=np.uint16 if len(entries) <= 65536 else np.uint32)
    table[distinct] = answers
    return table[packed].astype(np.intp)


def nearest_lab(colours: Float, entries: Float) -> Indices:
    """Return intp (N,): for each OKLab colour (N, 3) the index of the nearest of the OKLab entries (K, 3)."""
    best = np.empty(len(colours), dtype=np.intp)
    for start in range(0, len(colours), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        best[chunk] = _nearest_of_chunk(np.ascontiguousarray(colours[chunk].T), entries)
    return best


def pack(rgb: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return uint32 (N,) with 0xRRGGBB of each colour of uint8 (..., 3)."""
    channels = rgb.reshape(-1, 3)
    packed: NDArray[np.uint32] = channels[:, 0].astype(np.uint32) << np.uint32(8)
    packed |= channels[:, 1]
    packed <<= 8
    packed |= channels[:, 2]
    return packed


def unpack(packed: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return uint8 (N, 3) of uint32 (N,) 0xRRGGBB."""
    return np.stack([packed >> 16, packed >> 8, packed], axis=-1).astype(np.uint8)


def _nearest_of_chunk(planes: Float, entries: Float) -> NDArray[np.int32]:
    """Compare planes (3, N) with each entry in turn; a later entry wins only when strictly nearer."""
    best = np.zeros(planes.shape[1], dtype=np.int32)
    least = np.full(planes.shape[1], np.inf, dtype=np.float32)
    for index, entry in enumerate(entries):
        step = planes - entry[:, None]
        step *= step
        reach = step[0] + step[1] + step[2]
        np.copyto(best, index, where=reach < least)
        np.minimum(least, reach, out=least)
    return best

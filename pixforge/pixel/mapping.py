"""Which palette entry is nearest to a colour, in OKLab.

The answer is exact: that of comparing each colour with every entry in float32. Speed comes from asking once per run of
equal pixels, and from comparing only with those entries that can win in the colour's cube (see `cubes`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel import cubes
from pixforge.pixel.colour import Float, srgb_to_oklab

Indices = NDArray[np.intp]

_CHUNK = 8192  # colours compared at once: their planes stay in the second-level cache
_FEW = 4096  # colours up to which comparing with every entry is faster than looking at the cubes


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
        return nearest_placed(rgb, srgb_to_oklab(rgb), entries)
    if rgb.size == 0:
        return np.zeros(rgb.shape[:-1], dtype=np.intp)
    packed = pack(rgb)
    begins = np.ones(len(packed), np.bool_)
    np.not_equal(packed[1:], packed[:-1], out=begins[1:])
    starts = np.flatnonzero(begins)
    if len(starts) > len(packed) // 2:
        return _nearest_of_packed(packed, entries).reshape(rgb.shape[:-1])
    runs = _nearest_of_packed(packed[starts], entries)
    return np.repeat(runs, np.diff(starts, append=len(packed))).reshape(rgb.shape[:-1])


def nearest_placed(rgb: NDArray[Any], lab: Float, entries: Float) -> Indices:
    """Do `nearest_index` for float colours (..., 3), whose OKLab (..., 3) is known, and OKLab entries (K, 3)."""
    lab, shape = lab.reshape(-1, 3), rgb.shape[:-1]
    if len(lab) <= _FEW or rgb.min() < 0 or rgb.max() > 255:
        return nearest_lab(lab, entries).reshape(shape)
    return _by_cubes(pack(rgb.astype(np.uint8)), entries, lab).reshape(shape)


def _nearest_of_packed(packed: NDArray[np.uint32], entries: Float) -> Indices:
    """Return intp (N,) for 0xRRGGBB (N,)."""
    if len(packed) <= _FEW:
        return nearest_lab(srgb_to_oklab(unpack(packed)), entries)
    return _by_cubes(packed, entries, None)


def _by_cubes(packed: NDArray[np.uint32], entries: Float, lab: Float | None) -> Indices:
    """Return the nearest entry of each colour, intp (N,): settled by its cube where only one entry can win there.

    Args:
        packed: uint32 (N,) 0xRRGGBB, the colours, rounded down.
        entries: OKLab (K, 3).
        lab: OKLab (N, 3), the colours; None: they are whole levels.
    """
    code = cubes.code(packed)
    used = np.flatnonzero(np.bincount(code, minlength=cubes.COUNT))
    able = cubes.candidates(used, entries, lab is None)
    only = np.empty(cubes.COUNT, np.intp)
    only[used] = np.where(able.many == 1, able.entries[able.first], -1 - np.arange(len(used)))
    best = only.take(code)
    rest = np.flatnonzero(best < 0)
    number = -1 - best[rest]
    many = np.minimum(able.many, 255).astype(np.uint8)
    order = np.argsort(255 - many.take(number), kind="stable")  # so that those of few candidates drop out together
    rest, number = rest.take(order), number.take(order)
    planes = np.ascontiguousarray(entries.T)
    for at in range(0, len(rest), _CHUNK):
        part = rest[at : at + _CHUNK]
        colours = srgb_to_oklab(unpack(packed[part])) if lab is None else lab[part]
        best[part] = _contest(colours, number[at : at + _CHUNK], able, planes)
    return best


def _contest(colours: Float, number: Indices, able: cubes.Candidates, entries: Float) -> Indices:
    """Return the nearest candidate of each OKLab colour (N, 3), comparing with one of every colour at a time.

    Args:
        colours: OKLab (N, 3).
        number: intp (N,), which cube of `able` each lies in.
        able: the candidates of cubes.
        entries: OKLab (3, K).
    """
    first, count = able.first.take(number), able.many.take(number)
    last = first + count - 1
    planes = np.ascontiguousarray(colours.T)
    best = _score(planes, able.entries.take(first), entries)
    for rank in range(1, int(count.max())):
        left = int(np.flatnonzero(count > rank)[-1]) + 1
        rival = able.entries.take(np.minimum(first[:left] + rank, last[:left]))
        np.minimum(best[:left], _score(planes[:, :left], rival, entries), out=best[:left])
    return best & 0xFFFFFFFF


def _score(planes: Float, index: Indices, entries: Float) -> NDArray[np.int64]:
    """Return int64 (N,): the bits of the squared distance of planes (3, N) to the entry, over the entry's index (N,).

    The bits of floats that are not negative rise with the floats, and of equal distances the lower index is less.
    """
    step = planes - entries.take(index, axis=1)
    step *= step
    reach: Float = step[0] + step[1]
    reach += step[2]
    score = reach.view(np.int32).astype(np.int64) << 32
    score |= index
    return score


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

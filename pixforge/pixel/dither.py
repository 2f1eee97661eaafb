"""Dithering: colours between two palette entries as patterns of both.

Ordered kinds choose for each cell the entry nearest to its colour and one partner, such that a mixture of the two comes
near the colour without much contrast (after Joel Yliluoma's "arbitrary-palette positional dithering", with OKLab for
his metric), and a threshold matrix says which of the two the cell gets. Floyd-Steinberg (1976) hands each cell's error
on to its neighbours, rows in alternating direction. Mixtures are reckoned in OKLab for ordered kinds and in sRGB for
Floyd-Steinberg, as is usual: patterns of large pixels are seen, not averaged, by the eye.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel import blue_noise
from pixforge.pixel.colour import Float, srgb_to_oklab
from pixforge.pixel.mapping import Indices, nearest_index, nearest_placed
from pixforge.pixel.options import Dither

CONTRAST = 0.3  # cost of a pattern's contrast, against its distance from the colour, in the choice of a partner
WORTH = 0.1  # the same in the choice between a pattern and none: below, a few sparse dots stand for hardly a shade
CHROMA = 0.04  # difference in (a, b) that partners may always have under luma_only: it is hardly seen
COLOURED = 0.05  # chroma from which a colour has a hue, and may be mixed with others of the ramp of one material:
HUE = 0.866  # the cosine of the angle between their hues is at least this (30 degrees)
RAMP = 0.5  # and their difference in chroma at most this part of their difference in lightness

_NEVER = 1e3  # a cost above all others
_CHUNK = 1024  # cells compared with all entries at once: they stay in the cache

_BAYER = {"bayer2": 1, "bayer4": 2, "bayer8": 3}


def dither(
    cells: NDArray[Any],
    palette: NDArray[np.uint8],
    kind: Dither,
    strength: float = 1.0,
    luma_only: bool = True,
    where: Float | None = None,
    *,
    origin: tuple[int, int] = (0, 0),
) -> Indices:
    """Return the palette entry of each cell.

    Args:
        cells: sRGB (H, W, 3), float 0..255 or uint8.
        palette: uint8 (K, 3), K >= 1.
        kind: the pattern; "none" gives the nearest entry.
        strength: 0 is none, 1 mixes in proportion to the distances from both entries.
        luma_only: ordered kinds mix only entries of nearly one hue and chroma; Floyd-Steinberg takes no notice.
        where: float (H, W) 0..1, a factor of strength for each cell; cells of 0 get their nearest entry, and take
            and give no error. None: 1 everywhere.
        origin: column and row of the first cell in the pattern of an ordered kind.

    Returns:
        intp (H, W), indices into the palette.
    """
    cells = np.asarray(cells, np.float32)
    colours, entries = srgb_to_oklab(cells), srgb_to_oklab(palette)
    plain = nearest_placed(cells, colours, entries)
    amount = np.full(plain.shape, strength, np.float32)
    if where is not None:
        amount *= np.clip(where, 0, 1)
    if kind == "none" or not amount.any():
        return plain
    if kind == "floyd-steinberg":
        return _diffuse(cells, palette, plain, amount)
    partner, share = _partners(colours, entries, plain, luma_only)
    return _by_threshold(plain, partner, share * amount, threshold(kind), origin)


@cache
def threshold(kind: Dither) -> Float:
    """Return the matrix of an ordered kind: float32 (N, N), evenly spaced between 0 and 1, both excluded."""
    ranks = blue_noise.ranks() if kind == "blue-noise" else _bayer(_BAYER[kind])
    matrix: Float = ((ranks.astype(np.float32) + np.float32(0.5)) / ranks.size).astype(np.float32)
    matrix.flags.writeable = False
    return matrix


def _bayer(order: int) -> NDArray[np.int64]:
    """Return Bayer's index matrix (2**order, 2**order), 1973."""
    matrix = np.zeros((1, 1), np.int64)
    for _ in range(order):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return matrix


def _by_threshold(plain: Indices, partner: Indices, share: Float, matrix: Float, origin: tuple[int, int]) -> Indices:
    """Return plain or partner for each cell, so that the partner gets `share` (0..1) of the cells of its kind.

    Of a pair always the entry of lower index takes the cells below the threshold, whichever of the two is nearer:
    else the pattern would turn over in the middle of a gradient.
    """
    height, width = plain.shape
    rows, columns = (np.arange(height) + origin[1]) % len(matrix), (np.arange(width) + origin[0]) % len(matrix)
    level = matrix[rows[:, None], columns]
    taken = np.where(partner < plain, level < share, level >= 1 - share)
    return np.where(taken, partner, plain)


def _partners(colours: Float, entries: Float, plain: Indices, luma_only: bool) -> tuple[Indices, Float]:
    """Return for each cell the entry to mix its nearest one with, intp (H, W), and the partner's share 0..0.5.

    All colours are OKLab: (H, W, 3), of the cells, and (K, 3).
    """
    order = np.argsort(plain.reshape(-1).astype(np.uint16), kind="stable")  # the cells of one entry together
    colours = colours.reshape(-1, 3).take(order, axis=0)
    ends = np.cumsum(np.bincount(plain.reshape(-1), minlength=len(entries)))
    partner, share = plain.reshape(-1).take(order), np.zeros(plain.size, np.float32)
    for index, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        able = np.flatnonzero(_one_material(entries[index], entries)) if luma_only else np.arange(len(entries))
        for at in range(start, end, _CHUNK) if len(able) > 1 else ():
            part = slice(at, min(at + _CHUNK, end))
            best, share[part] = _best_partner(colours[part], entries[index], entries[able], luma_only)
            partner[part] = able[best]
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return partner.take(back).reshape(plain.shape), share.take(back).reshape(plain.shape)


def _best_partner(colours: Float, entry: Float, entries: Float, luma_only: bool) -> tuple[Indices, Float]:
    """Do `_partners` for the cells of one nearest entry.

    Args:
        colours: OKLab (N, 3), of the cells.
        entry: OKLab (3,), the nearest to them all.
        entries: OKLab (K, 3), those that may be partners.
        luma_only: only lightness decides on the share.
    """
    offset, way = colours - entry, (entries - entry).T
    length = (way * way).sum(axis=0)
    dot = offset @ np.ascontiguousarray(way)
    if luma_only:
        along = offset[:, :1] * (way[0] / np.maximum(way[0] * way[0], np.float32(1e-9)))
    else:
        along = dot / np.maximum(length, np.float32(1e-9))
    np.clip(along, 0, np.float32(0.5), out=along)
    dot *= -2
    # The square of the distance from the mixture to the colour, less that of the entry alone: along * (along * length -
    # 2 * dot); and the contrast, along * (1 - along) * length, whose share CONTRAST or WORTH is added to it.
    worth = _cost(along, length, dot, WORTH)
    cost = _cost(along, length, dot, CONTRAST)
    cost += np.float32(_NEVER) * (worth >= 0)  # faster than writing through a mask
    best = cost.argmin(axis=1)
    rows = np.arange(len(best))
    return best, np.where(cost[rows, best] < _NEVER / 2, along[rows, best], 0)


def _cost(along: Float, length: Float, dot: Float, weight: float) -> Float:
    """Return along * (along * length + dot) + weight * along * (1 - along) * length, for dot = -2 * (dot product)."""
    cost = along * (length * np.float32(1 - weight))
    cost += length * np.float32(weight)
    cost += dot
    cost *= along
    return cost


def _one_material(entry: Float, entries: Float) -> NDArray[np.bool_]:
    """Whether entries (K, 3) differ from one (3,) in lightness, hardly in hue and chroma: bool (K,). OKLab."""
    light, a, b = np.abs(entries - entry).T
    own = np.hypot(entry[1], entry[2])
    chroma = np.hypot(entries[:, 1], entries[:, 2])
    one_hue = entries[:, 1:] @ entry[1:] >= HUE * chroma * own
    on_ramp = one_hue & (np.minimum(chroma, own) >= COLOURED) & (np.abs(chroma - own) <= RAMP * light)
    near: NDArray[np.bool_] = on_ramp | (np.hypot(a, b) <= CHROMA)
    return near


def _diffuse(cells: Float, palette: NDArray[np.uint8], plain: Indices, amount: Float) -> Indices:
    """Floyd-Steinberg over sRGB, serpentine.

    Only what each cell has from the one before it is reckoned cell by cell; the row below gets its share at once.
    """
    height, width = plain.shape
    lookup = _lookup(palette.tobytes())
    result = np.empty_like(plain)
    colours, factors = np.clip(cells, 0, 255).astype(np.float64), amount.astype(np.float64) / 16
    handed = np.zeros((width + 2, 3))  # in the direction of the row, with a place on either side for what falls off
    for y in range(height):
        turn = slice(None, None, 1 if y % 2 == 0 else -1)
        above = handed[1:-1]
        row = _Row(colours[y, turn] + above, np.asarray((above != 0).any(axis=1)), plain[y, turn], factors[y, turn])
        indices, errors = _diffuse_row(row, lookup)
        result[y, turn] = indices
        handed = np.zeros_like(handed)
        for place, part in ((0, 3), (1, 5), (2, 1)):
            handed[place : place + width] += errors * part
        handed = handed[::-1]  # the next row runs the other way
    return result


class _Row(NamedTuple):
    """One row in the direction in which it is worked on.

    Attributes:
        colours: float64 (W, 3), with the errors handed down.
        changed: bool (W,), such errors are not zero.
        plain: intp (W,), nearest entries of the colours without errors.
        factors: float64 (W,), sixteenths of the strength.
    """

    colours: NDArray[np.float64]
    changed: NDArray[np.bool_]
    plain: Indices
    factors: NDArray[np.float64]


def _diffuse_row(row: _Row, lookup: _Lookup) -> tuple[list[int], NDArray[np.float64]]:
    """Return the entries of a row, and its errors (W, 3) in sixteenths."""
    entries, nearest = lookup
    red, green, blue = row.colours.T.tolist()
    indices: list[int] = row.plain.tolist()
    errors: list[float] = []
    hand_on = errors.extend
    er = eg = eb = 0.0
    each = zip(red, green, blue, row.changed.tolist(), row.factors.tolist(), strict=True)
    for x, (start_r, start_g, start_b, changed, factor) in enumerate(each):
        if factor == 0:
            er = eg = eb = 0.0
        else:
            r, g, b = start_r + er * 7, start_g + eg * 7, start_b + eb * 7
            if changed or er or eg or eb:
                r = 0.0 if r < 0 else 255.0 if r > 255 else r
                g = 0.0 if g < 0 else 255.0 if g > 255 else g
                b = 0.0 if b < 0 else 255.0 if b > 255 else b
                indices[x] = nearest[(int(r) & 248) << 7 | (int(g) & 248) << 2 | int(b) >> 3]
            entry = entries[indices[x]]
            er, eg, eb = (r - entry[0]) * factor, (g - entry[1]) * factor, (b - entry[2]) * factor
        hand_on((er, eg, eb))
    return indices, np.array(errors).reshape(-1, 3)


class _Lookup(NamedTuple):
    """A palette for plain numbers.

    Attributes:
        entries: [r, g, b] of each entry.
        nearest: the entry nearest in OKLab to the middle of each cube of 8 levels, in order of (r, g, b). The rounding
            does no harm where errors are handed on: the next cells make up for it.
    """

    entries: list[list[float]]
    nearest: list[int]


@lru_cache(maxsize=8)
def _lookup(data: bytes) -> _Lookup:
    palette = np.frombuffer(data, np.uint8).reshape(-1, 3)
    middle = np.arange(32, dtype=np.float32) * 8 + np.float32(3.5)
    colours = np.stack(np.meshgrid(middle, middle, middle, indexing="ij"), axis=-1)
    return _Lookup(palette.astype(np.float64).tolist(), nearest_index(colours, palette).reshape(-1).tolist())

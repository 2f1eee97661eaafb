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
from pixforge.pixel.mapping import Indices, nearest_index
from pixforge.pixel.options import Dither

CONTRAST = 0.3  # cost of a pattern's contrast, against its distance from the colour, in the choice of a partner
WORTH = 0.1  # the same in the choice between a pattern and none: below, a few sparse dots stand for hardly a shade
CHROMA = 0.04  # difference in (a, b) that partners may always have under luma_only: it is hardly seen
COLOURED = 0.05  # chroma from which a colour has a hue, and may be mixed with others of the ramp of one material:
HUE = 0.866  # the cosine of the angle between their hues is at least this (30 degrees)
RAMP = 0.5  # and their difference in chroma at most this part of their difference in lightness

_BAYER = {"bayer2": 1, "bayer4": 2, "bayer8": 3}


def dither(
    cells: NDArray[Any],
    palette: NDArray[np.uint8],
    kind: Dither,
    strength: float = 1.0,
    luma_only: bool = True,
    where: Float | None = None,
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

    Returns:
        intp (H, W), indices into the palette.
    """
    plain = nearest_index(cells, palette)
    amount = np.full(plain.shape, strength, np.float32)
    if where is not None:
        amount *= np.clip(where, 0, 1)
    if kind == "none" or not amount.any():
        return plain
    if kind == "floyd-steinberg":
        return _diffuse(cells, palette, plain, amount)
    partner, share = _partners(cells, palette, plain, luma_only)
    return _by_threshold(plain, partner, share * amount, threshold(kind))


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


def _by_threshold(plain: Indices, partner: Indices, share: Float, matrix: Float) -> Indices:
    """Return plain or partner for each cell, so that the partner gets `share` (0..1) of the cells of its kind.

    Of a pair always the entry of lower index takes the cells below the threshold, whichever of the two is nearer:
    else the pattern would turn over in the middle of a gradient.
    """
    height, width = plain.shape
    rows, columns = np.arange(height) % len(matrix), np.arange(width) % len(matrix)
    level = matrix[rows[:, None], columns]
    taken = np.where(partner < plain, level < share, level >= 1 - share)
    return np.where(taken, partner, plain)


def _partners(
    cells: NDArray[Any], palette: NDArray[np.uint8], plain: Indices, luma_only: bool
) -> tuple[Indices, Float]:
    """Return for each cell the entry to mix its nearest one with, intp (H, W), and the partner's share 0..0.5."""
    entries = srgb_to_oklab(palette)
    colours = srgb_to_oklab(cells)
    partner = plain.copy()
    share = np.zeros(plain.shape, np.float32)
    for index in np.unique(plain):
        mine = plain == index
        partner[mine], share[mine] = _best_partner(colours[mine], entries[index], entries, luma_only)
    return partner, share


def _best_partner(colours: Float, entry: Float, entries: Float, luma_only: bool) -> tuple[Indices, Float]:
    """Do `_partners` for the cells of one nearest entry.

    Args:
        colours: OKLab (N, 3), of the cells.
        entry: OKLab (3,), the nearest to them all.
        entries: OKLab (K, 3), all.
        luma_only: only entries of nearly one hue and chroma count, and only lightness decides on the share.
    """
    offset, way = colours - entry, entries - entry
    length = (way * way).sum(axis=1)
    dot = offset @ way.T
    if luma_only:
        light = way[:, 0] * way[:, 0]
        along = offset[:, :1] * way[:, 0] / np.maximum(light, np.float32(1e-9))
    else:
        along = dot / np.maximum(length, np.float32(1e-9))
    along = np.clip(along, 0, np.float32(0.5))
    # The square of the distance from the mixture to the colour, less that of the entry alone.
    error = along * (along * length - 2 * dot)
    contrast = along * (1 - along) * length
    cost = error + np.float32(CONTRAST) * contrast
    cost[error + np.float32(WORTH) * contrast >= 0] = np.inf
    if luma_only:
        cost[:, ~_one_material(entry, entries)] = np.inf
    best = cost.argmin(axis=1)
    rows = np.arange(len(best))
    return best, np.where(np.isfinite(cost[rows, best]), along[rows, best], 0)


def _one_material(entry: Float, entries: Float) -> NDArray[np.bool_]:
    """Whether entries (K, 3) differ from one (3,) in lightness, hardly in hue and chroma: bool (K,). OKLab."""
    light, a, b = np.abs(entries - entry).T
    own = np.hypot(entry[1], entry[2])
    chroma = np.hypot(entries[:, 1], entries[:, 2])
    one_hue = entries[:, 1:] @ entry[1:] >= HUE * chroma * own
    on_ramp = one_hue & (np.minimum(chroma, own) >= COLOURED) & (np.abs(chroma - own) <= RAMP * light)
    near: NDArray[np.bool_] = on_ramp | (np.hypot(a, b) <= CHROMA)
    return near


def _diffuse(cells: NDArray[Any], palette: NDArray[np.uint8], plain: Indices, amount: Float) -> Indices:
    """Floyd-Steinberg over sRGB, serpentine. Plain numbers: each cell waits for the one before it."""
    colours = np.clip(np.asarray(cells, np.float32), 0, 255).tolist()
    factors = (amount / np.float32(16)).tolist()
    result = plain.tolist()
    lookup = _lookup(palette.tobytes())
    errors = _no_errors(plain.shape[1])
    for y, (row, factor) in enumerate(zip(colours, factors, strict=True)):
        errors = _diffuse_row(row, factor, result[y], errors, lookup, 1 if y % 2 == 0 else -1)
    return np.array(result, np.intp).reshape(plain.shape)


_Errors = tuple[list[float], list[float], list[float]]


def _no_errors(width: int) -> _Errors:
    """Return a row of errors per channel, with one more place on either side for what falls off the picture."""
    return [0.0] * (width + 2), [0.0] * (width + 2), [0.0] * (width + 2)


def _diffuse_row(
    colours: list[list[float]],
    factors: list[float],
    result: list[int],
    errors: _Errors,
    lookup: _Lookup,
    step: int,
) -> _Errors:
    """Change `result`, the plain indices of a row, and return the errors for the row below, in sixteenths handed on."""
    above_r, above_g, above_b = errors
    below_r, below_g, below_b = below = _no_errors(len(colours))
    next_r = next_g = next_b = 0.0
    for x in range(len(colours)) if step == 1 else range(len(colours) - 1, -1, -1):
        here, ahead, behind = x + 1, x + 1 + step, x + 1 - step
        dr, dg, db = above_r[here] + next_r, above_g[here] + next_g, above_b[here] + next_b
        factor = factors[x]
        if factor == 0:
            next_r = next_g = next_b = 0.0
            continue
        r, g, b = colours[x]
        if dr or dg or db:
            r, g, b = min(max(r + dr, 0.0), 255.0), min(max(g + dg, 0.0), 255.0), min(max(b + db, 0.0), 255.0)
            result[x] = lookup.nearest[int(r) >> 3 << 10 | int(g) >> 3 << 5 | int(b) >> 3]
        er, eg, eb = lookup.entries[result[x]]
        er, eg, eb = (r - er) * factor, (g - eg) * factor, (b - eb) * factor
        next_r, next_g, next_b = er * 7, eg * 7, eb * 7
        below_r[behind] += er * 3
        below_g[behind] += eg * 3
        below_b[behind] += eb * 3
        below_r[here] += er * 5
        below_g[here] += eg * 5
        below_b[here] += eb * 5
        below_r[ahead] += er
        below_g[ahead] += eg
        below_b[ahead] += eb
    return below


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

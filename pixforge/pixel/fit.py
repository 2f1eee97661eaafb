"""A palette out of pictures, or the entries of a given palette that serve them best.

Every entry is a true colour of the art: flat vector art comes back to the byte, line art keeps its black, anti-aliased
edges take no entry. Fewer colours than asked are returned when the art has no more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.pixel.cluster import Colours, Indices, Seeds, bin_up, place, settle, squared
from pixforge.pixel.colour import Float, srgb_to_oklab
from pixforge.pixel.exchange import exchange
from pixforge.pixel.histogram import Histogram, measure
from pixforge.pixel.mapping import nearest_lab, pack, unpack

SIGNIFICANT = 2e-4  # share of the picture from which a flat colour is one of the drawing's own
BAND = 4  # levels within which the smaller of two flat colours is taken for a band of a gradient
SPRITE = 128 * 128  # opaque pixels up to which a picture of few colours is taken for pixel art: every colour is meant
CRAMPED = 0.1  # distance of a deserving colour to the palette at which own colours lose their right to a place


def fit_palette(pictures: Sequence[Picture], colors: int, reserve: Colours | None = None) -> Colours:
    """Return the colours that serve these pictures best.

    Args:
        pictures: one picture, or all frames that must share the palette, at full resolution.
        colors: at most so many entries, reserved ones included, >= 1.
        reserve: uint8 (R, 3) colours that must be in the palette.

    Returns:
        uint8 (K, 3), K <= colors: the reserved colours in their order, then the rest from dark to light; every
        colour that is not reserved is a colour of an opaque pixel. At least one entry (black for empty pictures).

    Raises:
        SettingsError: more reserved colours than `colors`.
    """
    fixed = _reserved(reserve, colors)
    counts = measure(pictures)
    if counts.opaque == 0:
        return fixed if len(fixed) else np.zeros((1, 3), np.uint8)
    distinct = _without(counts.colours, fixed)
    if len(distinct) + len(fixed) <= colors and (counts.opaque <= SPRITE or _significant(counts).all()):
        return np.concatenate([fixed, _by_lightness(distinct)])
    bins = bin_up(counts)
    held = np.concatenate([fixed, _own_colours(counts, fixed, colors)])
    seeds = Seeds(bins, held, colors)
    if seeds.unmet > CRAMPED * CRAMPED:
        held = fixed
        seeds = Seeds(bins, held, colors)
    found = settle(bins, np.array(seeds.places, np.float32), held)
    if len(found) == colors:
        found = exchange(found, len(fixed), bins, pictures)
    return np.concatenate([fixed, _by_lightness(found[len(fixed) :])])


def choose_subset(
    palette: Colours, pictures: Sequence[Picture], colors: int, reserve: Colours | None = None
) -> Colours:
    """Return the `colors` entries of a palette that serve these pictures best.

    From the whole palette the entry is left out again and again whose loss does the least harm.

    Args:
        palette: uint8 (P, 3), P >= 1.
        pictures: as for `fit_palette`.
        colors: at most so many entries, reserved ones included, >= 1.
        reserve: uint8 (R, 3) colours that come first whether or not the palette has them.

    Returns:
        uint8 (K, 3), K <= colors: the reserved colours, then the chosen ones in the order of the palette.

    Raises:
        SettingsError: more reserved colours than `colors`.
    """
    fixed = _reserved(reserve, colors)
    rest = _without(palette, fixed)
    counts = measure(pictures)
    if len(rest) <= colors - len(fixed):
        return np.concatenate([fixed, rest])
    if counts.opaque == 0:
        return np.concatenate([fixed, rest[: colors - len(fixed)]])
    bins = bin_up(counts)
    every = np.concatenate([fixed, rest])
    used = np.zeros(len(every), np.bool_)  # the others would be the first to go: large palettes are made small here
    used[nearest_lab(bins.mean, place(every))] = True
    used[: len(fixed)] = True
    used[np.flatnonzero(~used)[: max(0, colors - int(used.sum()))]] = True
    every = every[used]
    if len(every) == colors:
        return every
    return every[_eliminate(bins.weight, squared(bins.mean, place(every)), len(fixed), colors)]


def _eliminate(weight: Float, reach: Float, held: int, colors: int) -> Indices:
    """Return the indices of `colors` entries, in order.

    Args:
        weight: float32 (B,), of the bins.
        reach: float32 (B, P), squared distance of each bin to each entry, P > colors >= 1; changed.
        held: the first so many entries stay.
        colors: how many entries are left at the end, >= held.
    """
    count = reach.shape[1]
    alive = np.ones(count, np.bool_)
    rows = np.arange(len(weight))
    first = reach.argmin(axis=1)
    second = _second(reach, first)
    for _ in range(count - colors):
        loss = np.bincount(first, weight * (reach[rows, second] - reach[rows, first]), count)
        loss[:held] = np.inf
        loss[~alive] = np.inf
        gone = count - 1 - int(loss[::-1].argmin())  # of equals the last
        alive[gone] = False
        reach[:, gone] = np.inf
        hit = np.flatnonzero((first == gone) | (second == gone))
        first[hit] = reach[hit].argmin(axis=1)
        second[hit] = _second(reach[hit], first[hit])
    return np.flatnonzero(alive)


def _second(reach: Float, first: Indices) -> Indices:
    """Return for each row the index of the least value but that at `first`."""
    others = reach.copy()
    others[np.arange(len(first)), first] = np.inf
    second: Indices = others.argmin(axis=1)
    return second


def _reserved(reserve: Colours | None, colors: int) -> Colours:
    """Return the distinct reserved colours in their order."""
    fixed = np.zeros((0, 3), np.uint8)
    if reserve is not None:
        fixed = _without(np.asarray(reserve, np.uint8).reshape(-1, 3), fixed)
    if len(fixed) > colors:
        raise SettingsError(
            f"{len(fixed)} reserved colours do not fit into a palette of {colors}",
            "reserve fewer colours or allow more",
        )
    return fixed


def _without(colours: Colours, fixed: Colours) -> Colours:
    """Return the distinct colours in their order, less the fixed ones."""
    packed = pack(colours)
    packed = packed[np.sort(np.unique(packed, return_index=True)[1])]
    return unpack(packed[~np.isin(packed, pack(fixed))])


def _by_lightness(colours: Colours) -> Colours:
    return colours[np.lexsort((pack(colours), srgb_to_oklab(colours)[:, 0]))]


def _significant(counts: Histogram) -> NDArray[np.bool_]:
    """Return bool (N,): the colour fills flat areas large enough to be one of the drawing's own."""
    large: NDArray[np.bool_] = counts.flat >= max(4.0, SIGNIFICANT * counts.opaque)
    return large


def _own_colours(counts: Histogram, fixed: Colours, colors: int) -> Colours:
    """Return the drawing's own flat colours, largest first; none if there are more than the palette can hold."""
    large = np.flatnonzero(_significant(counts))
    own = counts.colours[large[np.argsort(-counts.flat[large], kind="stable")]]
    if len(own) > 4 * colors:
        return own[:0]
    if len(counts.colours) > colors:
        steps = np.abs(own[:, None].astype(np.int16) - own).max(axis=-1)
        own = own[~np.tril(steps <= BAND, k=-1).any(axis=1)]
    own = _without(own, fixed)
    return own if len(own) + len(fixed) <= colors else own[:0]

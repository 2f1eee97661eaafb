"""A palette out of pictures: k-means in OKLab on full-resolution colours, with every entry a true colour of the art.

Where this departs from plain k-means: areas count by the root of their size, so that a small vivid part (an eye, a
flower) keeps its colour; the seeds are the flat colours of the art and then, deterministically, the worst served
colour each time; at the end each centre gives way to the most usual real colour near it, so that flat art comes back
to the byte and line art keeps its black. Fewer colours than asked are returned when the art has no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.pixel import histogram
from pixforge.pixel.colour import Float, srgb_to_oklab
from pixforge.pixel.histogram import Histogram
from pixforge.pixel.mapping import pack, unpack

Colours = NDArray[np.uint8]
Indices = NDArray[np.intp]

ROUNDS = 8  # of k-means; the seeds are good and the ends are snapped to real colours, so that more change nothing
SPECK = 1e-4  # share of the picture below which a bin is thought of as noise and fades out
SIGNIFICANT = 2e-4  # share of the picture from which a flat colour is one of the drawing's own colours
SAME = 0.012  # OKLab distance below which two entries look the same and one is enough
SERVED = 2e-7  # weighted squared distance below which no colour of the art deserves one more entry
REACH = 0.05  # OKLab distance over which a centre looks for the usual real colour near it


@dataclass(frozen=True, eq=False)
class _Bins:
    """The histogram as the clustering sees it: OKLab means (B, 3), compressed weights (B,), real colours (B, 3)."""

    mean: Float
    weight: Float
    real: Colours
    usual: Float


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
    counts = histogram.measure(pictures)
    if counts.opaque == 0:
        return fixed if len(fixed) else np.zeros((1, 3), np.uint8)
    if len(distinct := _without(counts.colours, fixed)) <= colors - len(fixed):
        return np.concatenate([fixed, _by_lightness(distinct)])
    found = _cluster(_bins(counts), np.concatenate([fixed, _own_colours(counts, fixed, colors)]), colors)
    return np.concatenate([fixed, _by_lightness(_without(found, fixed))])


def choose_subset(
    palette: Colours, pictures: Sequence[Picture], colors: int, reserve: Colours | None = None
) -> Colours:
    """Return the `colors` entries of a palette that serve these pictures best, taken one by one by the error they save.

    Args:
        palette: uint8 (P, 3).
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
    counts = histogram.measure(pictures)
    if len(rest) <= colors - len(fixed):
        return np.concatenate([fixed, rest])
    if counts.opaque == 0:
        return np.concatenate([fixed, rest[: colors - len(fixed)]])
    bins = _bins(counts)
    served = _squared(bins.mean, srgb_to_oklab(fixed)).min(axis=1, initial=4.0)
    gain = _squared(bins.mean, srgb_to_oklab(rest))
    chosen: list[int] = []
    for _ in range(colors - len(fixed)):
        saved = (bins.weight[:, None] * np.maximum(served[:, None] - gain, 0)).sum(axis=0)
        saved[chosen] = -1
        chosen.append(int(saved.argmax()))
        served = np.minimum(served, gain[:, chosen[-1]])
    return np.concatenate([fixed, rest[sorted(chosen)]])


def _reserved(reserve: Colours | None, colors: int) -> Colours:
    fixed = np.zeros((0, 3), np.uint8) if reserve is None else np.asarray(reserve, np.uint8).reshape(-1, 3)
    first = np.unique(pack(fixed), return_index=True)[1]
    fixed = fixed[np.sort(first)]
    if len(fixed) > colors:
        raise SettingsError(
            f"{len(fixed)} reserved colours do not fit into a palette of {colors}",
            "reserve fewer colours or allow more",
        )
    return fixed


def _without(colours: Colours, fixed: Colours) -> Colours:
    """Return the distinct colours in their order, less the fixed ones."""
    packed = pack(colours)
    first = np.sort(np.unique(packed, return_index=True)[1])
    return unpack(packed[first][~np.isin(packed[first], pack(fixed))])


def _by_lightness(colours: Colours) -> Colours:
    return colours[np.lexsort((pack(colours), srgb_to_oklab(colours)[:, 0]))]


def _bins(counts: Histogram) -> _Bins:
    """Return bins with the root of their share, faded below a speck, and the usual real colour of each."""
    total = np.add.reduceat(counts.weight, counts.bins)
    mean = np.add.reduceat(counts.colours * counts.weight[:, None], counts.bins, axis=0) / total[:, None]
    top = np.maximum.reduceat(counts.weight, counts.bins)
    width = np.diff(counts.bins, append=len(counts.weight))
    tops = np.flatnonzero(counts.weight == np.repeat(top, width))
    real = tops[np.searchsorted(tops, counts.bins)]
    share = total / total.sum()
    weight = np.sqrt(share * share / (share + SPECK))
    return _Bins(
        srgb_to_oklab(mean.astype(np.float32)),
        (weight / weight.sum()).astype(np.float32),
        counts.colours[real],
        (counts.weight[real] / total.sum()).astype(np.float32),
    )


def _own_colours(counts: Histogram, fixed: Colours, colors: int) -> Colours:
    """Return the drawing's own flat colours, largest first; none if there are more than the palette can hold."""
    large = np.flatnonzero(counts.flat >= max(4.0, SIGNIFICANT * counts.opaque))
    large = large[np.argsort(-counts.flat[large], kind="stable")]
    if len(large) > 4 * colors:
        return np.zeros((0, 3), np.uint8)
    own = _without(counts.colours[large], fixed)
    kept: list[Colours] = []
    for colour in own:  # bands of a smooth gradient are flat too: within two levels the larger one stands for both
        if all(np.abs(colour.astype(int) - other).max() > 2 for other in kept):
            kept.append(colour)
    return np.array(kept, np.uint8).reshape(-1, 3) if len(kept) + len(fixed) <= colors else own[:0]


def _cluster(bins: _Bins, held: Colours, colors: int) -> Colours:
    """Return at most `colors` colours: the held ones, and real colours for the clusters between them."""
    centres = _seeds(bins, srgb_to_oklab(held), colors)
    for _ in range(ROUNDS):
        nearest = _squared(bins.mean, centres).argmin(axis=1)
        moved = _means(bins, nearest, centres)
        moved[: len(held)] = centres[: len(held)]
        centres = moved
    snapped = _snap(bins, centres)
    snapped[: len(held)] = held
    return _apart(snapped, len(held))


def _seeds(bins: _Bins, held: Float, colors: int) -> Float:
    """Return the held centres and, one by one, the bin that is served worst, until all are served or places end."""
    served = _squared(bins.mean, held).min(axis=1, initial=1.0)
    centres = list(held)
    while len(centres) < colors:
        worst = int((bins.weight * served).argmax())
        if bins.weight[worst] * served[worst] < SERVED:
            break
        centres.append(bins.mean[worst])
        served = np.minimum(served, _squared(bins.mean, bins.mean[worst : worst + 1])[:, 0])
    return np.array(centres, np.float32).reshape(-1, 3)


def _squared(colours: Float, centres: Float) -> Float:
    """Return squared distances (B, K), never below zero."""
    cross = colours @ centres.T
    own = (colours * colours).sum(axis=1)[:, None] + (centres * centres).sum(axis=1)
    return np.maximum(own - 2 * cross, 0)


def _means(bins: _Bins, nearest: Indices, centres: Float) -> Float:
    """Return the weighted mean of each cluster; an empty one keeps its centre."""
    size = np.bincount(nearest, bins.weight, len(centres))
    sums = [np.bincount(nearest, bins.weight * bins.mean[:, axis], len(centres)) for axis in range(3)]
    means = np.stack(sums, axis=-1) / np.maximum(size, 1e-12)[:, None]
    return np.where(size[:, None] > 0, means, centres).astype(np.float32)


def _snap(bins: _Bins, centres: Float) -> Colours:
    """Return for each centre the real colour of its cluster that is most usual and near."""
    reach = _squared(bins.mean, centres)
    nearest = reach.argmin(axis=1)
    score = bins.usual * np.exp(-reach[np.arange(len(nearest)), nearest] / np.float32(REACH * REACH))
    order = np.lexsort((-score, nearest))
    clusters, first = np.unique(nearest[order], return_index=True)
    result = np.zeros((len(centres), 3), np.uint8)
    result[clusters] = bins.real[order[first]]
    empty = np.setdiff1d(np.arange(len(centres)), clusters)
    result[empty] = bins.real[reach[:, empty].argmin(axis=0)]
    return result


def _apart(colours: Colours, held: int) -> Colours:
    """Return the colours less those (after the held ones) that look like an earlier one."""
    lab = srgb_to_oklab(colours)
    near = np.tril(_squared(lab, lab) < SAME * SAME, k=-1).any(axis=1)
    near[:held] = False
    return colours[~near]

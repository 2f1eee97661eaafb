"""Clusters of colours: which colours of a histogram deserve a palette entry, and which real colour stands for each.

k-means in OKLab with three departures. Areas count by the root of their size, so that a small vivid part keeps its
colour. The seeds are found deterministically, the worst served colour each time (Gonzalez's farthest point, weighted),
and a seed must serve enough of the art and be no by-product of its edges. At the end each centre gives way to the most
usual real colour near it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.colour import Float, srgb_to_oklab
from pixforge.pixel.histogram import Histogram

Colours = NDArray[np.uint8]
Indices = NDArray[np.intp]

ROUNDS = 8  # of k-means: the seeds are good and the ends snap to real colours, so that more change nothing
SPECK = 1e-4  # share of the picture below which a bin is thought of as noise and fades out
LEAST = 5e-4  # share of the picture that a further entry must serve; mixtures, being discounted, do not reach it
GAIN = 3e-7  # squared distance, averaged over the picture, that a further entry must save
SAME = 0.015  # distance below which two entries look the same and one is enough
AROUND = 0.03  # distance within which the bins about a refused one are refused with it
CLEAN = 0.8  # calm share of the picture from which colours found only beside edges are suspected to be by-products
TRACE = 1e-4  # share from which a colour counts that lies FAR from all entries and is no mixture of any of them
FAR = 0.1  # distance, see TRACE
OUTSIDE = 0.03  # how far beyond all mixtures of the entries such a colour must lie
NEAR = 0.05  # distance to an entry at which such a colour is refused
ASIDE = 24.0  # sRGB levels from the straight way between two entries at which such a colour is refused
MIXERS = 24  # entries, the first and largest, whose mixtures are looked for
REACH = 0.05  # distance over which a centre looks for the usual real colour near it


@dataclass(frozen=True, eq=False)
class Bins:
    """A histogram as the clustering sees it, one row per bin.

    Attributes:
        rgb: float32 (B, 3), mean colour, 0..255.
        mean: float32 (B, 3), where that lies by `place`.
        share: float32 (B,), part of the picture; the sum is 1.
        calm: float32 (B,), how much of `share` does not lie beside an edge.
        weight: float32 (B,), the compressed share that k-means uses; the sum is 1.
        real: uint8 (B, 3), most usual colour.
        usual: float32 (B,), the part of the picture that has just that colour.
        clean: whether most of the picture is calm, so that edges can be told from texture.
    """

    rgb: Float
    mean: Float
    share: Float
    calm: Float
    weight: Float
    real: Colours
    usual: Float
    clean: bool


def bin_up(counts: Histogram) -> Bins:
    """Return the bins of a histogram that has at least one colour."""
    total = np.add.reduceat(counts.weight, counts.bins)
    sums = np.add.reduceat(counts.colours * counts.weight[:, None], counts.bins, axis=0)
    rgb = (sums / total[:, None]).astype(np.float32)
    top = np.maximum.reduceat(counts.weight, counts.bins)
    width = np.diff(counts.bins, append=len(counts.weight))
    tops = np.flatnonzero(counts.weight == np.repeat(top, width))
    real = tops[np.searchsorted(tops, counts.bins)]
    share = total / total.sum()
    calm = np.add.reduceat(counts.calm, counts.bins) / total.sum()
    weight = np.sqrt(share * share / (share + SPECK))
    return Bins(
        rgb=rgb,
        mean=place(rgb),
        share=share.astype(np.float32),
        calm=calm.astype(np.float32),
        weight=(weight / weight.sum()).astype(np.float32),
        real=counts.colours[real],
        usual=(counts.weight[real] / total.sum()).astype(np.float32),
        clean=bool(calm.sum() >= CLEAN),
    )


def place(rgb: NDArray[Any]) -> Float:
    """Return float32 (N, 3): where sRGB colours (N, 3) lie for the fit, which is OKLab drawn together near black.

    OKLab gives #000000 and #0a0a0a a distance that the eye only grants to a step of #303030 further up, and mixtures
    with a black line would win entries by it. Ottosson's toe for the lightness (2021) mends that; a and b shrink too.
    """
    lab = srgb_to_oklab(rgb)
    light = lab[:, :1]
    knee = np.float32(1.206 / 1.03) * light - np.float32(0.206)
    toe = (knee + np.sqrt(knee * knee + np.float32(4 * 0.03 * 1.206 / 1.03) * light)) / 2
    placed: Float = lab * (toe / np.maximum(light, np.float32(1e-6)))
    return placed


def squared(colours: Float, centres: Float) -> Float:
    """Return float32 (B, K): squared distances of colours (B, 3) to centres (K, 3), never below zero."""
    cross = colours @ centres.T
    own = (colours * colours).sum(axis=1)[:, None] + (centres * centres).sum(axis=1)
    result: Float = np.maximum(own - 2 * cross, 0)
    return result


class Seeds:
    """Centres found so far, and how well each bin is served by them.

    Attributes:
        places: centres, float32 (3,) each, by `place`.
        mixers: their sRGB colours.
        served: float32 (B,), squared distance of each bin to its nearest centre.
        unmet: squared distance to the nearest centre of the worst served bin that deserves one; 0 if there is none.
    """

    def __init__(self, bins: Bins, held: Colours, colors: int) -> None:
        """Take the held colours (R, 3) as centres, then the worst served bin again and again, up to `colors`."""
        self._bins = bins
        self._need = bins.weight.copy()
        self.places = list(place(held))
        self.mixers = list(held.astype(np.float32))
        self.served: Float = squared(bins.mean, place(held)).min(axis=1, initial=1.0)
        worst = self._next()
        while worst is not None and len(self.places) < colors:
            self._add(worst)
            worst = self._next()
        self.unmet = 0.0 if worst is None else float(self.served[worst])

    def _add(self, index: int) -> None:
        self.places.append(self._bins.mean[index])
        self.mixers.append(self._bins.rgb[index])
        self.served = np.minimum(self.served, self._reach(index))

    def _reach(self, index: int) -> Float:
        """Return float32 (B,), the squared distance of each bin to one of them."""
        step = self._bins.mean - self._bins.mean[index]
        result: Float = np.einsum("ij,ij->i", step, step)
        return result

    def _next(self) -> int | None:
        """Return the worst served bin that deserves an entry, if any; those before it are refused for good."""
        while True:
            cost = self._need * self.served
            worst = int(cost.argmax())
            if cost[worst] <= 0:
                return None
            reach = self._reach(worst)
            if not self.places or self._deserves(worst, reach):
                return worst
            self._need[reach < AROUND * AROUND] = 0

    def _deserves(self, worst: int, reach: Float) -> bool:
        """Whether a bin would serve enough as a centre, and is a colour of the art, no by-product of its edges."""
        bins, served = self._bins, self.served
        mine = np.flatnonzero(reach < served)
        share = float(bins.share[mine].sum())
        if served[worst] < SAME * SAME or share < TRACE:
            return False
        if share < LEAST:
            return bool(served[worst] > FAR * FAR) and self._unmixed(worst)
        if float(bins.share[mine] @ (served - reach)[mine]) < GAIN:
            return False
        if not bins.clean or bins.calm[mine].sum() >= share / 4:
            return True
        mixed = _between(bins.rgb[worst], np.array(self.mixers[:MIXERS]))
        enough = share > (6 if mixed else 3) * LEAST or self._unmixed(worst)
        return bool(served[worst] > NEAR * NEAR) and enough

    def _unmixed(self, index: int) -> bool:
        return _beyond(self._bins.mean[index], np.array(self.places))


def _beyond(colour: Float, places: Float) -> bool:
    """Whether a colour (3,) lies outside all mixtures of the centres (K, 3), seen from their middle or from grey."""
    middle = places.mean(axis=0)
    vivid = colour * np.array([0, 1, 1], np.float32)
    for way in (colour - middle, vivid):
        length = float(np.sqrt(way @ way))
        if length > 0 and float(colour @ way) > float((places @ way).max()) + OUTSIDE * length:
            return True
    return False


def settle(bins: Bins, seeds: Float, held: Colours) -> Colours:
    """Return uint8 (K, 3): the held colours, which head the seeds, then a real colour for each further cluster.

    Entries that look like an earlier one are left out, held ones never.

    Args:
        bins: what is clustered.
        seeds: float32 (S, 3), first centres, by `place`.
        held: uint8 (R, 3), stay as they are.
    """
    centres = seeds
    for _ in range(ROUNDS):
        moved = _means(bins, squared(bins.mean, centres).argmin(axis=1), centres)
        moved[: len(held)] = centres[: len(held)]
        centres = moved
    colours = _snap(bins, centres)
    colours[: len(held)] = held
    places = place(colours)
    twin = np.asarray(np.tril(squared(places, places) < SAME * SAME, k=-1).any(axis=1))
    twin[: len(held)] = False
    return colours[~twin]


def _between(colour: Float, ends: Float) -> bool:
    """Whether a colour (3,) lies on the way from one end (K, 3) to another in sRGB, where drawings are anti-aliased."""
    way = ends[None] - ends[:, None]
    offset = colour - ends
    length = np.maximum(np.einsum("ijk,ijk->ij", way, way), np.float32(1e-9))
    along = np.clip(np.einsum("ik,ijk->ij", offset, way) / length, 0, 1)
    miss = offset[:, None] - along[..., None] * way
    return bool((np.einsum("ijk,ijk->ij", miss, miss) < ASIDE * ASIDE).any())


def _means(bins: Bins, nearest: Indices, centres: Float) -> Float:
    """Return the weighted mean of each cluster; an empty one keeps its centre."""
    size = np.bincount(nearest, bins.weight, len(centres))
    sums = [np.bincount(nearest, bins.weight * bins.mean[:, axis], len(centres)) for axis in range(3)]
    means = np.stack(sums, axis=-1) / np.maximum(size, 1e-12)[:, None]
    return np.where(size[:, None] > 0, means, centres).astype(np.float32)


def _snap(bins: Bins, centres: Float) -> Colours:
    """Return for each centre the real colour of its cluster that is most usual and near."""
    reach = squared(bins.mean, centres)
    nearest = reach.argmin(axis=1)
    score = bins.usual * np.exp(-reach[np.arange(len(nearest)), nearest] / np.float32(REACH * REACH))
    order = np.lexsort((-score, nearest))
    clusters, first = np.unique(nearest[order], return_index=True)
    result: Colours = bins.real[reach.argmin(axis=0)]
    result[clusters] = bins.real[order[first]]
    return result

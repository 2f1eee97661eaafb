"""How much each colour of a set of pictures counts: the basis of every palette decision.

A pixel counts by its alpha (below one half not at all) and little when it is a mixture of its neighbours, as on an
anti-aliased or blurred edge: mixtures are no colours of the drawing and must never take a palette entry. A pixel is
a mixture when the colour runs through it: the steps before and after it point the same way. Thin lines and single
pixels are extremes, not mixtures, and keep their weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.changes import changed_box, cut, pairs, widened, within

Weights = NDArray[np.float64]

EDGE_STEP = 10.0  # sRGB levels a pixel (all channels together) at which a run of colour counts half
STRONG = 24  # levels of one channel between two pixels that make an edge
MARGIN = 2  # pixels beside an edge where scaling, sharpening or JPEG may have changed colours
BESIDE = 0.2  # what a pixel there counts, unless it lies in a flat area
_REACH = MARGIN + 1  # pixels: how far the weight of a pixel depends on others
_FULL = 63  # weight of an opaque pixel off all edges; six bits of a key's lowest byte
_CALM, _FLAT = 64, 128  # the other two


@dataclass(frozen=True, eq=False)
class Histogram:
    """Distinct colours, grouped into bins of 8 levels per channel.

    Attributes:
        colours: uint8 (N, 3), the distinct opaque colours; those of one bin are neighbours.
        weight: float64 (N,), what they count, in opaque pixels.
        calm: float64 (N,), how much of `weight` comes from pixels that do not lie beside an edge, or that are flat.
        flat: float64 (N,), how many of their pixels lie in an area of exactly that colour.
        bins: intp (B,), index of the first colour of each bin.
        opaque: how many pixels were opaque enough to count.
    """

    colours: NDArray[np.uint8]
    weight: Weights
    calm: Weights
    flat: Weights
    bins: NDArray[np.intp]
    opaque: int


def measure(pictures: Sequence[Picture]) -> Histogram:
    """Return the histogram over all pictures together (of no colours at all if everything is transparent).

    What a picture has in common with the one before, as frames of a clip do, is not looked at again.
    """
    counted = list(_counts(pictures))
    codes = np.concatenate([np.zeros(0, np.uint32), *(part[0] for part in counted)])
    sums = np.concatenate([np.zeros((0, 4), np.int64), *(part[1] for part in counted)])
    if len(counted) > 1:
        order = np.argsort(codes, kind="stable")
        starts = _starts(codes[order])
        codes, sums = codes[order][starts], _sums(sums[order], starts)
        left = sums[:, 3] > 0
        codes, sums = codes[left], sums[left]
    weight, calm, flat, count = sums.T
    return Histogram(
        _decode(codes), weight / _FULL, calm / _FULL, flat.astype(np.float64), _starts(codes >> 9), int(count.sum())
    )


def _counts(pictures: Sequence[Picture]) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64]]]:
    """Yield what `_count` gives, to be summed: of the first picture, then of what the others lose and gain.

    A picture stands for all that follow: what it gains counts once for itself and each of them.
    """
    keys = np.zeros((0, 0), np.uint32)
    for number, (before, pixels) in enumerate(pairs(pictures)):
        times = len(pictures) - number
        if before is None:
            if number:
                yield _count(keys[keys != 0], -times)
            keys = _keys(pixels)
            yield _count(keys[keys != 0], times)
            continue
        box = changed_box(before, pixels)
        if box is None:
            continue
        inner = widened(box, _REACH, keys.shape)
        outer = widened(inner, _REACH, keys.shape)
        fresh, old = _keys(pixels[cut(outer)])[within(inner, outer)], keys[cut(inner)]
        differs = fresh != old
        gone, come = old[differs], fresh[differs]
        yield _count(gone[gone != 0], -times)
        yield _count(come[come != 0], times)
        old[...] = fresh


def runs_and_edges(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Return how strongly the colour runs through each pixel, and which pixels lie beside an edge.

    Returns:
        int16 (H, W): the product of the step before and the step after the pixel, in squared quarter levels, summed
        over the channels, on the axis where that is larger; 0 or less where the pixel is an extreme or in a flat area.
        bool (H, W): a step of at least `STRONG` levels in one channel lies within `MARGIN` pixels.
    """
    across = np.zeros(pixels.shape[:2], dtype=np.int16)
    down = np.zeros(pixels.shape[:2], dtype=np.int16)
    edge = np.zeros(pixels.shape[:2], dtype=np.bool_)
    seen = pixels[..., 3] >= 128
    for channel in range(3):
        plane = (pixels[..., channel] >> 2).view(np.int8)
        _add_axis(plane, seen, across, edge)
        _add_axis(plane.T, seen.T, down.T, edge.T)
    for _ in range(MARGIN):
        edge = _wider(edge)
    return np.maximum(across, down), edge


def _add_axis(
    plane: NDArray[np.int8], seen: NDArray[np.bool_], run: NDArray[np.int16], edge: NDArray[np.bool_]
) -> None:
    """Add one channel's runs and edges along the second axis to `run` and `edge`; pixels not `seen` have no colour."""
    step = (plane[:, 1:] - plane[:, :-1]) * (seen[:, 1:] & seen[:, :-1])
    run[:, 1:-1] += np.multiply(step[:, 1:], step[:, :-1], dtype=np.int16)
    strong = (step + np.int8(STRONG // 4)).view(np.uint8) > STRONG // 4 * 2
    edge[:, 1:] |= strong
    edge[:, :-1] |= strong


def _wider(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask grown by one pixel to each of the four sides."""
    wider = mask.copy()
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    return wider


def flatness(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return bool (H, W): the pixel equals a neighbour across and a neighbour down, alpha included."""
    packed = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    across = np.zeros(packed.shape, dtype=np.bool_)
    down = np.zeros(packed.shape, dtype=np.bool_)
    same = packed[:, 1:] == packed[:, :-1]
    across[:, 1:] |= same
    across[:, :-1] |= same
    same = packed[1:] == packed[:-1]
    down[1:] |= same
    down[:-1] |= same
    across &= down
    return across


def _keys(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return one sortable key a pixel, uint32 (H, W): bin, colour within the bin, flat bit, weight; 0 if not seen.

    It depends on no pixel more than `_REACH` away.
    """
    alpha = pixels[..., 3]
    run, edge = runs_and_edges(pixels)
    cover = np.clip(alpha.astype(np.float32) - np.float32(127), 0, 128) / np.float32(128)
    weight = _FULL * cover * cover / (1 + np.maximum(run, 0) * np.float32((4 / EDGE_STEP) ** 2))
    flat = flatness(pixels)
    calm = flat | ~edge
    np.multiply(weight, np.float32(BESIDE), out=weight, where=~calm)
    keys: NDArray[np.uint32] = np.maximum(weight, 1).astype(np.uint32)
    keys += flat * np.uint32(_FLAT) + calm * np.uint32(_CALM)
    for channel in range(3):
        keys |= _CODE[channel][pixels[..., channel]]
    keys *= alpha >= 128
    return keys


def _count(keys: NDArray[np.uint32], times: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the distinct codes, sorted, and int64 (N, 4) of each: weight, calm weight, flat pixels, pixels.

    Both weights are in parts of `_FULL`; all four are multiplied by `times`.
    """
    keys = np.sort(keys)
    starts = _starts(keys >> 8)
    sums = np.empty((len(starts), 4), np.int64)
    sums[:, 3] = np.diff(starts, append=len(keys))
    if len(starts):
        weight = keys & _FULL
        sums[:, 0] = np.add.reduceat(weight, starts)
        sums[:, 1] = np.add.reduceat(weight * (keys & _CALM != 0), starts)
        sums[:, 2] = np.add.reduceat(keys & _FLAT != 0, starts, dtype=np.uint32)
    return (keys[starts] >> 8).astype(np.uint32), sums * times


def _starts(codes: NDArray[Any]) -> NDArray[np.intp]:
    """Return where each run of equal codes begins."""
    return np.flatnonzero(np.concatenate([np.ones(min(1, len(codes)), np.bool_), codes[1:] != codes[:-1]]))


def _sums(values: NDArray[np.int64], starts: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.add.reduceat(values, starts, axis=0) if len(starts) else values


def _spread(shift: int) -> NDArray[np.uint32]:
    """Return, for each byte, its upper five bits in the bin part and its lower three in the rest of a key."""
    level = np.arange(256, dtype=np.uint32)
    code = (level >> 3) << (9 + 5 * shift) | (level & 7) << (3 * shift)
    return (code << 8).astype(np.uint32)


def _decode(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    shifts = (2, 1, 0)
    return np.stack([(codes >> (9 + 5 * s) & 31) << 3 | (codes >> (3 * s) & 7) for s in shifts], axis=-1).astype(
        np.uint8
    )


_CODE = (_spread(2), _spread(1), _spread(0))

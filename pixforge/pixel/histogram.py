"""How much each colour of a set of pictures counts: the basis of every palette decision.

A pixel counts by its alpha (below one half not at all) and little when it is a mixture of its neighbours, as on an
anti-aliased or blurred edge: mixtures are no colours of the drawing and must never take a palette entry. A pixel is
a mixture when the colour runs through it: the steps before and after it point the same way. Thin lines and single
pixels are extremes, not mixtures, and keep their weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture

Weights = NDArray[np.float64]

EDGE_STEP = 10.0  # sRGB levels a pixel (all channels together) at which a run of colour counts half
_FULL = 127  # weight of an opaque pixel off all edges; seven bits, the eighth says "flat"


@dataclass(frozen=True, eq=False)
class Histogram:
    """Distinct colours, grouped into bins of 8 levels per channel.

    Attributes:
        colours: uint8 (N, 3), the distinct opaque colours; those of one bin are neighbours.
        weight: float64 (N,), what they count, in opaque pixels.
        flat: float64 (N,), how many of their pixels lie in an area of exactly that colour.
        bins: intp (B,), index of the first colour of each bin.
        opaque: how many pixels were opaque enough to count.
    """

    colours: NDArray[np.uint8]
    weight: Weights
    flat: Weights
    bins: NDArray[np.intp]
    opaque: int


def measure(pictures: Sequence[Picture]) -> Histogram:
    """Return the histogram over all pictures together (of no colours at all if everything is transparent)."""
    counted = [_count(_keys(picture.pixels)) for picture in pictures]
    codes = np.concatenate([np.zeros(0, np.uint32), *(part[0] for part in counted)])
    values = np.concatenate([np.zeros((0, 3)), *(part[1] for part in counted)])
    if len(counted) > 1:
        order = np.argsort(codes, kind="stable")
        starts = _starts(codes[order])
        codes, values = codes[order][starts], _sums(values[order], starts)
    return Histogram(_decode(codes), values[:, 0], values[:, 1], _starts(codes >> 9), int(values[:, 2].sum()))


def mixing(pixels: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return int16 (H, W): how strongly the colour runs through each pixel, in squared quarter levels per pixel.

    It is the product of the step before and the step after the pixel, summed over the channels, on the axis where
    that is largest; 0 or less where the pixel is an extreme or lies beside a flat area.
    """
    height, width = pixels.shape[:2]
    across = np.zeros((height, width), dtype=np.int16)
    down = np.zeros((height, width), dtype=np.int16)
    for channel in range(3):
        plane = (pixels[..., channel] >> 2).astype(np.int16)
        step = plane[:, 1:] - plane[:, :-1]
        across[:, 1:-1] += step[:, 1:] * step[:, :-1]
        step = plane[1:] - plane[:-1]
        down[1:-1] += step[1:] * step[:-1]
    return np.maximum(across, down)


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
    """Return one sortable key per counting pixel: bin, colour within the bin, flat bit, weight."""
    alpha = pixels[..., 3]
    run = np.maximum(mixing(pixels), 0).astype(np.float32)
    weight = _FULL_BY_ALPHA[alpha] / (1 + run * np.float32((4 / EDGE_STEP) ** 2))
    keys = np.maximum(weight, 1).astype(np.uint32)
    keys |= flatness(pixels).astype(np.uint32) << 7
    for channel in range(3):
        keys |= _CODE[channel][pixels[..., channel]]
    return keys[alpha >= 128]


def _count(keys: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], Weights]:
    """Return the distinct codes, sorted, and (N, 3): weight, flat pixels, pixels of each."""
    keys = np.sort(keys)
    starts = _starts(keys >> 8)
    values = np.empty((len(starts), 3))
    values[:, 2] = np.diff(starts, append=len(keys))
    if len(starts):
        values[:, 0] = np.add.reduceat(keys & 127, starts) / _FULL
        values[:, 1] = np.add.reduceat(keys >> 7 & 1, starts)
    return keys[starts] >> 8, values


def _starts(codes: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return where each run of equal codes begins."""
    return np.flatnonzero(np.concatenate([np.ones(min(1, len(codes)), np.bool_), codes[1:] != codes[:-1]]))


def _sums(values: NDArray[Any], starts: NDArray[np.intp]) -> Weights:
    return np.add.reduceat(values, starts, axis=0) if len(starts) else values


def _spread(shift: int) -> NDArray[np.uint32]:
    """Return, for each byte, its upper five bits in the bin part and its lower three in the rest of a key."""
    level = np.arange(256, dtype=np.uint32)
    code: NDArray[np.uint32] = (level >> 3) << (9 + 5 * shift) | (level & 7) << (3 * shift)
    return code << 8


def _decode(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    shifts = (2, 1, 0)
    return np.stack([(codes >> (9 + 5 * s) & 31) << 3 | (codes >> (3 * s) & 7) for s in shifts], axis=-1).astype(
        np.uint8
    )


_CODE = (_spread(2), _spread(1), _spread(0))
_FULL_BY_ALPHA = (_FULL * np.clip((np.arange(256, dtype=np.float32) - 127) / 128, 0, 1) ** 2).astype(np.float32)

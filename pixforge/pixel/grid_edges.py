"""Where a picture changes: thin edge points with sub-pixel positions, axis by axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba

_CAP = 96  # a change of so many levels (summed over channels) counts full: content must not outvote position
_NOISE_FACTOR = 3.0
_FINE_SIZE = 640  # pictures smaller than this are read line by line
_PATCH = 4
_FAINT = 0.12  # of a typical edge's strength; weaker changes are compression artefacts
_FLOOR = 5.0  # levels; weaker changes are never edges


@dataclass(frozen=True, eq=False)
class Edges:
    """The edge points of one axis.

    Attributes:
        position: float64 (N,), where each point lies along the axis, pixels, 0 is the edge of the first pixel.
        weight: float64 (N,), its strength, 0..1.
        length: pixels of the picture along the axis.
        lines: pixels of the picture across the axis.
    """

    position: NDArray[np.float64]
    weight: NDArray[np.float64]
    length: int
    lines: int

    def profile(self, bins: int) -> NDArray[np.float64]:
        """Return the edge weight at every 1/bins pixel, float64 (length * bins,)."""
        index = np.minimum((self.position * bins).astype(np.intp), self.length * bins - 1)
        return np.bincount(index, self.weight, minlength=self.length * bins).astype(np.float64)


def find_edges(pixels: Rgba) -> tuple[Edges, Edges]:
    """Return the edges across x and across y of a picture, uint8 (H, W, 4), at least 3 pixels each way."""
    planes = _premultiplied(pixels)
    across_x = _gradient(planes)
    across_y = _gradient([np.ascontiguousarray(plane.T) for plane in planes])
    return _thin(across_x), _thin(across_y)


def _gradient(planes: list[NDArray[np.int16]]) -> NDArray[np.int16]:
    """Sum over the planes of |change| from column to column, int16 (lines, width - 1), in quarters of a level.

    Each line is smoothed over its neighbours 1-2-1; of large pictures only every second, third ... line is taken.
    """
    stride = 1 + min(planes[0].shape) // _FINE_SIZE
    total = np.zeros((len(planes[0][1:-1:stride]), planes[0].shape[1] - 1), dtype=np.int16)
    for plane in planes:
        smooth = plane[:-2:stride] + plane[2::stride]
        smooth += plane[1:-1:stride]
        smooth += plane[1:-1:stride]
        step = smooth[:, 1:] - smooth[:, :-1]
        total += np.abs(step, out=step)
    return total


def _premultiplied(pixels: Rgba) -> list[NDArray[np.int16]]:
    alpha = pixels[..., 3].astype(np.int16)
    if (alpha == 255).all():
        return [pixels[..., channel].astype(np.int16) for channel in range(3)]
    weight = alpha.astype(np.float32) / np.float32(255)
    return [(pixels[..., channel] * weight).astype(np.int16) for channel in range(3)] + [alpha]


def _thin(gradient: NDArray[np.int16]) -> Edges:
    """Keep the local maxima along each line of a gradient (lines, gaps) and place them between pixels by a parabola."""
    lines, gaps = gradient.shape
    smooth = np.zeros((lines, gaps + 2), dtype=np.int16)  # sixteenths of a level
    smooth[:, 1:-1] = gradient
    smooth[:, 1:-1] += gradient
    smooth[:, 2:-1] += gradient[:, :-1]
    smooth[:, 1:-2] += gradient[:, 1:]
    left, here, right = smooth[:, :-2], smooth[:, 1:-1], smooth[:, 2:]
    floor = max(_FLOOR, _NOISE_FACTOR * _noise(here)) * 16
    row, gap = np.nonzero((here >= left) & (here > right) & (here > floor))
    peak = here[row, gap].astype(np.float64)
    typical = _typical(peak)
    kept = peak > _FAINT * typical
    row, gap, peak = row[kept], gap[kept], peak[kept]
    low, high = left[row, gap].astype(np.float64), right[row, gap].astype(np.float64)
    shift = 0.5 * (low - high) / np.minimum(low - 2 * peak + high, -1.0)
    full = max(min(typical, 16.0 * _CAP), 1.0)
    weight = (np.minimum(peak, full) / full) ** 2
    position = (gap + 1 + np.clip(shift, -0.5, 0.5)).astype(np.float64)
    return Edges(position, weight, gaps + 1, lines)


def _typical(peak: NDArray[np.float64]) -> float:
    """The strength that edges have when half of all edge energy lies in stronger ones."""
    if not peak.size:
        return 0.0
    ordered = np.sort(peak)
    energy = np.cumsum(ordered**2)
    return float(ordered[np.searchsorted(energy, energy[-1] / 2)])


def _noise(smooth: NDArray[np.int16]) -> float:
    """The change that noise alone makes: the mean change in the flattest patches that are not perfectly flat."""
    lines, gaps = smooth.shape[0] // _PATCH * _PATCH, smooth.shape[1] // _PATCH * _PATCH
    patches = smooth[:lines, :gaps].reshape(lines // _PATCH, _PATCH, -1).sum(axis=1, dtype=np.int32)
    means = patches.reshape(len(patches), -1, _PATCH).sum(axis=2) / _PATCH**2
    means = means[means > 0]
    return float(np.percentile(means, 10)) / 16 if means.size else 0.0

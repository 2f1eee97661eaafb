"""Is it pixel art at all? Evidence for a grid that was found, gathered in one confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba
from pixforge.pixel.grid_cells import cell_samples, unify_cells
from pixforge.pixel.grid_exact import blended_edges, colour_keys
from pixforge.pixel.grid_pitch import Pitch

# Logistic regression on sprites that were enlarged, blurred, jittered and compressed, against drawings that were scaled
# and compressed; the figures are rounded.
_BIAS, _COHERENCE, _TREND, _BLENDED, _WITNESSES = -5.8, 3.8, -11.0, -11.0, 0.48
_BLOCK = 72  # cells a side
_MAX_WITNESSES = 15.0


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against a grid.

    Attributes:
        coherence: 0..1, how strictly the edges of the worse axis keep the beat of the grid.
        trend: 0.., how much colour changes inside cells, of what it changes from cell to cell. About 0.4 in a smooth
            gradient, near 0 where cells are flat.
        blended: 0..1, share of cell contrasts with a one-off in-between colour, as anti-aliasing leaves.
        witnesses: how many independent edge lines lie on the grid.
    """

    coherence: float
    trend: float
    blended: float
    witnesses: float

    @property
    def confidence(self) -> float:
        """Probability 0..1 that the picture is pixel art on this grid."""
        score = _BIAS + _COHERENCE * self.coherence + _TREND * self.trend + _BLENDED * self.blended
        score += _WITNESSES * min(self.witnesses, _MAX_WITNESSES)
        return float(1 / (1 + np.exp(-score)))


def weigh(
    pixels: Rgba, grids: tuple[Pitch, Pitch], edges_x: NDArray[np.float64], edges_y: NDArray[np.float64]
) -> Evidence:
    """Gather the evidence for a grid with these borders in a picture, uint8 (H, W, 4)."""
    samples = cell_samples(pixels, *_busiest_block(pixels, edges_x, edges_y))
    cells = unify_cells(samples)
    keys = colour_keys(cells)
    witnesses = sum(
        min(grid.lines, len(edges) - 2) * grid.coherence**2
        for grid, edges in zip(grids, (edges_x, edges_y), strict=True)
    )
    return Evidence(
        coherence=min(grid.coherence for grid in grids),
        trend=_inner_trend(samples),
        blended=blended_edges(cells, keys),
        witnesses=witnesses,
    )


def _busiest_block(
    pixels: Rgba, edges_x: NDArray[np.float64], edges_y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the borders of the at most _BLOCK x _BLOCK cells with most change: enough to judge by."""
    middle = [((edges[1:] + edges[:-1]) / 2).astype(np.intp) for edges in (edges_x, edges_y)]
    centres = pixels[middle[1][:, None], middle[0]].astype(np.int32)
    parts = []
    for axis, edges in ((1, edges_x), (0, edges_y)):
        change = np.abs(np.diff(centres, axis=axis)).sum(axis=(1 - axis, 2))
        total = np.concatenate([[0], np.cumsum(change)])
        last = np.minimum(np.arange(len(total)) + _BLOCK - 1, len(total) - 1)
        first = int(np.argmax(total[last] - total))
        parts.append(edges[first : first + _BLOCK + 1])
    return parts[0], parts[1]


def _inner_trend(samples: Rgba) -> float:
    """Root of the squared change across cells' inner parts over that between neighbouring cells."""
    alpha = samples[..., 3:].astype(np.float32) / 255
    planes = np.concatenate([samples[..., :3] * alpha, samples[..., 3:].astype(np.float32)], axis=-1)
    inside = outside = 0.0
    for axis in (0, 1):
        along = planes.mean(axis=3 - axis)  # samples across the axis averaged: (rows, columns, 5, 4)
        half = along.shape[2] // 2
        change = along[:, :, -half:].mean(axis=2) - along[:, :, :half].mean(axis=2)
        inside += float((np.abs(change).sum(axis=-1) ** 2).sum())
        step = np.abs(np.diff(along.mean(axis=2), axis=axis)).sum(axis=-1)
        frame = [(1, 1) if side == axis else (0, 0) for side in (0, 1)]
        padded = np.pad(step, frame)
        before, after = (padded[:-1], padded[1:]) if axis == 0 else (padded[:, :-1], padded[:, 1:])
        outside += float((np.maximum(before, after) ** 2).sum())
    return float(np.sqrt(inside / max(outside, 1.0)))

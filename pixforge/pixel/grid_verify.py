"""Is it pixel art at all? Evidence for a grid that was found, gathered in one confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba
from pixforge.pixel.grid_cells import cell_samples, unify_cells
from pixforge.pixel.grid_deblur import Fit
from pixforge.pixel.grid_exact import blended_edges, colour_keys
from pixforge.pixel.grid_pitch import Pitch

# Logistic regression on sprites that were enlarged, blurred, jittered and compressed, against drawings that were scaled
# and compressed; the figures are rounded.
_BIAS, _COHERENCE, _UNEXPLAINED, _BLENDED, _WITNESSES = -7.2, 6.7, -13.8, -4.4, 0.4
_OBLONG = -2.0
_MAX_WITNESSES = 15.0
_BLOCK = 72  # cells a side
_NOISE = 4.0  # levels that no picture has to explain
_LOW_CONTRAST = 8.0  # levels; steps between cells much smaller than this count as so much


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against a grid.

    Attributes:
        coherence: 0..1, how strictly the edges of the worse axis keep the beat of the grid.
        unexplained: 0.., what blurred flat cells do not explain, of the contrast between cells. About 0.05 in worn
            pixel art, 0.2 in drawings.
        blended: 0..1, share of cell contrasts with a one-off in-between colour, as anti-aliasing leaves.
        witnesses: how many independent edge lines lie on the grid.
        oblong: cells are more than half longer than wide, or the other way round, which pixel art seldom is.
    """

    coherence: float
    unexplained: float
    blended: float
    witnesses: float
    oblong: bool

    @property
    def confidence(self) -> float:
        """Probability 0..1 that the picture is pixel art on this grid."""
        score = _BIAS + _COHERENCE * self.coherence + _UNEXPLAINED * min(self.unexplained, 1.0)
        score += _BLENDED * self.blended + _WITNESSES * min(self.witnesses, _MAX_WITNESSES)
        score += _OBLONG * self.oblong
        return float(1 / (1 + np.exp(-score)))


def weigh(
    pixels: Rgba,
    grids: tuple[Pitch, Pitch],
    edges_x: NDArray[np.float64],
    edges_y: NDArray[np.float64],
    fit: Fit,
) -> Evidence:
    """Gather the evidence for a grid with these borders in a picture, uint8 (H, W, 4)."""
    cells = unify_cells(cell_samples(pixels, *_busiest_block(pixels, edges_x, edges_y)))
    witnesses = sum(
        min(grid.lines, len(edges) - 2) * grid.coherence**2
        for grid, edges in zip(grids, (edges_x, edges_y), strict=True)
    )
    return Evidence(
        coherence=min(grid.coherence for grid in grids),
        unexplained=max(fit.rest - _NOISE, 0.0) / (fit.contrast + _LOW_CONTRAST),
        blended=blended_edges(cells, colour_keys(cells)),
        witnesses=witnesses,
        oblong=bool(abs(np.log(grids[0].pitch / grids[1].pitch)) > np.log(1.5)),
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

"""Grid recovery: find the cells of pixel art that was enlarged, blurred, compressed or made by a generator.

`recover` finds the grid or refuses; `sample` takes one true colour from every cell.

    edges (grid_edges) -> pitch and phase of both axes together (grid_pitch) -> every single border (grid_borders)
    -> evidence and confidence (grid_deblur, grid_verify). Exact enlargements and true-size pixel art are settled before
    (grid_exact).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import NotPixelArtError
from pixforge.image.picture import Picture, Rgba
from pixforge.pixel.grid_borders import place_borders
from pixforge.pixel.grid_cells import sample
from pixforge.pixel.grid_deblur import fit_cells
from pixforge.pixel.grid_edges import find_edges
from pixforge.pixel.grid_exact import colour_keys, small_and_hard, true_size, whole_enlargement
from pixforge.pixel.grid_lattice import Grid
from pixforge.pixel.grid_pitch import Pitch, find_pitches
from pixforge.pixel.grid_verify import weigh

__all__ = ["MIN_CONFIDENCE", "Grid", "recover", "sample"]

MIN_CONFIDENCE = 0.5
_MIN_SIDE = 12  # pixels; a smaller picture has no room for an enlarged grid
_MIN_CELLS = 6  # on an axis; fewer bear too little witness of a beat
_DOUBTFUL = 0.85  # coherence below which a look from further away may see more clearly
_REDUCTIONS = (2, 4)


@dataclass(frozen=True, eq=False)
class _Found:
    grids: tuple[Pitch, Pitch]
    edges_x: NDArray[np.float64]
    edges_y: NDArray[np.float64]
    scale: int

    @property
    def coherence(self) -> float:
        return min(grid.coherence for grid in self.grids)


def recover(picture: Picture) -> Grid:
    """Return the grid of cells of a picture that is pixel art, however enlarged.

    Raises:
        NotPixelArtError: no grid fits, or the confidence is below MIN_CONFIDENCE: drawings, photographs, gradients.
    """
    grid = judge(picture)
    if grid is None or grid.confidence < MIN_CONFIDENCE:
        raise NotPixelArtError("this is not pixel art: no grid of cells fits it", "give a cell size or another method")
    return grid


def judge(picture: Picture) -> Grid | None:
    """Return the best grid with its confidence, however low; None when the picture gives nothing to judge by."""
    keys = colour_keys(picture.pixels)
    exact = whole_enlargement(keys) or true_size(picture.pixels, keys)
    if exact is not None:
        return exact
    grid = _estimate(picture.pixels) if min(keys.shape) >= _MIN_SIDE else None
    if grid is None or grid.confidence < MIN_CONFIDENCE:
        return small_and_hard(picture.pixels, keys) or grid
    return grid


def _estimate(pixels: Rgba) -> Grid | None:
    found, reduced = _search(pixels, 1), pixels
    for scale in _REDUCTIONS:
        if (found is not None and found.coherence >= _DOUBTFUL) or min(pixels.shape[:2]) < 2 * scale * _MIN_SIDE:
            break
        reduced = _reduce(reduced)
        found = _better(found, _search(reduced, scale))
    if found is None:
        return None
    fit = fit_cells(pixels, found.edges_x, found.edges_y)
    evidence = weigh(pixels, found.grids, found.edges_x, found.edges_y, fit)
    (pitch_x, phase_x), (pitch_y, phase_y) = (
        _regular(edges, grid, found.scale)
        for edges, grid in zip((found.edges_x, found.edges_y), found.grids, strict=True)
    )
    return Grid(
        pitch_x=pitch_x,
        pitch_y=pitch_y,
        phase_x=phase_x,
        phase_y=phase_y,
        width=len(found.edges_x) - 1,
        height=len(found.edges_y) - 1,
        confidence=evidence.confidence,
        edges_x=found.edges_x,
        edges_y=found.edges_y,
        blur=fit.blur,
        rest=fit.rest,
    )


def _search(pixels: Rgba, scale: int) -> _Found | None:
    """Find a grid in a picture that was reduced `scale` times; its borders are in pixels of the original."""
    edges_x, edges_y = find_edges(pixels)
    grids = find_pitches(edges_x, edges_y)
    if grids is None:
        return None
    borders = place_borders(edges_x, grids[0]), place_borders(edges_y, grids[1])
    if min(len(line) for line in borders) <= _MIN_CELLS:
        return None
    return _Found(grids, borders[0] * scale, borders[1] * scale, scale)


def _better(fine: _Found | None, coarse: _Found | None) -> _Found | None:
    """Prefer the reduced picture's grid when it is clearly stricter and its cells are large enough to be seen there."""
    if coarse is None or min(grid.pitch for grid in coarse.grids) < 4:
        return fine
    return coarse if fine is None or coarse.coherence > fine.coherence + 0.05 else fine


def _reduce(pixels: Rgba) -> Rgba:
    """Return the picture at half the size, uint8, colours weighted by alpha; an odd last row or column is left out."""
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    quads = pixels[:height, :width].reshape(height // 2, 2, width // 2, 2, 4).astype(np.float32)
    alpha = quads[..., 3:]
    total = alpha.sum(axis=(1, 3))
    colour = (quads[..., :3] * alpha).sum(axis=(1, 3)) / np.maximum(total, 1)
    half: Rgba = np.rint(np.concatenate([colour, total / 4], axis=2)).astype(np.uint8)
    return half


def _regular(edges: NDArray[np.float64], grid: Pitch, scale: int) -> tuple[float, float]:
    """Return pitch and phase of the regular grid nearest to the borders that were placed, cut cells aside."""
    pitch = grid.pitch * scale
    if len(edges) < 5:
        return pitch, float(edges[1] - pitch)
    inner = edges[1:-1]
    slope, start = np.polyfit(np.arange(1, len(edges) - 1), inner, 1)
    return float(slope), float(start)

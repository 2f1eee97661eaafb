"""What colour each cell has: robust samples of its inner part, and the noise between cells of one colour removed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture, Rgba
from pixforge.pixel.grid_deblur import deblurred_cells
from pixforge.pixel.grid_lattice import Grid

Float = NDArray[np.float32]

_TRIES = 5  # samples along each side of a cell
_REACH = 2.5  # noise levels within which colours count as one
_MAX_BINS = 1500
_SMALL = 10.0  # pitch from which on the middle of a cell is free of blur
_SHARP = 0.35  # pixels of blur that need no undoing
_SOFT = 0.33  # pitches; a blur wider than this is a smooth enlargement, whose cell middles are true
_BLEED = 1.75  # pixels beside a border that the blur spoils


def cell_samples(
    pixels: Rgba, edges_x: NDArray[np.float64], edges_y: NDArray[np.float64], bleed: float = _BLEED
) -> Rgba:
    """Return samples of the inner part of every cell, uint8 (rows, columns, 5, 5, 4), down and across the cell.

    `bleed` is how many pixels beside a border the blur spoils; the innermost fifth of a cell is used in any case.
    """
    x, y = _places(edges_x, pixels.shape[1], bleed), _places(edges_y, pixels.shape[0], bleed)
    return pixels[y[:, None, :, None], x[None, :, None, :]]


def _places(edges: NDArray[np.float64], length: int, bleed: float) -> NDArray[np.intp]:
    size = np.diff(edges)
    margin = np.clip(bleed / size, 0.22, 0.42)
    share = margin[:, None] + (1 - 2 * margin[:, None]) * np.linspace(0, 1, _TRIES)
    place: NDArray[np.intp] = (edges[:-1, None] + size[:, None] * share).astype(np.intp)
    return np.clip(place, 0, length - 1)


def sample(picture: Picture, grid: Grid) -> Picture:
    """Return the picture at its true size, grid.width x grid.height, one pixel a cell.

    Alpha is 0 or 255 and transparent cells are all zero. Cells whose colours differ by no more than the picture's own
    noise (blur, compression) get one common colour; an exact grid keeps every colour to the byte. Where cells are so
    small that blur reaches their middle, it is undone (grid_deblur).
    """
    pixels, edges = picture.pixels, (grid.edges_x, grid.edges_y)
    if grid.exact:
        cells = cell_samples(pixels, *edges)[:, :, _TRIES // 2, _TRIES // 2].copy()
        return Picture(_binary(cells, cells[..., 3] >= 128))
    if min(grid.pitch_x, grid.pitch_y) < _SMALL and _SHARP < grid.blur < _SOFT * min(grid.pitch_x, grid.pitch_y):
        return Picture(_finish(*deblurred_cells(pixels, *edges, grid.blur), grid.rest))
    return Picture(unify_cells(cell_samples(pixels, *edges, bleed=max(1.0, 2.0 * grid.blur))))


def unify_cells(samples: Rgba) -> Rgba:
    """Return one colour a cell, uint8 (rows, columns, 4), with alpha 0 or 255, noise between equal cells removed."""
    return _finish(*robust_colours(samples))


def _finish(colours: Float, alpha: Float, noise: float) -> Rgba:
    opaque = alpha >= 128
    cells = np.zeros((*opaque.shape, 4), dtype=np.uint8)
    cells[opaque, :3] = np.clip(np.rint(unify(colours[opaque], noise)), 0, 255)
    return _binary(cells, opaque)


def _binary(cells: Rgba, opaque: NDArray[np.bool_]) -> Rgba:
    cells[..., 3] = np.where(opaque, 255, 0)
    cells[~opaque] = 0
    return cells


def robust_colours(samples: Rgba) -> tuple[Float, Float, float]:
    """Return each cell's colour float32 (rows, columns, 3), its alpha (rows, columns), and the noise in levels.

    A channel's value is the mean of the middle half of its samples.
    """
    flat = samples.reshape(*samples.shape[:2], -1, 4)
    ordered = np.sort(flat, axis=2)
    count = flat.shape[2]
    middle = ordered[:, :, count // 4 : count - count // 4].mean(axis=2, dtype=np.float32)
    opaque = middle[..., 3] >= 128
    spread = (ordered[:, :, (3 * count) // 4] - ordered[:, :, count // 4])[opaque][:, :3]
    noise = float(np.median(spread.mean(axis=1))) / 1.35 if len(spread) else 0.0
    return middle[..., :3], middle[..., 3], noise


def unify(colours: Float, noise: float) -> Float:
    """Give colours (N, 3) that noise alone tells apart one common value, float32 (N, 3).

    Every coarse colour bin goes with the densest bin within reach, and each cluster takes the mean of its members, so
    that no colour moves further than the reach.
    """
    if not len(colours):
        return colours
    reach = float(np.clip(_REACH * noise, 3.0, 14.0))
    member = _bins(colours, reach / 2)
    count = np.bincount(member).astype(np.float32)
    centre = np.stack([np.bincount(member, colours[:, c]) for c in range(3)], axis=1).astype(np.float32)
    centre /= count[:, None]
    square = (centre * centre).sum(axis=1)
    near = square[:, None] + square[None, :] - 2 * centre @ centre.T < reach * reach
    leader = _leaders(near, near @ count)
    cluster = leader[member]
    weight = np.maximum(np.bincount(cluster, minlength=len(count)), 1)
    mean = np.stack([np.bincount(cluster, colours[:, c], len(count)) for c in range(3)], axis=1) / weight[:, None]
    unified: Float = mean[cluster].astype(np.float32)
    return unified


def _leaders(near: NDArray[np.bool_], density: Float) -> NDArray[np.intp]:
    """Return for every bin the densest bin within reach that is not itself led by another."""
    leader = np.full(len(near), -1, dtype=np.intp)
    for candidate in np.argsort(-density, kind="stable"):
        if leader[candidate] < 0:
            leader[near[candidate] & (leader < 0)] = candidate
    return leader


def _bins(colours: Float, size: float) -> NDArray[np.intp]:
    """Return each colour's bin, 0..bins-1, in a lattice of this size, or coarser if there would be too many bins."""
    while True:
        index = (colours / size).astype(np.int64)
        member: NDArray[np.intp]
        found, member = np.unique((index[:, 0] << 32) | (index[:, 1] << 16) | index[:, 2], return_inverse=True)
        if len(found) <= _MAX_BINS:
            return member.reshape(-1)
        size *= 1.5

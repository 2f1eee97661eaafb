"""Where every single border lies: the regular grid bent to the edges by dynamic programming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.grid_edges import Edges
from pixforge.pixel.grid_pitch import Pitch

Float = NDArray[np.float64]

_STRETCH = 0.35  # a cell may be so much longer or shorter than the pitch
_SPREAD = 0.08  # expected deviation of a cell's length, in pitches
_PULL = 0.10  # expected deviation of a border from the regular grid, in pitches, where the grid is regular
_STEPS = 20  # positions tried a pitch, at least
_MAX_BINS = 4
_PRESENT = 0.1  # nats a border, so that none is left out where there is nothing to see
_PICTURE_BORDER = 3.0  # nats for a cell border at the picture's border
_PARTIAL = 0.5  # a cell cut by the picture's border counts when at least so much of it is left


def place_borders(edges: Edges, grid: Pitch) -> Float:
    """Return the cell borders along one axis, float64 (cells + 1,), increasing, within 0..edges.length.

    Among all sequences of borders whose distances are near the pitch, the one is taken that gathers the most edges, at
    the least stretching and, where the edges keep the regular grid's beat, the least departure from it.
    """
    bins = int(np.clip(np.ceil(_STEPS / grid.pitch), 1, _MAX_BINS))
    reward = _reward(edges, grid, bins)
    inner = _best_path(reward, grid.pitch * bins, grid.uncropped) / bins
    inner = _centre(inner, edges, grid.pitch)
    return _close(inner, edges.length, grid.pitch)


def _reward(edges: Edges, grid: Pitch, bins: int) -> Float:
    """Log-likelihood ratio of a border at each of length * bins + 1 positions."""
    profile = edges.profile(bins)
    sigma = max(0.06 * grid.pitch, 0.5) * bins
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    smooth = np.convolve(np.pad(profile, reach), kernel / kernel.sum(), mode="valid")
    smooth = np.concatenate([smooth[:1], 0.5 * (smooth[1:] + smooth[:-1]), smooth[-1:]])
    floor = 0.2 * smooth.mean() + 1e-9
    position = np.arange(len(smooth)) / bins
    beat = (position - grid.phase + grid.pitch / 2) % grid.pitch - grid.pitch / 2
    pull = 0.5 * (beat / (_PULL * grid.pitch)) ** 2 * np.clip((grid.coherence - 0.8) / 0.12, 0, 1)
    reward: Float = np.minimum(np.log1p(smooth / floor), 4.0) - pull + _PRESENT
    reward[[0, -1]] += _PICTURE_BORDER
    return reward


def _best_path(reward: Float, pitch: float, uncropped: bool) -> NDArray[np.intp]:
    """Return the best sequence of borders as indices into reward; the pitch is in the same steps."""
    steps = np.arange(max(1, int(np.ceil(pitch * (1 - _STRETCH)))), int(pitch * (1 + _STRETCH)) + 1)
    cost = 0.5 * ((steps - pitch) / (_SPREAD * pitch)) ** 2
    shortest, longest, count = int(steps[0]), int(steps[-1]), len(reward)
    margin = 1 if uncropped else min(int(np.ceil(pitch)), count)
    best = np.full(count + longest, -np.inf)  # the first places lie left of the picture: nothing begins there
    came = np.full(count, -1, dtype=np.intp)
    for first in range(0, count, shortest):  # borders less than the shortest step apart do not depend on each other
        place = np.arange(first, min(first + shortest, count))
        options = best[place[:, None] + longest - steps] - cost
        choice = np.argmax(options, axis=1)
        value = np.take_along_axis(options, choice[:, None], axis=1)[:, 0]
        begins = (place < margin) & (value < 0)
        came[place] = np.where(begins | (value == -np.inf), -1, place - steps[choice])
        best[place + longest] = np.where(begins, 0.0, value) + reward[place]
    end = count - margin + int(np.argmax(best[len(best) - margin :]))
    path = [end]
    while came[path[-1]] >= 0:
        path.append(int(came[path[-1]]))
    return np.array(path[::-1], dtype=np.intp)


def _centre(borders: Float, edges: Edges, pitch: float) -> Float:
    """Move every border to the centre of gravity of the edges near it, where there are any."""
    nearest = np.clip(np.searchsorted(borders, edges.position), 1, len(borders) - 1)
    nearest -= edges.position - borders[nearest - 1] < borders[nearest] - edges.position
    offset = edges.position - borders[nearest]
    weight = edges.weight * (np.abs(offset) < 0.15 * pitch)
    mass = np.bincount(nearest, weight, minlength=len(borders))
    moment = np.bincount(nearest, weight * offset, minlength=len(borders))
    centred: Float = borders + moment / (mass + 0.5)
    return centred


def _close(borders: Float, length: int, pitch: float) -> Float:
    """Clip to the picture and keep what a crop has left of the first and last cell when it is most of a cell."""
    borders = np.clip(borders, 0, length)
    if borders[0] > _PARTIAL * pitch:
        borders = np.concatenate([[0.0], borders])
    if length - borders[-1] > _PARTIAL * pitch:
        borders = np.concatenate([borders, [float(length)]])
    return borders

"""Grey-scale morphology on uint8 pictures: octagonal closing and opening, and the hats that find thin structures.

Source: J. Serra, Image Analysis and Mathematical Morphology, 1982 (top-hat after F. Meyer). The octagon is a square
dilated by a diamond, so that a slanted line counts as thin at about the same width as an upright one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


def _span(plane: Grey, radius: int, axis: int, pick: np.ufunc) -> Grey:
    """Running extremum over 2 * radius + 1 pixels along one axis, by doubling; edges are repeated."""
    pad = [(0, 0), (0, 0)]
    pad[axis] = (radius, radius)
    out = np.pad(plane, pad, mode="edge")
    width, want = 1, 2 * radius + 1
    while width < want:
        step = min(width, want - width)
        out = pick(out[:-step], out[step:]) if axis == 0 else pick(out[:, :-step], out[:, step:])
        width += step
    return out


def _cross(plane: Grey, pick: np.ufunc) -> Grey:
    """Extremum over a pixel and its four neighbours; edges are repeated."""
    out = plane.copy()  # without padding: an edge that is repeated changes no extremum
    for to, of in ((np.s_[1:], np.s_[:-1]), (np.s_[:-1], np.s_[1:])):
        pick(out[to], plane[of], out=out[to])
        pick(out[:, to], plane[:, of], out=out[:, to])
    return out


def _octagon(plane: Grey, radius: int, pick: np.ufunc) -> Grey:
    diamond = round(0.586 * radius)
    square = radius - diamond
    out = _span(_span(plane, square, 0, pick), square, 1, pick) if square else plane
    for _ in range(diamond):
        out = _cross(out, pick)
    return out


def dilate(plane: Grey, radius: int) -> Grey:
    """Largest value within an octagon of `radius` pixels: (H, W) uint8 to the same."""
    return _octagon(plane, radius, np.maximum)


def erode(plane: Grey, radius: int) -> Grey:
    """Smallest value within an octagon of `radius` pixels: (H, W) uint8 to the same."""
    return _octagon(plane, radius, np.minimum)


def black_hat(plane: Grey, radius: int) -> Grey:
    """How much darker a pixel is than its surroundings, for structures thinner than 2 * radius + 1 pixels."""
    return erode(dilate(plane, radius), radius) - plane


def white_hat(plane: Grey, radius: int) -> Grey:
    """How much lighter a pixel is than its surroundings, for structures thinner than 2 * radius + 1 pixels."""
    return plane - dilate(erode(plane, radius), radius)

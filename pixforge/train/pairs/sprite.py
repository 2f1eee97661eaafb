"""Sprites as labels and colours, and what is done to them before they become drawings."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.colour import oklab_to_srgb, srgb_to_oklab

Rgba = NDArray[np.uint8]
Generator = np.random.Generator

_GREY: Final = np.array([0.299, 0.587, 0.114], np.float32)


def hardened(pixels: Rgba) -> Rgba:
    """Return the picture with alpha 0 or 255 and RGB 0 where transparent."""
    out = pixels.copy()
    out[..., 3] = np.where(pixels[..., 3] >= 128, 255, 0)
    out[out[..., 3] == 0] = 0
    return out


def flipped(pixels: Rgba, rng: Generator) -> Rgba:
    """Return the sprite mirrored left to right half of the time (never upside down: light falls from above)."""
    return pixels[:, ::-1] if rng.random() < 0.5 else pixels


def recoloured(pixels: Rgba, rng: Generator) -> Rgba:
    """Return the sprite with other colours: a turn of hue, a change of chroma, of contrast and of lightness.

    A linear map of RGB, so that ramps stay ramps and equal colours stay equal.
    """
    colour = pixels[..., :3].astype(np.float32)
    matrix: NDArray[np.floating] = np.eye(3)
    if rng.random() < 0.7:
        matrix = _hue_turn(rng.uniform(0, 2 * np.pi))
    grey = np.outer(np.ones(3, np.float32), _GREY)
    chroma = rng.uniform(0.3, 1.4)
    matrix = (grey + (matrix - grey) * chroma) * rng.uniform(0.7, 1.15)
    lift = rng.uniform(-24, 40)
    out = pixels.copy()
    out[..., :3] = np.clip(colour @ matrix.T.astype(np.float32) + lift + 0.5, 0, 255)
    out[out[..., 3] == 0] = 0
    return out


def strayed(pixels: Rgba, most: float, rng: Generator) -> Rgba:
    """Return the sprite with other lightness, contrast and chroma, a tint, and each of its colours a little on its own.

    Args:
        pixels: with hard alpha.
        most: standard deviation of the step in lightness, OKLab. Hue moves by a third of it, as it belongs to what is
            shown; contrast and chroma change by about five times as much of themselves.
        rng: the only source of chance.
    """
    colours, place, count = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True, return_counts=True)
    lab, shown = srgb_to_oklab(colours[:, :3]), count * (colours[:, 3] > 0)
    middle = (lab * shown[:, None]).sum(axis=0) / max(shown.sum(), 1)
    contrast, chroma = np.exp(5 * most * rng.normal(size=2))
    moves = most * (rng.normal(size=3) + rng.normal(size=lab.shape) / 2) * (1, 0.35, 0.35)
    moved = colours.copy()
    moved[:, :3] = np.rint(oklab_to_srgb(middle + (lab - middle) * (contrast, chroma, chroma) + moves))
    moved[colours[:, 3] == 0] = 0
    return moved[place].reshape(pixels.shape)


def inked(pixels: Rgba, rng: Generator) -> Rgba:
    """Return the sprite with a dark line one cell wide along its silhouette, and sometimes between its colours.

    Args:
        pixels: with hard alpha.
        rng: the only source of chance.
    """
    padded = np.pad(pixels, ((1, 1), (1, 1), (0, 0)))
    sides = [np.roll(padded, step, axis)[1:-1, 1:-1] for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1))]
    line = np.any([side[..., 3] == 0 for side in sides], axis=0)
    if rng.random() < 0.5:  # one cell wide: on the one side of a border only
        line = line | np.any([(side != pixels).any(axis=-1) for side in sides[::2]], axis=0)
    line &= pixels[..., 3] > 0
    out = pixels.copy()
    out[line, :3] = rng.integers(0, 70, 3)
    return out


def _hue_turn(angle: float) -> NDArray[np.float32]:
    """Rotation of RGB about the grey axis (Rodrigues' formula)."""
    c, s = np.cos(angle), np.sin(angle)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    return np.asarray(c * np.eye(3) + s * cross + (1 - c) / 3, np.float32)

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
    """Return the sprite with its colours moved at random: all of them one way, and each a little on its own.

    Args:
        pixels: with hard alpha.
        most: standard deviation of both moves together, OKLab.
        rng: the only source of chance.
    """
    colours, place = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True)
    moves = (rng.normal(size=(1, 3)) + rng.normal(size=(len(colours), 3))) * most / np.sqrt(2)
    moved = colours.copy()
    moved[:, :3] = np.rint(oklab_to_srgb(srgb_to_oklab(colours[:, :3]) + moves))
    moved[colours[:, 3] == 0] = 0
    return moved[place].reshape(pixels.shape)


def _hue_turn(angle: float) -> NDArray[np.float32]:
    """Rotation of RGB about the grey axis (Rodrigues' formula)."""
    c, s = np.cos(angle), np.sin(angle)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    return np.asarray(c * np.eye(3) + s * cross + (1 - c) / 3, np.float32)

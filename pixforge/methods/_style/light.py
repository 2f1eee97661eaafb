"""Where a style's light comes from: how lightness goes with the slope of a subject's silhouette.

Statistics of features know how much a style shades, not where. The slope of a sprite's rounded silhouette is a rough
normal of its surface; a linear fit of lightness to it tells the direction of the light, and places shades as the style
would.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.cells import box3

Array = NDArray[np.float32]
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_STYLE_ROUNDS: Final = 3  # blurs of a sprite's silhouette: a few cells of slope
_MOST: Final = 0.25  # of lightness 0..1 that a cell is moved


def light_of(pictures: list[Picture]) -> Array:
    """Return float32 (3,): lightness 0..1 a unit of slope to the right, of slope downwards, and of height."""
    slopes, tones = [], []
    for picture in pictures:
        opaque = picture.pixels[..., 3] >= 128
        tone = picture.pixels[..., :3].astype(np.float32) @ _LUMA / np.float32(255)
        slopes.append(_slopes(opaque, _STYLE_ROUNDS)[opaque])
        tones.append(tone[opaque] - tone[opaque].mean())
    shape, tone = np.concatenate(slopes), np.concatenate(tones)
    held = shape.T @ shape + 1e-2 * len(shape) * np.eye(3, dtype=np.float32)
    return np.asarray(np.linalg.solve(held, shape.T @ tone), np.float32)


def lit(opaque: NDArray[np.bool_], light: Array) -> Array:
    """Return float32 (H, W): how much lighter each cell of a silhouette is under a light, 0 on average and outside."""
    if not opaque.any() or opaque.all():  # without a silhouette there are no slopes
        return np.zeros(opaque.shape, np.float32)
    shade = _slopes(opaque, max(2, min(opaque.shape) // 10)) @ light
    shade = np.where(opaque, shade - shade[opaque].mean(), 0)
    out: Array = np.clip(shade, -_MOST, _MOST).astype(np.float32)
    return out


def _slopes(opaque: NDArray[np.bool_], rounds: int) -> Array:
    """Slope to the right, slope downwards and height (H, W, 3) of a silhouette rounded off, each about -1..1."""
    padded = np.pad(opaque.astype(np.float32), rounds + 1)
    height: Array = padded
    for _ in range(rounds):
        height = box3(height) / np.float32(9) * padded
    down, across = (np.asarray(slope, np.float32) for slope in np.gradient(height))
    steep = float(np.hypot(down, across).max()) + 1e-6
    inner = slice(rounds + 1, -rounds - 1)
    level: Array = np.asarray(height)[inner, inner]
    if opaque.any():
        level = level - np.float32(level[opaque].mean())
    return np.stack([-across[inner, inner] / steep, -down[inner, inner] / steep, level], axis=-1)

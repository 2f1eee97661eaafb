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
from pixforge.pixel.pieces import label

Array = NDArray[np.float32]
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_STYLE_ROUNDS: Final = 3  # blurs of a sprite's silhouette: a few cells of slope
_MOST_ROUNDS: Final = 12
_AREAS: Final = 0.6  # how much the areas count against the whole subject
_LEAST, _SHARE = 12, 0.02  # cells, and share of the subject, from which an area is a body of its own
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


def lit(opaque: NDArray[np.bool_], areas: NDArray[np.int32], light: Array) -> Array:
    """Return float32 (H, W): how much lighter each cell of a subject is under a light, 0 on average and outside.

    A subject is one body, and each of its larger areas (hair, a face, a sleeve) is a body on it: a pixel artist shades
    both.

    Args:
        opaque: bool (H, W), the subject.
        areas: int32 (H, W), a number for each area of one colour in it, -1 elsewhere.
        light: as `light_of` measures it.
    """
    shade = np.zeros(opaque.shape, np.float32)
    if not opaque.any():
        return shade
    if not opaque.all():  # without a silhouette there are no slopes
        shade += (1 - _AREAS) * _under(opaque, light)
    numbers, sizes = np.unique(areas[areas >= 0], return_counts=True)
    for number in numbers[sizes >= max(_LEAST, _SHARE * opaque.sum())]:
        shade += _AREAS * _under(areas == number, light)
    out: Array = np.clip(shade, -_MOST, _MOST).astype(np.float32)
    return out


def _under(body: NDArray[np.bool_], light: Array) -> Array:
    """How much lighter each cell of a body is, 0 on average; 0 outside."""
    if body.all():
        return np.zeros(body.shape, np.float32)
    rows, columns = (np.flatnonzero(body.any(axis=axis)) for axis in (1, 0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    cut = _filled(body[part])
    rounds = int(np.clip(np.sqrt(cut.sum()) / 6, 2, _MOST_ROUNDS))
    found = _slopes(cut, rounds) @ light
    shade = np.zeros(body.shape, np.float32)
    shade[part] = np.where(cut, found - found[cut].mean(), 0)
    return np.where(body, shade, np.float32(0))


def _filled(body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A body without its holes: eyes in a face are no pits that the light falls into."""
    empty = np.pad(~body, 1, constant_values=True)
    labels = label(empty[1:] & empty[:-1], empty[:, 1:] & empty[:, :-1])
    outside: NDArray[np.bool_] = (empty & (labels == labels[0, 0]))[1:-1, 1:-1]
    return ~outside


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

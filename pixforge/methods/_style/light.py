"""Where a style's light comes from: how lightness goes with the slope of the bodies in its pictures.

Statistics of features know how much a style shades, not where. An area of one hue (a face, a sleeve) is taken for a
rounded body; the slope of its silhouette, blurred, is a rough normal of its surface. A linear fit of lightness to it
tells the direction of the light. Height is left out: lightness that grows away from the edges all round is the outline,
or what pixel artists call pillow shading and avoid.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.cells import box3
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.pieces import label

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_STYLE_ROUNDS: Final = 3  # blurs of a style's areas: a few cells of slope
_ROUNDING: Final = 16  # cells of a body for each blur: heat that flows out at its rim leaves a dome ...
_MOST_ROUNDS: Final = 96  # ... after so many at most
_OUTLINE: Final = 0.25  # OKLab lightness below which a cell of a style is outline
_GREY: Final = 0.03  # OKLab chroma below which a cell has no hue
_HUES: Final = 8
_SEEN: Final = 0.01  # lightness a unit of slope from which a style's light counts in full
_AREAS: Final = 0.6  # how much the areas count against the whole subject
_LEAST, _SHARE = 12, 0.02  # cells, and share of the subject, from which an area is a body of its own
_MOST: Final = 0.25  # of lightness 0..1 that a cell is moved


def light_of(pictures: list[Picture]) -> Array:
    """Return float32 (2,): the light, to the right and downwards, as long as lightness 0..1 varies in a style's areas.

    Lit from above left both are negative; a style of flat areas, or without a direction in them, has nearly none.
    """
    slopes, tones = [np.zeros((1, 2), np.float32)], [np.zeros(1, np.float32)]
    for picture in pictures:
        inside, tone = _shading(picture)
        slopes.append(_slopes(inside, _STYLE_ROUNDS)[inside])
        tones.append(tone[inside])
    shape, tone = np.concatenate(slopes), np.concatenate(tones)
    held = shape.T @ shape + 1e-2 * len(shape) * np.eye(2, dtype=np.float32)
    found = np.linalg.solve(held, shape.T @ tone)
    length = float(np.linalg.norm(found))
    sure = min(1.0, length / _SEEN)
    return np.asarray(found / max(length, 1e-6) * sure * tone.std(), np.float32)


def _shading(picture: Picture) -> tuple[Mask, Array]:
    """The cells of larger areas of one hue, without outlines, and how much lighter each is than its area."""
    lab = srgb_to_oklab(picture.pixels[..., :3])
    body = (picture.pixels[..., 3] >= 128) & (lab[..., 0] >= _OUTLINE)
    turn = (np.arctan2(lab[..., 2], lab[..., 1]) / np.pi + 1) / 2
    hue = np.where(np.hypot(lab[..., 1], lab[..., 2]) < _GREY, _HUES, np.minimum(turn * _HUES, _HUES - 1).astype(int))
    down = (hue[1:] == hue[:-1]) & body[1:] & body[:-1]
    across = (hue[:, 1:] == hue[:, :-1]) & body[:, 1:] & body[:, :-1]
    labels = label(down, across)
    sizes = np.bincount(labels[body], minlength=labels.size)
    tone = picture.pixels[..., :3].astype(np.float32) @ _LUMA / np.float32(255)
    means = np.bincount(labels[body], weights=tone[body], minlength=labels.size) / np.maximum(sizes, 1)
    return body & (sizes[labels] >= _LEAST), (tone - means[labels]).astype(np.float32)


def lit(opaque: Mask, areas: NDArray[np.int32], light: Array) -> Array:
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
    shade += (1 - _AREAS) * _under(opaque, light)
    numbers, sizes = np.unique(areas[areas >= 0], return_counts=True)
    for number in numbers[sizes >= max(_LEAST, _SHARE * opaque.sum())]:
        shade += _AREAS * _under(areas == number, light)
    out: Array = np.clip(shade, -_MOST, _MOST).astype(np.float32)
    return out


def _under(body: Mask, light: Array) -> Array:
    """How much lighter each cell of a body is, 0 on average; 0 outside, and where it fills the picture."""
    shade = np.zeros(body.shape, np.float32)
    if body.all():
        return shade
    rows, columns = (np.flatnonzero(body.any(axis=axis)) for axis in (1, 0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    own, cut = body[part], _filled(body[part])
    found = _slopes(cut, int(np.clip(cut.sum() / _ROUNDING, 3, _MOST_ROUNDS))) @ light
    shade[part] = np.where(own, found - found[own].mean(), 0)
    return shade


def _filled(body: Mask) -> Mask:
    """A body without its holes: eyes in a face are no pits that the light falls into."""
    empty = np.pad(~body, 1, constant_values=True)
    labels = label(empty[1:] & empty[:-1], empty[:, 1:] & empty[:, :-1])
    outside: Mask = (empty & (labels == labels[0, 0]))[1:-1, 1:-1]
    return ~outside


def _slopes(body: Mask, rounds: int) -> Array:
    """Slope (H, W, 2) to the right and downwards of a silhouette rounded off, each about -1..1; up is negative."""
    padded = np.pad(body.astype(np.float32), rounds + 1)
    height: Array = padded
    for _ in range(rounds):
        height = box3(height) / np.float32(9) * padded
    down, across = (np.asarray(slope, np.float32) for slope in np.gradient(height))
    steep = float(np.hypot(down, across).max()) + 1e-6
    inner = slice(rounds + 1, -rounds - 1)
    return np.stack([-across[inner, inner] / steep, -down[inner, inner] / steep], axis=-1)

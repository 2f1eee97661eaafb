"""Is it still the same picture: colours after a low pass, silhouette. Arrays are straight RGBA uint8 (H, W, 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import resize
from pixforge.pixel.cells import max3
from pixforge.pixel.colour import linear_to_srgb, srgb_to_linear, srgb_to_oklab

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Fidelity:
    """Colours beside those of the drawing, both low-passed to about two cells in linear light; OKLab times 100.

    Attributes:
        distance: mean distance, weighted by the drawing's coverage; 2 is just visible on flat areas.
        border: the same over the cells beside transparency or the edge of the picture.
        inside: the same over all others.
        lightness: mean signed difference; above 0: lighter than the drawing.
        chroma: mean signed difference; below 0: washed out.
        hue: mean absolute metric difference of hue, 2 * sqrt(C1 * C2) * sin(angle / 2), which grey areas hardly add to.
        tint: length of the mean step in a and b: a cast over the whole picture.
    """

    distance: float
    border: float
    inside: float
    lightness: float
    chroma: float
    hue: float
    tint: float


def fidelity(drawing: Rgba, cells: Rgba) -> Fidelity:
    """Compare an output with its drawing; the drawing is brought to the output's size by area average."""
    height, width = cells.shape[:2]
    small = _area(_linear(drawing), width, height)
    wanted, weight = _low_pass(small)
    got, coverage = _low_pass(_linear(cells))
    seen = weight * (coverage > 0.05)
    rim = _rim(small[..., 3] >= 0.5)
    step = got - wanted
    gap = np.sqrt((step * step).sum(axis=-1))
    before, after = (np.hypot(lab[..., 1], lab[..., 2]) for lab in (wanted, got))
    around = step[..., 1] ** 2 + step[..., 2] ** 2 - (after - before) ** 2
    return Fidelity(
        distance=100 * _mean(gap, seen),
        border=100 * _mean(gap, seen * rim),
        inside=100 * _mean(gap, seen * ~rim),
        lightness=100 * _mean(step[..., 0], seen),
        chroma=100 * _mean(after - before, seen),
        hue=100 * _mean(np.sqrt(np.maximum(around, 0)), seen),
        tint=100 * float(np.hypot(_mean(step[..., 1], seen), _mean(step[..., 2], seen))),
    )


def silhouette(drawing: Rgba, cells: Rgba) -> float | None:
    """Intersection over union of the output's opaque cells and those that the drawing covers by half, 0..1.

    None for an opaque drawing.
    """
    if drawing[..., 3].min() >= 128:
        return None
    height, width = cells.shape[:2]
    return _overlap(resize(Picture(drawing), width, height).pixels[..., 3] >= 128, cells[..., 3] >= 128)


def fine_silhouette(drawing: Rgba, cells: Rgba) -> float | None:
    """The same at four pixels a cell, where cells cannot follow: how high it can be depends on the drawing alone.

    Drawings of solid shapes leave room to about 0.97, icons of thin strokes to 0.75.
    """
    if drawing[..., 3].min() >= 128:
        return None
    height, width = cells.shape[:2]
    fine = resize(Picture(drawing), 4 * width, 4 * height).pixels[..., 3] >= 128
    return _overlap(fine, np.repeat(np.repeat(cells[..., 3] >= 128, 4, axis=0), 4, axis=1))


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float | None:
    union = int((one | other).sum())
    return float((one & other).sum() / union) if union else None


def resized(pixels: Rgba, width: int, height: int) -> Rgba:
    """Return a picture of the wrong size at the right one, by area average."""
    return resize(Picture(pixels), width, height).pixels


def _linear(pixels: Rgba) -> Plane:
    """Premultiplied linear light and coverage, 0..1."""
    alpha = pixels[..., 3:].astype(np.float32) / np.float32(255)
    return np.concatenate([srgb_to_linear(pixels[..., :3]) * alpha, alpha], axis=-1)


def _area(planes: Plane, width: int, height: int) -> Plane:
    """Exact area average to width x height, in linear light."""
    from PIL import Image

    if planes.shape[:2] == (height, width):
        return planes
    bands = (np.ascontiguousarray(planes[..., band]) for band in range(4))
    return np.stack(
        [np.asarray(Image.fromarray(band).resize((width, height), Image.Resampling.BOX)) for band in bands], axis=-1
    )


def _rim(opaque: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Opaque cells with a neighbour that is transparent or outside."""
    outside = np.pad((~opaque).astype(np.float32), 1, constant_values=1)
    return np.asarray(opaque & (max3(outside)[1:-1, 1:-1] > 0))


def _low_pass(value: Plane) -> tuple[Plane, Plane]:
    """OKLab and coverage after two passes of a 1-2-1 filter in linear light, edges repeated."""
    for _ in range(2):
        for axis in (0, 1):
            padded = np.pad(value, [(1, 1) if axis == side else (0, 0) for side in range(3)], mode="edge")
            first, middle, last = (np.take(padded, range(s, s + value.shape[axis]), axis) for s in range(3))
            value = (first + 2 * middle + last) / np.float32(4)
    coverage = value[..., 3]
    return srgb_to_oklab(linear_to_srgb(value[..., :3] / np.maximum(coverage, 1e-6)[..., None])), coverage


def _mean(values: Plane, weight: NDArray[np.floating]) -> float:
    return float((values * weight).sum() / max(float(weight.sum()), 1e-9))

"""One exact pair: a canvas of sprites and a drawing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Final

import numpy as np

from pixforge.image.picture import Picture
from pixforge.train.pairs.contour import contoured
from pixforge.train.pairs.degrade import blurred, compressed, noisy, shaded
from pixforge.train.pairs.enlarge import Filter, Fine, averaged, filtered, premultiplied, scale2x, vector_like
from pixforge.train.pairs.lines import random_reluctance
from pixforge.train.pairs.sprite import Generator, Rgba
from pixforge.typed_toml import Range

Share = Annotated[float, Range(0.0, 1.0)]


@dataclass(frozen=True)
class PairOptions:
    """How drawings are made out of sprites.

    Attributes:
        enlargers: how often each enlarger is used (relative): vector, lined, scale2x, smooth, nearest, contour.
        scales: pixels a cell of the drawing before preprocessing, and how often each (relative), as "4" = 1.0.
        shift: largest shift beside the grid in cells; above 0.25 the answer becomes unpredictable.
        shade: how often soft shading is added.
        shade_amplitude: its largest standard deviation, 0..255.
        blur: how often the drawing is blurred.
        blur_radius: largest standard deviation of the blur in cells.
        noise: how often noise is added (standard deviation up to 8 of 255).
        compress: how often an opaque drawing goes through JPEG.
    """

    enlargers: dict[str, float] = field(
        default_factory=lambda: {"vector": 0.25, "lined": 0.35, "scale2x": 0.12, "smooth": 0.2, "nearest": 0.08}
    )
    scales: dict[str, float] = field(default_factory=lambda: {"4": 0.45, "6": 0.25, "8": 0.3})
    shift: Annotated[float, Range(0.0, 0.5)] = 0.2
    shade: Share = 0.3
    shade_amplitude: Annotated[float, Range(0.0, 64.0)] = 14.0
    blur: Share = 0.35
    blur_radius: Annotated[float, Range(0.0, 1.0)] = 0.25
    noise: Share = 0.15
    compress: Share = 0.25


@dataclass(frozen=True, eq=False)
class Pair:
    """A drawing and its right answer.

    Attributes:
        drawing: RGBA uint8 of `scale` pixels a cell.
        logical: the pixel art, RGBA uint8 with hard alpha.
        scale: pixels a cell of the drawing.
    """

    drawing: Picture
    logical: Picture
    scale: int


def make_pair(canvas: Rgba, options: PairOptions, rng: Generator) -> Pair:
    """Turn a canvas of true pixel art into a pair.

    Args:
        canvas: (H, W, 4) with hard alpha.
        options: how.
        rng: the only source of chance.
    """
    sprite = premultiplied(canvas)
    scale = int(_pick(options.scales, rng))
    shift = (float(rng.uniform(-1, 1)) * options.shift, float(rng.uniform(-1, 1)) * options.shift)
    fine = ENLARGERS[_pick(options.enlargers, rng)](sprite, scale, shift, rng)
    fine = _degraded(fine, sprite, scale, options, rng)
    return Pair(straight(fine), Picture(canvas), scale)


def straight(fine: Fine) -> Picture:
    """Return a premultiplied float drawing as a picture."""
    from PIL import Image

    rounded = np.clip(fine + 0.5, 0, 255).astype(np.uint8)
    np.minimum(rounded, rounded[..., 3:], out=rounded)
    return Picture(np.array(Image.frombytes("RGBa", fine.shape[1::-1], rounded.tobytes()).convert("RGBA")))


def _degraded(fine: Fine, sprite: Fine, scale: int, options: PairOptions, rng: Generator) -> Fine:
    if rng.random() < options.shade:
        fine = shaded(fine, sprite, float(rng.uniform(0.2, 1.0)) * options.shade_amplitude, rng)
    if rng.random() < options.blur:
        fine = blurred(fine, float(rng.uniform(0.3, 1.0)) * options.blur_radius * scale)
    if rng.random() < options.noise:
        fine = noisy(fine, float(rng.uniform(1.0, 8.0)), rng)
    if rng.random() < options.compress:
        fine = compressed(fine, int(rng.integers(35, 95)))
    return fine


Enlarger = Callable[[Fine, int, tuple[float, float], Generator], Fine]


def _vector(sprite: Fine, scale: int, shift: tuple[float, float], rng: Generator) -> Fine:
    return vector_like(sprite, filtered(sprite, scale, _smooth_filter(rng), shift), scale)


def _lined(sprite: Fine, scale: int, shift: tuple[float, float], rng: Generator) -> Fine:
    smooth = filtered(sprite, scale, _smooth_filter(rng), shift)
    return vector_like(sprite, smooth, scale, random_reluctance(sprite, rng))


def _scale2x(sprite: Fine, scale: int, shift: tuple[float, float], _rng: Generator) -> Fine:
    """Scale2x twice (four pixels a cell), then to the scale wanted: anti-aliased or enlarged again."""
    twice = scale2x(scale2x(sprite))
    moved = np.roll(twice, (round(shift[0] * 4), round(shift[1] * 4)), axis=(0, 1))
    if scale % 4 == 0:
        return np.repeat(np.repeat(moved, scale // 4, axis=0), scale // 4, axis=1)
    eightfold = np.repeat(np.repeat(moved, scale // 2, axis=0), scale // 2, axis=1)
    return averaged(eightfold, 2)


def _smooth(sprite: Fine, scale: int, shift: tuple[float, float], rng: Generator) -> Fine:
    kinds: tuple[Filter, ...] = ("bilinear", "bicubic", "lanczos")
    return filtered(sprite, scale, kinds[int(rng.integers(3))], shift)


def _nearest(sprite: Fine, scale: int, shift: tuple[float, float], _rng: Generator) -> Fine:
    return filtered(sprite, scale, "nearest", shift)


def _contour(sprite: Fine, scale: int, _shift: tuple[float, float], _rng: Generator) -> Fine:
    return averaged(contoured(sprite, 2 * scale), 2)


ENLARGERS: Final[dict[str, Enlarger]] = {
    "vector": _vector,
    "lined": _lined,
    "scale2x": _scale2x,
    "smooth": _smooth,
    "nearest": _nearest,
    "contour": _contour,
}


def _smooth_filter(rng: Generator) -> Filter:
    return "bilinear" if rng.random() < 0.5 else "bicubic"


def _pick(shares: dict[str, float], rng: Generator) -> str:
    names = sorted(shares)
    weights = np.array([shares[name] for name in names], np.float64)
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]

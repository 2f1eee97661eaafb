"""One exact pair: a canvas of sprites and a drawing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Final

import numpy as np

from pixforge.image.picture import Picture
from pixforge.train.pairs.contour import contoured
from pixforge.train.pairs.degrade import blurred, compressed, noisy, shaded
from pixforge.train.pairs.enlarge import (
    Filter,
    Fine,
    averaged,
    filtered,
    premultiplied,
    scale2x,
    softened,
    vector_like,
    warped,
)
from pixforge.train.pairs.lines import random_reluctance
from pixforge.train.pairs.sprite import Generator, Rgba, inked, strayed
from pixforge.typed_toml import Range

Share = Annotated[float, Range(0.0, 1.0)]


@dataclass(frozen=True)
class PairOptions:
    """How drawings are made out of sprites.

    Attributes:
        enlargers: how often each enlarger is used (relative): vector, lined, scale2x, smooth, nearest, contour.
        scales: pixels a cell of the drawing before preprocessing, and how often each (relative), as "4" = 1.0.
        soften: bounds of the blur before tracing, in cells; the more, the more one-cell details shrink or vanish.
        shift: largest shift beside the grid in cells; above 0.25 the answer becomes unpredictable.
        warp: how often the drawing is bent softly.
        warp_reach: largest standard deviation of the bending in cells.
        shade: how often soft shading is added.
        shade_amplitude: its largest standard deviation, 0..255.
        blur: how often the drawing is blurred.
        blur_radius: largest standard deviation of the blur in cells.
        noise: how often noise is added (standard deviation up to 8 of 255).
        compress: how often an opaque drawing goes through JPEG.
        stray: how far (OKLab, standard deviation) the drawing's colours lie from the sprite's, so that a style's own
            colours and contrast are learnt. Of the run's own sprites only, never of those that are replayed.
        ink: how often the drawing has dark outlines that the sprite has not; likewise.
    """

    enlargers: dict[str, float] = field(
        default_factory=lambda: {"vector": 0.25, "lined": 0.35, "scale2x": 0.12, "smooth": 0.2, "nearest": 0.08}
    )
    scales: dict[str, float] = field(default_factory=lambda: {"4": 0.45, "6": 0.25, "8": 0.3})
    soften: tuple[float, float] = (0.3, 0.82)
    shift: Annotated[float, Range(0.0, 0.5)] = 0.25
    warp: Share = 0.6
    warp_reach: Annotated[float, Range(0.0, 0.5)] = 0.22
    shade: Share = 0.3
    shade_amplitude: Annotated[float, Range(0.0, 64.0)] = 20.0
    blur: Share = 0.35
    blur_radius: Annotated[float, Range(0.0, 1.0)] = 0.25
    noise: Share = 0.15
    compress: Share = 0.25
    stray: Annotated[float, Range(0.0, 0.5)] = 0.0
    ink: Share = 0.0


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
    sprite = premultiplied(_disguised(canvas, options, rng))
    scale = int(_pick(options.scales, rng))
    shift = (float(rng.uniform(-1, 1)) * options.shift, float(rng.uniform(-1, 1)) * options.shift)
    spread = float(rng.uniform(*options.soften))
    fine = ENLARGERS[_pick(options.enlargers, rng)](sprite, Way(scale, shift, spread, _bend(scale, options, rng)), rng)
    fine = _degraded(fine, sprite, scale, options, rng)
    return Pair(straight(fine), Picture(canvas), scale)


def _disguised(canvas: Rgba, options: PairOptions, rng: Generator) -> Rgba:
    """The sprite as somebody with another style would have coloured it."""
    if options.stray:
        canvas = strayed(canvas, options.stray, rng)
    return inked(canvas, rng) if options.ink and rng.random() < options.ink else canvas


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


@dataclass(frozen=True)
class Way:
    """How one drawing is made.

    Attributes:
        scale: pixels a cell.
        shift: cells beside the grid, down and across.
        spread: blur before tracing, in cells.
        bend: standard deviation of the bending in pixels; 0: none.
    """

    scale: int
    shift: tuple[float, float]
    spread: float
    bend: float


Enlarger = Callable[[Fine, Way, Generator], Fine]


def _bend(scale: int, options: PairOptions, rng: Generator) -> float:
    return float(rng.uniform(0.3, 1.0)) * options.warp_reach * scale if rng.random() < options.warp else 0.0


def _smoothed(sprite: Fine, way: Way, rng: Generator) -> Fine:
    """The sprite blurred, enlarged smoothly and bent."""
    kind: Filter = "bilinear" if rng.random() < 0.5 else "bicubic"
    return _bent(filtered(softened(sprite, way.spread), way.scale, kind, way.shift), way, rng)


def _bent(fine: Fine, way: Way, rng: Generator) -> Fine:
    """The drawing displaced by a field that varies over about four cells."""
    from PIL import Image

    if not way.bend:
        return fine
    height, width = fine.shape[:2]
    coarse = rng.normal(0.0, way.bend, (2, height // (4 * way.scale) + 2, width // (4 * way.scale) + 2))
    down, across = (
        np.asarray(Image.fromarray(plane.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC))
        for plane in coarse
    )
    return warped(fine, down, across)


def _vector(sprite: Fine, way: Way, rng: Generator) -> Fine:
    return vector_like(sprite, _smoothed(sprite, way, rng), way.scale)


def _lined(sprite: Fine, way: Way, rng: Generator) -> Fine:
    return vector_like(sprite, _smoothed(sprite, way, rng), way.scale, random_reluctance(sprite, rng))


def _scale2x(sprite: Fine, way: Way, rng: Generator) -> Fine:
    """Scale2x twice (four pixels a cell), then to the scale wanted: enlarged again, or anti-aliased."""
    twice = scale2x(scale2x(sprite))
    moved = np.roll(twice, (round(way.shift[0] * 4), round(way.shift[1] * 4)), axis=(0, 1))
    if way.scale % 4 == 0:
        return _bent(np.repeat(np.repeat(moved, way.scale // 4, axis=0), way.scale // 4, axis=1), way, rng)
    eightfold = np.repeat(np.repeat(moved, way.scale // 2, axis=0), way.scale // 2, axis=1)
    return _bent(averaged(eightfold, 2), way, rng)


def _smooth(sprite: Fine, way: Way, rng: Generator) -> Fine:
    kinds: tuple[Filter, ...] = ("bilinear", "bicubic", "lanczos")
    kind = kinds[int(rng.integers(3))]
    soft = softened(sprite, way.spread) if rng.random() < 0.7 else sprite
    return _bent(filtered(soft, way.scale, kind, way.shift), way, rng)


def _nearest(sprite: Fine, way: Way, _rng: Generator) -> Fine:
    return filtered(sprite, way.scale, "nearest", way.shift)


def _contour(sprite: Fine, way: Way, rng: Generator) -> Fine:
    return _bent(averaged(contoured(sprite, 2 * way.scale, 0.35 + 0.6 * way.spread), 2), way, rng)


ENLARGERS: Final[dict[str, Enlarger]] = {
    "vector": _vector,
    "lined": _lined,
    "scale2x": _scale2x,
    "smooth": _smooth,
    "nearest": _nearest,
    "contour": _contour,
}


def _pick(shares: dict[str, float], rng: Generator) -> str:
    names = sorted(shares)
    weights = np.array([shares[name] for name in names], np.float64)
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]

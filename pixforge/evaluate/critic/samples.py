"""What the critic learns from: real sprites of many sources beside algorithmic downscales.

Every real sprite has partners that were made of itself (turned into a drawing, then downscaled), so that subject,
source and colours tell nothing; downscales of real drawings come on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import resize
from pixforge.pixel.agreement import agree
from pixforge.train.baselines import BASELINES, mapped
from pixforge.train.data.manifest import Entry
from pixforge.train.data.store import Collection, load_collection
from pixforge.train.pairs.make import Pair, PairOptions, make_pair
from pixforge.train.pairs.sprite import hardened

Generator = np.random.Generator

METHODS: Final = ("nearest", "area", "k-centroid", "lanczos")
LARGEST: Final = 48  # cells on a side; larger sprites are cut
_SEED: Final = 4711
_SMALLEST, _OPAQUE = 7, 36  # cells on a side, opaque cells
_FINE: Final = 4  # pixels a cell of the drawings in between
_GROUNDED: Final = 0.35  # of the sprites that leave cells empty lie, with their downscales, on an opaque flat ground
_GREYS: Final = (255, 255, 0, 128, 192, 240)
_ALIKE: Final = 0.9  # a downscale that gives back more of the artist's cells is not called made
_TRIES: Final = 3
_DRAWN: Final = PairOptions(
    enlargers={"vector": 0.25, "lined": 0.25, "smooth": 0.2, "contour": 0.15, "scale2x": 0.15},
    scales={"4": 1.0},
    shift=0.5,  # the answer need not be predictable: the more it is off the grid, the more differs from the artist's
)


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture to learn from.

    Attributes:
        cells: RGBA uint8 (H, W, 4), hard alpha, at most LARGEST on a side.
        real: whether an artist placed the cells.
        source: collection that the sprite or the drawing came from.
        group: of the data set: pictures of one subject.
    """

    cells: Rgba
    real: bool
    source: str
    group: str


def gather(root: Path, each: int, wanted: Callable[[Entry], bool] = lambda _: True) -> tuple[Sample, ...]:
    """Return samples out of a data set: the same ones on every call.

    Args:
        root: the data set.
        each: sprites of a source, at most; two downscales of each are made, and `each` of every source of drawings.
        wanted: which pictures may be used.
    """
    sprites = load_collection(
        root, lambda e: e.kind == "pixel" and min(e.width, e.height) >= _SMALLEST and e.colours > 0 and wanted(e)
    )
    drawings = load_collection(root, lambda entry: entry.kind == "drawing" and wanted(entry))
    found = [*_sprites(sprites, each), *_drawings(sprites, drawings, each)]
    return tuple(sample for sample in found if (sample.cells[..., 3] > 0).sum() >= _OPAQUE)


def made(drawing: Picture, width: int, height: int, colours: int, rng: Generator) -> Rgba:
    """Return an algorithmic downscale of a drawing by a random method: RGBA (height, width, 4), hard alpha."""
    method = METHODS[int(rng.integers(len(METHODS)))]
    if method == "lanczos":
        cells = hardened(resize(drawing, width, height, "lanczos").pixels)
    else:
        shrinks = drawing.width >= _FINE * width and drawing.height >= _FINE * height
        fine = resize(drawing, _FINE * width, _FINE * height, "box" if shrinks else "bilinear")
        cells = BASELINES[method](Pair(fine, Picture(np.zeros((height, width, 4), np.uint8)), _FINE))
    return mapped(cells, colours) if rng.random() < 0.6 else _median_cut(cells, colours)


def _sprites(sprites: Collection, each: int) -> Iterator[Sample]:
    for index, entry in _drawn(sprites, each):
        rng = np.random.default_rng((_SEED, 1, index))
        canvas = _grounded(_cut(sprites.pixels(index), rng), rng)
        yield Sample(canvas, True, entry.source, entry.group)
        for shift in (False, True):
            cells = _redrawn(canvas, shift, rng)
            if cells is not None:
                yield Sample(cells, False, entry.source, entry.group)


def _grounded(canvas: Rgba, rng: Generator) -> Rgba:
    """Now and then the sprite on a flat ground with a margin, grey as often as coloured: a ground tells nothing."""
    if rng.random() >= _GROUNDED or canvas[..., 3].min() > 0:
        return canvas
    colour = np.full(3, rng.choice(_GREYS)) if rng.random() < 0.5 else rng.integers(0, 256, 3)
    down, across = (int(rng.integers(0, max(1, min(5, LARGEST - length + 1)))) for length in canvas.shape[:2])
    wide = np.pad(canvas, ((down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0)))
    return np.where(wide[..., 3:] > 0, wide, np.array([*colour, 255], np.uint8))


def _redrawn(canvas: Rgba, other_grid: bool, rng: Generator) -> Rgba | None:
    """The sprite drawn and downscaled again, to its own grid or to another; None if nearly nothing changed."""
    height, width = canvas.shape[:2]
    for _ in range(_TRIES):
        drawing = make_pair(canvas, _DRAWN, rng).drawing
        if other_grid:
            factor = float(rng.uniform(0.6, 1.3))
            across, down = (min(LARGEST, max(_SMALLEST, round(length * factor))) for length in (width, height))
            return made(drawing, across, down, _colours(canvas, rng), rng)
        cells = made(drawing, width, height, _colours(canvas, rng), rng)
        if (agree(cells, canvas).exact or 0.0) < _ALIKE:
            return cells
    return None


def _drawings(sprites: Collection, drawings: Collection, each: int) -> Iterator[Sample]:
    """Drawings at the sizes and with the colour counts of real sprites."""
    for index, entry in _drawn(drawings, each):
        rng = np.random.default_rng((_SEED, 2, index))
        model = _cut(sprites.pixels(int(rng.integers(len(sprites)))), rng)
        drawing = Picture(drawings.pixels(index))
        scale = max(12, *model.shape[:2]) / max(drawing.width, drawing.height)
        size = (max(_SMALLEST, round(drawing.width * scale)), max(_SMALLEST, round(drawing.height * scale)))
        yield Sample(made(drawing, *size, _colours(model, rng), rng), False, entry.source, entry.group)


def _drawn(collection: Collection, each: int) -> Iterator[tuple[int, Entry]]:
    """Up to `each` random pictures of every source."""
    places: dict[str, list[int]] = {}
    for index, entry in enumerate(collection.entries):
        places.setdefault(entry.source, []).append(index)
    for source in sorted(places):
        rng = np.random.default_rng((_SEED, len(places[source])))
        for index in rng.permutation(places[source])[:each]:
            yield int(index), collection.entries[int(index)]


def _cut(pixels: Rgba, rng: Generator) -> Rgba:
    """The sprite with hard alpha, or a random part of a large one."""
    height, width = (min(LARGEST, length) for length in pixels.shape[:2])
    y, x = (
        int(rng.integers(0, length - part + 1)) for length, part in zip(pixels.shape, (height, width), strict=False)
    )
    return hardened(np.ascontiguousarray(pixels[y : y + height, x : x + width]))


def _colours(cells: Rgba, rng: Generator) -> int:
    """About as many colours as a real sprite has."""
    count = len(np.unique(cells[cells[..., 3] > 0][:, :3], axis=0))
    return int(np.clip(round(count * float(rng.uniform(0.7, 1.4))), 2, 64))


def _median_cut(cells: Rgba, colours: int) -> Rgba:
    from PIL import Image

    shown = cells[..., 3] > 0
    if not shown.any():
        return cells
    strip = Image.fromarray(np.ascontiguousarray(cells[shown][None, :, :3]))
    out = cells.copy()
    reduced = strip.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    out[shown, :3] = np.asarray(reduced)[0]
    return out

"""What a critic is fitted to: real sprites of many sources, and algorithmic downscales of drawings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.critic.features import Values, features
from pixforge.evaluate.methods import downscaled
from pixforge.image.picture import Picture, Rgba
from pixforge.train.data.manifest import Entry
from pixforge.train.data.store import Collection, load_collection
from pixforge.train.pairs.make import PairOptions, make_pair
from pixforge.train.pairs.sprite import hardened

_SEED: Final = 4711
_METHODS: Final = ("nearest", "area", "k-centroid")
_LEAST, _MOST = 12, 48  # cells on a side; larger sprites are cut
_OPAQUE: Final = 60


@dataclass(frozen=True, eq=False)
class Samples:
    """Features of pictures.

    Attributes:
        rows: (N, F).
        real: (N,), whether an artist placed the cells.
        sources: (N,), collection that sprite or drawing came from.
    """

    rows: Values
    real: NDArray[np.bool_]
    sources: NDArray[np.str_]


def gather(root: Path, each: int) -> Samples:
    """Return the samples of a data set: up to `each` sprites of a source, and as many made of each drawing source.

    Made ones are of two kinds: real drawings, and sprites that were turned into drawings first, so that subject and
    size say nothing. Their sizes and colour counts are those of real sprites.
    """
    sprites = load_collection(root, lambda entry: entry.kind == "pixel" and min(entry.width, entry.height) >= _LEAST)
    drawings = load_collection(root, lambda entry: entry.kind == "drawing")
    found = [*_real(sprites, each), *_redrawn(sprites, each), *_made(sprites, drawings, each)]
    kept = [(pixels, real, source) for pixels, real, source in found if (pixels[..., 3] > 0).sum() >= _OPAQUE]
    return Samples(
        np.stack([features(pixels) for pixels, _, _ in kept]),
        np.array([real for _, real, _ in kept]),
        np.array([source for _, _, source in kept]),
    )


def balanced(samples: Samples) -> Values:
    """Return weights under which real and made count alike, and so do the sources among each."""
    weight = np.zeros(len(samples.real))
    for real in (True, False):
        kinds = np.unique(samples.sources[samples.real == real])
        for source in kinds:
            some = (samples.real == real) & (samples.sources == source)
            weight[some] = 1 / (len(kinds) * some.sum())
    return weight


def _real(sprites: Collection, each: int) -> Iterator[tuple[Rgba, bool, str]]:
    for index, entry in _drawn(sprites, each, 0):
        yield _cut(sprites.pixels(index), _chance(0, index)), True, entry.source


def _redrawn(sprites: Collection, each: int) -> Iterator[tuple[Rgba, bool, str]]:
    options = PairOptions(enlargers={"vector": 0.3, "lined": 0.3, "smooth": 0.2, "contour": 0.2}, scales={"8": 1.0})
    for index, entry in _drawn(sprites, max(1, each // 2), 1):
        rng = _chance(1, index)
        canvas = _cut(sprites.pixels(index), rng)
        pair = make_pair(canvas, options, rng)
        method = _METHODS[int(rng.integers(len(_METHODS)))]
        size = (canvas.shape[1], canvas.shape[0])
        yield downscaled(method, pair.drawing, *size, _colours(canvas, rng)), False, entry.source


def _made(sprites: Collection, drawings: Collection, each: int) -> Iterator[tuple[Rgba, bool, str]]:
    for index, entry in _drawn(drawings, max(1, each // 2), 2):
        rng = _chance(2, index)
        model = _cut(sprites.pixels(int(rng.integers(len(sprites)))), rng)
        drawing = drawings.pixels(index)
        scale = max(model.shape[:2]) / max(drawing.shape[:2])
        size = (max(1, round(drawing.shape[1] * scale)), max(1, round(drawing.shape[0] * scale)))
        method = _METHODS[int(rng.integers(len(_METHODS)))]
        yield downscaled(method, Picture(drawing), *size, _colours(model, rng)), False, entry.source


def _drawn(collection: Collection, each: int, purpose: int) -> Iterator[tuple[int, Entry]]:
    """Up to `each` random pictures of every source."""
    places: dict[str, list[int]] = {}
    for index, entry in enumerate(collection.entries):
        places.setdefault(entry.source, []).append(index)
    for source in sorted(places):
        rng = np.random.default_rng((_SEED, purpose, len(places[source])))
        for index in rng.permutation(places[source])[:each]:
            yield int(index), collection.entries[int(index)]


def _cut(pixels: Rgba, rng: np.random.Generator) -> Rgba:
    """The sprite with hard alpha, or a random part of a large one."""
    height, width = (min(_MOST, length) for length in pixels.shape[:2])
    y, x = (
        int(rng.integers(0, length - part + 1)) for length, part in zip(pixels.shape, (height, width), strict=False)
    )
    return hardened(np.ascontiguousarray(pixels[y : y + height, x : x + width]))


def _colours(cells: Rgba, rng: np.random.Generator) -> int:
    """About as many colours as a real sprite has."""
    count = len(np.unique(cells[cells[..., 3] > 0][:, :3], axis=0))
    return int(np.clip(round(count * float(rng.uniform(0.7, 1.4))), 2, 64))


def _chance(purpose: int, index: int) -> np.random.Generator:
    return np.random.default_rng((_SEED, purpose, index))

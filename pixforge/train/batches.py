"""Batches: a function of recipe, data and step alone, so that a resumed run sees what an uninterrupted one sees."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.pixel.ground import groundless
from pixforge.preprocess import CELL, Array, conditions, drawing_array, logical_array
from pixforge.train.batch import Batch, joined
from pixforge.train.data.manifest import Entry, Split
from pixforge.train.data.store import Collection, load_collection, source_weights
from pixforge.train.pairs.canvas import compose, on_ground
from pixforge.train.pairs.contour import contoured
from pixforge.train.pairs.cut import grid_size, ladder, random_cut
from pixforge.train.pairs.enlarge import averaged, premultiplied
from pixforge.train.pairs.make import make_pair, straight
from pixforge.train.pairs.pixelise import pixelised
from pixforge.train.pairs.shapes import made_up
from pixforge.train.pairs.sprite import Generator, Rgba, flipped, hardened, recoloured
from pixforge.train.pairs.true import aligned
from pixforge.train.recipe import DataOptions, Recipe
from pixforge.train.taught import Teacher

_TRIES = 24  # true pairs looked at for one that agrees well enough
_GROUNDS = (255, 255, 0, 128, 192, 240)


@dataclass(frozen=True)
class Counts:
    """How many of each a step takes from one data set; see `DataOptions`."""

    pairs: int
    reverse: int
    drawings: int = 0
    art: int = 0
    true: int = 0
    shapes: int = 0


def shares(data: DataOptions, replayed: bool) -> tuple[Counts, Counts]:
    """Return what comes from the run's own data set and what from the replay data set."""
    names = ("pairs", "reverse", "drawings", "true")
    again = {name: round(getattr(data, name) * data.replay) if replayed else 0 for name in names}
    own = {name: getattr(data, name) - again[name] for name in names}
    return Counts(**own, art=data.art, shapes=data.shapes), Counts(**again)


def make_batches(recipe: Recipe, root: Path, replay: Path | None = None) -> Batches:
    """Return the batches of a run.

    Args:
        recipe: of the run.
        root: its data set.
        replay: the data set of which a share `data.replay` of the pictures comes, so that nothing is forgotten.

    Raises:
        SettingsError: a data set has too few pictures, or the recipe wants true pairs and there are none.
    """
    own, again = shares(recipe.data, replay is not None)
    parts = [_Source(recipe, root, own, 0)]
    if replay is not None:
        parts.append(_Source(replace(recipe, pairs=replace(recipe.pairs, stray=0.0, ink=0.0)), replay, again, 100))
    return Batches(parts)


class Batches:
    """The batches of a run, by step."""

    def __init__(self, parts: list[_Source]) -> None:
        self._parts = parts

    def batch(self, step: int) -> Batch:
        """Return the batch of a step."""
        return joined([part.batch(step) for part in self._parts])


class _Source:
    """What one data set gives.

    Args:
        recipe: of the run.
        root: the data set.
        counts: how many of each.
        stream: keeps the chances of two data sets apart.
        split: which part of it.
    """

    def __init__(self, recipe: Recipe, root: Path, counts: Counts, stream: int, split: Split = "train") -> None:
        self._recipe, self._counts, self._stream = recipe, counts, stream

        def usable(entry: Entry) -> bool:
            return entry.split == split and recipe.data.weights.get(entry.source, 1.0) > 0

        self._sprites = load_collection(root, lambda entry: usable(entry) and entry.kind == "pixel")
        self._drawings = load_collection(root, lambda entry: usable(entry) and entry.kind == "drawing")
        self._real = recipe.data.real if len(self._drawings) or not recipe.lenient else 0.0
        wanted = counts.reverse * self._real or (counts.drawings and not recipe.lenient)
        if not len(self._sprites) or (wanted and not len(self._drawings)):
            raise SettingsError(f"the data set has too few pictures in split {split}", "add more, or split again", root)
        self._sprite_share = np.cumsum(source_weights(self._sprites.entries, recipe.data.weights))
        self._drawing_share = np.cumsum(source_weights(self._drawings.entries, recipe.data.weights))
        self._teacher = Teacher(root) if recipe.loss.taught else None
        self._pairs = _true_pairs(self._sprites, self._drawings) if counts.true else []
        if counts.true and not self._pairs:
            raise SettingsError("the data set has no true pairs", "add some with a table that has a pair key", root)

    def batch(self, step: int) -> Batch:
        counts, chance = self._counts, self._chance
        forward = [self._forward(chance(step, 0, index)) for index in range(counts.pairs)]
        reverse = [self._reverse(chance(step, 1, index)) for index in range(counts.reverse)]
        real = [self._unpaired(chance(step, 2, index)) for index in range(counts.drawings)]
        art = [self._art(chance(step, 3, index)) for index in range(counts.art)]
        true = [self._true(chance(step, 4, index)) for index in range(counts.true)]
        shapes = [self._shapes(chance(step, 5, index)) for index in range(counts.shapes)]
        return Batch(
            *_columns(forward, 3), *_columns(reverse, 3), *_columns(real, 3), *_columns(art, 2), *_columns(true, 3),
            *_columns(shapes, 2),
        )  # fmt: skip

    def _chance(self, step: int, purpose: int, index: int) -> Generator:
        return np.random.default_rng((self._recipe.seed, step, purpose + self._stream, index))

    def _sprite(self, rng: Generator) -> Rgba:
        sprite = hardened(self._sprites.pixels(_drawn(self._sprite_share, rng)))
        bare = self._recipe.data.bare
        return groundless(sprite) if bare and rng.random() < bare else sprite

    def _canvas(self, rng: Generator) -> Rgba:
        data = self._recipe.data
        canvas = compose(lambda chance: flipped(self._sprite(chance), chance), data.side, rng)
        if rng.random() < data.recolour:
            canvas = recoloured(canvas, rng)
        if rng.random() < data.ground:
            canvas = on_ground(canvas, self._sprite, rng)
        return np.ascontiguousarray(canvas)

    def _forward(self, rng: Generator) -> tuple[np.ndarray, ...]:
        pair = make_pair(self._canvas(rng), self._recipe.pairs, rng)
        side = self._recipe.data.side
        condition = self._condition(pair.logical, float(pair.scale), rng)
        return drawing_array(pair.drawing, side, side), logical_array(pair.logical), condition

    def _reverse(self, rng: Generator) -> tuple[np.ndarray, ...]:
        side = self._recipe.data.side
        if rng.random() < self._real:
            drawing = self._drawings.pixels(_drawn(self._drawing_share, rng))
            pair = pixelised(drawing, side, rng)
            return (
                logical_array(pair.logical),
                drawing_array(pair.drawing, side, side),
                self._condition(pair.logical, CELL, rng),
            )
        canvas = self._canvas(rng)
        drawing_picture = straight(averaged(contoured(premultiplied(canvas), 2 * CELL), 2))
        logical = Picture(canvas)
        return logical_array(logical), drawing_array(drawing_picture, side, side), self._condition(logical, CELL, rng)

    def _unpaired(self, rng: Generator) -> tuple[np.ndarray, ...]:
        """A part of a real drawing at a random cell size, and what the teacher makes of it (else emptiness)."""
        data = self._recipe.data
        if not len(self._drawings):
            fine, condition = self._shapes(rng)
            return fine, np.zeros((4, data.side, data.side), np.float32), condition
        index = _drawn(self._drawing_share, rng)
        drawing, sizes = Picture(self._drawings.pixels(index)), ladder(data.longest)
        # A taught drawing has one size for good: its answer is made once and kept.
        own = int(self._drawings.entries[index].hash[:8], 16)
        longest = sizes[own % len(sizes)] if self._teacher else sizes[int(rng.integers(len(sizes)))]
        height, width = grid_size(drawing.height, drawing.width, longest)
        answer = self._teacher.answer(drawing, height, width) if self._teacher else None
        cut = random_cut(height, width, data.side, rng)
        fine = cut.planes(drawing_array(drawing, width, height), CELL)
        logical = cut.planes(logical_array(answer) if answer else np.zeros((4, height, width), np.float32), 1)
        if rng.random() < data.ground:
            colour = np.full(3, rng.choice(_GROUNDS)) if rng.random() < 0.5 else rng.integers(0, 256, 3)
            fine, logical = _laid_on(fine, colour), _laid_on(logical, colour)
        count = _planes_count(logical) if answer and rng.random() < data.conditions else None
        return fine, logical, conditions(max(drawing.width, drawing.height) / longest, count)

    def _art(self, rng: Generator) -> tuple[np.ndarray, ...]:
        logical = Picture(self._canvas(rng))
        return logical_array(logical), self._condition(logical, CELL, rng)

    def _true(self, rng: Generator) -> tuple[np.ndarray, ...]:
        """A true pair whose silhouettes agree, on a canvas; an empty canvas if none is found soon."""
        data = self._recipe.data
        for _ in range(_TRIES):
            sprite, drawing = self._pairs[int(rng.integers(len(self._pairs)))]
            found = aligned(self._drawings.pixels(drawing), self._sprites.pixels(sprite), data.overlap)
            if found is not None:
                height, width = found[1].shape[1:]
                cut = random_cut(height, width, data.side, rng)
                cell = max(self._drawings.entries[drawing].width / width, 1.0)
                return cut.planes(found[0], CELL), cut.planes(found[1], 1), conditions(cell, None)
        empty = np.zeros((4, data.side, data.side), np.float32)
        return np.repeat(np.repeat(empty, CELL, 1), CELL, 2), empty, conditions(CELL, None)

    def _shapes(self, rng: Generator) -> tuple[np.ndarray, ...]:
        side = self._recipe.data.side
        drawing = Picture(made_up(CELL * side, CELL, rng))
        return drawing_array(drawing, side, side), conditions(float(2 ** rng.uniform(1, 4)), None)

    def _condition(self, logical: Picture, cell: float, rng: Generator) -> np.ndarray:
        told = rng.random() < self._recipe.data.conditions
        return conditions(cell, _colour_count(logical.pixels) if told else None)


def _true_pairs(sprites: Collection, drawings: Collection) -> list[tuple[int, int]]:
    """Indices of each sprite and each drawing that share a pair key."""
    found: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(drawings.entries):
        if entry.pair:
            found[entry.pair].append(index)
    return [(index, other) for index, entry in enumerate(sprites.entries) for other in found.get(entry.pair, [])]


def _drawn(share: np.ndarray, rng: Generator) -> int:
    """A random index, by cumulative shares."""
    return int(np.searchsorted(share, rng.random() * share[-1]))


def _laid_on(planes: Array, colour: np.ndarray) -> Array:
    """Premultiplied planes on an opaque ground of this colour, 0..255."""
    ground = np.append(colour / 255, 1.0).astype(np.float32)[:, None, None]
    return np.asarray(planes + (1 - planes[3:]) * ground, np.float32)


def _planes_count(logical: Array) -> int:
    return _colour_count(np.ascontiguousarray((logical * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0)))


def _colour_count(pixels: Rgba) -> int:
    shown = np.ascontiguousarray(pixels).view(np.uint32)[..., 0][pixels[..., 3] > 0]
    return max(1, len(np.unique(shown)))


def _columns(rows: list[tuple[np.ndarray, ...]], count: int) -> list[Tensor]:
    if not rows:
        return [torch.zeros(0)] * count
    return [torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True)]

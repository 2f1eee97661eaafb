"""Batches: a function of recipe, data and step alone, so that a resumed run sees what an uninterrupted one sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.preprocess import CELL, conditions, drawing_array, logical_array
from pixforge.train.data.manifest import Entry, Split
from pixforge.train.data.store import load_collection, source_weights
from pixforge.train.pairs.canvas import compose, on_ground
from pixforge.train.pairs.contour import contoured
from pixforge.train.pairs.enlarge import averaged, premultiplied
from pixforge.train.pairs.make import make_pair, straight
from pixforge.train.pairs.pixelise import pixelised
from pixforge.train.pairs.sprite import Generator, Rgba, flipped, hardened, recoloured
from pixforge.train.recipe import Recipe


@dataclass(frozen=True)
class Batch:
    """What one step looks at. Arrays as in `pixforge.preprocess`, stacked; S is the side of a canvas in cells.

    Attributes:
        drawing: (N, 4, 4S, 4S), drawings whose pixel art is known.
        logical: (N, 4, S, S), that pixel art.
        condition: (N, 3).
        reverse_logical: (M, 4, S, S), pixel art whose drawing is known.
        reverse_drawing: (M, 4, 4S, 4S), that drawing.
        reverse_condition: (M, 3).
    """

    drawing: Tensor
    logical: Tensor
    condition: Tensor
    reverse_logical: Tensor
    reverse_drawing: Tensor
    reverse_condition: Tensor

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device."""
        return Batch(**{name: value.to(device) for name, value in vars(self).items()})


class Batches:
    """The batches of a run, by step."""

    def __init__(self, recipe: Recipe, root: Path, split: Split = "train") -> None:
        self._recipe = recipe

        def usable(entry: Entry) -> bool:
            return entry.split == split and recipe.data.weights.get(entry.source, 1.0) > 0

        self._sprites = load_collection(root, lambda entry: usable(entry) and entry.kind == "pixel")
        self._drawings = load_collection(root, lambda entry: usable(entry) and entry.kind == "drawing")
        if not len(self._sprites) or (recipe.data.reverse * recipe.data.real and not len(self._drawings)):
            raise SettingsError(f"the data set has too few pictures in split {split}", "add more, or split again", root)
        self._sprite_share = np.cumsum(source_weights(self._sprites.entries, recipe.data.weights))
        self._drawing_share = np.cumsum(source_weights(self._drawings.entries, recipe.data.weights))

    def batch(self, step: int) -> Batch:
        """Return the batch of a step."""
        data = self._recipe.data
        forward = [self._forward(self._generator(step, 0, index)) for index in range(data.pairs)]
        reverse = [self._reverse(self._generator(step, 1, index)) for index in range(data.reverse)]
        columns = [*zip(*forward, strict=True)] or [()] * 3
        columns += [*zip(*reverse, strict=True)] or [()] * 3
        return Batch(*(_stacked(column) for column in columns))

    def _generator(self, step: int, purpose: int, index: int) -> Generator:
        return np.random.default_rng((self._recipe.seed, step, purpose, index))

    def _sprite(self, rng: Generator) -> Rgba:
        return hardened(self._sprites.pixels(_drawn(self._sprite_share, rng)))

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
        if rng.random() < self._recipe.data.real:
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

    def _condition(self, logical: Picture, cell: float, rng: Generator) -> np.ndarray:
        told = rng.random() < self._recipe.data.conditions
        return conditions(cell, _colour_count(logical.pixels) if told else None)


def _drawn(share: np.ndarray, rng: Generator) -> int:
    """A random index, by cumulative shares."""
    return int(np.searchsorted(share, rng.random() * share[-1]))


def _colour_count(pixels: Rgba) -> int:
    shown = np.ascontiguousarray(pixels).view(np.uint32)[..., 0][pixels[..., 3] > 0]
    return max(1, len(np.unique(shown)))


def _stacked(arrays: tuple[np.ndarray, ...]) -> Tensor:
    return torch.from_numpy(np.stack(arrays)) if arrays else torch.zeros(0)

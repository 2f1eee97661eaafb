"""Batches for the encoder: sprites, drawings made of them, and real drawings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.preprocess import CELL
from pixforge.train.data.store import load_collection, source_weights
from pixforge.train.pairs.canvas import compose, on_ground
from pixforge.train.pairs.make import PairOptions, make_pair
from pixforge.train.pairs.sprite import Generator, Rgba, flipped, hardened, recoloured

_GREY = 0.5  # how often a batch has no hue: the method often looks at lightness alone
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_RECOLOURED = 0.5


@dataclass(frozen=True, eq=False)
class EncoderBatch:
    """One step's pictures.

    Attributes:
        sprites: (N, 3, 4S, 4S), sRGB 0..1, each cell a block.
        drawings: likewise, the same canvases drawn smoothly.
        cells: (N, 3, S, S), their colours.
        others: (M, 3, 4S, 4S), real drawings.
        sources: int64 (N + M,), the collection of each sprite and real drawing.
    """

    sprites: Tensor
    drawings: Tensor
    cells: Tensor
    others: Tensor
    sources: Tensor


@dataclass(frozen=True, eq=False)
class _Row:
    pictures: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]  # blocks, drawing, cells
    source: int


class EncoderData:
    """A split of a data set, for training unless another is named.

    Args:
        root: its folder.
        side: cells across and down of a canvas.
        seed: of all chance.
        split: of the data set.

    Raises:
        SettingsError: it has too few pictures.
    """

    def __init__(self, root: Path, side: int, seed: int, split: str = "train") -> None:
        self._side, self._seed = side, seed
        self.sprites = load_collection(root, lambda entry: entry.split == split and entry.kind == "pixel")
        self.drawings = load_collection(root, lambda entry: entry.split == split and entry.kind == "drawing")
        if not len(self.sprites) or not len(self.drawings):
            raise SettingsError(f"the data set has no sprites or no drawings ({split})", "add more", root)
        self.sources = sorted({entry.source for entry in (*self.sprites.entries, *self.drawings.entries)})
        self._shares = [np.cumsum(source_weights(part.entries, {})) for part in (self.sprites, self.drawings)]
        self._options = PairOptions(scales={"4": 1.0})

    def batch(self, step: int, pairs: int, others: int) -> EncoderBatch:
        """Return the batch of a step: a function of data, seed and step alone."""
        rng = np.random.default_rng([self._seed, step])
        rows = [self._pair(rng) for _ in range(pairs)]
        real = [self._drawing(rng) for _ in range(others)]
        grey = rng.random() < _GREY

        def planes(pictures: list[NDArray[np.float32]]) -> Tensor:
            stacked = np.stack(pictures)
            if grey:
                stacked = np.repeat((stacked @ _LUMA)[..., None], 3, axis=-1)
            return torch.from_numpy(np.ascontiguousarray(stacked.transpose(0, 3, 1, 2)))

        sprites, drawings, cells = (planes([row.pictures[k] for row in rows]) for k in range(3))
        labels = [row.source for row in rows] + [label for _, label in real]
        return EncoderBatch(sprites, drawings, cells, planes([one for one, _ in real]), torch.tensor(labels))

    def _pair(self, rng: Generator) -> _Row:
        source = ""

        def draw(chance: Generator) -> Rgba:
            nonlocal source
            while True:  # a canvas is of one collection
                index = int(np.searchsorted(self._shares[0], chance.random() * self._shares[0][-1]))
                source = source or self.sprites.entries[index].source
                if self.sprites.entries[index].source == source:
                    return flipped(hardened(self.sprites.pixels(index)), chance)

        canvas = compose(draw, self._side, rng)
        if rng.random() < _RECOLOURED:
            canvas = recoloured(canvas, rng)
        canvas = on_ground(canvas, draw, rng)
        pair = make_pair(canvas, self._options, rng)
        logical = _colours(pair.logical)
        blocks = np.repeat(np.repeat(logical, CELL, axis=0), CELL, axis=1)
        return _Row((blocks, _colours(pair.drawing), logical), self.sources.index(source))

    def _drawing(self, rng: Generator) -> tuple[NDArray[np.float32], int]:
        from PIL import Image

        from pixforge.image.resample import composite

        index = int(np.searchsorted(self._shares[1], rng.random() * self._shares[1][-1]))
        grey = int(rng.choice([255, 255, 192, 128]))
        shown = composite(Picture(self.drawings.pixels(index)), (grey, grey, grey))
        side = CELL * self._side
        size = int(side * rng.uniform(1.0, 1.8))
        image = np.asarray(Image.fromarray(shown.pixels).convert("RGB").resize((size, size), Image.Resampling.BOX))
        top, left = (int(rng.integers(0, size - side + 1)) for _ in range(2))
        cut = image[top : top + side, left : left + side].astype(np.float32) / np.float32(255)
        return cut, self.sources.index(self.drawings.entries[index].source)


def _colours(picture: Picture) -> NDArray[np.float32]:
    return picture.pixels[..., :3].astype(np.float32) / np.float32(255)

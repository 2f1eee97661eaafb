"""Canvases cut out of lessons: a function of recipe, lessons and step alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixforge.methods._style.pictures import GROUND, inside
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.preprocess import CELL, conditions
from pixforge.train.pairs.cut import random_cut
from pixforge.train.student.lessons import NO_ANSWER, Lesson

_MARGIN: Final = 2  # cells, as pixforge.nn.style.cells repeats the edge
_TRIES: Final = 8  # cuts looked at for one that shows enough
_SHOWN: Final = 0.1  # share of a canvas that is enough
_LEAST_SPREAD: Final = 0.12  # deviation of lightness; a drawing of less would have a shade seen as black and white
_FAR: Final = 100.0  # OKLab of an entry that a palette lacks
_LOOSE: Final = 3.0  # temperature of the shares that the entries shall keep, as in the optimisation


@dataclass(frozen=True, eq=False)
class Canvases:
    """One step's canvases, or those of one lesson.

    Attributes:
        drawing: (N, 4, 4S, 4S), premultiplied 0..1.
        condition: (N, 3).
        palette: (N, K, 3), sRGB 0..1.
        placed: (N, K, 3), OKLab; entries that a canvas lacks are far away.
        own: int64 (N, S, S).
        held, opaque: bool (N, S, S).
        shade: (N, S, S).
        means: (N, 3, S, S).
        lines: (N, S, S).
        down, across: (N, S - 1, S) and (N, S, S - 1).
        usage: (N, K), sum 1.
        spread: (N, 2).
        answer: int64 (N, S, S), -1 where there is none.
        near: bool (N, S + 4, S + 4), cells on the subject or beside it, the encoder's margin included.
    """

    drawing: Tensor
    condition: Tensor
    palette: Tensor
    placed: Tensor
    own: Tensor
    held: Tensor
    opaque: Tensor
    shade: Tensor
    means: Tensor
    lines: Tensor
    down: Tensor
    across: Tensor
    usage: Tensor
    spread: Tensor
    answer: Tensor
    near: Tensor

    @property
    def fine(self) -> Tensor:
        """The drawings on the ground, (N, 3, 4S, 4S)."""
        return self.drawing[:, :3] + (1 - self.drawing[:, 3:]) * (GROUND / 255)


def canvases(lessons: Sequence[Lesson], side: int, colors: int, count: int, chance: tuple[int, ...]) -> Canvases:
    """Return random canvases of lessons.

    Args:
        lessons: to choose from.
        side: cells across and down.
        colors: entries of a palette, at most.
        count: of canvases.
        chance: seed and step.
    """
    rng = np.random.default_rng(chance)
    rows = [_canvas(lessons[int(rng.integers(len(lessons)))], side, colors, rng) for _ in range(count)]
    return Canvases(*(torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True)))


def _canvas(lesson: Lesson, side: int, colors: int, rng: np.random.Generator) -> tuple[NDArray[np.generic], ...]:
    """The fields of `Canvases`, of one canvas."""
    height, width = lesson.own.shape
    for _ in range(_TRIES):
        cut = random_cut(height, width, side, rng)
        take = tuple(slice(first, first + size) for first, size in zip(cut.take, cut.size, strict=True))
        if lesson.opaque[take].mean() * np.prod(cut.size) >= _SHOWN * side * side:
            break

    def laid(array: NDArray[np.generic], fill: float, cells: int = 1) -> NDArray[np.generic]:
        shape = (side * cells, side * cells, *array.shape[2:])
        out = np.full(shape, fill, array.dtype)
        (y, x), (down, right), (tall, wide) = (
            tuple(cells * value for value in pair) for pair in (cut.take, cut.put, cut.size)
        )
        out[down : down + tall, right : right + wide] = array[y : y + tall, x : x + wide]
        return out

    palette = np.zeros((colors, 3), np.float32)
    palette[: len(lesson.palette)] = lesson.palette / np.float32(255)
    placed = np.full((colors, 3), _FAR, np.float32)
    placed[: len(lesson.palette)] = srgb_to_oklab(lesson.palette)
    opaque = laid(lesson.opaque, 0)
    answer = laid(lesson.answer, NO_ANSWER).astype(np.int64)
    drawing = laid(lesson.drawing, 0, CELL).astype(np.float32).transpose(2, 0, 1) / np.float32(255)
    return (
        np.ascontiguousarray(drawing),
        conditions(float(lesson.cell), len(lesson.palette)),
        palette,
        placed,
        laid(lesson.own, 0).astype(np.int64),
        laid(lesson.held, 1),
        opaque,
        laid(lesson.shade, 0).astype(np.float32),
        np.ascontiguousarray(laid(lesson.means, GROUND / 255).astype(np.float32).transpose(2, 0, 1)),
        laid(lesson.lines, 0.1).astype(np.float32),
        laid(_grown(lesson.down, 0), 0)[:-1].astype(np.float32),
        laid(_grown(lesson.across, 1), 0)[:, :-1].astype(np.float32),
        _usage(laid(lesson.likely, 0).astype(np.float32), opaque.astype(np.bool_), colors),
        np.maximum(lesson.spread, np.array([0, _LEAST_SPREAD], np.float32)),
        np.where(answer == NO_ANSWER, -1, answer),
        inside(opaque.astype(np.bool_), 1, 1, (side + 2 * _MARGIN, side + 2 * _MARGIN)),
    )


def _grown(links: NDArray[np.float16], axis: int) -> NDArray[np.float16]:
    """Links of every cell, the last ones to nothing."""
    return np.pad(links, [(0, int(axis == 0)), (0, int(axis == 1))])


def _usage(likely: NDArray[np.float32], opaque: NDArray[np.bool_], colors: int) -> NDArray[np.float32]:
    """Shares of the entries on the canvas, those near what a cell has counted along."""
    out = np.zeros(colors, np.float32)
    count = likely.shape[-1]
    if not opaque.any():
        out[:count] = 1 / count
        return out
    weight = np.exp(likely[opaque] / _LOOSE)
    out[:count] = (weight / weight.sum(axis=-1, keepdims=True)).mean(axis=0)
    return out

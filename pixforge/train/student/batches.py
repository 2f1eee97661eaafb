"""Canvases cut out of lessons: a function of recipe, lessons and step alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixforge.methods._style.planes import OPTIONS, PLANES, Planes, planes_of
from pixforge.methods._style.relax import Holds
from pixforge.train.student.lessons import Lesson
from pixforge.train.student.recipe import StudentRecipe

NOT_ASKED: Final = -1
_TRIES: Final = 8  # cuts looked at for one that asks enough
_ASKED: Final = 0.1  # share of a canvas that is enough


@dataclass(frozen=True, eq=False)
class Task:
    """A lesson as the network takes it.

    Attributes:
        planes: float16 (PLANES, H, W), what it sees.
        options: int16 (OPTIONS, H, W), see `Planes`.
        wanted: int8 (H, W), the option that is the optimisation's answer; -1 where none is, or the cell may not change.
    """

    planes: NDArray[np.float16]
    options: NDArray[np.int16]
    wanted: NDArray[np.int8]


def task_of(lesson: Lesson, holds: Holds) -> Task:
    """Return the task of a lesson; `holds` as `planes_of` takes it."""
    seen = planes_of(lesson, holds)
    return Task(seen.array.astype(np.float16), seen.options, wanted_of(lesson, seen))


def wanted_of(lesson: Lesson, seen: Planes) -> NDArray[np.int8]:
    """Return the option (H, W) of each cell that is the optimisation's answer; -1: none is asked for."""
    same = seen.options == lesson.answer.astype(np.int16)
    asked = same.any(axis=0) & lesson.free
    return np.where(asked, same.argmax(axis=0), NOT_ASKED).astype(np.int8)


def canvases(tasks: Sequence[Task], recipe: StudentRecipe, step: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return a step's random canvases: planes (N, PLANES, S, S), int64 answers (N, S, S), bool barred options.

    Args:
        tasks: to choose from.
        recipe: of the run: `batch` canvases of `side` cells.
        step: of the run.
    """
    rng = np.random.default_rng((recipe.seed, step))
    rows = [_canvas(tasks[int(rng.integers(len(tasks)))], recipe, rng) for _ in range(recipe.batch)]
    planes, wanted, barred = (np.stack(column) for column in zip(*rows, strict=True))
    return torch.from_numpy(planes), torch.from_numpy(wanted), torch.from_numpy(barred)


def _canvas(
    task: Task, recipe: StudentRecipe, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    side, (height, width) = recipe.side, task.wanted.shape
    tall, wide = min(side, height), min(side, width)
    for _ in range(_TRIES):
        top, left = int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1))
        cut = slice(top, top + tall), slice(left, left + wide)
        if (task.wanted[cut] != NOT_ASKED).mean() > _ASKED:
            break
    planes = np.zeros((PLANES, side, side), np.float32)
    wanted = np.full((side, side), NOT_ASKED, np.int64)
    barred = np.zeros((OPTIONS, side, side), np.bool_)
    planes[:, :tall, :wide] = task.planes[(slice(None), *cut)]
    wanted[:tall, :wide] = task.wanted[cut]
    barred[:, :tall, :wide] = task.options[(slice(None), *cut)] < 0
    return turned(planes, wanted, barred) if rng.random() < recipe.turned else (planes, wanted, barred)


def turned(
    planes: NDArray[np.float32], wanted: NDArray[np.int64], barred: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Return a canvas mirrored along its diagonal; the last two planes, links down and across, change places."""
    order = [*range(PLANES - 2), PLANES - 1, PLANES - 2]
    return planes[order].transpose(0, 2, 1), wanted.T, barred.transpose(0, 2, 1)

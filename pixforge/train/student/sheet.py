"""Fixed samples, pictured while a student learns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import nn

from pixforge.image.picture import Picture
from pixforge.train.samples import tiled
from pixforge.train.student.exam import answer
from pixforge.train.student.lessons import Lesson
from pixforge.train.student.recipe import StudentRecipe

Rgba = NDArray[np.uint8]


def sheet(recipe: StudentRecipe, network: nn.Module, samples: Sequence[Lesson]) -> Picture:
    """Return a sheet, a column a sample: drawing, its cells without a style, the student's, the optimisation's.

    Args:
        recipe: of the run.
        network: the student.
        samples: at least one.
    """
    return tiled(
        [
            [_straight(lesson.drawing) for lesson in samples],
            [_shown(lesson, lesson.own) for lesson in samples],
            [_shown(lesson, answer(recipe, network, lesson)) for lesson in samples],
            [_shown(lesson, lesson.answer) for lesson in samples],
        ]
    )


def _shown(lesson: Lesson, chosen: NDArray[np.integer]) -> Rgba:
    pixels = np.zeros((*lesson.own.shape, 4), np.uint8)
    pixels[lesson.opaque, :3] = lesson.palette[chosen[lesson.opaque]]
    pixels[lesson.opaque, 3] = 255
    return pixels


def _straight(drawing: Rgba) -> Rgba:
    """Premultiplied RGBA as straight alpha."""
    alpha = drawing[..., 3:].astype(np.float32)
    colour = np.where(alpha > 0, drawing[..., :3] * np.float32(255) / np.maximum(alpha, 1), 0)
    return np.concatenate([np.rint(np.minimum(colour, 255)).astype(np.uint8), drawing[..., 3:]], axis=-1)

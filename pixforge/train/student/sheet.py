"""Fixed samples, pictured while a student learns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pixforge.image.picture import Picture
from pixforge.methods._style.choice import entries
from pixforge.preprocess import CELL, conditions, pad_cells
from pixforge.train.samples import tiled
from pixforge.train.student.lessons import NO_ANSWER, Lesson

Rgba = NDArray[np.uint8]


def sheet(network: nn.Module, samples: Sequence[Lesson]) -> Picture:
    """Return a sheet, a column a sample: drawing, its cells without a style, the student's, and what taught it.

    Args:
        network: the student.
        samples: at least one.
    """
    rows = [
        [_straight(lesson.drawing) for lesson in samples],
        [_shown(lesson, lesson.own) for lesson in samples],
        [_shown(lesson, answer(network, lesson)) for lesson in samples],
    ]
    if all((lesson.answer != NO_ANSWER).any() for lesson in samples):
        rows.append([_shown(lesson, lesson.answer) for lesson in samples])
    return tiled(rows)


@torch.no_grad()
def answer(network: nn.Module, lesson: Lesson) -> NDArray[np.intp]:
    """Return the entries (H, W) that a student chooses for a lesson's drawing."""
    height, width = lesson.own.shape
    array = torch.from_numpy(pad_cells(lesson.planes, CELL))[None]
    told = torch.from_numpy(conditions(float(lesson.cell), len(lesson.palette)))[None]
    colour = network(array, told)[0, :3, :height, :width].float().permute(1, 2, 0).numpy() * 255
    colour = colour + lesson.shade.astype(np.float32)[..., None] * 255
    return entries(colour, lesson.palette, lesson.own.astype(np.intp), lesson.held)


def _shown(lesson: Lesson, chosen: NDArray[np.integer]) -> Rgba:
    pixels = np.zeros((*lesson.own.shape, 4), np.uint8)
    pixels[lesson.opaque, :3] = lesson.palette[chosen[lesson.opaque]]
    pixels[lesson.opaque, 3] = 255
    return pixels


def _straight(drawing: Rgba) -> Rgba:
    """Premultiplied RGBA as straight alpha."""
    from PIL import Image

    return np.asarray(Image.fromarray(drawing, "RGBa").convert("RGBA"))

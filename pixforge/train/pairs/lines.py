"""Outlines: which cells of a sprite are line work, and how a drawing shows it thinner or thicker than one cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.train.pairs.enlarge import Fine
from pixforge.train.pairs.sprite import Generator


def line_cells(sprite: Fine) -> NDArray[np.bool_]:
    """Return the cells (H, W) that are clearly darker than both neighbours across some direction."""
    luma = sprite[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    ground = np.where(sprite[..., 3] > 0, luma, 255.0)
    around = np.pad(ground, 1, mode="edge")
    height, width = ground.shape
    found = np.zeros(ground.shape, bool)
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        one = around[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        other = around[1 - dy : 1 - dy + height, 1 - dx : 1 - dx + width]
        found |= (np.minimum(one, other) - ground) > 32
    return found & (sprite[..., 3] > 0)


def random_reluctance(sprite: Fine, rng: Generator) -> NDArray[np.float32]:
    """Return a reluctance map for `vector_like`: lines thinner or thicker than a cell, every cell a little uneven."""
    wobble = np.exp(rng.normal(0.0, 0.25, sprite.shape[:2])).astype(np.float32)
    lines = np.exp(rng.normal(0.6, 0.6))
    return np.where(line_cells(sprite), wobble * np.float32(lines), wobble)

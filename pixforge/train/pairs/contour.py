"""Contours of each colour smoothed on their own, the way a tracer works.

Training pairs for pixel art do not use it: it is the drawing recipe that validation holds back, and the clean answer
that the reverse direction learns from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.train.pairs.enlarge import Fine, neighbourhood, painted


def contoured(sprite: Fine, scale: int, spread: float = 0.6) -> Fine:
    """Give each pixel the colour that has most weight round it, a Gaussian over the nine nearest cells.

    Args:
        sprite: (H, W, 4) premultiplied, hard alpha.
        scale: pixels a cell.
        spread: standard deviation of the weights in cells.
    """
    height, width = sprite.shape[:2]
    colours = neighbourhood(sprite).reshape(-1, 9, 4)
    keys = np.ascontiguousarray(colours.astype(np.uint8)).view(np.uint32)[..., 0]
    same = (keys[:, :, None] == keys[:, None, :]).astype(np.float32)
    scores = np.matmul(_weights(scale, spread).T, same)
    return painted(colours, scores.argmax(axis=-1), height, width)


def _weights(scale: int, spread: float) -> NDArray[np.float32]:
    """Weight of each of the nine cells for each pixel of the middle one, (9, scale * scale)."""
    place = (np.arange(scale) + 0.5) / scale - 0.5
    near = np.exp(-0.5 * ((np.arange(-1, 2)[:, None] - place[None]) / spread) ** 2)
    return np.asarray(np.einsum("ap,bq->abpq", near, near).reshape(9, scale * scale), np.float32)

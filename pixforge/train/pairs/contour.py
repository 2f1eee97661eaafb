"""Contours of each colour smoothed on their own, the way a tracer works. Training pairs never use it: it is the drawing
recipe that validation holds back, and the clean answer that the reverse direction learns from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.train.pairs.enlarge import Fine


def contoured(sprite: Fine, scale: int, spread: float = 0.6) -> Fine:
    """Give each pixel the colour that has most weight round it, a Gaussian over the nine nearest cells.

    Args:
        sprite: (H, W, 4) premultiplied, hard alpha.
        scale: pixels a cell.
        spread: standard deviation of the weights in cells.
    """
    height, width = sprite.shape[:2]
    padded = np.pad(sprite, ((1, 1), (1, 1), (0, 0)), mode="edge")
    colours = np.stack(
        [padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    )
    keys = np.ascontiguousarray(colours.astype(np.uint8)).view(np.uint32)[..., 0]
    weights = _weights(scale, spread)
    best = np.full((height, width, scale * scale), -1.0, np.float32)
    out = np.zeros((height, width, scale * scale, 4), np.float32)
    for key, colour in zip(keys, colours, strict=True):
        same = (keys == key).astype(np.float32).transpose(1, 2, 0)
        score = same @ weights
        better = score > best + 1e-6
        best = np.where(better, score, best)
        out = np.where(better[..., None], colour[:, :, None], out)
    whole = out.reshape(height, width, scale, scale, 4).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(whole.reshape(height * scale, width * scale, 4))


def _weights(scale: int, spread: float) -> NDArray[np.float32]:
    """Weight of each of the nine cells for each pixel of the middle one, (9, scale * scale)."""
    place = (np.arange(scale) + 0.5) / scale - 0.5
    near = np.exp(-0.5 * ((np.arange(-1, 2)[:, None] - place[None]) / spread) ** 2)
    return np.einsum("ap,bq->abpq", near, near).reshape(9, scale * scale).astype(np.float32)

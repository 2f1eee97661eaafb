"""Smooth enlargers: a sprite to a drawing of `scale` pixels a cell. Arrays are premultiplied RGBA float32, 0..255."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pixforge.train.pairs.sprite import Rgba

Fine = NDArray[np.float32]
Filter = Literal["nearest", "bilinear", "bicubic", "lanczos"]

_NEIGHBOURS: Final = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


def premultiplied(pixels: Rgba) -> Fine:
    """Return a picture with hard alpha as premultiplied float32 (colour of transparent pixels is 0 there)."""
    return pixels.astype(np.float32)


def filtered(sprite: Fine, scale: int, kind: Filter, shift: tuple[float, float]) -> Fine:
    """Enlarge with a classical filter.

    Args:
        sprite: (H, W, 4).
        scale: pixels a cell.
        kind: which filter.
        shift: cells by which the drawing lies beside the grid, down and across, within -1..1.
    """
    from PIL import Image

    filters = {
        "nearest": Image.Resampling.NEAREST,
        "bilinear": Image.Resampling.BILINEAR,
        "bicubic": Image.Resampling.BICUBIC,
        "lanczos": Image.Resampling.LANCZOS,
    }
    height, width = sprite.shape[:2]
    padded = np.pad(sprite, ((2, 2), (2, 2), (0, 0)), mode="edge")
    top, left = 2 - shift[0], 2 - shift[1]
    box = (left, top, left + width, top + height)
    size = (width * scale, height * scale)
    planes = [
        np.asarray(Image.fromarray(np.ascontiguousarray(padded[..., channel])).resize(size, filters[kind], box=box))
        for channel in range(4)
    ]
    return np.clip(np.stack(planes, axis=-1), 0, 255)


def vector_like(sprite: Fine, smooth: Fine, scale: int, reluctance: NDArray[np.float32] | None = None) -> Fine:
    """Give each pixel the sprite colour, among the nine cells round it, that is nearest to its smoothed value.

    Cell corners become curves and diagonals straight, as if the sprite had been traced.

    Args:
        sprite: (H, W, 4).
        smooth: (H * scale, W * scale, 4), the sprite enlarged by a smooth filter.
        scale: pixels a cell.
        reluctance: (H, W), about 1: distances to a cell's colour are multiplied by it, so that a cell above 1 shrinks
            and one below 1 spreads; None: all 1.
    """
    height, width = sprite.shape[:2]
    blocks = np.ascontiguousarray(smooth.reshape(height, scale, width, scale, 4).transpose(0, 2, 1, 3, 4))
    blocks = blocks.reshape(height, width, scale * scale, 4)
    best = np.full(blocks.shape[:3], np.inf, np.float32)
    out = np.zeros_like(blocks)
    padded = np.pad(sprite, ((1, 1), (1, 1), (0, 0)), mode="edge")
    weights = np.pad(np.ones((height, width), np.float32) if reluctance is None else reluctance, 1, mode="edge")
    for dy, dx in _NEIGHBOURS:
        window = np.s_[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        colour = padded[window][:, :, None]
        gap = blocks - colour
        distance = np.einsum("hwpc,hwpc->hwp", gap, gap) * weights[window][..., None]
        nearer = distance < best
        best = np.where(nearer, distance, best)
        out = np.where(nearer[..., None], colour, out)
    whole = out.reshape(height, width, scale, scale, 4).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(whole.reshape(height * scale, width * scale, 4))


def scale2x(pixels: NDArray[np.float32]) -> Fine:
    """Double a picture by Scale2x (Mazzoleni 2001): edges are doubled diagonally, no new colour appears."""
    packed = _packed(pixels)
    around = np.pad(packed, 1, mode="edge")
    up, down = around[:-2, 1:-1], around[2:, 1:-1]
    left, right = around[1:-1, :-2], around[1:-1, 2:]
    edge = (up != down) & (left != right)
    out = np.repeat(np.repeat(pixels, 2, axis=0), 2, axis=1)
    fine = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="edge")
    for (y, x), same, value in (
        ((0, 0), up == left, fine[1:-1, :-2]),
        ((0, 1), up == right, fine[1:-1, 2:]),
        ((1, 0), down == left, fine[1:-1, :-2]),
        ((1, 1), down == right, fine[1:-1, 2:]),
    ):
        out[y::2, x::2] = np.where((edge & same)[..., None], value, out[y::2, x::2])
    return out


def averaged(fine: Fine, factor: int) -> Fine:
    """Shrink by a whole factor, each pixel the mean of its block (anti-aliasing)."""
    height, width = fine.shape[0] // factor, fine.shape[1] // factor
    return np.asarray(fine.reshape(height, factor, width, factor, 4).mean(axis=(1, 3)), np.float32)


def _packed(pixels: NDArray[np.float32]) -> NDArray[np.uint32]:
    return np.ascontiguousarray(pixels.astype(np.uint8)).view(np.uint32)[..., 0]

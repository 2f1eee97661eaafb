"""Smooth enlargers: a sprite to a drawing of `scale` pixels a cell. Arrays are premultiplied RGBA float32, 0..255."""

from __future__ import annotations

import math
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
    return np.asarray(np.clip(np.stack(planes, axis=-1), 0, 255))


def softened(sprite: Fine, spread: float) -> Fine:
    """Return the sprite under a small blur at its own resolution, before it is enlarged.

    Args:
        sprite: (H, W, 4).
        spread: standard deviation in cells, 0..0.8; the more, the more of a one-cell detail is lost.
    """
    side = np.float32(min(spread * spread / 2, 1 / 3))
    for axis in (0, 1):
        ahead = np.concatenate([np.take(sprite, range(1, sprite.shape[axis]), axis), np.take(sprite, [-1], axis)], axis)
        behind = np.concatenate(
            [np.take(sprite, [0], axis), np.take(sprite, range(sprite.shape[axis] - 1), axis)], axis
        )
        sprite = (1 - 2 * side) * sprite + side * (ahead + behind)
    return sprite


def warped(fine: Fine, down: NDArray[np.float32], across: NDArray[np.float32]) -> Fine:
    """Return the drawing displaced: each pixel from beside itself, bilinear.

    Args:
        fine: (H, W, 4).
        down: (H, W), pixels.
        across: (H, W), pixels.
    """
    height, width = fine.shape[:2]
    y = np.clip(np.arange(height, dtype=np.float32)[:, None] + down, 0, height - 1.001)
    x = np.clip(np.arange(width, dtype=np.float32)[None] + across, 0, width - 1.001)
    top, left = y.astype(np.intp), x.astype(np.intp)
    dy, dx = (y - top)[..., None], (x - left)[..., None]
    flat, start = fine.reshape(-1, 4), top * width + left
    upper = flat.take(start, axis=0) * (1 - dx) + flat.take(start + 1, axis=0) * dx
    lower = flat.take(start + width, axis=0) * (1 - dx) + flat.take(start + width + 1, axis=0) * dx
    return np.asarray(upper * (1 - dy) + lower * dy, np.float32)


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
    blocks = smooth.reshape(height, scale, width, scale, 4).transpose(0, 2, 1, 3, 4).reshape(-1, scale * scale, 4)
    colours = neighbourhood(sprite).reshape(-1, 9, 4)
    gaps = blocks @ (-2 * colours.transpose(0, 2, 1))
    gaps += np.einsum("nkc,nkc->nk", colours, colours)[:, None]
    if reluctance is not None:
        gaps += np.einsum("npc,npc->np", blocks, blocks)[..., None]
        gaps *= neighbourhood(reluctance[..., None]).reshape(-1, 1, 9)
    return painted(colours, gaps.argmin(axis=-1), height, width)


def painted(colours: NDArray[np.float32], choice: NDArray[np.intp], height: int, width: int) -> Fine:
    """Return the drawing in which each pixel has the colour chosen for it.

    Args:
        colours: (H * W, 9, 4), what a cell's pixels choose from, whole numbers.
        choice: (H * W, scale * scale), which of the nine.
        height: H.
        width: W.
    """
    scale = math.isqrt(choice.shape[1])
    packed = np.ascontiguousarray(colours.astype(np.uint8)).view(np.uint32).ravel()
    chosen = packed.take(choice + 9 * np.arange(len(choice))[:, None])
    whole = chosen.reshape(height, width, scale, scale).transpose(0, 2, 1, 3).reshape(height * scale, width * scale)
    return np.ascontiguousarray(whole).view(np.uint8).reshape(height * scale, width * scale, 4).astype(np.float32)


def neighbourhood(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the nine cells round each cell, edges repeated: (H, W, C) -> (H, W, 9, C)."""
    height, width = cells.shape[:2]
    padded = np.pad(cells, ((1, 1), (1, 1), (0, 0)), mode="edge")
    return np.stack([padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy, dx in _NEIGHBOURS], axis=2)


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
    rows = sum((fine[start::factor] for start in range(1, factor)), fine[::factor])
    total = sum((rows[:, start::factor] for start in range(1, factor)), rows[:, ::factor])
    return np.asarray(total / np.float32(factor * factor), np.float32)


def _packed(pixels: NDArray[np.float32]) -> NDArray[np.uint32]:
    return np.ascontiguousarray(pixels.astype(np.uint8)).view(np.uint32)[..., 0]

"""Canvases of a fixed size cut and composed out of sprites, so that a batch wastes no cell on emptiness."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pixforge.train.pairs.sprite import Generator, Rgba


def compose(draw: Callable[[Generator], Rgba], side: int, rng: Generator) -> Rgba:
    """Return a canvas (side, side, 4): one large sprite cut out, or small ones beside each other.

    Args:
        draw: gives a random sprite.
        side: cells.
        rng: the only source of chance.
    """
    canvas = np.zeros((side, side, 4), np.uint8)
    first = draw(rng)
    if max(first.shape[:2]) > side // 2:
        _place(canvas, first, 0, 0, side, rng)
        return canvas
    half = side // 2
    for index in range(4):
        sprite = first if index == 0 else draw(rng)
        _place(canvas, sprite, half * (index // 2), half * (index % 2), half, rng)
    return canvas


def on_ground(canvas: Rgba, draw: Callable[[Generator], Rgba], rng: Generator) -> Rgba:
    """Return the canvas laid on an opaque ground: a flat colour (often white, grey, black), or a sprite repeated."""
    kind = rng.random()
    ground = np.full(3, rng.choice([255, 255, 0, 128, 192, 240])) if kind < 0.35 else rng.integers(0, 256, 3)
    below = np.empty_like(canvas)
    below[..., :3], below[..., 3] = ground, 255
    if kind > 0.8:
        tile = draw(rng)
        repeat = [-(-side // part) for side, part in zip(canvas.shape[:2], tile.shape[:2], strict=True)]
        tiled = np.tile(tile, (*repeat, 1))[: canvas.shape[0], : canvas.shape[1]]
        below = np.where(tiled[..., 3:] > 0, tiled, below)
    return np.where(canvas[..., 3:] > 0, canvas, below)


def _place(canvas: Rgba, sprite: Rgba, top: int, left: int, side: int, rng: Generator) -> None:
    """Put the sprite, or a random cut of it, somewhere in the slot."""
    height, width = (min(side, size) for size in sprite.shape[:2])
    y, x = (int(rng.integers(0, size - part + 1)) for size, part in zip(sprite.shape[:2], (height, width), strict=True))
    down, right = top + int(rng.integers(0, side - height + 1)), left + int(rng.integers(0, side - width + 1))
    canvas[down : down + height, right : right + width] = sprite[y : y + height, x : x + width]

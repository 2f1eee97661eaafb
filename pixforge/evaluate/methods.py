"""What is compared: conversion methods through the engine, and plain downscales as yardsticks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from pixforge.engine.pipeline import convert_picture
from pixforge.errors import SettingsError
from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import enlarge, resize
from pixforge.methods import registry
from pixforge.preset import Preset, parse
from pixforge.train.baselines import BASELINES, mapped
from pixforge.train.pairs.enlarge import premultiplied, scale2x
from pixforge.train.pairs.make import Pair, straight
from pixforge.typed_toml import unknown_hint

PLAIN: Final = ("nearest", "area", "k-centroid")
ENLARGERS: Final = ("nearest", "lanczos", "scale2x")  # plain ways back, yardsticks of to-drawing
_FINE: Final = 8  # pixels a cell to which a drawing is brought for a plain downscale

Convert = Callable[[Picture, int, int, int], Rgba]
Restore = Callable[[Picture, int], Picture]


@dataclass(frozen=True)
class Contender:
    """A way to make pixel art.

    Attributes:
        name: as the user wrote it.
        convert: (drawing, width, height, colours) -> cells (height, width, 4), hard alpha, at most so many colours;
            None for a mere enlarger.
        restore: (sprite, pixels a cell) -> drawing; None where the method has no such direction.
    """

    name: str
    convert: Convert | None
    restore: Restore | None = None


def contender(name: str) -> Contender:
    """Return a contender.

    Args:
        name: a plain downscale (nearest, area, k-centroid) or enlarger (nearest, lanczos, scale2x), a method, or
            "METHOD=MODEL" for one with another model.

    Raises:
        SettingsError: there is none of this name.
        MissingDependencyError: what it needs is not installed.
    """
    method, _, model = name.partition("=")
    if name in PLAIN or name in ENLARGERS:
        return Contender(
            name, _downscale(name) if name in PLAIN else None, _enlarge(name) if name in ENLARGERS else None
        )
    if method not in registry.names():
        raise SettingsError(
            f'there is no method "{method}"', unknown_hint(method, (*PLAIN, *ENLARGERS, *registry.names()))
        )
    module = registry.require(method)

    def convert(drawing: Picture, width: int, height: int, colours: int) -> Rgba:
        grid = {"size": [width, height], "fit": "stretch"}
        return convert_picture(drawing, _preset("to-pixel", method, model, grid, colours)).picture.pixels

    def restore(sprite: Picture, cell: int) -> Picture:
        grid = {"cell": float(cell)}
        return convert_picture(sprite, _preset("to-drawing", method, model, grid, None)).picture

    return Contender(name, convert, restore if "to-drawing" in module.DIRECTIONS else None)


def downscaled(name: str, drawing: Picture, width: int, height: int, colours: int) -> Rgba:
    """Return a drawing under a plain downscale, with so many colours fitted to its cells: RGBA (height, width, 4)."""
    size = (width * _FINE, height * _FINE)
    shrinks = drawing.width >= size[0] and drawing.height >= size[1]
    fine = resize(drawing, *size, "box" if shrinks else "bilinear")
    pair = Pair(fine, Picture(np.zeros((height, width, 4), np.uint8)), _FINE)
    return mapped(BASELINES[name](pair), colours)


def enlarged(name: str, sprite: Picture, cell: int) -> Picture:
    """Return a sprite enlarged by a plain enlarger to so many pixels a cell."""
    if name == "nearest":
        return enlarge(sprite, cell)
    if name == "scale2x":
        fine = straight(scale2x(scale2x(premultiplied(sprite.pixels))))
        return resize(fine, sprite.width * cell, sprite.height * cell, "box" if cell < 4 else "bilinear")
    return resize(sprite, sprite.width * cell, sprite.height * cell, "lanczos")


def _downscale(name: str) -> Convert:
    return lambda drawing, width, height, colours: downscaled(name, drawing, width, height, colours)


def _enlarge(name: str) -> Restore:
    return lambda sprite, cell: enlarged(name, sprite, cell)


def _preset(direction: str, method: str, model: str, grid: Mapping[str, object], colours: int | None) -> Preset:
    table: dict[str, object] = {
        "direction": direction,
        "method": {"name": method} | ({"model": model} if model else {}),
        "grid": grid,
    }
    if colours is not None:
        table["palette"] = {"colors": min(max(colours, 2), 256)}
    return parse(table, "evaluate")

"""What is compared: conversion methods through the engine, plain downscales and enlargers, and other tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from pixforge.engine.pipeline import convert_picture
from pixforge.errors import SettingsError
from pixforge.evaluate.enlargers import ENLARGERS
from pixforge.evaluate.peers import Peer, completed
from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import resize
from pixforge.methods import registry
from pixforge.preset import Preset, parse
from pixforge.train.baselines import BASELINES, mapped
from pixforge.train.pairs.make import Pair
from pixforge.typed_toml import parse_toml, unknown_hint

PLAIN: Final = ("nearest", "area", "k-centroid")
COMPLETED: Final = "+"  # behind the name of a tool: its picture with the alpha and the number of colours asked for
_NAME: Final = re.compile(r"([\w-]+)(?:\[(.*?)\])?(?:=(.*))?")
_FINE: Final = 8  # pixels a cell to which a drawing is brought for a plain downscale

Convert = Callable[[Picture, int, int, int], Rgba]
Restore = Callable[[Picture, int], Picture]


@dataclass(frozen=True)
class Contender:
    """A way to make pixel art.

    Attributes:
        name: as it stands in tables.
        convert: (drawing, width, height, colours) -> cells (height, width, 4), hard alpha, at most so many colours;
            None for a mere enlarger. Another tool may keep neither size, alpha nor colours.
        restore: (sprite, pixels a cell) -> drawing; None where the method has no such direction.
    """

    name: str
    convert: Convert | None
    restore: Restore | None = None


@dataclass(frozen=True)
class Entrant:
    """Plain values that a contender is opened from, in whichever process.

    Attributes:
        name: as it stands in tables.
        kind: "plain" (a downscale or an enlarger), "method", "tool" (another program), or "completed" (its picture
            with alpha and colours as asked for).
        method: of pixforge.
        model: of the method; empty: its default.
        command: that starts the program.
        options: of the method, as a line of TOML; empty: its defaults.
        digest: of the model, for results that are kept.
    """

    name: str
    kind: Literal["plain", "method", "tool", "completed"]
    method: str = ""
    model: str = ""
    command: tuple[str, ...] = ()
    options: str = ""
    digest: str = ""


def entrant(name: str) -> Entrant:
    """Return what a name means.

    Args:
        name: a plain downscale (nearest, area, k-centroid) or enlarger (nearest, bicubic, lanczos, scale2x, hqx-like),
            a method, "METHOD=MODEL" for one with another model, either with options behind the method:
            "cyclegan[lines = false]=hero".

    Raises:
        SettingsError: there is none of this name.
        MissingDependencyError: what it needs is not installed.
    """
    said = _NAME.fullmatch(name)
    method, options, model = (part or "" for part in said.groups()) if said else (name, "", "")
    if name in PLAIN or name in ENLARGERS:
        return Entrant(name, "plain")
    if method not in registry.names():
        known = (*PLAIN, *ENLARGERS, *registry.names())
        raise SettingsError(f'there is no method "{method}"', unknown_hint(method, known))
    model = model or "bundled"
    registry.require(method, model)
    found = Entrant(name, "method", method, model, options=options, digest=_model_digest(method, model))
    _options(found)
    return found


def tool(name: str, command: tuple[str, ...]) -> tuple[Entrant, Entrant]:
    """Return another program as it is, and completed; `pixforge.evaluate.peers` says how it is spoken to."""
    return Entrant(name, "tool", command=command), Entrant(name + COMPLETED, "completed", command=command)


def open_contenders(entrants: tuple[Entrant, ...]) -> tuple[Contender, ...]:
    """Open contenders in this process; a program that enters twice runs once."""
    peers: dict[tuple[str, ...], Peer] = {}
    return tuple(_open(one, peers) for one in entrants)


def contender(name: str) -> Contender:
    """Return the contender of a name; see `entrant`."""
    return open_contenders((entrant(name),))[0]


def downscaled(name: str, drawing: Picture, width: int, height: int, colours: int) -> Rgba:
    """Return a drawing under a plain downscale, with so many colours fitted to its cells: RGBA (height, width, 4)."""
    size = (width * _FINE, height * _FINE)
    shrinks = drawing.width >= size[0] and drawing.height >= size[1]
    fine = resize(drawing, *size, "box" if shrinks else "bilinear")
    pair = Pair(fine, Picture(np.zeros((height, width, 4), np.uint8)), _FINE)
    return mapped(BASELINES[name](pair), colours)


def _open(one: Entrant, peers: dict[tuple[str, ...], Peer]) -> Contender:
    if one.kind == "plain":
        return Contender(one.name, _downscale(one.name) if one.name in PLAIN else None, ENLARGERS.get(one.name))
    if one.kind == "method":
        return _method(one)
    peer = peers.setdefault(one.command, Peer(one.name.removesuffix(COMPLETED), one.command))
    return Contender(one.name, peer.convert if one.kind == "tool" else completed(peer.convert))


def _method(one: Entrant) -> Contender:
    module = registry.require(one.method, one.model)

    def convert(drawing: Picture, width: int, height: int, colours: int) -> Rgba:
        grid = {"size": [width, height], "fit": "stretch"}
        return convert_picture(drawing, preset_of(one, "to-pixel", grid, colours)).picture.pixels

    def restore(sprite: Picture, cell: int) -> Picture:
        return convert_picture(sprite, preset_of(one, "to-drawing", {"cell": float(cell)}, None)).picture

    return Contender(one.name, convert, restore if "to-drawing" in registry.directions(module, one.model) else None)


def _downscale(name: str) -> Convert:
    return lambda drawing, width, height, colours: downscaled(name, drawing, width, height, colours)


def _model_digest(method: str, model: str) -> str:
    """The digest of the model in use; empty for a method without one, or one that cannot tell before it is opened."""
    module = registry.require(method, model)
    digest = getattr(module, "model_digest", None)
    return str(digest(module.Options(), model)) if digest is not None else ""


def _options(one: Entrant) -> dict[str, object]:
    """The method's own table.

    Raises:
        SettingsError: it is no TOML.
    """
    if not one.options:
        return {}
    try:
        return {one.method: parse_toml("options = {" + one.options + "}")["options"]}
    except ValueError as error:
        remedy = 'write them like this: "cyclegan[lines = false, strength = 0.5]"'
        raise SettingsError(f"the options of {one.name} are no TOML: {error}", remedy) from error


def preset_of(one: Entrant, direction: str, grid: Mapping[str, object], colours: int | None) -> Preset:
    """Return the preset under which a method enters."""
    table: dict[str, object] = {
        "direction": direction,
        "method": {"name": one.method} | ({"model": one.model} if one.model else {}) | _options(one),
        "grid": grid,
    }
    if colours is not None:
        table["palette"] = {"colors": min(max(colours, 2), 256)}
    return parse(table, "evaluate")

"""Every measure of a contender over many pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from pixforge.evaluate.contour import continuity
from pixforge.evaluate.critic.model import Critic
from pixforge.evaluate.fidelity import fidelity, silhouette
from pixforge.evaluate.methods import Contender, downscaled
from pixforge.evaluate.restored import grid_visibility, sharpness
from pixforge.evaluate.subjects import Subject
from pixforge.evaluate.texture import jaggy_rate, orphan_rate, variation
from pixforge.image.picture import Picture, Rgba
from pixforge.pixel.agreement import agree
from pixforge.train.pairs.make import Pair, PairOptions, make_pair
from pixforge.train.pairs.sprite import hardened

ARTIST: Final = "artist"  # the name under which real sprites stand beside the contenders
CELL: Final = 8  # pixels a cell of the drawings that sprites are made into
ENLARGERS: Final = ("vector", "lined", "smooth", "scale2x", "contour")
_SEED: Final = 20250
_HARD: Final = PairOptions(scales={"8": 1.0}, soften=(0.6, 0.82), warp=1.0, shift=0.25)
_MOST: Final = 64  # cells on a side; of a larger sprite the middle is taken


@dataclass(frozen=True)
class Value:
    """One measure of one picture.

    Attributes:
        contender: who made it.
        task: "pairs" (drawings made of sprites: the right answer is known), "drawings", or "round trip".
        measure: which.
        value: a share 0..1 unless the measure says otherwise.
    """

    contender: str
    task: str
    measure: str
    value: float


@dataclass(frozen=True)
class Wish:
    """What is asked of every contender for a drawing.

    Attributes:
        size: cells of the longer side.
        colours: at most so many.
    """

    size: int = 48
    colours: int = 16


def exact_pairs(sprites: Sequence[Subject]) -> tuple[Pair, ...]:
    """Turn sprites into drawings whose right answer is known; the same pairs on every call."""
    pairs = []
    for index, sprite in enumerate(sprites):
        options = replace(_HARD, enlargers={ENLARGERS[index % len(ENLARGERS)]: 1.0})
        pairs.append(make_pair(cut(sprite.picture.pixels), options, np.random.default_rng((_SEED, index))))
    return tuple(pairs)


def cut(pixels: Rgba) -> Rgba:
    """Return a sprite with hard alpha, of a large one the middle."""
    height, width = pixels.shape[:2]
    top, left = max(0, height - _MOST) // 2, max(0, width - _MOST) // 2
    return hardened(np.ascontiguousarray(pixels[top : top + _MOST, left : left + _MOST]))


def on_pairs(contender: Contender, pairs: Sequence[Pair]) -> Iterator[Value]:
    """Yield how many cells come back, of all and of the hard ones, with as many colours as the artist used."""
    if contender.convert is None:
        return
    for pair in pairs:
        right = pair.logical.pixels
        cells = contender.convert(pair.drawing, pair.logical.width, pair.logical.height, colour_count(right))
        found = agree(cells, right)
        yield from _values(contender.name, "pairs", {"exact": found.exact, "hard": found.hard_exact})


def on_drawings(contender: Contender, drawings: Sequence[Subject], wish: Wish, critic: Critic) -> Iterator[Value]:
    """Yield everything that can be measured where nobody knows the right answer."""
    if contender.convert is None:
        return
    for drawing in drawings:
        width, height = size_of(drawing.picture, wish.size)
        started = time.perf_counter()
        cells = contender.convert(drawing.picture, width, height, wish.colours)
        seconds = time.perf_counter() - started
        source = drawing.picture.pixels
        colours = fidelity(source, cells)
        yield from _values(contender.name, "drawings", {
            "contract": float(keeps_contract(cells, width, height, wish.colours)),
            "colour distance": colours.distance,
            "border distance": colours.border,
            "lightness shift": colours.lightness,
            "chroma shift": colours.chroma,
            "silhouette": silhouette(source, cells),
            "contour": continuity(source, cells),
            **_texture(cells, critic),
            "seconds": seconds,
        })  # fmt: skip


def round_trip(contender: Contender, sprites: Sequence[Subject]) -> Iterator[Value]:
    """Yield how a sprite looks as a drawing, and how many cells come back when that is made pixel art again.

    A mere enlarger is taken back by the nearest pixel.
    """
    if contender.restore is None:
        return
    for sprite in sprites:
        right = cut(sprite.picture.pixels)
        drawing = contender.restore(Picture(right.copy()), CELL)
        width, height, colours = right.shape[1], right.shape[0], colour_count(right)
        back = contender.convert or partial(downscaled, "nearest")
        found = agree(back(drawing, width, height, colours), right)
        yield from _values(contender.name, "round trip", {
            "exact": found.exact,
            "hard": found.hard_exact,
            "grid visibility": grid_visibility(drawing.pixels, CELL),
            "sharpness": sharpness(drawing.pixels),
            "colour distance": fidelity(drawing.pixels, right).distance,
        })  # fmt: skip


def artist(sprites: Sequence[Subject], critic: Critic) -> Iterator[Value]:
    """Yield what real sprites have, to be read beside the contenders' drawings."""
    for sprite in sprites:
        yield from _values(ARTIST, "drawings", _texture(cut(sprite.picture.pixels), critic))


def keeps_contract(cells: Rgba, width: int, height: int, colours: int) -> bool:
    """Whether size, number of colours and alpha are what was asked for, and nothing is coloured where transparent."""
    alpha = cells[..., 3]
    hard = bool(np.isin(alpha, (0, 255)).all()) and not cells[alpha == 0].any()
    return hard and cells.shape[:2] == (height, width) and colour_count(cells) <= colours


def colour_count(cells: Rgba) -> int:
    """Distinct colours of the opaque cells."""
    return len(np.unique(cells[cells[..., 3] > 0][:, :3], axis=0))


def size_of(picture: Picture, longer: int) -> tuple[int, int]:
    """Cells across and down, the longer side `longer`."""
    scale = longer / max(picture.width, picture.height)
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def _texture(cells: Rgba, critic: Critic) -> dict[str, float | None]:
    return {
        "orphans": orphan_rate(cells),
        "jaggies": jaggy_rate(cells),
        "variation": variation(cells),
        "realness": critic.realness(cells),
    }


def _values(contender: str, task: str, found: dict[str, float | None]) -> Iterator[Value]:
    for measure, value in found.items():
        if value is not None:
            yield Value(contender, task, measure, value)

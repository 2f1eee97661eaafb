"""Every measure of one contender on one picture."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal

import numpy as np

from pixforge.evaluate import ground
from pixforge.evaluate.contour import continuity
from pixforge.evaluate.critic.model import Critic
from pixforge.evaluate.fidelity import fidelity, fine_silhouette, resized, silhouette
from pixforge.evaluate.inner import inner_lines
from pixforge.evaluate.methods import Contender, downscaled
from pixforge.evaluate.restored import grid_visibility, sharpness
from pixforge.evaluate.subjects import Subject
from pixforge.evaluate.texture import jaggy_rate, orphan_rate, total_variation, variation
from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import composite, enlarge
from pixforge.pixel.agreement import agree
from pixforge.train.pairs.make import Pair, PairOptions, make_pair
from pixforge.train.pairs.sprite import hardened

Task = Literal["pairs", "drawings", "grounds", "round trip"]

ARTIST: Final = "artist"  # the name under which real sprites stand beside the contenders
CELL: Final = 8  # pixels a cell of the drawings that sprites are made into
DRAWN: Final = ("vector", "lined", "smooth", "scale2x", "contour")  # how sprites become drawings, in turn
_SEED: Final = 20250
_HARD: Final = PairOptions(scales={"8": 1.0}, soften=(0.6, 0.82), warp=1.0, shift=0.25)
_MOST: Final = 64  # cells on a side; of a larger sprite the middle is taken


@dataclass(frozen=True)
class Wish:
    """What is asked of every contender for a drawing.

    Attributes:
        size: cells of the longer side.
        colours: at most so many.
    """

    size: int = 48
    colours: int = 16


@dataclass(frozen=True)
class Finding:
    """What was measured of one contender on one picture.

    Attributes:
        contender: who made it.
        task: "pairs" (drawings made of sprites: the right answer is known), "drawings", "grounds" (drawings on plain
            grounds, and their middle cut out), or "round trip" (sprite, drawing, sprite).
        subject: source and name of the picture.
        values: by measure; shares 0..1 unless the measure says otherwise; what is not defined for it is left out.
        features: the critic's, of what was made; empty where there are none.
    """

    contender: str
    task: Task
    subject: str
    values: Mapping[str, float] = field(default_factory=dict)
    features: tuple[float, ...] = ()


Found = tuple[dict[str, float | None], tuple[float, ...]]


def exact_pair(sprite: Subject, index: int) -> Pair:
    """Turn a sprite into a drawing whose right answer is known; the same pair for the same index on every call."""
    options = replace(_HARD, enlargers={DRAWN[index % len(DRAWN)]: 1.0})
    return make_pair(cut(sprite.picture.pixels), options, np.random.default_rng((_SEED, index)))


def cut(pixels: Rgba) -> Rgba:
    """Return a sprite with hard alpha, of a large one the middle."""
    height, width = pixels.shape[:2]
    top, left = max(0, height - _MOST) // 2, max(0, width - _MOST) // 2
    return hardened(np.ascontiguousarray(pixels[top : top + _MOST, left : left + _MOST]))


def on_pair(contender: Contender, pair: Pair) -> Found:
    """Measure how many cells come back, of all and of the hard ones, with as many colours as the artist used."""
    if contender.convert is None:
        return {}, ()
    right = pair.logical.pixels
    width, height = pair.logical.width, pair.logical.height
    cells = _fitted(contender.convert(pair.drawing, width, height, colour_count(right)), width, height)
    found = agree(cells, right)
    return {"exact": found.exact, "hard": found.hard_exact}, ()


def on_drawing(contender: Contender, drawing: Picture, wish: Wish, critic: Critic) -> Found:
    """Measure everything that can be where nobody knows the right answer."""
    if contender.convert is None:
        return {}, ()
    width, height = size_of(drawing, wish.size)
    started = time.perf_counter()
    got = contender.convert(drawing, width, height, wish.colours)
    seconds = time.perf_counter() - started
    cells, source = _fitted(got, width, height), drawing.pixels
    colours, lines = fidelity(source, cells), inner_lines(source, cells)
    look, features = _look(cells, critic)
    return {
        "contract": float(keeps_contract(got, width, height, wish.colours)),
        "colour distance": colours.distance,
        "border distance": colours.border,
        "inside distance": colours.inside,
        "lightness shift": colours.lightness,
        "chroma shift": colours.chroma,
        "hue distance": colours.hue,
        "tint": colours.tint,
        "silhouette": silhouette(source, cells),
        "fine silhouette": fine_silhouette(source, cells),
        "contour": continuity(source, cells),
        "inner recall": lines.recall if lines else None,
        "inner precision": lines.precision if lines else None,
        **look,
        "cycle": _drawing_cycle(contender, drawing, cells),
        "seconds": seconds,
    }, features  # fmt: skip


def on_grounds(contender: Contender, drawing: Picture, wish: Wish) -> Found:
    """Measure a drawing on plain grounds, and its middle cut out so that it runs over the edge of the picture."""
    if contender.convert is None:
        return {}, ()
    found: dict[str, float | None] = {}
    if drawing.pixels[..., 3].min() < 128:
        for name, colour in ground.GROUNDS.items():
            cells = _converted(contender, ground.on_ground(drawing, colour), wish)
            found[f"{name} altered"] = ground.altered(drawing, cells, colour)
    part = ground.middle(drawing)
    if part is not None:
        shown = ground.on_ground(part, ground.GROUNDS["grey"])
        colours = fidelity(shown.pixels, _converted(contender, shown, wish))
        found |= {"edge distance": colours.border, "inside distance": colours.inside}
    return found, ()


def round_trip(contender: Contender, sprite: Picture) -> Found:
    """Measure how a sprite looks as a drawing, and how many cells come back when that is made pixel art again.

    A mere enlarger is taken back by the nearest pixel.
    """
    right = cut(sprite.pixels)
    width, height, colours = right.shape[1], right.shape[0], colour_count(right)
    found: dict[str, float | None] = {}
    if contender.convert is not None:
        squares = contender.convert(enlarge(Picture(right.copy()), CELL), width, height, colours)
        found["identity"] = loss(_fitted(squares, width, height), right)
    if contender.restore is None:
        return found, ()
    drawing = contender.restore(Picture(right.copy()), CELL)
    back = contender.convert or partial(downscaled, "nearest")
    again = _fitted(back(drawing, width, height, colours), width, height)
    agreed, shift = agree(again, right), fidelity(drawing.pixels, right)
    return found | {
        "exact": agreed.exact,
        "hard": agreed.hard_exact,
        "cycle": loss(again, right),
        "grid visibility": grid_visibility(drawing.pixels, CELL),
        "sharpness": sharpness(drawing.pixels),
        "colour distance": shift.distance,
        "border distance": shift.border,
        "lightness shift": -shift.lightness,
        "chroma shift": -shift.chroma,
        "hue distance": shift.hue,
    }, ()


def artist(sprite: Picture, critic: Critic) -> Found:
    """Measure what real sprites have, to be read beside the contenders' drawings."""
    look, features = _look(cut(sprite.pixels), critic)
    return look, features


def keeps_contract(cells: Rgba, width: int, height: int, colours: int) -> bool:
    """Whether size, number of colours and alpha are what was asked for, and nothing is coloured where transparent."""
    alpha = cells[..., 3]
    hard = bool(np.isin(alpha, (0, 255)).all()) and not cells[alpha == 0].any()
    return hard and cells.shape[:2] == (height, width) and colour_count(cells) <= colours


def colour_count(cells: Rgba) -> int:
    """Distinct colours of the cells that are not transparent."""
    return len(np.unique(cells[cells[..., 3] > 0][:, :3], axis=0))


def size_of(picture: Picture, longer: int) -> tuple[int, int]:
    """Cells across and down, the longer side `longer`."""
    scale = longer / max(picture.width, picture.height)
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def loss(first: Rgba, second: Rgba) -> float:
    """Mean absolute difference of two pictures on white, channels in -1..1: the scale of CycleGAN's losses (MAE)."""
    shown = (composite(Picture(pixels.copy()), (255, 255, 255)).pixels[..., :3] for pixels in (first, second))
    one, other = (pixels.astype(np.float32) / np.float32(127.5) for pixels in shown)
    return float(np.abs(one - other).mean())


def _drawing_cycle(contender: Contender, drawing: Picture, cells: Rgba) -> float | None:
    """Cycle loss of drawing -> pixel art -> drawing, at CELL pixels a cell."""
    if contender.restore is None:
        return None
    again = contender.restore(Picture(hardened(cells)), CELL).pixels
    return loss(again, resized(drawing.pixels, again.shape[1], again.shape[0]))


def _converted(contender: Contender, picture: Picture, wish: Wish) -> Rgba:
    assert contender.convert is not None
    width, height = size_of(picture, wish.size)
    return _fitted(contender.convert(picture, width, height, wish.colours), width, height)


def _fitted(cells: Rgba, width: int, height: int) -> Rgba:
    """The cells; if they are of another size than asked for, brought to it, so that they can be measured at all."""
    return cells if cells.shape[:2] == (height, width) else resized(cells, width, height)


def _look(cells: Rgba, critic: Critic) -> Found:
    judged = critic.judge(hardened(cells))
    return {
        "orphans": orphan_rate(cells),
        "jaggies": jaggy_rate(cells),
        "variation": variation(cells),
        "total variation": total_variation(cells),
        "realness": judged[0] if judged else None,
    }, tuple(float(value) for value in judged[1]) if judged else ()

"""What a studio's style is, as far as it can be measured: its size, its colours, and a critic of it.

The critic is a logistic regression on the statistics of the realness critic and eight of colour. Real are sprites of
the style that stand free as drawings do, so that not a subject (a piece of ground, a wall) is taken for a style. Beside
them stand, with equal weight:

- sprites of the style themselves, once drawn off the grid and then converted by `classical` and plain downscales: the
  same subjects and colours, so that what tells them apart can only be the hand;
- real drawings so converted, at the style's size and with as many colours;
- real sprites of other sources of about that size: a style is not everything that is clean.

It is fitted to the one half of all of these and tried on the other. Models had no part in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.critic.fitting import CriticOptions, Fitted, Table, fit_critic
from pixforge.evaluate.critic.model import area_under_curve
from pixforge.evaluate.critic.statistics import statistics
from pixforge.evaluate.examine import colour_count, cut, size_of
from pixforge.evaluate.methods import Contender, contender
from pixforge.evaluate.subjects import Subject
from pixforge.image.picture import Picture, Rgba
from pixforge.pixel.agreement import agree
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.ground import groundless
from pixforge.train.data.manifest import Entry, read_manifest
from pixforge.train.data.store import read_stored
from pixforge.train.pairs.make import PairOptions, make_pair

Values = NDArray[np.float64]
LEAST: Final = 40  # opaque cells of a sprite that can be judged
_EDGE: Final = 0.3  # most of its edge that a free-standing sprite covers
_ALIKE: Final = 1.6  # how many times the style's size another source's sprite may be, or the other way round
_WAYS: Final = ("classical", "area", "k-centroid", "nearest")
_SEED: Final = 60
_RIDGE: Final = 0.1
_SAME: Final = 0.9  # share of the artist's cells
_DRAWN: Final = PairOptions(
    enlargers={"vector": 0.25, "lined": 0.25, "smooth": 0.2, "contour": 0.15, "scale2x": 0.15},
    scales={"8": 1.0},
    shift=0.5,
)
STYLE, OF_STYLE, OF_DRAWINGS, OF_OTHERS = (
    "sprites of the style", "its sprites, drawn and converted", "drawings converted", "sprites of other sources",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Style:
    """A style to judge by.

    Attributes:
        size: cells of the longer side, the median of its sprites.
        colours: as many as nine in ten of its sprites get by with.
        sprites: free-standing ones that no model learned from, without their ground, hard alpha.
        others: the same of other held-out sources of about this size.
    """

    size: int
    colours: int
    sprites: tuple[Subject, ...]
    others: tuple[Subject, ...]


@dataclass(frozen=True, eq=False)
class StyleCritic:
    """A critic of one style.

    Attributes:
        fitted: the logistic regression.
        told: AUC of the style's sprites against each other kind of picture, all unseen in fitting.
        scores: mean score, 0..1, of each kind, the style's sprites among them.
    """

    fitted: Fitted
    told: Mapping[str, float]
    scores: Mapping[str, float]

    def logits(self, pictures: Sequence[Rgba]) -> Values:
        """Return the logit (N,) of each picture."""
        return self.fitted.judged(np.array([_look(cells) for cells in pictures]))


def find_style(data: Path, mine: Path, source: str, most: int, size: int | None) -> Style:
    """Return the style of a held-out source.

    Args:
        data: the data set that holds it back.
        mine: the data set of the sprites that models learned from; these are left out.
        source: its name.
        most: sprites, and as many of others.
        size: instead of the style's own.
    """
    learnt = {_digest(read_stored(mine, one)) for one in read_manifest(mine) if one.kind == "pixel"}
    held = [one for one in read_manifest(data) if one.kind == "pixel" and one.split == "held-out"]
    own = [one for one in held if one.source == source]
    side = size or int(np.median([max(one.width, one.height) for one in own]))
    near = [one for one in held if one.source != source and 1 / _ALIKE <= max(one.width, one.height) / side <= _ALIKE]
    sprites = _standing(data, own, most, learnt)
    colours = int(np.quantile([colour_count(one.picture.pixels) for one in sprites], 0.9))
    return Style(side, max(2, colours), tuple(sprites), tuple(_standing(data, near, most, learnt)))


def _standing(data: Path, entries: Sequence[Entry], most: int, learnt: set[str]) -> list[Subject]:
    """Different free-standing sprites, the sources in turn, each in a random order."""
    order = np.random.default_rng(_SEED).permutation(len(entries))
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, Entry]] = []
    for place in order:
        entry = entries[int(place)]
        turns[entry.source] = turns.get(entry.source, 0) + 1
        ranked.append((turns[entry.source], len(ranked), entry))
    found: list[Subject] = []
    seen = set(learnt)
    for _, _, entry in sorted(ranked, key=lambda one: one[:2]):
        picture = read_stored(data, entry)
        digest, cells = _digest(picture), groundless(cut(picture.pixels))
        if len(found) < most and digest not in seen and stands_free(cells):
            found.append(Subject(Path(entry.file).stem, entry.source, Picture(np.ascontiguousarray(cells))))
        seen.add(digest)
    return found


def stands_free(cells: Rgba) -> bool:
    """Whether a sprite is a thing on nothing: enough cells, at least two colours, most of its edge empty."""
    opaque = cells[..., 3] > 0
    edge = np.concatenate([opaque[0], opaque[-1], opaque[:, 0], opaque[:, -1]])
    return bool(opaque.sum() >= LEAST and edge.mean() <= _EDGE and colour_count(cells) > 1)


def usual(style: Style, drawings: Sequence[Subject]) -> list[Rgba]:
    """Return drawings converted by `classical` and plain downscales in turn, at the style's size."""
    return [convert_with(way, one.picture, style) for way, one in zip(_in_turn(len(drawings)), drawings, strict=True)]


def drawn_again(sprites: Sequence[Subject]) -> list[Rgba]:
    """Return sprites once drawn, up to half a cell off the grid, and converted likewise, with their own colours.

    As for the realness critic, a conversion that gives back the artist's picture is left out: nothing is wrong with it.
    """
    made = []
    for place, (way, one) in enumerate(zip(_in_turn(len(sprites)), sprites, strict=True)):
        cells = once_drawn(way, one, place)
        same = agree(cells, one.picture.pixels).exact
        if (same is None or same < _SAME) and (cells[..., 3] > 0).sum() >= LEAST:
            made.append(cells)
    return made


def once_drawn(way: Contender, sprite: Subject, place: int) -> Rgba:
    """Return a sprite once drawn, up to half a cell off the grid, and converted with as many colours as it has."""
    right = sprite.picture
    pair = make_pair(right.pixels, _DRAWN, np.random.default_rng((_SEED, place)))
    assert way.convert is not None
    return way.convert(pair.drawing, right.width, right.height, colour_count(right.pixels))


def convert_with(way: Contender, drawing: Picture, style: Style) -> Rgba:
    """Return a drawing as a contender converts it at the style's size."""
    assert way.convert is not None
    return way.convert(drawing, *size_of(drawing, style.size), style.colours)


def style_critic(style: Style, drawings: Sequence[Subject]) -> StyleCritic:
    """Return the critic of a style; `drawings` are for the conversions beside it, and not to be judged later."""
    pictures = kinds_of(style, drawings)
    kinds = [name for name in pictures if name != STYLE]
    values = {name: np.array([_look(cells) for cells in some]) for name, some in pictures.items()}
    rows = np.concatenate([some[::2] for some in values.values()])
    known = Table(rows, np.arange(len(rows)) < len(values[STYLE][::2]), np.full(len(rows), "all"))
    fitted = fit_critic(known, CriticOptions(ridge=_RIDGE))
    logits = {name: fitted.judged(some[1::2]) for name, some in values.items()}
    told = {name: area_under_curve(logits[STYLE], logits[name]) for name in kinds}
    return StyleCritic(fitted, told, {name: float(chance(some).mean()) for name, some in logits.items()})


def kinds_of(style: Style, drawings: Sequence[Subject]) -> dict[str, list[Rgba]]:
    """Return the style's sprites and, as many of each, what stands beside them; see the module."""
    kinds = {
        OF_STYLE: drawn_again(style.sprites),
        OF_DRAWINGS: usual(style, drawings),
        OF_OTHERS: [one.picture.pixels for one in style.others],
    }
    fewest = min(map(len, kinds.values()))  # all kinds count alike
    return {STYLE: [one.picture.pixels for one in style.sprites]} | {
        name: some[:fewest] for name, some in kinds.items()
    }


def chance(logits: Values) -> Values:
    """Return logits as 0..1."""
    return np.asarray(1 / (1 + np.exp(-logits)))


def _look(cells: Rgba) -> Values:
    """Statistics of the realness critic, and of colour: what lies dark, middle and light, and how coloured it is."""
    shown = groundless(cells)
    lab = srgb_to_oklab(shown[shown[..., 3] > 0][:, :3]).astype(np.float64)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    colour = [*np.quantile(lab[:, 0], (0.03, 0.25, 0.5, 0.75, 0.97)), *np.quantile(chroma, (0.25, 0.5, 0.9))]
    return np.concatenate([statistics(shown), colour])


def _in_turn(count: int) -> list[Contender]:
    ways = _opened()
    return [ways[place % len(ways)] for place in range(count)]


@cache
def _opened() -> tuple[Contender, ...]:
    return tuple(contender(name) for name in _WAYS)


def _digest(picture: Picture) -> str:
    return hashlib.sha256(str(picture.pixels.shape).encode() + picture.pixels.tobytes()).hexdigest()

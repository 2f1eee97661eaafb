"""What a student is told about a drawing, at one place a cell: the same function serves training and use.

What decides a cell is which shades the palette has of its colour, how much of each is there and wanted, where the
style's light falls, where the area ends. So a student is told just these, and answers with a step along the shades of
each cell's own colour. Hue is left out: a red sleeve is shaded like a blue one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.methods._style.areas import shaded_of, sizes_of
from pixforge.methods._style.choice import shades_of
from pixforge.methods._style.relax import COLD, Holds, relaxed, softmax
from pixforge.methods._style.target import usage_of
from pixforge.pixel.colour import srgb_to_oklab

if TYPE_CHECKING:
    from pixforge.methods._style.target import Target

Array = NDArray[np.float32]
VERSION: Final = 1  # of the planes; raised when they change
REACH: Final = 3  # shades darker and lighter than a cell's own that a student may answer with
OPTIONS: Final = 2 * REACH + 1
PLANES: Final = 18 + 7 * OPTIONS
OPAQUE: Final = 0  # the plane that is 1 on the subject, and ...
RELAXED: Final = slice(17, 17 + OPTIONS)  # ... those of the logits of each option without the encoder
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_LEAST_SPREAD: Final = 0.12  # deviation of lightness; a drawing of less would have a shade seen as black and white
_LOWEST: Final = -8.0  # logits below the best one


@dataclass(frozen=True, eq=False)
class Facts:
    """What there is to know about one drawing at one size; rounded, so that it is the same where it was kept.

    Attributes:
        palette: uint8 (K, 3), the only colours, K <= 256.
        own: uint8 (H, W), the entry that the drawing decides without a style.
        held: bool (H, W), where that stays: lines and details, and what is not opaque.
        opaque: bool (H, W), the subject.
        down, across: float16 (H - 1, W) and (H, W - 1), how much neighbours belong together.
        shade: float16 (H, W), how much lighter a cell is under the style's light, 0..1.
        means: float16 (H, W, 3), colours to keep, 0..1, under the style's light.
        lines: float16 (H, W), how much a cell is a line.
        likely: float16 (H, W, K), logits of the entries.
        spread: float32 (2,), mean and deviation of the lightness.
    """

    palette: NDArray[np.uint8]
    own: NDArray[np.uint8]
    held: NDArray[np.bool_]
    opaque: NDArray[np.bool_]
    down: NDArray[np.float16]
    across: NDArray[np.float16]
    shade: NDArray[np.float16]
    means: NDArray[np.float16]
    lines: NDArray[np.float16]
    likely: NDArray[np.float16]
    spread: NDArray[np.float32]

    @property
    def free(self) -> NDArray[np.bool_]:
        """Cells (H, W) that a style may change."""
        return self.opaque & ~self.held


@dataclass(frozen=True, eq=False)
class Planes:
    """What a student sees, and what its answers mean.

    Attributes:
        array: float32 (PLANES, H, W), about -2..2; 0 outside the subject.
        options: int16 (OPTIONS, H, W), the entry of each answer, dark to light, the cell's own in the middle; -1: none.
    """

    array: Array
    options: NDArray[np.int16]


def facts_of(target: Target, palette: NDArray[np.uint8], spread: Array) -> Facts:
    """Return the facts of what a request asks for.

    Args:
        target: of it.
        palette: uint8 (K, 3), K <= 256.
        spread: float32 (2,), mean and deviation of the picture's lightness, 0..1.
    """
    half = np.float16
    return Facts(
        palette,
        target.start.entry.astype(np.uint8),
        ~target.free,
        target.opaque,
        target.links[0].astype(half),
        target.links[1].astype(half),
        target.shade.astype(half),
        target.means.astype(half),
        target.lines.astype(half),
        target.logits.astype(half),
        spread.astype(np.float32),
    )


def planes_of(facts: Facts, holds: Holds) -> Planes:
    """Return what a student sees of a drawing.

    Args:
        facts: of the drawing.
        holds: how the optimisation without its encoder is done, as it was when the student learnt.
    """
    lab, own = srgb_to_oklab(facts.palette), facts.own.astype(np.intp)
    shaded = shaded_of(own, shades_of(lab), facts.free)
    wanted = usage_of(facts.likely.astype(np.float32), facts.opaque, shaded)
    logits = relaxed(facts, wanted, holds)
    ramps = ramps_of(lab)
    maps = [*_of_cells(facts, logits, shaded), *_of_options(facts, logits, wanted, ramps), *_links(facts)]
    array = np.stack([np.broadcast_to(plane, own.shape) for plane in maps]).astype(np.float32)
    return Planes(array * facts.opaque, np.ascontiguousarray(ramps[own].transpose(2, 0, 1)))


def chosen(
    logits: Array, planes: Planes, own: NDArray[np.intp], free: NDArray[np.bool_], share: float = 1.0
) -> NDArray[np.intp]:
    """Return the entry of each cell, intp (H, W), out of a student's logits (OPTIONS, H, W).

    Args:
        logits: its answer.
        planes: what it saw.
        own: intp (H, W), what the drawing decides without it.
        free: bool (H, W), cells that may change.
        share: how much of what was learnt is wanted; the odds of a change go with the square of it, 0: none.
    """
    if share <= 0:
        return own
    said = np.where(planes.options >= 0, logits, -np.inf)
    said[REACH] -= 2 * np.log(share)
    found = np.take_along_axis(planes.options, said.argmax(axis=0)[None], axis=0)[0]
    return np.where(free, found.astype(np.intp), own)


def ramps_of(lab: Array) -> NDArray[np.int16]:
    """Return for each entry its shades in the order of lightness, itself in the middle, int16 (K, OPTIONS); -1: none.

    Args:
        lab: float32 (K, 3), the palette in OKLab.
    """
    out = np.full((len(lab), OPTIONS), -1, np.int16)
    order, shades = np.argsort(lab[:, 0], kind="stable"), shades_of(lab)
    for entry in range(len(lab)):
        ramp = order[shades[entry, order]]
        steps = np.arange(len(ramp)) - int(np.flatnonzero(ramp == entry)[0]) + REACH
        near = (steps >= 0) & (steps < OPTIONS)
        out[entry, steps[near]] = ramp[near]
    return out


def _of_cells(facts: Facts, logits: Array, shaded: Array) -> list[Array]:
    """Planes of a cell by itself, and of the drawing as a whole."""
    lab, own, ending = srgb_to_oklab(facts.palette), facts.own, logits.argmax(axis=0)
    tone, seen = _tones(facts)
    soft = np.tensordot(seen, softmax(logits, np.float32(COLD)), 1)
    means = facts.means.astype(np.float32) @ _LUMA
    sizes = (np.log1p(sizes_of(entries.astype(np.intp), facts.free)) / 7 for entries in (own, ending))
    count, (height, width) = facts.opaque.sum(), own.shape
    return [
        facts.opaque,
        facts.free,
        facts.shade.astype(np.float32) * 5,
        facts.lines.astype(np.float32),
        shaded,
        lab[own, 0],
        np.hypot(lab[own, 1], lab[own, 2]) * 3,
        seen[own] / 2,
        seen[ending] / 2,
        soft / 2,
        (means - tone[own]) * 5,
        (means - tone[ending]) * 5,
        *sizes,
        np.log2(np.float32(max(height, width) / 32)),
        np.float32(max(facts.spread[1], _LEAST_SPREAD) * 4 - 1),
        np.float32(np.log1p(count) / 7 - 0.8),
    ]


def _of_options(facts: Facts, logits: Array, wanted: Array, ramps: NDArray[np.int16]) -> list[Array]:
    """Planes of each shade a cell may have: where the losses end, how light it is, how much there is and shall be."""
    own, ending = facts.own.astype(np.intp), softmax(logits, np.float32(COLD))
    none, entries = (ramps < 0)[own].transpose(2, 0, 1), np.maximum(ramps, 0)[own].transpose(2, 0, 1)
    tone, count = _tones(facts)[0], max(1, int(facts.opaque.sum()))
    there = np.bincount(own[facts.opaque], minlength=len(tone)) / count
    used = ending[:, facts.opaque].sum(axis=1) / count
    behind = np.maximum(np.take_along_axis(logits, entries, 0) - logits.max(axis=0), _LOWEST)
    means = facts.means.astype(np.float32) @ _LUMA
    groups = [
        np.where(none, _LOWEST, behind) / 4,
        np.where(none, 0, np.take_along_axis(ending, entries, 0)),
        np.delete(np.where(none, 0, (tone[entries] - tone[own]) * 5), REACH, axis=0),
        np.where(none, 0, (tone[entries] - means) * 5),
        np.where(none, 0, np.sqrt(wanted)[entries]),
        np.where(none, 0, np.sqrt(there)[entries]),
        np.where(none, 0, ((np.sqrt(used) - np.sqrt(wanted)) * 4)[entries]),
    ]
    return [plane for group in groups for plane in group]


def _links(facts: Facts) -> list[Array]:
    """How much each cell belongs to that below it and to that on its right; the last two planes."""
    down = np.pad(facts.down.astype(np.float32), ((0, 1), (0, 0)))
    return [down, np.pad(facts.across.astype(np.float32), ((0, 0), (0, 1)))]


def _tones(facts: Facts) -> tuple[Array, Array]:
    """The lightness (K,) of the entries, 0..1, and it as the encoder sees it, relative to the drawing's."""
    tone: Array = np.asarray(facts.palette @ _LUMA / 255, np.float32)
    middle, spread = facts.spread[0], max(facts.spread[1], np.float32(_LEAST_SPREAD))
    return tone, np.asarray((tone - middle) / spread, np.float32)

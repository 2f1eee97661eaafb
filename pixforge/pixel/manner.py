"""The manner of a style: how its cells lie together, and conversions tidied until theirs lie so too.

A cell and its eight neighbours make an arrangement: which of them have its colour, up to turns and mirrors, and whether
one is transparent. What conversions have more of than an artist's sprites (frayed edges, crumbs of two or three cells,
steps beside steps) is what makes them look converted. A manner is the log odds of each arrangement between the two; a
cell goes over to a neighbour's colour where that makes its surroundings likelier by more than the change of colour
costs. That is iterated conditional modes on a Markov random field (Besag 1986) whose potentials are told apart as in
contrastive estimation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.cells import neighbours
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.thinning import crossings

Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]
Values = NDArray[np.float64]
ARRANGEMENTS: Final = 51  # of eight neighbours, up to turns and mirrors
SIZE: Final = 2 * ARRANGEMENTS  # inside, then beside a transparent cell
_RING: Final = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # clockwise from north
_BITS: Final = 1 << np.arange(8)
_SWEEPS: Final = 2
_WEAK: Final = 3  # neighbours of its own colour up to which a cell may go over
_LOOSE: Final = 1  # up to which an arrangement is a crumb, which no manner asks for
_COST: Final = 3.0  # nats an OKLab distance of 1 costs
_PRIOR: Final = 2.0  # cells of each arrangement that are supposed seen on both sides
_MOST: Final = 3.0  # nats
_PART: Final = 4096  # cells looked at together
_SIDE: Final = 5  # of the window that shows all arrangements a cell has part in


@dataclass(frozen=True)
class Manner:
    """How the cells of a style lie together.

    Attributes:
        odds: of each arrangement, nats; `SIZE` of them. Above 0: sprites have it more often than conversions.
    """

    odds: tuple[float, ...]

    def times(self, strength: float) -> Manner:
        """Return the manner counting so many times as much; 0: nothing is asked for."""
        return Manner(tuple(strength * value for value in self.odds))


def manner_of(sprites: Iterable[NDArray[np.uint8]], conversions: Iterable[NDArray[np.uint8]]) -> Manner:
    """Return the manner that tells sprites from conversions.

    Args:
        sprites: RGBA (H, W, 4) with hard alpha, true pixel art.
        conversions: the same of like subjects, as a method makes them.
    """
    real, made = _counts(sprites), _counts(conversions)
    share = real.sum() / max(1.0, made.sum())
    odds = np.log(real + _PRIOR) - np.log(made * share + _PRIOR)
    crumbs = np.tile(_sizes() <= _LOOSE, 2)
    odds[crumbs] = np.minimum(odds[crumbs], 0)
    return Manner(tuple(round(float(value), 4) for value in np.clip(odds, -_MOST, _MOST)))


def mannered(indices: Indices, opaque: Mask, palette: NDArray[np.uint8], manner: Manner, protected: Mask) -> Indices:
    """Return the cells laid together as the manner has it; no line or area is ever cut in two.

    Args:
        indices: intp (H, W), palette entries.
        opaque: bool (H, W).
        palette: uint8 (K, 3), sRGB.
        manner: of the style.
        protected: bool (H, W), cells that stay.
    """
    lab = srgb_to_oklab(palette).astype(np.float64)
    gaps = np.linalg.norm(lab[:, None] - lab[None], axis=-1) * _COST
    odds = np.append(manner.odds, 0.0)  # the last one: of transparent cells
    cells = np.pad(np.where(opaque, indices, -1), _SIDE // 2, constant_values=-1)
    asked = cells.copy()
    height, width = indices.shape
    for _ in range(_SWEEPS):
        before = cells.copy()
        for phase in range(9):  # cells three apart share no arrangement
            y, x = np.mgrid[phase // 3 : height : 3, phase % 3 : width : 3].reshape(2, -1)
            y, x = y[~protected[y, x]], x[~protected[y, x]]
            for part in range(0, len(y), _PART):
                _settle(cells, asked, y[part : part + _PART], x[part : part + _PART], gaps, odds)
        if np.array_equal(before, cells):
            break
    inner = cells[2:-2, 2:-2]
    return np.where(opaque, inner, indices)


def _settle(cells: Indices, asked: Indices, y: Indices, x: Indices, gaps: Values, odds: Values) -> None:
    """Let each weak one of some cells go over where that is likelier; `cells` changes in place."""
    step = np.arange(_SIDE)
    windows = cells[y[:, None, None] + step[:, None], x[:, None, None] + step].reshape(len(y), -1)
    places, around = _places()
    ring = windows[:, around[4]]
    own = windows[:, places[4]]
    like = ((ring == own[:, None]) * _BITS).sum(axis=1)
    weak = (own >= 0) & (_weight()[like] <= _WEAK) & _simple()[like]
    if not weak.any():
        return
    windows, ring, own, y, x = windows[weak], ring[weak], own[weak], y[weak] + 2, x[weak] + 2
    choices = np.concatenate([own[:, None], np.where(ring < 0, own[:, None], ring)], axis=1)
    told = np.repeat(windows[:, None], 9, axis=1)
    told[:, :, places[4]] = choices
    same = told[..., around] == told[..., places][..., None]
    bare = (told[..., around] < 0).any(axis=-1)
    found = _classes()[(same * _BITS).sum(axis=-1)] + ARRANGEMENTS * bare
    found = np.where(told[..., places] < 0, SIZE, found)
    first = asked[y, x]
    score = odds[found].sum(axis=-1) - gaps[choices, first[:, None]]
    cells[y, x] = np.take_along_axis(choices, score.argmax(axis=1)[:, None], axis=1)[:, 0]


def _counts(pictures: Iterable[NDArray[np.uint8]]) -> Values:
    total = np.zeros(SIZE)
    for pixels in pictures:
        packed = np.ascontiguousarray(pixels).view(np.uint32)[..., 0].astype(np.int64)
        shown = pixels[..., 3] > 0
        code = np.where(shown, packed, -1)
        around = neighbours(code, -1)
        like = ((around == code) * _BITS[:, None, None]).sum(axis=0)
        found = _classes()[like] + ARRANGEMENTS * (around < 0).any(axis=0)
        total += np.bincount(found[shown], minlength=SIZE)
    return total


@cache
def _places() -> tuple[Indices, Indices]:
    """In a flat window: the nine cells in its middle (9,), and the eight neighbours of each (9, 8)."""
    middle = [(y, x) for y in range(1, 4) for x in range(1, 4)]
    places = np.array([_SIDE * y + x for y, x in middle])
    around = np.array([[_SIDE * (y + down) + x + right for down, right in _RING] for y, x in middle])
    return places, around


@cache
def _classes() -> Indices:
    """The number (256,) of the arrangement that each set of like neighbours belongs to."""
    numbers = np.full(256, -1)
    for mask in range(256):
        if numbers[mask] < 0:
            turned = [_moved(mask, shift, way) for shift in range(0, 8, 2) for way in (1, -1)]
            numbers[turned] = numbers.max() + 1
    return numbers


def _moved(mask: int, shift: int, way: int) -> int:
    return sum(1 << ((way * bit + shift) % 8) for bit in range(8) if mask >> bit & 1)


@cache
def _weight() -> Indices:
    """How many neighbours (256,) are like the cell."""
    return np.array([mask.bit_count() for mask in range(256)])


@cache
def _sizes() -> Indices:
    """The same of each arrangement (51,)."""
    sizes = np.zeros(ARRANGEMENTS, np.intp)
    sizes[_classes()] = _weight()
    return sizes


@cache
def _simple() -> Mask:
    """Whether (256,) the like neighbours hang together without the cell: it may go without cutting anything in two."""
    return np.array([crossings(mask) <= 1 for mask in range(256)])

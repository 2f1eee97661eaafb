"""What the critic looks at: statistics of clusters, lines and colours of pixel art, blind to hue and subject.

Everything counts which neighbours are of exactly the same colour, or how unlike colours are; nothing says which colours
they are or what is shown. Turned and mirrored pictures have the same statistics, and so have those in an empty frame;
a flat ground round an opaque picture is looked upon as emptiness.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.critic.colours import blends, commonness, mixtures, ramps, steps
from pixforge.image.picture import Rgba
from pixforge.pixel.cells import neighbours
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.ground import groundless, labels, packed

Values = NDArray[np.float64]
Code = NDArray[np.int64]
Mask = NDArray[np.bool_]

VERSION: Final = 3  # raised when the statistics change for the same picture
_RUNS: Final = np.array([1, 2, 3, 4, 6, 9, 1 << 30])  # cells
_SIZES: Final = np.array([1, 2, 3, 4, 6, 10, 20, 50, 1 << 30])  # cells of a cluster


def statistics(cells: Rgba) -> Values:
    """Return the statistics (F,) of a picture (H, W, 4) with hard alpha and at least one opaque cell."""
    shown = _trimmed(groundless(cells))
    code = packed(shown)
    opaque = code >= 0
    lab = srgb_to_oklab(shown[..., :3]).astype(np.float64)
    near = neighbours(opaque, 0)
    parts = (
        _patterns(neighbours(code, -2) == code, opaque),
        _patterns(near, opaque & ~near.all(axis=0)),
        _runs(code),
        _clusters(code, opaque),
        _blocks(code),
        _borders(code),
        _mirrors(code),
        steps(code, lab, opaque),
        ramps(code, lab[..., 0], opaque),
        blends(lab, opaque),
        commonness(code[opaque]),
        mixtures(code, lab),
    )
    return np.concatenate(parts)


def _trimmed(cells: Rgba) -> Rgba:
    """The part of the picture that holds its opaque cells."""
    rows, columns = (np.flatnonzero((cells[..., 3] > 0).any(axis=axis)) for axis in (1, 0))
    return np.ascontiguousarray(cells[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


@cache
def pattern_classes() -> NDArray[np.intp]:
    """Return the class of each of the 256 patterns of eight neighbours; turned and mirrored ones are one class."""
    turns = [[(place + 2 * turn) % 8 for place in range(8)] for turn in range(4)]
    ways = turns + [[(-place) % 8 for place in way] for way in turns]
    least = [min(sum(1 << way[bit] for bit in range(8) if number >> bit & 1) for way in ways) for number in range(256)]
    return np.unique(least, return_inverse=True)[1]


def _patterns(near: Mask, where: Mask) -> Values:
    """How often each class of pattern occurs, as the square root of its share (which tames the common ones)."""
    number = np.tensordot(1 << np.arange(8), near.astype(np.int64), axes=1)
    classes = pattern_classes()
    counts = np.bincount(classes[number[where]], minlength=classes.max() + 1)
    return np.asarray(np.sqrt(counts / max(counts.sum(), 1)))


def _runs(code: Code) -> Values:
    """How long runs of one colour are, across and down: share of the cells in runs of each length."""
    shares = np.zeros(len(_RUNS) - 1)
    for plane in (code, code.T):
        flat = np.pad(plane, ((0, 0), (0, 1)), constant_values=-3).ravel()
        starts = np.flatnonzero(np.append(True, np.diff(flat) != 0))
        lengths = np.diff(np.append(starts, flat.size))
        shown = flat[starts] >= 0
        shares += np.histogram(lengths[shown], _RUNS, weights=lengths[shown])[0]
    return np.asarray(shares / max(shares.sum(), 1))


def _clusters(code: Code, opaque: Mask) -> Values:
    """How large clusters are (4-connected cells of one colour), how many a colour has, how ragged their borders are."""
    label = labels(code)
    padded = np.pad(code, 1, constant_values=-1)
    around = sum(
        (np.roll(padded, step, axis)[1:-1, 1:-1] != code).astype(np.int64) for axis in (0, 1) for step in (1, -1)
    )
    numbers, first, size = np.unique(label[opaque], return_index=True, return_counts=True)
    border = np.bincount(label[opaque], weights=np.asarray(around)[opaque], minlength=code.size)[numbers]
    ragged = border / (4 * np.sqrt(size))  # 1: a square
    colours = len(np.unique(code[opaque][first]))
    return np.array(
        [
            *np.sqrt(np.histogram(size, _SIZES)[0] / len(size)),
            *np.histogram(size, _SIZES, weights=size)[0] / size.sum(),
            np.log2(len(size) / colours),
            np.log2(size.mean()),
            np.average(ragged, weights=size),
            ragged.mean(),
            np.quantile(ragged, 0.9),
        ]
    )


def _blocks(code: Code) -> Values:
    """How many colours blocks of 2 x 2 cells have, and how often only the diagonals agree."""
    if min(code.shape) < 2:
        return np.zeros(5)
    a, b, c, d = code[:-1, :-1], code[:-1, 1:], code[1:, :-1], code[1:, 1:]
    ordered = np.sort(np.stack([a, b, c, d]), axis=0)
    kinds = 1 + (np.diff(ordered, axis=0) != 0).sum(axis=0)
    shown = (ordered[-1] >= 0) & (kinds > 1)
    shares = np.bincount(kinds[shown], minlength=5)[2:5] / max(int(shown.sum()), 1)
    crossed = ((a == d) | (b == c)) & (a != b) & (a != c) & (d != b) & (d != c)
    return np.array([*shares, shown.mean(), crossed[shown].mean() if shown.any() else 0.0])


def _borders(code: Code) -> Values:
    """How long straight pieces of the borders between colours are, and how unlike the next ones on their line."""
    shares = np.zeros(len(_RUNS) - 1)
    uneven: list[Values] = []
    for plane in (code, code.T):
        border = np.diff(np.pad(plane, 1, constant_values=-1), axis=1) != 0  # between columns, (H + 2, W + 1)
        lines = np.pad(border, ((1, 1), (0, 0))).T
        flat = lines.ravel()
        starts, ends = (np.flatnonzero(np.diff(flat.astype(np.int8)) == way) for way in (1, -1))
        lengths = (ends - starts).astype(np.float64)
        shares += np.histogram(lengths, _RUNS, weights=lengths)[0]
        same = np.diff(starts // lines.shape[1]) == 0
        uneven.append(np.abs(np.diff(np.log2(lengths)))[same])
    unlike = np.concatenate(uneven)
    return np.append(shares / max(shares.sum(), 1), unlike.mean() if len(unlike) else 0.0)


def _mirrors(code: Code) -> Values:
    """How well the picture agrees with its mirror images, the better one first, in colours and in silhouette."""
    found = []
    for turned in (code[:, ::-1], code[::-1]):
        either = (code >= 0) | (turned >= 0)
        found.append((float((code == turned)[either].mean()), float(((code >= 0) == (turned >= 0)).mean())))
    return np.array(sorted(found, reverse=True)).ravel()

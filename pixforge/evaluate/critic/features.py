"""Statistics of small neighbourhoods of pixel art, blind to hue and subject."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.texture import packed
from pixforge.image.picture import Rgba
from pixforge.pixel.cells import neighbours
from pixforge.pixel.colour import srgb_to_oklab

Values = NDArray[np.float64]

VERSION: Final = 1  # raised when any feature changes for the same picture
_STEPS: Final = np.array([0.0, 0.02, 0.04, 0.08, 0.12, 0.2, 0.3, 0.5, 2.0])  # OKLab
_RUNS: Final = np.array([1, 2, 3, 4, 6, 9, 1 << 30])  # cells


def features(cells: Rgba) -> Values:
    """Return the statistics (F,) of a picture (H, W, 4) with hard alpha and at least one opaque cell."""
    code = packed(cells)
    opaque = code >= 0
    lab = srgb_to_oklab(cells[..., :3]).astype(np.float64)
    parts = (
        _patterns(neighbours(code, -2) == code, opaque),
        _patterns(neighbours(opaque, 0), opaque & ~neighbours(opaque, 0).all(axis=0)),
        _steps(code, lab, opaque),
        _runs(code),
        _between(code, lab, opaque),
        _counts(code[opaque]),
    )
    return np.concatenate(parts)


@cache
def pattern_classes() -> NDArray[np.intp]:
    """Return the class of each of the 256 patterns of eight neighbours; turned and mirrored ones are one class."""
    turns = [[(place + 2 * turn) % 8 for place in range(8)] for turn in range(4)]
    ways = turns + [[(-place) % 8 for place in way] for way in turns]
    least = [min(sum(1 << way[bit] for bit in range(8) if number >> bit & 1) for way in ways) for number in range(256)]
    return np.unique(least, return_inverse=True)[1]


def _patterns(near: NDArray[np.bool_], where: NDArray[np.bool_]) -> Values:
    """How often each class of pattern occurs, as the square root of its share (which tames the common ones)."""
    number = np.tensordot(1 << np.arange(8), near.astype(np.int64), axes=1)
    classes = pattern_classes()
    counts = np.bincount(classes[number[where]], minlength=classes.max() + 1)
    return np.asarray(np.sqrt(counts / max(counts.sum(), 1)))


def _steps(code: NDArray[np.int64], lab: Values, opaque: NDArray[np.bool_]) -> Values:
    """How large the colour steps between unequal neighbours are, and how common steps are at all."""
    gaps: list[Values] = []
    pairs = 0
    for axis in (0, 1):
        both = opaque.take(range(1, opaque.shape[axis]), axis) & opaque.take(range(opaque.shape[axis] - 1), axis)
        unequal = both & (np.diff(code, axis=axis) != 0)
        gaps.append(np.sqrt((np.diff(lab, axis=axis) ** 2).sum(axis=-1))[unequal])
        pairs += int(both.sum())
    gap = np.concatenate(gaps)
    shares = np.histogram(gap, _STEPS)[0] / max(len(gap), 1)
    return np.append(np.sqrt(shares), len(gap) / max(pairs, 1))


def _runs(code: NDArray[np.int64]) -> Values:
    """How long runs of one colour are, across and down: share of the cells in runs of each length."""
    shares = np.zeros(len(_RUNS) - 1)
    for plane in (code, code.T):
        flat = np.pad(plane, ((0, 0), (0, 1)), constant_values=-3).ravel()
        starts = np.flatnonzero(np.append(True, np.diff(flat) != 0))
        lengths = np.diff(np.append(starts, flat.size))
        shown = flat[starts] >= 0
        shares += np.histogram(lengths[shown], _RUNS, weights=lengths[shown])[0]
    return np.asarray(shares / max(shares.sum(), 1))


def _between(code: NDArray[np.int64], lab: Values, opaque: NDArray[np.bool_]) -> Values:
    """Cells that lie between two unlike neighbours, also in colour: anti-aliasing, or the grey of an average."""
    mixed = edges = 0
    for axis in (0, 1):
        n = code.shape[axis]
        if n < 3:
            continue
        a, b, c = (lab.take(range(k, n - 2 + k), axis) for k in range(3))
        seen = np.logical_and.reduce([opaque.take(range(k, n - 2 + k), axis) for k in range(3)])
        ab, bc, ac = (np.sqrt(((p - q) ** 2).sum(axis=-1)) for p, q in ((a, b), (b, c), (a, c)))
        far = seen & (ac > 0.15)
        mixed += int((far & (ab > 0.03) & (bc > 0.03) & (ab + bc < 1.1 * ac)).sum())
        edges += int(far.sum())
    return np.array([mixed / max(edges, 1), edges / max(int(opaque.sum()), 1)])


def _counts(code: NDArray[np.int64]) -> Values:
    """How many colours there are for so many cells, and how many of them are used once or twice."""
    used = np.unique(code, return_counts=True)[1]
    share = used / used.sum()
    entropy = -(share * np.log2(share)).sum()
    return np.array([np.log2(len(used)) / np.log2(len(code) + 1), (used <= 2).mean(), entropy])

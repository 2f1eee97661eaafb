"""Statistics of colours for the critic: how unlike neighbours are, and which colours are mixtures of others.

Arrays: code (H, W), one number a colour, below 0 where transparent; lab (H, W, 3) OKLab.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Code = NDArray[np.int64]
Mask = NDArray[np.bool_]

_STEPS: Final = np.array([0.0, 0.02, 0.04, 0.08, 0.12, 0.2, 0.3, 0.5, 2.0])  # OKLab
_GAPS: Final = np.array([0.0, 0.02, 0.04, 0.07, 0.1, 0.15, 0.25, 2.0])  # OKLab
_FAR: Final = 0.15  # OKLab: two colours that a third can lie between
_APART: Final = 0.03  # OKLab: how far it is from both
_DETOUR: Final = 1.1  # how much longer the way over the third colour may be
_MIXED: Final = 16  # of a picture's colours, the commonest, that others may be mixtures of


def steps(code: Code, lab: Values, opaque: Mask) -> Values:
    """Return how large the colour steps between unequal neighbours are, and how common steps are at all (9,)."""
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


def ramps(code: Code, light: Values, opaque: Mask) -> Values:
    """Return what three cells in a row are, square roots of shares (6,).

    All equal; the outer two alone equal; all unequal; of these, those that grow lighter or darker all the way; a step
    on one side; and the fourth as a share of the third.
    """
    counts, total = np.zeros(5), 0
    for plane, levels, seen in ((code, light, opaque), (code.T, light.T, opaque.T)):
        if plane.shape[1] < 3:
            continue
        a, b, c = plane[:, :-2], plane[:, 1:-1], plane[:, 2:]
        row = seen[:, :-2] & seen[:, 1:-1] & seen[:, 2:]
        way = np.sign(np.diff(levels, axis=1))
        unequal = row & (a != b) & (b != c) & (a != c)
        found = (
            row & (a == b) & (b == c),
            row & (a == c) & (a != b),
            unequal,
            unequal & (way[:, 1:] * way[:, :-1] > 0),
            row & ((a == b) != (b == c)),
        )
        counts += [int(kind.sum()) for kind in found]
        total += int(row.sum())
    return np.append(np.sqrt(counts / max(total, 1)), counts[3] / max(counts[2], 1))


def blends(lab: Values, opaque: Mask) -> Values:
    """Return how many cells lie between two unlike neighbours also in colour, and how common such neighbours are (2,).

    That is anti-aliasing, or the grey of an average.
    """
    mixed = edges = 0
    for axis in (0, 1):
        places = opaque.shape[axis] - 2
        if places < 1:
            continue
        a, b, c = (lab.take(range(start, start + places), axis) for start in range(3))
        seen = np.logical_and.reduce([opaque.take(range(start, start + places), axis) for start in range(3)])
        ab, bc, ac = (np.sqrt(((one - other) ** 2).sum(axis=-1)) for one, other in ((a, b), (b, c), (a, c)))
        far = seen & (ac > _FAR)
        mixed += int((far & (ab > _APART) & (bc > _APART) & (ab + bc < _DETOUR * ac)).sum())
        edges += int(far.sum())
    return np.array([mixed / max(edges, 1), edges / max(int(opaque.sum()), 1)])


def commonness(code: Code) -> Values:
    """Return how many colours there are for so many cells, how common the commonest are and how many are rare (6,).

    Args:
        code: of the opaque cells (N,).
    """
    share = np.sort(np.unique(code, return_counts=True)[1])[::-1] / len(code)
    entropy = -(share * np.log2(share)).sum()
    rare = float((share * len(code) <= 2).mean())
    colours = np.log2(len(share))
    return np.array([colours / np.log2(len(code) + 1), rare, entropy, colours, share[0], share[:3].sum()])


def mixtures(code: Code, lab: Values) -> Values:
    """Return how close the nearest other colour is, and how many colours lie between two commoner ones (9,).

    Averages lie between the colours that they are averages of.
    """
    used, first, count = np.unique(code[code >= 0], return_index=True, return_counts=True)
    order = np.argsort(-count, kind="stable")[: 2 * _MIXED]
    colours, weight = lab[code >= 0][first[order]], count[order] / count[order].sum()
    if len(used) < 3:
        return np.zeros(len(_GAPS) + 1)
    gaps = np.sqrt(((colours[:, None] - colours[None]) ** 2).sum(axis=-1))
    nearest = (gaps + 9 * np.eye(len(colours))).min(axis=1)
    mixed = np.array([_is_mixture(colours[place], colours[: min(place, _MIXED)]) for place in range(len(colours))])
    return np.array([*np.histogram(nearest, _GAPS)[0] / len(nearest), mixed.mean(), weight[mixed].sum()])


def _is_mixture(colour: Values, others: Values) -> bool:
    """Whether a colour lies on the line between two others, away from its ends."""
    if len(others) < 2:
        return False
    one, other = (others[index] for index in np.triu_indices(len(others), 1))
    line = other - one
    length = (line * line).sum(axis=-1) + 1e-9
    along = ((colour - one) * line).sum(axis=-1) / length
    aside = np.sqrt(((colour - one - along[:, None] * line) ** 2).sum(axis=-1))
    return bool(((along > 0.15) & (along < 0.85) & (aside < 0.015) & (length > 0.01)).any())

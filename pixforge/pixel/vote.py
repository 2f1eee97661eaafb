"""The dominant colour of a cell: fine pixels vote for palette entries.

An average invents colours; a vote picks one. Votes count by flatness (slopes between two colours hold no true colour),
similar entries support each other (a gradient split over many entries still wins together), and an entry that is
rare in the surroundings but strong in its cell gets a bonus: that is an eye or a highlight.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.cells import box3

Plane = NDArray[np.float32]
_KIN = 0.035  # OKLab distance at which entries support each other
_BONUS = 1.6  # how much a rare, contrasting entry is lifted at most


def ballot(votable: NDArray[np.intp], weight: Plane, count: int, entries: int) -> Plane:
    """Sum the votes: float32 (count, entries).

    Args:
        votable: of each fine pixel the number of its cell times `entries`, plus its palette entry; any shape.
        weight: float32 of the same shape, the vote's weight.
        count: number of cells.
        entries: number of palette entries.
    """
    votable, weight = votable.reshape(-1), weight.reshape(-1)
    if np.count_nonzero(weight) < weight.size // 3:  # lines: few pixels vote, and gathering them pays
        voters = np.flatnonzero(weight)
        votable, weight = votable.take(voters), weight.take(voters)
    flat = np.bincount(votable, weight, count * entries)
    return flat.reshape(count, entries).astype(np.float32)


def kinship(lab: Plane) -> Plane:
    """How much each pair of palette entries (OKLab, (K, 3)) supports each other: (K, K), 1 on the diagonal."""
    near: Plane = np.exp(_distance2(lab) / np.float32(-2 * _KIN**2))
    return near


def elect(votes: Plane, lab: Plane, shape: tuple[int, int], features: bool) -> tuple[NDArray[np.intp], Plane]:
    """Choose an entry for every cell.

    Args:
        votes: float32 (H * W, K) from `ballot`.
        lab: float32 (K, 3), the palette in OKLab.
        shape: (H, W).
        features: give small contrasting features their bonus.

    Returns:
        The winner, intp (H, W), and its share of the cell's votes with its kin, float32 (H, W).
    """
    joint = votes @ kinship(lab)
    total = votes.sum(1, keepdims=True)
    share = joint / np.maximum(total, 1e-6)
    score = share * (1 + _BONUS * _rarity(votes, lab, shape)) if features else share
    # Among kin the entry with most votes of its own is the truest: a small own share breaks ties.
    score = score + 0.05 * votes / np.maximum(total, 1e-6)
    won = np.argmax(score, axis=1)
    won_share: Plane = np.take_along_axis(share, won[:, None], 1)[:, 0]
    return won.reshape(shape), won_share.reshape(shape)


def _rarity(votes: Plane, lab: Plane, shape: tuple[int, int]) -> Plane:
    """0..1 for each cell and entry: rare within 5 x 5 cells and far in colour from what is common there."""
    around = box3(box3(votes.reshape(*shape, -1))).reshape(votes.shape)
    around /= np.maximum(around.sum(1, keepdims=True), 1e-6)
    rare = np.clip(1 - (around @ kinship(lab)) / 0.3, 0, 1)
    apart = np.clip(around @ np.sqrt(_distance2(lab)) / 0.3, 0, 1)
    out: Plane = rare * apart
    return out


def _distance2(lab: Plane) -> Plane:
    out: Plane = ((lab[:, None] - lab[None]) ** 2).sum(-1)
    return out

"""Tidying after the decision: orphans, pin holes, bumps. Works on palette indices and never touches protected cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.cells import neighbours

Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]
_FOUR = (0, 2, 4, 6)


def drop_orphans(indices: Indices, opaque: Mask, protected: Mask) -> Indices:
    """Give every lone cell the entry most common among its neighbours.

    A cell is an orphan when none of its eight opaque neighbours has its entry. Cells that are protected, transparent
    or without opaque neighbours stay.

    Args:
        indices: intp (H, W), palette entries.
        opaque: bool (H, W).
        protected: bool (H, W), cells that the source asks for.
    """
    around = np.where(neighbours(opaque, 0), neighbours(indices, 0), -1).astype(np.intp)
    lone = opaque & ~protected & (around != indices).all(0) & (around >= 0).any(0)
    out = indices.copy()
    for y, x in zip(*np.nonzero(lone), strict=True):
        near = around[:, y, x]
        # Four-neighbours count twice: an orphan joins the cluster that it shares an edge with.
        ballot = np.bincount(np.concatenate([near[near >= 0], near[list(_FOUR)][near[list(_FOUR)] >= 0]]))
        out[y, x] = int(ballot.argmax())
    return out


def settle_alpha(opaque: Mask, alpha: NDArray[np.float32], threshold: float, protected: Mask) -> Mask:
    """Close pin holes, drop crumbs and flatten single-cell bumps of the silhouette where the coverage is in doubt.

    Args:
        opaque: bool (H, W).
        alpha: float32 (H, W), coverage 0..1; only cells within 0.25 of the threshold are in doubt.
        threshold: the coverage from which a cell is opaque.
        protected: bool (H, W), cells that stay opaque.
    """
    doubtful = (np.abs(alpha - threshold) < 0.25) & ~protected
    near = neighbours(opaque, 0)
    full = near.sum(0)
    lone = opaque & doubtful & (full == 0)
    hole = ~opaque & doubtful & (full == 8)
    out: Mask = (opaque & ~lone & ~(_bumps(near) & opaque & doubtful)) | hole
    dents = _bumps(~near) & ~out & doubtful & _inside(opaque.shape)
    out |= dents
    return out


def _bumps(near: NDArray[np.bool_]) -> Mask:
    """Cells with three neighbours in a row on one side and none elsewhere: a lone cell on a straight edge."""
    out = np.zeros(near.shape[1:], bool)
    for side in _FOUR:
        row = [(side - 1) % 8, side, (side + 1) % 8]
        out |= near[row].all(0) & ~near[[i for i in range(8) if i not in row]].any(0)
    return out


def _inside(shape: tuple[int, ...]) -> Mask:
    out = np.zeros(shape, bool)
    out[1:-1, 1:-1] = True
    return out

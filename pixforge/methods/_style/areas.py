"""Areas of a logical picture: a plain ground, details that a style leaves alone, cells that belong together, strays."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.cells import neighbours
from pixforge.pixel.pieces import label

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Entries = NDArray[np.intp]
_EDGE: Final = 0.4  # share of the picture's edge that a plain ground takes at least
_PLAIN: Final = 0.03  # of 0..1 that a ground's cells may differ from its colour, ...
_PLAINLY: Final = 0.8  # ... so many of them
_DETAIL: Final = 0.006  # share of the subject up to which a small area is a detail
_STANDS_OUT: Final = 0.12  # OKLab distance from which an area stands out from its neighbour
_ALIKE: Final = 3  # of eight neighbours
_SHADED: Final = (2.0, 4.5)  # shades of a colour from which a drawing shades, and at which it is a painting
_EVEN: Final = 0.05  # OKLab distance at which two neighbours hardly belong together any more


def numbered(entries: Entries, within: Mask) -> NDArray[np.int32]:
    """Return a number (H, W) for each connected area of one entry; -1 outside."""
    return np.where(within, _pieces(entries, within), np.int32(-1))


def sizes_of(entries: Entries, within: Mask) -> NDArray[np.intp]:
    """Return the size (H, W) of the connected area of one entry that each cell lies in; 0 outside."""
    labels = _pieces(entries, within)
    sizes: NDArray[np.intp] = np.bincount(labels[within], minlength=labels.size)[labels]
    return np.where(within, sizes, 0)


def ground_of(entries: Entries, means: Array, opaque: Mask) -> Mask:
    """Return the cells of an opaque, plain ground: of one colour, and along much of the picture's edge; or none.

    Args:
        entries: intp (H, W), the decided entries.
        means: float32 (H, W, 3), means of the drawing, 0..1.
        opaque: bool (H, W), without lines.
    """
    edge = np.ones(entries.shape, np.bool_)
    edge[1:-1, 1:-1] = False
    found = np.bincount(entries[edge & opaque], minlength=1)
    if found.max() < _EDGE * edge.sum():
        return np.zeros(entries.shape, np.bool_)
    same = opaque & (entries == found.argmax())
    labels = _pieces(entries, same)
    reached = np.bincount(labels[edge & same], minlength=labels.size) > 0
    ground: Mask = reached[labels] & same
    gap = np.abs(means[ground] - np.median(means[ground & edge], axis=0)).max(axis=-1)
    return ground if (gap < _PLAIN).mean() >= _PLAINLY else np.zeros(entries.shape, np.bool_)


def shaded_of(entries: Entries, shades: Mask, subject: Mask) -> Array:
    """Return how much the drawing shades each cell's colour by itself, float32 (H, W), 0..1.

    Counted is how many shades of a cell's colour the subject shows (the perplexity of their shares): one or two in flat
    clip art, five and more in a painting, whose shapes are in its shades.

    Args:
        entries: intp (H, W), the decided entries.
        shades: bool (K, K), which entries are shades of which.
        subject: bool (H, W), without lines.
    """
    counts = np.bincount(entries[subject], minlength=len(shades)).astype(np.float32)
    share = shades * counts
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1)
    shown = np.exp(-(share * np.log(np.maximum(share, 1e-9))).sum(axis=1))
    least, most = _SHADED
    each = np.clip((shown - least) / (most - least), 0, 1).astype(np.float32)
    return np.where(subject, each[entries], np.float32(0))


def details_of(entries: Entries, lab: Array, subject: Mask) -> Mask:
    """Return the cells of small areas that stand out from what is round them: eyes, mouths, buttons, rims a cell wide.

    Args:
        entries: intp (H, W).
        lab: float32 (K, 3), the palette in OKLab.
        subject: bool (H, W).
    """
    labels = _pieces(entries, subject)
    sizes = np.bincount(labels[subject], minlength=labels.size)
    borders, sharp = np.zeros(labels.size, np.intp), np.zeros(labels.size, np.intp)
    for one, other in _pairs():
        pair = subject[one] & subject[other] & (entries[one] != entries[other])
        stands = np.linalg.norm(lab[entries[one]] - lab[entries[other]], axis=-1) > _STANDS_OUT
        for side in (one, other):
            borders += np.bincount(labels[side][pair], minlength=labels.size)
            sharp += np.bincount(labels[side][pair & stands], minlength=labels.size)
    small = (sizes <= max(3, round(_DETAIL * subject.sum())))[labels]
    out: Mask = ((small | _thin(labels, subject)) & (sharp > 0.5 * borders)[labels]) & subject
    return out


def _thin(labels: NDArray[np.int32], subject: Mask) -> Mask:
    """Cells that are in no square of two by two cells of their area."""
    same = labels[1:] == labels[:-1]
    square = same[:, 1:] & same[:, :-1] & (labels[1:, 1:] == labels[1:, :-1])
    thick = np.zeros(labels.shape, np.bool_)
    for y in (slice(None, -1), slice(1, None)):
        for x in (slice(None, -1), slice(1, None)):
            thick[y, x] |= square
    return subject & ~thick


def links_of(means: Array, free: Mask) -> tuple[Array, Array]:
    """Return how much each cell belongs to that below it (H - 1, W) and to that on its right (H, W - 1), 0..1.

    As in segmentation by graph cuts (Boykov & Jolly 2001): much where the drawing is even, nothing across its edges.

    Args:
        means: float32 (H, W, 3), means of the drawing in OKLab.
        free: bool (H, W), cells that may change; others have no links.
    """
    down, across = (
        (np.exp(-np.square(means[one] - means[other]).sum(axis=-1) / _EVEN**2) * (free[one] & free[other])).astype(
            np.float32
        )
        for one, other in _pairs()
    )
    return down, across


def without_strays(entries: Entries, start: Entries, free: Mask, least: int) -> Entries:
    """Return the entries without areas smaller than a pixel artist would place them.

    A new area of fewer cells than `least`, or what is left of an old one that was larger, takes the entry that most of
    its neighbours have.

    Args:
        entries: intp (H, W).
        start: intp (H, W), of the decision without a style, whose own small areas stay.
        free: bool (H, W), cells that may change.
        least: cells of an area.
    """
    old = sizes_of(start, free) >= least
    for _ in range(4):
        stray = free & (sizes_of(entries, free) < least) & ((entries != start) | old)
        if not stray.any():
            break
        entries = entries.copy()
        entries[stray] = by_neighbours(entries, start, free & ~stray, stray)
    return returned(entries, start, free, least)


def returned(entries: Entries, start: Entries, free: Mask, least: int) -> Entries:
    """Return the entries with every changed area of fewer cells than `least` as it was in the start."""
    while (stray := free & (sizes_of(entries, free) < least) & (entries != start)).any():
        entries = np.where(stray, start, entries)
    return entries


def rounded(entries: Entries, start: Entries, free: Mask) -> Entries:
    """Return the entries with the outlines of new areas smoothed: no bumps and dents of a single cell.

    A cell that few of its neighbours are like takes the entry of most of them, unless it stands so in the start.
    """
    own = (neighbours(np.where(free, start, -1), -1) == start).sum(axis=0) > _ALIKE
    for _ in range(2):
        near = neighbours(np.where(free, entries, -1), -1)
        alone = free & ((near == entries).sum(axis=0) <= _ALIKE) & ((entries != start) | own)
        wanted = by_neighbours(entries, entries, free, alone)
        most = (near[:, alone] == wanted).sum(axis=0) > 8 - _ALIKE - 1
        entries = entries.copy()
        entries[alone] = np.where(most, wanted, entries[alone])
    return entries


def by_neighbours(entries: Entries, start: Entries, settled: Mask, wanted: Mask) -> Entries:
    """Return the entry that most of the settled neighbours of each wanted cell have, intp (N,); else the start's."""
    near = neighbours(np.where(settled, entries, -1), -1)[:, wanted]
    votes = np.stack([((near == one) & (one >= 0)).sum(axis=0) for one in near])
    best = votes.argmax(axis=0)[None]
    chosen = np.take_along_axis(near, best, axis=0)[0]
    return np.where(np.take_along_axis(votes, best, axis=0)[0] > 0, chosen, start[wanted])


def _pieces(entries: Entries, within: Mask) -> NDArray[np.int32]:
    down, across = ((entries[one] == entries[other]) & within[one] & within[other] for one, other in _pairs())
    return label(down, across)


def _pairs() -> tuple[tuple[tuple[slice, slice], tuple[slice, slice]], ...]:
    """Of each cell and its neighbour below, and of each and its neighbour to the right: where they are."""
    every, first, second = slice(None), slice(None, -1), slice(1, None)
    return ((first, every), (second, every)), ((every, first), (every, second))

"""Clusters of one colour, and the plain ground round an opaque picture."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba

Code = NDArray[np.int64]

_GROUND: Final = 0.5  # share of the edge of an opaque picture that is of one colour: its ground


def packed(cells: Rgba) -> Code:
    """Return one number for each colour, (H, W); -1 where transparent."""
    code = cells[..., :3].astype(np.int64) @ np.array([65536, 256, 1])
    return np.where(cells[..., 3] > 0, code, -1)


def groundless(cells: Rgba) -> Rgba:
    """Return an opaque picture without the ground that runs round it; any other, or one that is nothing else, as it is.

    The ground is the commonest colour of the edge, where half of the edge is of it, and all cells of that colour that
    hang together with the edge. Turned and mirrored pictures have the same one: of two colours equally common, none.
    """
    code = packed(cells)
    if min(code.shape) < 3 or code.min() < 0:
        return cells
    edge = np.ones(code.shape, bool)
    edge[1:-1, 1:-1] = False
    colours, counts = np.unique(code[edge], return_counts=True)
    most = counts.argmax()
    if counts[most] <= _GROUND * edge.sum():
        return cells
    label = labels(code)
    ground = np.isin(label, np.unique(label[edge & (code == colours[most])]))
    return cells if ground.all() else np.where(ground[..., None], np.uint8(0), cells)


def labels(code: Code) -> Code:
    """Return the number of its cluster for each cell (H, W): the lowest place in it, counted row by row."""
    label = np.arange(code.size).reshape(code.shape)
    across, down = code[:, 1:] == code[:, :-1], code[1:] == code[:-1]
    while True:
        found = label.copy()
        for one, other, same in (
            (found[:, 1:], found[:, :-1], across),
            (found[1:], found[:-1], down),
        ):
            least = np.minimum(one, other)
            np.copyto(one, least, where=same)
            np.copyto(other, np.minimum(one, other), where=same)
        found = found.ravel()[found]  # a label is a place; its own label is on the way to the lowest
        if np.array_equal(found, label):
            return label
        label = found

"""Pieces of a picture that are flat or softly shaded, and which of those that never rest stand still all the same.

Inside something flat that moves slowly some pixels never change, like those of a background beside it. They are told
apart by what their piece ends at: that of a moving thing at pixels that change, that of a background at edges that
stand still, or nowhere, because it goes on into what is known to be background.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]

_ALIKE: Final = 12  # levels between neighbours of one piece
_SWEEPS: Final = 64


def standing(values: NDArray[np.uint32], constant: Mask, known: Mask) -> Mask:
    """Return the pixels, bool (H, W), that are background because of the piece that they belong to.

    Args:
        values: uint32 (H, W), packed RGBA.
        constant: the pixels that never change; no others are looked at.
        known: the pixels that are background.
    """
    out = np.zeros(values.shape, np.bool_)
    asked = constant & ~known
    open_rows, open_columns = np.flatnonzero(asked.any(axis=1)), np.flatnonzero(asked.any(axis=0))
    if not len(open_rows):
        return out
    # One line more on each side shows what the pieces go on into.
    part = tuple(slice(max(int(each[0]) - 1, 0), int(each[-1]) + 2) for each in (open_rows, open_columns))
    values, constant, known = values[part], constant[part], known[part]
    joins = [_joins(values, constant, axis) for axis in (0, 1)]
    labels = label(joins[0], joins[1])
    size = labels.size
    known_here = np.bincount(labels[known & constant], minlength=size) > 0
    still, moving = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for axis in (0, 1):
        before, after = (slice(None, -1), slice(1, None))
        first, second = (before, after) if axis == 0 else ((slice(None), before), (slice(None), after))
        for here, there in ((first, second), (second, first)):
            own = constant[here] & ~joins[axis]
            still += np.bincount(labels[here][own & constant[there]], minlength=size)
            moving += np.bincount(labels[here][own & ~constant[there]], minlength=size)
    out[part] = (known_here | (still > moving))[labels] & constant
    return out


def label(down: Mask, across: Mask) -> Labels:
    """Number the connected pieces, int32 (H, W): each by its first pixel.

    Args:
        down: bool (H - 1, W), whether a pixel belongs to that below it.
        across: bool (H, W - 1), to that on its right.
    """
    height, width = across.shape[0], down.shape[1]
    labels = np.arange(height * width, dtype=np.int32).reshape(height, width)
    for _ in range(_SWEEPS):
        before = labels
        labels = _swept(_swept(labels, across).T, down.T).T
        if np.array_equal(labels, before):
            break
    return np.ascontiguousarray(labels)


def _swept(labels: Labels, joins: Mask) -> Labels:
    """Give each run along the rows the least label in it."""
    begins = np.ones(labels.shape, np.bool_)
    begins[:, 1:] = ~joins
    starts = np.flatnonzero(begins)
    least = np.minimum.reduceat(labels.ravel(), starts)
    runs = np.diff(np.append(starts, labels.size))
    return np.repeat(least, runs).reshape(labels.shape)


def _joins(values: NDArray[np.uint32], constant: Mask, axis: int) -> Mask:
    """Whether each pixel and the next one down (0) or across (1) are of one piece."""
    channels = np.ascontiguousarray(values).view(np.uint8).reshape(*values.shape, 4).astype(np.int16)
    alike = (np.abs(np.diff(channels, axis=axis)) <= _ALIKE).all(axis=-1)
    both = constant[1:] & constant[:-1] if axis == 0 else constant[:, 1:] & constant[:, :-1]
    return np.asarray(alike & both)

"""What video and lossy compression do to pixels that stand still: how much, and how to see through it.

Between two frames the blocks of a noisy clip in which nothing happens differ by a little, everywhere, this way and
that. Blocks of an exact clip do not differ at all, or because something moves: then by much, in few pixels, or all one
way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_BLOCK: Final = 8  # pixels, the block of JPEG; WebP's and video's are multiples
_LEAST: Final = 1.0  # levels, root mean square: a shade that moves slowly is rounded up and down by less
_MOST: Final = 8.0  # levels, root mean square: what differs by more is no noise
_PEAK: Final = 24  # levels by which no pixel of a noisy block differs more
_SPREAD: Final = 0.25  # share of its pixels that differ, at least
_EVEN: Final = 0.5  # part of its root mean square that its mean may be
_ROUGH: Final = 0.5  # part of its root mean square that neighbours differ by, at least; 1.4 is white noise
_SHARE: Final = 0.04  # of the blocks that differ, so many are noisy in a noisy clip; in drawn ones 0.02 at most
_FEW: Final = 8  # blocks from which nothing is concluded
_WINDOW: Final = 5  # pixels


def level(pairs: Iterable[tuple[Pixels, Pixels]]) -> float:
    """Return the noise of a clip in levels (root mean square of the difference of two frames), 0 for an exact one.

    Args:
        pairs: frames that follow each other, uint8 (H, W, 4). Only blocks that are opaque in both are looked at.
    """
    found: list[NDArray[np.float32]] = []
    differing = 0
    for before, after in pairs:
        levels, count = _noisy(before, after)
        found.append(levels)
        differing += count
    noisy = np.concatenate(found) if found else np.zeros(0, np.float32)
    if len(noisy) < max(_FEW, _SHARE * differing):
        return 0.0
    return float(np.median(noisy))


def _noisy(before: Pixels, after: Pixels) -> tuple[NDArray[np.float32], int]:
    """The root mean square difference of each block that looks noisy, and how many blocks differ at all."""
    one, other = _blocks(before), _blocks(after)
    differs = (one[..., :3] != other[..., :3]).any(axis=(1, 3, 4))
    differs &= ((one[..., 3] == 255) & (other[..., 3] == 255)).all(axis=(1, 3))
    rows, columns = np.nonzero(differs)
    steps = other[rows, :, columns, :, :3].astype(np.float32) - one[rows, :, columns, :, :3]
    steps = steps.reshape(-1, _BLOCK * _BLOCK, 3)
    strength = np.sqrt((steps**2).mean(axis=(1, 2)))
    noisy = (strength >= _LEAST) & (strength <= _MOST)
    noisy &= np.abs(steps).max(axis=(1, 2), initial=0) <= _PEAK
    noisy &= np.abs(steps.mean(axis=1)).max(axis=1, initial=0) <= _EVEN * strength
    noisy &= (steps != 0).any(axis=2).mean(axis=1) >= _SPREAD
    fine = np.diff(steps.reshape(-1, _BLOCK, _BLOCK, 3), axis=2)
    noisy &= np.sqrt((fine**2).mean(axis=(1, 2, 3))) >= _ROUGH * strength  # what a shade that moves leaves is smooth
    return strength[noisy], len(rows)


def _blocks(pixels: Pixels) -> NDArray[np.uint8]:
    """The picture in whole blocks, uint8 (rows, 8, columns, 8, 4)."""
    height, width = (side // _BLOCK for side in pixels.shape[:2])
    return pixels[: height * _BLOCK, : width * _BLOCK].reshape(height, _BLOCK, width, _BLOCK, 4)


def changed(before: Pixels, after: Pixels, noise: float) -> Mask:
    """Return where one frame differs from another by more than noise, bool (H, W), with two pixels round it.

    Args:
        before: uint8 (H, W, 4).
        after: the same.
        noise: levels, from `level`. Alpha is never taken for noisy.
    """
    steps = after[..., :3].astype(np.float32) - before[..., :3]
    strength = np.sqrt(_mean((steps**2).mean(axis=-1)))
    drift = np.abs(_mean(steps)).max(axis=-1)
    own = np.maximum(strength, drift) > 2 * noise + 1  # chroma of video errs all one way over many pixels
    return _mean((own | (after[..., 3] != before[..., 3])).astype(np.float32)) > 0.5 / _WINDOW**2


def _mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over a window of five by five pixels, at the picture's sides over what it has of them."""
    half = _WINDOW // 2
    for axis in (0, 1):
        length = plane.shape[axis]
        sums = np.cumsum(plane, axis=axis, dtype=np.float64)
        sums = np.concatenate([np.zeros_like(sums.take([0], axis)), sums], axis)
        first = np.maximum(np.arange(length) - half, 0)
        last = np.minimum(np.arange(length) + half + 1, length)
        count = (last - first).reshape([-1 if each == axis else 1 for each in range(plane.ndim)])
        plane = ((sums.take(last, axis) - sums.take(first, axis)) / count).astype(np.float32)
    return plane

"""What a model at logical resolution is shown, and how a picture comes out of noise, without any framework.

The state of such a model is a drawing and its pixel art side by side, cell by cell: 4 channels of the logical picture
and 64 of the drawing (4 pixels a cell, folded into channels). The side that is known is given clean, the other begins
as noise and follows a rectified flow (Liu et al. 2022; Lipman et al. 2022): x_s = (1 - s) x + s n. The network does not
predict the velocity n - x, most of which is noise, but the clean picture x (Li and He 2025, "Back to basics"), as what
it differs by from a plain conversion of the known side: a small network has colours and silhouette from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pixforge.nn.card import Direction
from pixforge.preprocess import CELL, Array

Labels = NDArray[np.int64]

LOGICAL: Final = 4
DRAWING: Final = 4 * CELL * CELL
CHANNELS: Final = LOGICAL + DRAWING
LEVELS: Final = 4  # of freedom
LABELS: Final = 2 * LEVELS + 2
_NOTHING: Final = 2 * LEVELS
_BLUR: Final = (1, 1, 2, 4)  # cells over which the known side's colours are averaged, by level
_NOISE: Final = (0.0, 0.15, 0.3, 0.6)  # standard deviation of what is added to them


class Network(Protocol):
    """A loaded model, whatever computes it."""

    def clean(self, direction: Direction, known: Array, x: Array, sigma: float, labels: Labels) -> Array:
        """Return the unknown side as the network sees it without noise.

        Args:
            direction: which side is unknown.
            known: float32 (N, 64 or 4, H, W), -1..1; sides are multiples of 4.
            x: (N, 4 or 64, H, W), the unknown side at noise `sigma`.
            sigma: 0..1, the share of noise.
            labels: int64 (N,), see `label`.
        """
        ...


@dataclass(frozen=True)
class Sampling:
    """How proposals are drawn.

    Attributes:
        steps: of the flow.
        guidance: how strongly the known side counts beyond what training saw; 1 is that, and costs half.
        freedom: 0..3, how freely the known side's colours are read.
        seed: of all chance.
    """

    steps: int = 8
    guidance: float = 1.5
    freedom: int = 0
    seed: int = 0


def label(direction: Direction, freedom: int | None) -> int:
    """Return the class label of a direction and a level of freedom; None: nothing is known of the other side."""
    way = int(direction == "to-drawing")
    return _NOTHING + way if freedom is None else way * LEVELS + freedom


def folded(drawing: Array) -> Array:
    """Fold drawings (N, 4, 4H, 4W) to (N, 64, H, W), channel by channel, row by row."""
    count, channels, height, width = drawing.shape
    cells = drawing.reshape(count, channels, height // CELL, CELL, width // CELL, CELL)
    return cells.transpose(0, 1, 3, 5, 2, 4).reshape(count, -1, height // CELL, width // CELL)


def unfolded(state: Array) -> Array:
    """Turn (N, 64, H, W) back into drawings (N, 4, 4H, 4W)."""
    count, _, height, width = state.shape
    cells = state.reshape(count, -1, CELL, CELL, height, width).transpose(0, 1, 4, 2, 5, 3)
    return cells.reshape(count, -1, height * CELL, width * CELL)


def loosened(known: Array, levels: Labels, noise: Array) -> Array:
    """Return the known side as it is shown at levels of freedom: colours blurred and noisy, alpha as it is.

    The alpha stays, so that whatever is proposed keeps the silhouette.

    Args:
        known: float32 (N, 4 or 64, H, W), -1..1, premultiplied; sides are multiples of 4.
        levels: int (N,), 0..LEVELS - 1; 0 changes nothing.
        noise: standard normal, shaped as `known`.
    """
    cut = known.shape[1] * 3 // 4
    out = known.copy()
    for level in range(1, LEVELS):
        chosen = levels == level
        if chosen.any():
            colour = _blurred(known[chosen, :cut], _BLUR[level]) + np.float32(_NOISE[level]) * noise[chosen, :cut]
            alpha = np.tile(known[chosen, cut:], (1, 3, 1, 1))  # colour by colour, each folded as alpha is
            out[chosen, :cut] = np.minimum(colour.clip(-1, 1), alpha)
    return out


def follow(
    network: Network,
    known: Array | None,
    direction: Direction,
    sampling: Sampling,
    chance: np.random.Generator,
    kept: tuple[Array, Array] | None = None,
) -> Array:
    """Follow the flow from noise to a picture.

    Args:
        network: that knows the way.
        known: (N, 4 or 64, H, W), -1..1, or None if nothing is known of the other side.
        direction: which side is made.
        sampling: how; its seed was used for `chance`.
        chance: of the noise.
        kept: a picture (1, 4, H, W) and a mask (1, 1, H, W) of where it is not kept.

    Returns:
        The side that was made, float32, -1..1.
    """
    like = known if known is not None else kept[0] if kept is not None else None
    if like is None:
        raise ValueError("nothing tells the size")
    made = LOGICAL if direction == "to-pixel" else DRAWING
    noise: Array = chance.standard_normal((len(like), made, *like.shape[2:]), np.float32)
    shown = known if known is not None else np.zeros((len(like), CHANNELS - made, *like.shape[2:]), np.float32)
    # As many equal steps, the last of which ends on the picture itself.
    sigmas = np.linspace(1, 0, sampling.steps + 1, dtype=np.float32)
    x = noise
    for sigma, after in pairwise(sigmas):
        clean = _guided(network, shown, x, float(sigma), (direction, known is not None), sampling)
        x = x + (x - clean) / sigma * (after - sigma)
        if kept is not None:
            x = np.where(kept[1], x, after * noise + (1 - after) * kept[0])
    return np.asarray(x.clip(-1, 1), np.float32)


def _guided(
    network: Network, known: Array, x: Array, sigma: float, way: tuple[Direction, bool], sampling: Sampling
) -> Array:
    """What is seen with the known side, away from what is seen without it (Ho and Salimans 2022)."""
    direction, informed = way
    nothing = np.full(len(x), label(direction, None), np.int64)
    if not informed:
        return network.clean(direction, known, x, sigma, nothing)
    told = network.clean(direction, known, x, sigma, np.full(len(x), label(direction, sampling.freedom), np.int64))
    if sampling.guidance != 1:
        free = network.clean(direction, np.zeros_like(known), x, sigma, nothing)
        told = free + np.float32(sampling.guidance) * (told - free)
    return told.clip(-1, 1)


def _blurred(colour: Array, factor: int) -> Array:
    """Means of `factor` x `factor` cells, enlarged again bilinearly."""
    if factor == 1:
        return colour
    count, channels, height, width = colour.shape
    blocks = colour.reshape(count, channels, height // factor, factor, width // factor, factor)
    small: Array = blocks.mean(axis=(3, 5), dtype=np.float32)
    for axis in (2, 3):
        length = small.shape[axis]
        place = ((np.arange(length * factor) + 0.5) / factor - 0.5).clip(0, length - 1)
        low = np.floor(place).astype(np.intp)
        share = (place - low).astype(np.float32).reshape((-1, 1) if axis == 2 else (-1,))
        high = np.minimum(low + 1, length - 1)
        small = small.take(low, axis) * (1 - share) + small.take(high, axis) * share
    return small

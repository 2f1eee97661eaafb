"""Sampling of models at logical resolution: proposals for a drawing or a sprite, regions of a sprite painted anew."""

from __future__ import annotations

import numpy as np

from pixforge.nn.card import Direction
from pixforge.nn.diffusion.flow import Network, Sampling, folded, follow, loosened, unfolded
from pixforge.preprocess import CELL, Array, pad_cells

_ROUNDS = 3  # of adding what a cell lacks


def propose(network: Network, array: Array, direction: Direction, sampling: Sampling) -> Array:
    """Convert one picture.

    Args:
        network: a loaded model.
        array: as `pixforge.preprocess` makes it: (4, 4H, 4W) for to-pixel, (4, H, W) for to-drawing, 0..1.
        direction: which way.
        sampling: how.

    Returns:
        The other side, about 0..1: (4, H, W), colour as if opaque; or (4, 4H, 4W), premultiplied, whose cells mean
        what the sprite's are.
    """
    per_cell, many = (CELL, 1) if direction == "to-pixel" else (1, CELL)
    height, width = array.shape[1] // per_cell * many, array.shape[2] // per_cell * many
    padded = pad_cells(array, per_cell)[None] * 2 - 1
    known = folded(padded) if direction == "to-pixel" else padded
    chance = _chance(sampling)
    noise = chance.standard_normal(known.shape, np.float32)
    out = follow(network, loosened(known, np.array([sampling.freedom]), noise), direction, sampling, chance)
    if direction == "to-pixel":
        return _opaque(_array(out)[:, :height, :width])
    return kept_cells(_array(unfolded(out))[:, :height, :width], array)


def kept_cells(drawing: Array, sprite: Array) -> Array:
    """Return a drawing whose cells have the colours of a sprite in the mean, so that it neither fades nor takes a cast.

    What each cell lacks is added smoothly, in a few rounds (iterative back-projection, Irani and Peleg 1991).

    Args:
        drawing: (4, 4H, 4W), premultiplied.
        sprite: (4, H, W), premultiplied, 0..1.

    Returns:
        (4, 4H, 4W), 0..1.
    """
    planes, height, width = sprite.shape
    for _ in range(_ROUNDS):
        means = drawing.reshape(planes, height, CELL, width, CELL).mean((2, 4))
        drawing = np.clip(drawing + _smooth(sprite - means), 0, 1)
    return drawing


def _smooth(cells: Array) -> Array:
    """(N, H, W) -> (N, 4H, 4W), bilinear."""
    from PIL import Image

    size = (CELL * cells.shape[2], CELL * cells.shape[1])
    return np.stack([np.asarray(Image.fromarray(one).resize(size, Image.Resampling.BILINEAR)) for one in cells])


def repaint(
    network: Network, sprite: Array, mask: np.ndarray, sampling: Sampling, drawing: Array | None = None
) -> Array:
    """Paint a region of a sprite anew; what is around it steers what comes there (as in RePaint, Lugmayr et al. 2022).

    Args:
        network: a loaded model.
        sprite: (4, H, W), 0..1.
        mask: bool (H, W), true where it is painted.
        sampling: how.
        drawing: (4, 4H, 4W), what the sprite shall show; None: whatever fits.

    Returns:
        (4, H, W), 0..1; outside the mask the sprite itself, to the bit.
    """
    height, width = mask.shape
    kept = pad_cells(sprite, 1)[None] * 2 - 1
    region = np.pad(mask, ((0, -height % 4), (0, -width % 4)))[None, None]
    known = None if drawing is None else folded(pad_cells(drawing, CELL)[None] * 2 - 1)
    out = follow(network, known, "to-pixel", sampling, _chance(sampling), (kept, region))
    return np.where(mask[None], _opaque(_array(out)[:, :height, :width]), sprite)


def _chance(sampling: Sampling) -> np.random.Generator:
    """The same numbers for a seed on every machine and with every framework."""
    return np.random.Generator(np.random.Philox(sampling.seed))


def _array(out: Array) -> Array:
    return np.asarray((out[0] + 1) / 2, np.float32)


def _opaque(out: Array) -> Array:
    """Premultiplied colours as they are where a cell is opaque; cells of less than half are none."""
    return np.concatenate([out[:3] / out[3:].clip(0.5, 1), out[3:]])

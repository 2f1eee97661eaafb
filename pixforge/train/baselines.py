"""Plain downscales that a network has to beat. Each turns a drawing of whole cells into RGBA cells with hard alpha."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.train.pairs.make import Pair

Cells = NDArray[np.uint8]


def nearest(pair: Pair) -> Cells:
    """Take the pixel at the middle of each cell."""
    start = pair.scale // 2
    return _hard(pair.drawing.pixels[start :: pair.scale, start :: pair.scale].copy())


def area(pair: Pair) -> Cells:
    """Take the premultiplied mean of each cell."""
    blocks = _blocks(pair).astype(np.float32)
    alpha = blocks[..., 3].mean(axis=-1)
    colour = (blocks[..., :3] * blocks[..., 3:]).mean(axis=-2) / np.maximum(alpha, 1)[..., None]
    return _hard(np.concatenate([colour + 0.5, alpha[..., None] + 0.5], axis=-1).clip(0, 255).astype(np.uint8))


def k_centroid(pair: Pair, clusters: int = 2, rounds: int = 4) -> Cells:
    """Take the mean of the larger of two clusters of each cell's opaque pixels (as k-centroid resizing does)."""
    blocks = _blocks(pair)
    shown = blocks[..., 3] >= 128
    opaque = 2 * shown.sum(axis=-1) >= blocks.shape[2]
    out = np.zeros((*blocks.shape[:2], 4), np.uint8)
    if opaque.any():
        colours = blocks[opaque][..., :3].astype(np.float32)
        out[opaque, :3] = _largest_clusters(colours, shown[opaque], clusters, rounds) + 0.5
        out[opaque, 3] = 255
    return out


def classical(pair: Pair) -> Cells:
    """Take the draft of the method `classical`, with a palette of 32 colours fitted to the drawing."""
    from pixforge.methods.classical import Options, open_session
    from pixforge.methods.contract import Request
    from pixforge.pixel.fit import fit_palette
    from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions

    palette = fit_palette([pair.drawing], 32)
    size = (pair.logical.width, pair.logical.height)
    request = Request(pair.drawing, *size, palette, "to-pixel", AlphaOptions(), OutlineOptions(), CleanupOptions())
    draft = open_session(Options(), "").convert(request)
    cells = np.concatenate([draft.cells, draft.alpha[..., None] * 255], axis=-1)
    return _hard((cells + 0.5).clip(0, 255).astype(np.uint8))


BASELINES: Final[dict[str, Callable[[Pair], Cells]]] = {
    "nearest": nearest,
    "area": area,
    "k-centroid": k_centroid,
    "classical": classical,
}


def mapped(cells: Cells, colours: int) -> Cells:
    """Return the cells with at most so many colours: fitted to them, nearest in OKLab (what the pixel stage does)."""
    from pixforge.pixel.fit import fit_palette
    from pixforge.pixel.mapping import nearest_index

    if not cells[..., 3].any():
        return cells
    palette = fit_palette([Picture(cells.copy())], colours)
    out = cells.copy()
    out[..., :3] = palette[nearest_index(np.ascontiguousarray(cells[..., :3]), palette)]
    return _hard(out)


def _blocks(pair: Pair) -> Cells:
    """The pixels of each cell, (H, W, scale * scale, 4)."""
    scale, height, width = pair.scale, pair.logical.height, pair.logical.width
    blocks = pair.drawing.pixels.reshape(height, scale, width, scale, 4).transpose(0, 2, 1, 3, 4)
    return blocks.reshape(height, width, scale * scale, 4)


def _largest_clusters(
    colours: NDArray[np.float32], shown: NDArray[np.bool_], clusters: int, rounds: int
) -> NDArray[np.float32]:
    """The mean (N, 3) of the largest cluster of each cell's shown pixels: colours (N, P, 3), shown (N, P)."""
    rows = np.arange(len(colours))[:, None]
    first = np.argsort(~shown, axis=1, kind="stable")  # shown pixels first, in their order
    places = (np.linspace(0, 1, clusters)[None] * (shown.sum(axis=1)[:, None] - 1) + 1e-6).astype(np.intp)
    centres = colours[rows, np.take_along_axis(first, places, axis=1)]
    counts = np.zeros(centres.shape[:2], np.float32)
    for _ in range(rounds):
        label = ((colours[:, :, None] - centres[:, None]) ** 2).sum(axis=-1).argmin(axis=2)
        member = ((label[..., None] == np.arange(clusters)) & shown[..., None]).astype(np.float32)
        counts = member.sum(axis=1)
        sums = member.transpose(0, 2, 1) @ colours
        centres = np.where(counts[..., None] > 0, sums / np.maximum(counts, 1)[..., None], centres)
    return np.asarray(centres[rows[:, 0], counts.argmax(axis=1)])


def _hard(cells: Cells) -> Cells:
    cells[..., 3] = np.where(cells[..., 3] >= 128, 255, 0)
    cells[cells[..., 3] == 0] = 0
    return cells

"""Are eyes, mouths and inner contours kept: thin dark structures inside the drawing beside those of the output.

Thin means: closed by a morphological closing of about one cell (black top-hat, F. Meyer 1979), in the drawing at eight
pixels a cell and in the output at one. What is transparent counts as black, so that the outer outline is part of the
outside and is judged by `contour.continuity` alone. Line work falls into strokes, its connected parts: an eye, a mouth,
a fold. Of each the output's longest unbroken run counts, as a dashed line is no line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.contour import connected, largest_component
from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import resize
from pixforge.pixel.cells import cell_mean, max3
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.morphology import black_hat

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]

_FINE: Final = 8  # pixels a cell at which the drawing's lines are found
_REACH: Final = 8  # pixels: structures up to two cells wide are thin, as in the output
_DEEP: Final = 0.12  # OKLab lightness by which a line of the drawing is darker than its surroundings
_SEEN: Final = 0.06  # and by which a line of the output still shows
_LEAST: Final = 0.25  # share of a cell that a line must fill to be asked for
_FAINT: Final = 0.06  # share from which a line of the output there is no invention
_FEWEST: Final = 8  # cells of line work in a drawing that can be judged


@dataclass(frozen=True)
class InnerLines:
    """How well inner lines are kept; a cell counts as met if a cell of the other picture lies on it or beside it.

    Attributes:
        recall: share of a stroke of the drawing that the output's longest connected run meets, mean over strokes
            weighted by the square root of their cells, so that an eye is not nothing beside a sleeve; 0..1.
        precision: share of the output's that the drawing meets; None if the output has none.
    """

    recall: float
    precision: float | None


def inner_lines(drawing: Rgba, cells: Rgba) -> InnerLines | None:
    """Compare an output (H, W, 4) with its drawing (RGBA of any size); None for a drawing without inner lines."""
    height, width = cells.shape[:2]
    fine = resize(Picture(drawing), width * _FINE, height * _FINE).pixels
    share = cell_mean((_drawn_depth(fine) > _DEEP).astype(np.float32), _FINE)
    wanted = share >= _LEAST
    if wanted.sum() < _FEWEST:
        return None
    found = _made_depth(cells) > _SEEN
    right = found & _beside(share >= _FAINT)
    return InnerLines(_unbroken(wanted, found), float(right.sum() / found.sum()) if found.any() else None)


def _unbroken(wanted: Mask, found: Mask) -> float:
    """How much of its strokes, the connected parts of what is wanted, one connected run each follows: see recall."""
    label = connected(wanted)
    strokes = [label == number for number in np.unique(label[wanted])]
    runs = [_beside(largest_component(found & _beside(stroke))) for stroke in strokes]
    lengths = np.array([stroke.sum() for stroke in strokes], np.float64)
    followed = np.array([(stroke & run).sum() for stroke, run in zip(strokes, runs, strict=True)])
    return float((followed / np.sqrt(lengths)).sum() / np.sqrt(lengths).sum())


def _drawn_depth(fine: Rgba) -> Plane:
    """How much darker than its surroundings each pixel of the drawing is, if it is part of something thin."""
    margin = 0 if fine[..., 3].min() >= 128 else 3 * _FINE  # where nothing lies round a sprite, it goes on
    grey = np.clip(np.pad(_light(fine), margin) * 255 + 0.5, 0, 255).astype(np.uint8)
    depth = black_hat(grey, _REACH).astype(np.float32) / np.float32(255)
    return depth[margin : margin + fine.shape[0], margin : margin + fine.shape[1]]


def _made_depth(cells: Rgba) -> Plane:
    """The same of the output, at most two cells wide.

    A closing by a cross fills the corners of squares, one by a square those of diamonds; a line is filled by both.
    """
    margin = 0 if cells[..., 3].min() >= 128 else 3
    light = np.pad(_light(cells), margin)
    cross = black_hat(np.clip(light * 255 + 0.5, 0, 255).astype(np.uint8), 1).astype(np.float32) / np.float32(255)
    depth = np.minimum(cross, -max3(-max3(light)) - light)
    return np.asarray(depth[margin : margin + cells.shape[0], margin : margin + cells.shape[1]], np.float32)


def _light(pixels: Rgba) -> Plane:
    """OKLab lightness, 0 where transparent."""
    return np.asarray(srgb_to_oklab(pixels[..., :3])[..., 0] * (pixels[..., 3] >= 128), np.float32)


def _beside(mask: Mask) -> Mask:
    return np.asarray(max3(mask.astype(np.float32)) > 0)

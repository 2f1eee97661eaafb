"""The grid of a piece of pixel art: where its cells lie in a larger picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells found in a picture. All lengths are picture pixels, 0 is the left (top) edge of the first pixel.

    Attributes:
        pitch_x: mean width of a cell, 1.0 for pixel art at its true size.
        pitch_y: mean height of a cell.
        phase_x: where the regular grid puts the left edge of the first cell; negative when a crop cut into it.
        phase_y: the same for the top edge.
        width: cells across.
        height: cells down.
        confidence: 0..1, how sure it is that the picture is pixel art on this grid; 1.0 for an exact enlargement.
        edges_x: float64 (width + 1,), strictly increasing, within 0..picture width: the cell borders as drawn,
            which may leave the regular grid by a fraction of a cell.
        edges_y: float64 (height + 1,), the same down the picture.
        blur: standard deviation of the blur over the cells, in pixels.
        rest: what flat cells under that blur leave unexplained, root mean square in levels: noise, compression.
        exact: every cell is of one colour to the byte (no blur, noise or compression).
    """

    pitch_x: float
    pitch_y: float
    phase_x: float
    phase_y: float
    width: int
    height: int
    confidence: float
    edges_x: Float
    edges_y: Float
    blur: float = 0.0
    rest: float = 0.0
    exact: bool = False

    def __post_init__(self) -> None:
        for edges, cells in ((self.edges_x, self.width), (self.edges_y, self.height)):
            if len(edges) != cells + 1 or not (np.diff(edges) > 0).all():
                raise ValueError(f"{cells} cells need {cells + 1} increasing borders, not {edges}")
            edges.flags.writeable = False

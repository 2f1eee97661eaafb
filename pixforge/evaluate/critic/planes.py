"""What the critic looks at: colours, coverage, and which neighbours are of exactly the same colour."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba

Planes = NDArray[np.float32]

VERSION: Final = 1  # raised when the planes change for the same picture
CHANNELS: Final = 9
MARGIN: Final = 4  # transparent cells round a picture, so that its border is seen as one
_EMPTY: Final = -1
_NEAR: Final = ((0, 1), (1, 0), (1, 1), (1, -1))


def planes(cells: Rgba) -> Planes:
    """Return the critic's input, float32 (N, 9, H, W).

    Channels: R, G and B in -1..1 times alpha; alpha, 0 or 1; for right, below, below right and below left whether that
    neighbour is opaque and of the same colour; and how many cells of the picture have this cell's colour, log2 / 8. The
    last five make "the same colour" visible to the last bit, which a convolution over colours cannot be relied on to
    see.

    Args:
        cells: pictures with hard alpha, uint8 (N, H, W, 4).
    """
    count, height, width = cells.shape[:3]
    alpha = (cells[..., 3] > 0).astype(np.float32)
    out = np.empty((count, CHANNELS, height, width), np.float32)
    out[:, :3] = (cells[..., :3].transpose(0, 3, 1, 2) / np.float32(127.5) - 1) * alpha[:, None]
    out[:, 3] = alpha
    code = np.where(cells[..., 3] > 0, cells[..., :3].astype(np.int64) @ np.array([65536, 256, 1]), _EMPTY)
    padded = np.pad(code, ((0, 0), (1, 1), (1, 1)), constant_values=_EMPTY)
    for channel, (down, across) in enumerate(_NEAR, start=4):
        near = padded[:, 1 + down : 1 + down + height, 1 + across : 1 + across + width]
        out[:, channel] = (near == code) & (code != _EMPTY)
    for picture, colours in zip(out, code, strict=True):
        _, place, number = np.unique(colours, return_inverse=True, return_counts=True)
        picture[8] = np.log2(number)[place].reshape(height, width) / 8 * picture[3]
    return out


def framed(cells: Rgba, side: int | None = None) -> Rgba:
    """Return a picture (H, W, 4) with transparent cells round it, even in both directions.

    Args:
        cells: the picture.
        side: cells across and down of the result, at least those of the picture and both margins; None: what is needed.
    """
    height, width = cells.shape[:2]
    wanted = [side or length + length % 2 + 2 * MARGIN for length in (height, width)]
    out = np.zeros((*wanted, 4), np.uint8)
    out[MARGIN : MARGIN + height, MARGIN : MARGIN + width] = cells
    return out

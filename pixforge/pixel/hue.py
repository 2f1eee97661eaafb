"""The hue of one picture under the lightness of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.colour import oklab_to_srgb, srgb_to_oklab


def with_hue_of(cells: NDArray[np.float32], source: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Return cells whose OKLab a and b are those of `source`, and whose lightness is their own.

    Hue and chroma go together: hue alone would paint greys in whatever angle their rounding has.

    Args:
        cells: (..., 3) sRGB 0..255.
        source: the same shape.
        share: 0 leaves the cells, 1 takes all of the source's colour.
    """
    lab, theirs = srgb_to_oklab(cells), srgb_to_oklab(source)
    lab[..., 1:] += np.float32(share) * (theirs[..., 1:] - lab[..., 1:])
    return oklab_to_srgb(lab)

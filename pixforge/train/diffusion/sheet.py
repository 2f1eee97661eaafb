"""Sheets of samples: a column a sample, a row a kind of picture, everything enlarged to one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture

_SIDE: Final = 128
_GAP: Final = 4
_GROUND: Final = (118, 118, 150, 255)


def tiled(rows: Sequence[Sequence[NDArray[np.uint8]]]) -> Picture:
    """Return RGBA pictures as a sheet; small ones are enlarged by whole factors."""
    from PIL import Image

    step = _SIDE + _GAP
    sheet = Image.new("RGBA", (step * max(map(len, rows)), step * len(rows)), _GROUND)
    for down, row in enumerate(rows):
        for across, pixels in enumerate(row):
            image = Image.fromarray(np.ascontiguousarray(pixels)).convert("RGBA")
            factor = _SIDE / max(image.size)
            whole = max(1, int(factor)) if factor >= 1 else factor
            size = (max(1, round(image.width * whole)), max(1, round(image.height * whole)))
            kind = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
            sheet.alpha_composite(image.resize(size, kind), (across * step, down * step))
    return Picture(np.array(sheet))

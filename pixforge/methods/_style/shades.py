"""Shades of a drawing's own colours, for a style to shade with."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.colour import oklab_to_srgb, srgb_to_oklab

_DARKER: Final = 0.14  # OKLab lightness
_LIGHTER: Final = 0.09
_FADED: Final = 0.85  # chroma of the lighter shade
_APART: Final = 0.07  # OKLab distance below which a shade is there already


def with_shades(colours: NDArray[np.uint8], limit: int) -> NDArray[np.uint8]:
    """Return the colours and, as far as the limit allows, a darker shade of each, a lighter one, and so on.

    A shade has the hue of its colour; near-black has no darker one and near-white no lighter one.

    Args:
        colours: uint8 (K, 3).
        limit: at most so many, at least K.

    Returns:
        uint8 (N, 3), the given ones first.
    """
    found = list(srgb_to_oklab(colours))
    out = [tuple(colour) for colour in colours.tolist()]
    steps = (np.array([-_DARKER, 1.0]), np.array([_LIGHTER, _FADED]), np.array([-2 * _DARKER, 1.0]))
    for lift, chroma in steps:
        for lab in list(found[: len(colours)]):
            shade = np.array([lab[0] + lift, lab[1] * chroma, lab[2] * chroma], np.float32)
            if len(out) == limit or not 0.08 < shade[0] < 0.98:
                continue
            colour = np.rint(oklab_to_srgb(shade)).astype(np.uint8)
            placed = srgb_to_oklab(colour)
            if min(float(np.linalg.norm(placed - other)) for other in found) >= _APART:
                found.append(placed)
                out.append(tuple(colour.tolist()))
    return np.array(out, np.uint8)

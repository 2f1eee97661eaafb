"""Frames of GIF and APNG, which are patches on a canvas, composed to full pictures."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from pixforge.image.picture import Rgba
from pixforge.image.resample import over


class Disposal(IntEnum):
    """What happens to a patch before the next one comes (the numbers are APNG's)."""

    KEEP = 0
    CLEAR = 1
    RESTORE = 2


class Canvas:
    """A picture on which patches are laid one after the other, transparent at first."""

    def __init__(self, width: int, height: int) -> None:
        self._pixels = np.zeros((height, width, 4), np.uint8)

    def show(self, patch: Rgba, left: int, top: int, disposal: Disposal, blend: bool) -> Rgba:
        """Lay a patch down and return the whole picture as it is then shown, an array of its own.

        Args:
            patch: (h, w, 4); what reaches over the right or lower border is cut off.
            left: column of the patch's first pixel, at least 0.
            top: row likewise.
            disposal: what becomes of the patch afterwards.
            blend: lay it over what is there by its alpha; else it replaces what is there.
        """
        place = self._pixels[top : top + patch.shape[0], left : left + patch.shape[1]]
        patch = patch[: place.shape[0], : place.shape[1]]
        before = place.copy()
        place[...] = over(patch, place) if blend else patch
        shown = self._pixels.copy()
        if disposal is Disposal.CLEAR:
            place[...] = 0
        elif disposal is Disposal.RESTORE:
            place[...] = before
        return shown

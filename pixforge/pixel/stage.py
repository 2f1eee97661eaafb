"""The pixel stage: whatever a method drafts, what leaves here satisfies the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel import outline as outlines
from pixforge.pixel.cleanup import drop_orphans, settle_alpha
from pixforge.pixel.manner import mannered
from pixforge.pixel.mapping import nearest_index
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions, PaletteOptions

if TYPE_CHECKING:
    from pixforge.pixel.draft import Draft

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Finished:
    """A picture under contract.

    Attributes:
        indices: uint8 (H, W), palette entry of each cell, 0 where transparent.
        opaque: bool (H, W).
        palette: uint8 (K, 3) sRGB, at most 256 entries.
    """

    indices: NDArray[np.uint8]
    opaque: Mask
    palette: NDArray[np.uint8]

    def picture(self) -> Picture:
        """The cells as a picture: alpha 0 or 255, RGB 0 where transparent."""
        pixels = np.zeros((*self.indices.shape, 4), np.uint8)
        pixels[self.opaque, :3] = self.palette[self.indices[self.opaque]]
        pixels[self.opaque, 3] = 255
        return Picture(pixels)


def finish(
    draft: Draft,
    palette: NDArray[np.uint8],
    outline: OutlineOptions,
    cleanup: CleanupOptions,
    alpha: AlphaOptions,
    palette_options: PaletteOptions,
    *,
    origin: tuple[int, int] = (0, 0),
) -> Finished:
    """Make the contract true for a draft.

    Args:
        draft: float cells and coverage from a method.
        palette: uint8 (K, 3), 1 <= K <= 256, the only colours of the result.
        outline: the preset's table of that name, like the next ones.
        cleanup: what to tidy.
        alpha: the threshold.
        palette_options: the dither.
        origin: column and row of the first cell in an ordered dither's pattern.
    """
    protected = np.zeros(draft.alpha.shape, bool) if draft.protected is None else draft.protected
    opaque = draft.alpha >= alpha.threshold
    if cleanup.jaggies:
        opaque = settle_alpha(opaque, draft.alpha, alpha.threshold, protected)
    indices = _map(draft, palette, palette_options, origin)
    if cleanup.orphans and palette_options.dither == "none":
        indices = drop_orphans(indices, opaque, protected)
        if draft.manner is not None:
            indices = mannered(indices, opaque, palette, draft.manner, protected)
    indices = outlines.apply(indices, opaque, palette, outline)
    return Finished(np.where(opaque, indices, 0).astype(np.uint8), opaque, palette)


def _map(
    draft: Draft, palette: NDArray[np.uint8], options: PaletteOptions, origin: tuple[int, int]
) -> NDArray[np.intp]:
    if options.dither == "none" or options.dither_strength == 0:
        return nearest_index(draft.cells, palette)
    from pixforge.pixel.dither import dither  # its matrices are only loaded when asked for

    where = None if options.dither_flats else draft.gradient
    return dither(
        draft.cells, palette, options.dither, options.dither_strength, options.dither_luma, where, origin=origin
    )

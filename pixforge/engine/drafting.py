"""From a fitted picture to finished cells: what a single picture, a clip and a seamless tile have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pixforge.engine import geometry, sessions
from pixforge.image import resample
from pixforge.image.picture import Picture
from pixforge.methods.contract import Request
from pixforge.pixel import stage
from pixforge.pixel.draft import Draft

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.engine.geometry import Layout
    from pixforge.pixel.stage import Finished
    from pixforge.preset import Preset


@dataclass(frozen=True, eq=False)
class Target:
    """What a picture shall become.

    Attributes:
        width, height: cells (to-pixel) or pixels (to-drawing) that the method makes of the picture.
        palette: uint8 (K, 3), or None in direction to-drawing.
        whole: the same measure of the whole picture, where the picture at hand is a part of one.
        series: the same object for all pictures of a clip.
    """

    width: int
    height: int
    palette: NDArray[np.uint8] | None
    whole: tuple[int, int] | None = None
    series: object | None = None


def prepare(picture: Picture, plan: Layout, preset: Preset) -> Picture:
    """Return the picture cropped and padded as the layout says, on its background if the preset wants one."""
    fitted = geometry.fit(picture, plan)
    return on_background(fitted, preset) if preset.alpha.mode == "opaque" else fitted


def on_background(picture: Picture, preset: Preset) -> Picture:
    """Return the picture on the preset's background colour."""
    red, green, blue = bytes.fromhex(preset.alpha.background[1:])
    return resample.composite(picture, (red, green, blue))


def draft(picture: Picture, target: Target, preset: Preset) -> Draft:
    """Let the preset's method convert a fitted picture.

    Raises:
        PixforgeError: the method cannot, or is not installed.
    """
    return sessions.get(preset.method).convert(
        Request(
            picture=picture,
            width=target.width,
            height=target.height,
            palette=target.palette,
            direction=preset.direction,
            alpha=preset.alpha,
            outline=preset.outline,
            cleanup=preset.cleanup,
            dither=preset.palette.dither,
            seed=preset.method.seed,
            whole=target.whole,
            series=target.series,
        )
    )


def as_cells(picture: Picture) -> Draft:
    """Return pixel art as its own draft: every cell was decided by an artist and is protected."""
    return Draft(
        cells=picture.pixels[..., :3].astype(np.float32),
        alpha=picture.pixels[..., 3].astype(np.float32) / 255.0,
        protected=np.ones(picture.pixels.shape[:2], np.bool_),
    )


def drawing(drafted: Draft) -> Picture:
    """Return the draft of direction to-drawing as a picture with soft alpha."""
    pixels = np.empty((*drafted.alpha.shape, 4), np.uint8)
    for band in range(4):  # one at a time: a drawing of 4096 pixels has 67 MB a band
        plane = drafted.cells[..., band] if band < 3 else drafted.alpha * np.float32(255)
        pixels[..., band] = np.clip(np.rint(plane), 0, 255)
    pixels[pixels[..., 3] == 0] = 0
    return Picture(pixels)


def finish(drafted: Draft, palette: NDArray[np.uint8], preset: Preset, origin: tuple[int, int] = (0, 0)) -> Finished:
    """Make the contract true for a draft; `origin` is where its first cell lies in a dither pattern (column, row)."""
    return stage.finish(drafted, palette, preset.outline, preset.cleanup, preset.alpha, preset.palette, origin=origin)

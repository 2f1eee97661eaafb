"""A noisy clip (video, JPEG, lossy WebP) with its noise held still, so that "unchanged" can mean equal."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.image.picture import Frame, Picture
from pixforge.pixel import noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixforge.sheet.clip import Clip

_LOOKS: Final = 12  # pairs of frames, spread over the clip, that are asked for their noise


def steadied(clip: Clip) -> Clip:
    """Return the clip with every pixel kept from the frame before that differs by no more than the clip's noise.

    An exact clip is returned itself. Of a noisy one a second copy is held in memory.
    """
    found = level_of(clip.pictures)
    if not found:
        return clip
    frames = [clip.frames[0]]
    for frame in clip.frames[1:]:
        held, pixels = frames[-1].picture.pixels, frame.picture.pixels
        new = noise.changed(held, pixels, found)
        shown = np.where(new[..., None], pixels, held)
        frames.append(Frame(Picture(shown), frame.duration))
    return replace(clip, frames=tuple(frames), layers=())


def level_of(pictures: Sequence[Picture]) -> float:
    """Return the noise of frames of one size in levels, 0 if they are exact."""
    pairs = list(pairwise(pictures))
    chosen = pairs[:: max(1, -(-len(pairs) // _LOOKS))]
    return noise.level((one.pixels, other.pixels) for one, other in chosen if one is not other)

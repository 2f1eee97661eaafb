"""Pictures for palettes of one hue: the drawing's lightness is spread over the palette's, its hues are dropped.

Against four greens the nearest colour to both skin and hair is the same light green. What a palette of one hue can
show is light and dark, so that is what it is given: every entry, from the darkest to the lightest, is put to use.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.colour import oklab_to_srgb, srgb_to_oklab
from pixforge.pixel.evidence import lightness

_ENDS = (1.0, 99.0)  # percentiles of the drawing's lightness that become the palette's darkest and lightest entries


def spread_tones(picture: Picture, palette: NDArray[np.uint8]) -> Picture:
    """Return the picture recoloured along the palette, from its darkest to its lightest entry.

    Args:
        picture: the drawing.
        palette: uint8 (K, 3), K >= 1, best of one hue.
    """
    return recoloured(picture, tone_ramp([picture], palette))


def tone_ramp(pictures: Iterable[Picture], palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the colour for each lightness 0..255 of pictures that belong together, uint8 (256, 3)."""
    counts = np.zeros(256, np.int64)
    for picture in pictures:
        tone = lightness(picture.pixels[..., :3])
        counts += np.bincount(tone[picture.pixels[..., 3] >= 128], minlength=256)
    lab = srgb_to_oklab(palette)
    lab = lab[np.argsort(lab[:, 0], kind="stable")]
    place = _places(counts) * (len(lab) - 1)
    ramp = np.stack([np.interp(place, np.arange(len(lab)), lab[:, channel]) for channel in range(3)], axis=-1)
    return np.rint(oklab_to_srgb(ramp)).astype(np.uint8)


def recoloured(picture: Picture, ramp: NDArray[np.uint8]) -> Picture:
    """Return the picture with the colour of its lightness everywhere; one without a visible pixel stays as it is."""
    if not (picture.pixels[..., 3] >= 128).any():
        return picture
    pixels = picture.pixels.copy()
    pixels[..., :3] = ramp[lightness(picture.pixels[..., :3])]
    return Picture(pixels)


def _places(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Place 0..1 on the ramp of each lightness 0..255: half by its value, half by how many pixels are darker.

    By value alone two light colours fall on one entry; by rank alone a white page turns every grey black.

    Args:
        counts: int64 (256,), visible pixels of each lightness.
    """
    if not counts.any():
        return np.zeros(256)
    low, high = (_percentile(counts, share) for share in _ENDS)
    value = np.interp(np.arange(256), (low, max(high, low + 1)), (0, 1))
    weight = counts**0.5  # large areas count, but do not push all else to the ends
    rank = (np.cumsum(weight) - weight / 2) / weight.sum()
    return np.asarray((value + rank) / 2)


def _percentile(counts: NDArray[np.int64], share: float) -> float:
    """The percentile of the lightnesses, between two of them by interpolation."""
    ends = np.cumsum(counts)
    index = share / 100 * (ends[-1] - 1)
    below, above = (int(np.searchsorted(ends, rank, side="right")) for rank in (math.floor(index), math.ceil(index)))
    return float(below + (above - below) * (index - math.floor(index)))

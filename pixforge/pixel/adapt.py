"""Pictures for palettes of one hue: the drawing's lightness is spread over the palette's, its hues are dropped.

Against four greens the nearest colour to both skin and hair is the same light green. What a palette of one hue can
show is light and dark, so that is what it is given: every entry, from the darkest to the lightest, is put to use.
"""

from __future__ import annotations

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
    tone = lightness(picture.pixels[..., :3])
    seen = tone[picture.pixels[..., 3] >= 128]
    if not seen.size:
        return picture
    lab = srgb_to_oklab(palette)
    lab = lab[np.argsort(lab[:, 0], kind="stable")]
    place = _places(seen) * (len(lab) - 1)
    ramp = np.stack([np.interp(place, np.arange(len(lab)), lab[:, channel]) for channel in range(3)], axis=-1)
    pixels = picture.pixels.copy()
    pixels[..., :3] = np.rint(oklab_to_srgb(ramp)).astype(np.uint8)[tone]
    return Picture(pixels)


def _places(seen: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Place 0..1 on the ramp of each lightness 0..255: half by its value, half by how many pixels are darker.

    By value alone two light colours fall on one entry; by rank alone a white page turns every grey black.
    """
    low, high = np.percentile(seen, _ENDS)
    value = np.interp(np.arange(256), (low, max(high, low + 1)), (0, 1))
    counts = np.bincount(seen, minlength=256) ** 0.5  # large areas count, but do not push all else to the ends
    rank = (np.cumsum(counts) - counts / 2) / counts.sum()
    return np.asarray((value + rank) / 2)

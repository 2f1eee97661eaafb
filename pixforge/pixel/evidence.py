"""What a fine picture says before anything is decided: lightness, coverage, flatness, thin lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.morphology import black_hat, dilate, erode, white_hat

Plane = NDArray[np.float32]
_WIDEST_LINE = 1.7  # cells; a dark structure wider than this is an area, not a line


@dataclass(frozen=True, eq=False)
class Evidence:
    """Fine planes, each float32 (H * k, W * k), 0..1.

    Attributes:
        cover: alpha.
        flat: 1 on flat colour, near 0 on the slopes between two colours (anti-aliasing), where no true colour is.
        dark: how surely the pixel belongs to a thin dark line, outline or dot.
        light: the same for thin light structures.
    """

    cover: Plane
    flat: Plane
    dark: Plane
    light: Plane


def gather(fine: Picture, lightness: Plane, k: int, strength: float) -> Evidence:
    """Measure the evidence of a fine picture.

    Args:
        fine: picture of (H * k, W * k) pixels.
        lightness: float32 (H * k, W * k), OKLab L 0..1.
        k: fine pixels per cell.
        strength: 0..1, how readily thin structures count as lines.
    """
    cover = fine.pixels[..., 3].astype(np.float32) / 255
    radius = max(1, round(_WIDEST_LINE * k / 2))
    on_light = _tone(lightness, cover, 1.0)
    on_dark = _tone(lightness, cover, 0.0)
    return Evidence(
        cover=cover,
        flat=_flatness(on_light, fine),
        dark=_line(black_hat(on_light, radius), k, strength) * cover,
        light=_line(white_hat(on_dark, radius), k, strength) * cover,
    )


def _tone(lightness: Plane, cover: Plane, ground: float) -> NDArray[np.uint8]:
    """Lightness as uint8 over a ground of one lightness."""
    mixed = lightness * cover + np.float32(ground) * (1 - cover)
    return (mixed * 255 + 0.5).astype(np.uint8)


def _flatness(tone: NDArray[np.uint8], fine: Picture) -> Plane:
    """Near 1 where a pixel equals its neighbours, falling with the local contrast of lightness and of each channel."""
    planes = [tone, *(fine.pixels[..., c] for c in range(3))]
    contrast = np.maximum.reduce([dilate(p, 1) - erode(p, 1) for p in planes])
    table = np.exp(-((np.arange(256) / 48) ** 2)).astype(np.float32)
    return np.asarray(np.maximum(table[contrast], 0.02))


def _line(hat: NDArray[np.uint8], k: int, strength: float) -> Plane:
    """Membership 0..1: the hat relative to its own local crest, so that a pale line counts by its width."""
    if strength <= 0:
        return np.zeros(hat.shape, np.float32)
    floor = 70 - 52 * strength
    crest = dilate(hat, max(1, k // 2)).astype(np.float32)
    relative = np.clip(hat / np.maximum(crest, 1) * 1.6 - 0.4, 0, 1)
    trust = np.clip((crest - floor) / floor, 0, 1)
    out: Plane = (relative * trust).astype(np.float32)
    return out

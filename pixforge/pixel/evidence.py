"""What a fine picture says before anything is decided: lightness, coverage, flatness, thin lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.colour import srgb_to_linear
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


def lightness(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """OKLab lightness 0..255 of uint8 (..., 3), by tables, within 0.04 of the true one: enough to find lines.

    The cube root is taken of the cones' weighted mean instead of each cone; greys are exact.
    """
    red, green, blue, root = _lightness_tables()
    mixed: NDArray[np.uint16] = red[rgb[..., 0]] + green[rgb[..., 1]] + blue[rgb[..., 2]]
    return root[mixed]


@cache
def _lightness_tables() -> tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint8]]:
    linear = srgb_to_linear(np.arange(256, dtype=np.uint8)) * 65000
    red, green, blue = ((linear * part).astype(np.uint16) for part in (0.2540, 0.6497, 0.0963))
    root = np.rint(np.cbrt(np.arange(65536) / 65000).clip(0, 1) * 255).astype(np.uint8)
    return red, green, blue, root


def gather(fine: Picture, tone: NDArray[np.uint8], k: int, strength: float) -> Evidence:
    """Measure the evidence of a fine picture.

    Args:
        fine: picture of (H * k, W * k) pixels.
        tone: uint8 (H * k, W * k), from `lightness`.
        k: fine pixels per cell.
        strength: 0..1, how readily thin structures count as lines.
    """
    alpha = np.ascontiguousarray(fine.pixels[..., 3])
    cover = alpha.astype(np.float32) / np.float32(255)
    radius = max(1, round(_WIDEST_LINE * k / 2))
    on_dark = _shaded(tone, alpha)
    on_light = 255 - _shaded(255 - tone, alpha)
    return Evidence(
        cover=cover,
        flat=_flatness(on_light, fine),
        dark=_line(black_hat(on_light, radius), k, strength) * cover,
        light=_line(white_hat(on_dark, radius), k, strength) * cover,
    )


def _shaded(tone: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The tone over black."""
    return ((tone.astype(np.uint16) * alpha + np.uint16(127)) // np.uint16(255)).astype(np.uint8)


def _flatness(tone: NDArray[np.uint8], fine: Picture) -> Plane:
    """Near 1 where a pixel equals its neighbours, falling with the local contrast of lightness, red and blue."""
    planes = [tone, *(np.ascontiguousarray(fine.pixels[..., c]) for c in (0, 2))]
    contrast = np.maximum.reduce([dilate(p, 1) - erode(p, 1) for p in planes])
    table = np.maximum(np.exp(-((np.arange(256) / 48) ** 2)), 0.02).astype(np.float32)
    return table[contrast]


def _line(hat: NDArray[np.uint8], k: int, strength: float) -> Plane:
    """Membership 0..1: the hat relative to its own local crest, so that a pale line counts by its width."""
    out = np.zeros(hat.shape, np.float32)
    floor = np.float32(70 - 52 * strength)
    crest = dilate(hat, max(1, k // 2))
    if strength > 0:
        where = np.flatnonzero(crest > floor)
        height = crest.reshape(-1)[where].astype(np.float32)
        relative = np.clip(hat.reshape(-1)[where] / height * np.float32(1.6) - np.float32(0.4), 0, 1)
        out.reshape(-1)[where] = relative * np.minimum((height - floor) / floor, 1)
    return out

"""Colours of other spaces, as swatch files hold them, to sRGB bytes. Plain numbers: palettes are small.

Device CMYK and grey have no profile in these files; the simple inverse is what viewers without one show.
"""

from __future__ import annotations

import colorsys
import math

from pixforge.palettes.palette import Color

_D50 = (0.96422, 1.0, 0.82521)
# Lab of swatch files is relative to D50: Bradford adaptation to D65, then the matrix of IEC 61966-2-1
# (the product, as listed by Bruce Lindbloom).
_D50_TO_SRGB = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)


def from_unit(red: float, green: float, blue: float) -> Color:
    """Return the bytes of sRGB 0..1; what lies outside is clipped."""
    return _byte(red), _byte(green), _byte(blue)


def from_hsb(hue: float, saturation: float, brightness: float) -> Color:
    """Return the bytes of HSB (HSV), each 0..1; hue 1 is a full turn."""
    return from_unit(*colorsys.hsv_to_rgb(hue % 1.0, saturation, brightness))


def from_cmyk(cyan: float, magenta: float, yellow: float, black: float) -> Color:
    """Return the bytes of CMYK, each 0 (no ink) to 1."""
    light = 1 - _within(black, 0, 1)
    return from_unit((1 - cyan) * light, (1 - magenta) * light, (1 - yellow) * light)


def from_lab(lightness: float, a: float, b: float) -> Color:
    """Return the bytes of CIE L*a*b* (D50): lightness 0..100, a and b about -128..127; outside sRGB it is clipped."""
    middle = (_within(lightness, 0, 100) + 16) / 116
    ratios = (middle + _within(a, -128, 128) / 500, middle, middle - _within(b, -128, 128) / 200)
    xyz = [_cube(ratio) * white for ratio, white in zip(ratios, _D50, strict=True)]
    linear = [sum(weight * value for weight, value in zip(row, xyz, strict=True)) for row in _D50_TO_SRGB]
    red, green, blue = (_curve(value) for value in linear)
    return from_unit(red, green, blue)


def _cube(ratio: float) -> float:
    return ratio**3 if ratio > 6 / 29 else 3 * (6 / 29) ** 2 * (ratio - 4 / 29)


def _curve(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * min(linear, 1.0) ** (1 / 2.4) - 0.055


def _byte(value: float) -> int:
    return round(255 * _within(value, 0.0, 1.0))


def _within(value: float, low: float, high: float) -> float:
    """Return the value clipped; files may hold any bits, so no number at all counts as `low`."""
    return low if math.isnan(value) else min(max(value, low), high)

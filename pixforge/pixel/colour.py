"""sRGB and OKLab, the colour space in which pixforge measures how far apart two colours look.

Source: Björn Ottosson, "A perceptual color space for image processing" (2020), the matrices of its 2021 revision.
In OKLab lightness L runs from 0 (black) to 1 (white); a and b lie within about -0.32..0.28; a distance of about 0.02
is just visible on flat areas.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
_CHUNK = 32768  # numbers worked on at once: they stay in the second-level cache

LINEAR_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
ROOTS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)
_LMS_TO_LINEAR = np.linalg.inv(LINEAR_TO_LMS.astype(np.float64)).astype(np.float32)
_LAB_TO_ROOTS = np.linalg.inv(ROOTS_TO_LAB.astype(np.float64)).astype(np.float32)


def srgb_to_linear(rgb: NDArray[Any]) -> Float:
    """Undo the sRGB transfer curve: 0..255 (any shape, uint8 or float) to linear light 0..1, float32."""
    if rgb.dtype == np.uint8:
        linear: Float = _LINEAR_OF_BYTE[rgb]
        return linear
    return _decode(np.asarray(rgb, dtype=np.float32) / np.float32(255))


def linear_to_srgb(linear: NDArray[Any]) -> Float:
    """Apply the sRGB transfer curve: linear light 0..1 (clipped) to 0..255, float32, any shape."""
    value = np.clip(np.asarray(linear, dtype=np.float32), 0, 1)
    curve = np.float32(1.055) * value ** np.float32(1 / 2.4) - np.float32(0.055)
    result: Float = np.where(value <= np.float32(0.0031308), value * np.float32(12.92), curve) * np.float32(255)
    return result


def srgb_to_oklab(rgb: NDArray[Any]) -> Float:
    """Return OKLab (..., 3) float32 of sRGB (..., 3), uint8 or float 0..255."""
    lab: Float = _cube_root(srgb_to_linear(rgb) @ LINEAR_TO_LMS.T) @ ROOTS_TO_LAB.T
    return lab


def oklab_to_srgb(lab: NDArray[Any]) -> Float:
    """Return sRGB (..., 3) float32 0..255 of OKLab (..., 3); colours outside sRGB are clipped channel by channel."""
    roots = np.asarray(lab, dtype=np.float32) @ _LAB_TO_ROOTS.T
    return linear_to_srgb((roots * roots * roots) @ _LMS_TO_LINEAR.T)


def distance(left: NDArray[Any], right: NDArray[Any]) -> Float:
    """Return the OKLab distance (...) float32 between sRGB colours of broadcastable shapes (..., 3)."""
    step = srgb_to_oklab(left) - srgb_to_oklab(right)
    result: Float = np.sqrt((step * step).sum(axis=-1))
    return result


def _cube_root(value: Float) -> Float:
    """Cube root of value >= 0 (contiguous), within 3 units in the last place; five times as fast as numpy.cbrt."""
    root = np.empty_like(value)
    source, target = value.reshape(-1), root.reshape(-1)
    for start in range(0, source.size, _CHUNK):
        target[start : start + _CHUNK] = _cube_root_of_chunk(source[start : start + _CHUNK])
    return root


def _cube_root_of_chunk(value: Float) -> Float:
    """The exponent of a float divided by three is a guess within 4%; two steps of Halley's method do the rest."""
    value = np.maximum(value, np.float32(1e-12))
    root = (value.view(np.int32) // 3 + np.int32(709921077)).view(np.float32)
    for _ in range(2):
        cube = root * root * root
        root *= (cube + 2 * value) / (2 * cube + value)
    root[value <= np.float32(1e-12)] = 0
    return root


def _decode(value: Float) -> Float:
    curve = ((np.maximum(value, 0) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    result: Float = np.where(value <= np.float32(0.04045), value / np.float32(12.92), curve)
    return result


_LINEAR_OF_BYTE: Float = _decode(np.arange(256, dtype=np.float32) / np.float32(255))

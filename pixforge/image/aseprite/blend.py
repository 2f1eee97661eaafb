"""Aseprite's blend modes, to the last bit of its integer arithmetic.

Sources: W3C, Compositing and Blending Level 1, for the modes; the rounding, and the way a mode fades into plain
source-over where either side is translucent, are those of Aseprite's `doc::blend_funcs` (checked against files with
known composites, not copied).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


def mul8(a: Ints | int, b: Ints | int) -> Ints:
    """The rounded product of two values in units of 1/255: exact for 0 to 255, and for differences."""
    t = np.asarray(a, np.int32) * np.asarray(b, np.int32) + 0x80
    return np.asarray(((t >> 8) + t) >> 8, np.int32)


def _div8(a: Ints, b: Ints) -> Ints:
    """The quotient a / b in units of 1/255, rounded to nearest; b must not be 0."""
    return np.asarray((a * 255 + b // 2) // b, np.int32)


def _toward_zero(a: Ints, b: Ints) -> Ints:
    """Integer division as in C."""
    return np.asarray(np.sign(a) * (np.abs(a) // b), np.int32)


def _hard_light(b: Ints, s: Ints) -> Ints:
    double = s * 2
    return np.where(s < 128, mul8(b, double), _screen(b, double - 255))


def _screen(b: Ints, s: Ints) -> Ints:
    return b + s - mul8(b, s)


def _dodge(b: Ints, s: Ints) -> Ints:
    rest = 255 - s
    return np.where(b == 0, 0, np.where(b >= rest, 255, _div8(b, np.maximum(rest, 1))))


def _burn(b: Ints, s: Ints) -> Ints:
    rest = 255 - b
    return np.where(b == 255, 255, np.where(rest >= s, 0, 255 - _div8(rest, np.maximum(s, 1))))


def _divide(b: Ints, s: Ints) -> Ints:
    return np.where(b == 0, 0, np.where(b >= s, 255, _div8(b, np.maximum(s, 1))))


def _soft_light(b: Ints, s: Ints) -> Ints:
    back, front = b / 255.0, s / 255.0
    lift = np.where(back <= 0.25, ((16 * back - 12) * back + 4) * back, np.sqrt(back))
    darker = back - (1.0 - 2.0 * front) * back * (1.0 - back)
    lighter = back + (2.0 * front - 1.0) * (lift - back)
    return (np.where(front <= 0.5, darker, lighter) * 255 + 0.5).astype(np.int32)


_SEPARABLE: Final[dict[str, Callable[[Ints, Ints], Ints]]] = {
    "multiply": mul8,
    "screen": _screen,
    "overlay": lambda b, s: _hard_light(s, b),
    "darken": np.minimum,
    "lighten": np.maximum,
    "color_dodge": _dodge,
    "color_burn": _burn,
    "hard_light": _hard_light,
    "soft_light": _soft_light,
    "difference": lambda b, s: np.abs(b - s),
    "exclusion": lambda b, s: b + s - 2 * mul8(b, s),
    "addition": lambda b, s: np.minimum(b + s, 255),
    "subtract": lambda b, s: np.maximum(b - s, 0),
    "divide": _divide,
}


def _luminosity(rgb: Floats) -> Floats:
    return np.asarray(0.3 * rgb[..., 0] + 0.59 * rgb[..., 1] + 0.11 * rgb[..., 2])


def _saturation(rgb: Floats) -> Floats:
    return np.asarray(rgb.max(-1) - rgb.min(-1))


def _with_luminosity(rgb: Floats, luminosity: Floats) -> Floats:
    moved = rgb + (luminosity - _luminosity(rgb))[..., None]
    light = _luminosity(moved)[..., None]
    low = moved.min(-1, keepdims=True)
    high = moved.max(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(low < 0, light + (moved - light) * light / (light - low), moved)
        return np.where(high > 1, light + (moved - light) * (1 - light) / (high - light), moved)


def _with_saturation(rgb: Floats, saturation: Floats) -> Floats:
    """The colours with another saturation, Aseprite's way.

    Where two channels share the minimum, the "middle" channel it picks may be the minimum itself, and the other one
    then keeps its value. Artists see that result, so we give it too.
    """
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    below = np.where(g < b, 1, 2)
    least = np.where(r < np.minimum(g, b), 0, below)
    above = np.where(g > b, 1, 2)
    most = np.where(r > np.maximum(g, b), 0, above)
    middle = np.where(r > g, np.where(g > b, 1, np.where(r > b, 2, 0)), np.where(g > b, np.where(b > r, 2, 0), 1))
    low = np.take_along_axis(rgb, least[..., None], -1)
    mid = np.take_along_axis(rgb, middle[..., None], -1)
    high = np.take_along_axis(rgb, most[..., None], -1)
    spread = high > low
    width = np.where(spread, high - low, 1.0)
    wanted = saturation[..., None]
    result = rgb.copy()
    np.put_along_axis(result, middle[..., None], np.where(spread, (mid - low) * wanted / width, 0.0), -1)
    np.put_along_axis(result, most[..., None], np.where(spread, wanted, 0.0), -1)
    np.put_along_axis(result, least[..., None], 0.0, -1)
    return result


def _whole_color(mode: str, backdrop: Ints, source: Ints) -> Ints:
    """The four modes that look at all channels together; (..., 3) to (..., 3)."""
    back, front = backdrop / 255.0, source / 255.0
    if mode == "hsl_hue":
        mixed = _with_luminosity(_with_saturation(front, _saturation(back)), _luminosity(back))
    elif mode == "hsl_saturation":
        mixed = _with_luminosity(_with_saturation(back, _saturation(front)), _luminosity(back))
    elif mode == "hsl_color":
        mixed = _with_luminosity(front, _luminosity(back))
    else:
        mixed = _with_luminosity(back, _luminosity(front))
    return (255.0 * mixed).astype(np.int32)


def _normal(backdrop: Ints, source: Ints, opacity: int) -> Ints:
    """Source over backdrop, straight alpha; (..., 4) to (..., 4)."""
    back_alpha, alpha = backdrop[..., 3:], mul8(source[..., 3:], opacity)
    total = alpha + back_alpha - mul8(back_alpha, alpha)
    color = backdrop[..., :3] + _toward_zero((source[..., :3] - backdrop[..., :3]) * alpha, np.maximum(total, 1))
    over = np.concatenate([color, total], -1)
    onto_nothing = np.concatenate([source[..., :3], alpha], -1)
    return np.where(back_alpha == 0, onto_nothing, np.where(source[..., 3:] == 0, backdrop, over))


def _merged(first: Ints, second: Ints, amount: Ints) -> Ints:
    """From `first` (amount 0) to `second` (amount 255)."""
    color = first[..., :3] + mul8(second[..., :3] - first[..., :3], amount)
    color = np.where(first[..., 3:] == 0, second[..., :3], np.where(second[..., 3:] == 0, first[..., :3], color))
    alpha = first[..., 3:] + mul8(second[..., 3:] - first[..., 3:], amount)
    return np.concatenate([np.where(alpha == 0, 0, color), alpha], -1)


def blend(backdrop: NDArray[np.uint8], source: NDArray[np.uint8], mode: str, opacity: int) -> NDArray[np.uint8]:
    """Lay one picture over another.

    Args:
        backdrop: uint8 (H, W, 4) RGBA, straight alpha.
        source: likewise, of the same shape.
        mode: one of `model.BLEND_MODES`.
        opacity: of the source as a whole, 0 to 255.

    Returns:
        uint8 (H, W, 4); pixels where the source has alpha 0 are the backdrop's.
    """
    back, front = backdrop.astype(np.int32), source.astype(np.int32)
    normal = _normal(back, front, opacity)
    if mode != "normal":
        base, top = back[..., :3], front[..., :3]
        mixed = _SEPARABLE[mode](base, top) if mode in _SEPARABLE else _whole_color(mode, base, top)
        blended = _normal(back, np.concatenate([mixed, front[..., 3:]], -1), opacity)
        # Where the backdrop or the source is translucent, the mode fades into plain source over backdrop.
        share = mul8(back[..., 3:], mul8(front[..., 3:], opacity))
        faded = _merged(_merged(normal, blended, back[..., 3:]), blended, share)
        normal = np.where(back[..., 3:] == 0, normal, faded)
    return np.where(front[..., 3:] == 0, back, normal).astype(np.uint8)

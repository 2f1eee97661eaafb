"""Colours of any ICC profile to sRGB, by LittleCMS in Pillow.

Relative colorimetric with black point compensation, the default of painting programs. What counts as sRGB passes
untouched. A damaged profile, or one for another kind of colours than the file has, is ignored, as browsers do: the
drawing itself is whole and nearly always meant as sRGB.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

_MODES = {"GRAY": "L", "RGB ": "RGB", "CMYK": "CMYK"}
# sRGB profiles differ among themselves by rounding; a gamma of 2.2 in place of sRGB's curve already differs by 7.
_SAME = 2


def to_srgb(colour: NDArray[np.uint8], profile: bytes | None) -> NDArray[np.uint8]:
    """Convert colours to sRGB.

    Args:
        colour: (H, W, C) uint8; C = 1 grey, 3 RGB, 4 CMYK (255 = full ink).
        profile: ICC profile, or None: then grey and RGB are taken for sRGB and CMYK for ideal inks.

    Returns:
        (H, W, 3) uint8.
    """
    mode = {1: "L", 3: "RGB", 4: "CMYK"}[colour.shape[2]]
    transform = _transform(profile, mode) if profile else None
    if transform is None and mode == "L" and profile:
        # Grey pixels with an RGB profile are against the rules, but common.
        transform = _transform(profile, "RGB")
        if transform is not None:
            colour, mode = np.repeat(colour, 3, axis=2), "RGB"
    if transform is not None and mode == "L":
        ramp = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
        table: NDArray[np.uint8] = _apply(transform, ramp, mode)[0]
        return table[colour[..., 0]]
    if transform is not None:
        return _apply(transform, colour, mode)
    if mode == "CMYK":
        paper = 255 - colour[..., :3].astype(np.uint32)
        return ((paper * (255 - colour[..., 3:].astype(np.uint32)) + 127) // 255).astype(np.uint8)
    return np.repeat(colour, 3, axis=2) if mode == "L" else colour


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCmsTransform | None:
    """The transform from a profile to sRGB; None where the pixels are to pass as they are."""
    from PIL import ImageCms

    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    # Exact for the 256 greys, which are converted once; a fine table for the rest.
    flags |= ImageCms.Flags.NOOPTIMIZE if mode == "L" else ImageCms.Flags.HIGHRESPRECALC
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _MODES.get(source.profile.xcolor_space) != mode:
            return None
        target = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(source, target, mode, "RGB", intent, flags)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    if mode == "RGB":
        probe = _probe()
        change = np.abs(_apply(transform, probe, mode).astype(np.int16) - probe).max()
        return None if change <= _SAME else transform
    return transform


def _probe() -> NDArray[np.uint8]:
    """A picture of all greys and a coarse cube of colours, (1, N, 3)."""
    steps = np.linspace(0, 255, 7).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    return np.concatenate([cube, greys])[None]


def _apply(transform: ImageCmsTransform, colour: NDArray[np.uint8], mode: str) -> NDArray[np.uint8]:
    from PIL import Image

    size = (colour.shape[1], colour.shape[0])
    image = Image.frombuffer(mode, size, np.ascontiguousarray(colour).tobytes(), "raw", mode, 0, 1)
    return np.asarray(transform.apply(image))

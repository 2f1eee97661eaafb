"""Geometry of pictures: resizing that respects alpha, enlarging, compositing, padding, cropping, trimming."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture

Filter = Literal["box", "bilinear", "lanczos"]
Edge = Literal["transparent", "edge", "reflect"]
Box = tuple[int, int, int, int]


def resize(picture: Picture, width: int, height: int, kind: Filter = "box") -> Picture:
    """Resize with premultiplied alpha: a transparent pixel's colour never shows in the result.

    Each filter is stretched when shrinking, so every source pixel counts ("box" is then the exact area average). The
    same size gives the same picture. Computed in float32 on sRGB values, rounded once; RGB is 0 where alpha becomes 0.

    Args:
        picture: the source.
        width: new width in pixels, at least 1.
        height: new height in pixels, at least 1.
        kind: box, bilinear (a triangle of one pixel's radius) or lanczos (three lobes).
    """
    if width < 1 or height < 1:
        raise ValueError(f"a picture is at least 1 x 1, not {width} x {height}")
    if (width, height) == (picture.width, picture.height):
        return picture
    from PIL import Image

    filters = {
        "box": Image.Resampling.BOX,
        "bilinear": Image.Resampling.BILINEAR,
        "lanczos": Image.Resampling.LANCZOS,
    }
    opaque = picture.opaque
    planes = np.full((4, height, width), 255, np.float32)
    for plane, source in zip(planes, _premultiplied(picture.pixels, opaque)[: 3 if opaque else 4], strict=False):
        plane[...] = np.asarray(Image.fromarray(source).resize((width, height), filters[kind]))
    return Picture(_straight(planes, opaque))


def _premultiplied(pixels: NDArray[np.uint8], opaque: bool) -> NDArray[np.float32]:
    """Straight RGBA (H, W, 4) to premultiplied planes (4, H, W), both in 0..255."""
    planes = np.ascontiguousarray(np.moveaxis(pixels, 2, 0), np.float32)
    if not opaque:
        planes[:3] *= planes[3] / np.float32(255)
    return planes


def _straight(planes: NDArray[np.float32], opaque: bool = False) -> NDArray[np.uint8]:
    """Premultiplied planes (4, ...) in 0..255 to straight RGBA (..., 4) uint8; colour is 0 where alpha rounds to 0."""
    out = np.empty((*planes.shape[1:], 4), np.uint8)
    solid = planes[3] >= 0.5
    scale = np.float32(1) if opaque else np.divide(255, planes[3], out=np.zeros_like(planes[3]), where=solid)
    for band, plane in enumerate(planes):
        value = plane * (1 if band == 3 else scale) + np.float32(0.5)
        out[..., band] = np.clip(value, 0, 255, out=value)
    return out


def enlarge(picture: Picture, factor: int) -> Picture:
    """Enlarge every pixel to a block of factor x factor equal pixels (factor >= 1)."""
    if factor < 1:
        raise ValueError(f"a picture is enlarged by a whole number from 1, not {factor}")
    return Picture(picture.pixels.repeat(factor, axis=0).repeat(factor, axis=1))


def composite(picture: Picture, background: tuple[int, int, int] | Picture) -> Picture:
    """Lay the picture over a colour (R, G, B in 0..255; the result is opaque) or over a picture of the same size.

    Porter and Duff's "over" on straight alpha. Where the picture is opaque its pixels pass unchanged, where it is fully
    transparent the background does.
    """
    if isinstance(background, Picture):
        below = background.pixels
        if below.shape != picture.pixels.shape:
            raise ValueError(f"the background is {below.shape}, the picture {picture.pixels.shape}")
    else:
        below = np.broadcast_to(np.array([*background, 255], np.uint8), picture.pixels.shape)
    return Picture(over(picture.pixels, below))


def over(above: NDArray[np.uint8], below: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`composite` on bare (H, W, 4) uint8 arrays."""
    alpha = above[..., 3]
    out = np.where(above[..., 3:] == 0, below, above)
    mixed = (alpha > 0) & (alpha < 255)
    if mixed.any():
        top = _premultiplied(above[mixed][None], opaque=False)
        bottom = _premultiplied(below[mixed][None], opaque=False)
        out[mixed] = _straight(top + bottom * (1 - top[3] / np.float32(255)))[0]
    return out


def crop(picture: Picture, box: Box) -> Picture:
    """Cut out box = (left, top, right, bottom), right and bottom exclusive.

    Raises:
        ValueError: the box is empty or reaches outside the picture.
    """
    left, top, right, bottom = box
    if not (0 <= left < right <= picture.width and 0 <= top < bottom <= picture.height):
        raise ValueError(f"{box} is no part of a picture of {picture.width} x {picture.height}")
    return Picture(picture.pixels[top:bottom, left:right].copy())


def pad(picture: Picture, box: Box, edge: Edge = "transparent") -> Picture:
    """Add margins of box = (left, top, right, bottom) pixels, each at least 0.

    Args:
        picture: the source.
        box: widths of the four margins.
        edge: "transparent" for sprites; "edge" (the border pixel repeated) or "reflect" (mirrored about the border
            pixel, as often as it takes) before a filter or a network.
    """
    left, top, right, bottom = box
    if min(box) < 0:
        raise ValueError(f"margins are not negative: {box}")
    margins = ((top, bottom), (left, right), (0, 0))
    if edge == "transparent":
        return Picture(np.pad(picture.pixels, margins))
    return Picture(np.pad(picture.pixels, margins, mode=edge))


def trim_box(picture: Picture) -> Box | None:
    """Return the smallest (left, top, right, bottom) that holds every pixel with alpha above 0, or None if none has."""
    solid = picture.pixels[..., 3] > 0
    columns, rows = np.flatnonzero(solid.any(axis=0)), np.flatnonzero(solid.any(axis=1))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

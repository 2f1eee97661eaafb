"""The pixel stream of a PNG to sRGB RGBA: every bit depth is scaled exactly, tRNS is compared at full depth."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import PictureError
from pixforge.image.icc import to_srgb
from pixforge.image.picture import Rgba
from pixforge.image.pillow import narrowed, samples16

if TYPE_CHECKING:
    from PIL.PngImagePlugin import PngImageFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_GREY, _RGB, _INDEXED, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
# The seven passes of an interlaced picture: first column and row, then the steps.
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE = 1 << 16  # bytes inflated at once: at most about a thousand times as many come out


@dataclass
class Layout:
    """What the bytes of the pixels mean.

    Attributes:
        depth: bits of a sample.
        kind: colour type of the header.
        interlace: 1 if the pixels come in seven passes, else 0.
        palette: data of PLTE, None without.
        transparency: data of tRNS, None without.
        profile: ICC profile, None without.
    """

    depth: int
    kind: int
    interlace: int
    palette: bytes | None = None
    transparency: bytes | None = None
    profile: bytes | None = None


def decode(layout: Layout, width: int, height: int, stream: list[bytes]) -> Rgba:
    """Unpack one pixel stream.

    Args:
        layout: what the bytes mean.
        width: pixels of a row.
        height: rows.
        stream: the compressed bytes, in pieces.

    Returns:
        sRGB RGBA uint8 (height, width, 4).

    Raises:
        PictureError: there are too few pixels, or an indexed picture has no palette.
    """
    from PIL import PngImagePlugin

    head = struct.pack(">IIBBBBB", width, height, layout.depth, layout.kind, 0, 0, layout.interlace)
    body = _stored(stream, _stream_size(layout, width, height))
    minimal = b"".join((SIGNATURE, _chunk(b"IHDR", head), _chunk(b"IDAT", body), _chunk(b"IEND", b"")))

    def opened() -> PngImageFile:
        return PngImagePlugin.PngImageFile(io.BytesIO(minimal))

    rgba: Rgba = _table(layout)[np.asarray(opened())] if layout.kind == _INDEXED else _direct(layout, opened)
    if layout.profile:
        grey = layout.kind in {_GREY, _GREY_ALPHA}
        rgba[..., :3] = to_srgb(rgba[..., :1] if grey else rgba[..., :3], layout.profile)
    return rgba


def _stream_size(layout: Layout, width: int, height: int) -> int:
    """Bytes of all rows with their filter bytes, before compression."""
    bits = layout.depth * {_GREY: 1, _RGB: 3, _INDEXED: 1, _GREY_ALPHA: 2, _RGBA: 4}[layout.kind]
    total = 0
    for left, top, across, down in _ADAM7 if layout.interlace else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _stored(stream: list[bytes], size: int) -> bytes:
    """Inflate a pixel stream up to its proper size and wrap it uncompressed; Pillow would fill missing rows with black.

    Raises:
        PictureError: the stream has fewer bytes than the picture needs.
    """
    inflate, store, missing = zlib.decompressobj(), zlib.compressobj(0), size
    pieces = []
    for block in stream:
        for start in range(0, len(block), _PIECE):
            raw = inflate.decompress(block[start : start + _PIECE], missing + 1)
            pieces.append(store.compress(raw[:missing]))
            missing -= min(len(raw), missing)
    if missing:
        raise PictureError("the PNG file has too few pixels for its size", "export it again")
    return b"".join([*pieces, store.flush()])


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _table(layout: Layout) -> NDArray[np.uint8]:
    """The palette as (256, 4) RGBA; entries that the file lacks are opaque black."""
    if layout.palette is None:
        raise PictureError("the indexed PNG has no palette", "export it again")
    table = np.zeros((256, 4), np.uint8)
    table[:, 3] = 255
    colours = np.frombuffer(layout.palette[: len(layout.palette) // 3 * 3][:768], np.uint8).reshape(-1, 3)
    table[: len(colours), :3] = colours
    alphas = np.frombuffer((layout.transparency or b"")[:256], np.uint8)
    table[: len(alphas), 3] = alphas
    return table


def _direct(layout: Layout, opened: Callable[[], PngImageFile]) -> NDArray[np.uint8]:
    """Pixels of a file without palette as (H, W, 4) RGBA in the file's own colour space."""
    samples = _samples(layout, opened)
    if layout.depth == 8 and layout.kind == _RGBA:
        return np.array(samples, np.uint8)
    bands = 1 if layout.kind in {_GREY, _GREY_ALPHA} else 3
    top = (1 << layout.depth) - 1
    alpha = samples[..., bands:] if samples.shape[2] > bands else _opacity(layout, samples, bands)
    pixels = np.concatenate([np.broadcast_to(samples[..., :bands], (*samples.shape[:2], 3)), alpha], axis=2)
    if layout.depth == 8:
        return pixels.astype(np.uint8, copy=False)
    return narrowed(pixels.astype(np.uint16), top)


def _samples(layout: Layout, opened: Callable[[], PngImageFile]) -> NDArray[np.generic]:
    """Pixels as (H, W, C) integers in 0 .. 2^depth - 1."""
    if layout.depth == 16 and layout.kind == _GREY_ALPHA:
        image = opened()  # Pillow would drop the low bytes: take the four bytes of a pixel as they are
        image.tile = [tile._replace(args="RGBA") for tile in image.tile]
        return np.ascontiguousarray(np.asarray(image)).view(">u2")
    if layout.depth == 16 and layout.kind != _GREY:
        return samples16(opened)
    samples = np.asarray(opened())
    if samples.ndim == 2:
        samples = samples[..., None]
    return samples if layout.depth >= 8 or samples.dtype == bool else samples // (255 // ((1 << layout.depth) - 1))


def _opacity(layout: Layout, samples: NDArray[np.generic], bands: int) -> NDArray[np.uint16]:
    """Alpha plane (H, W, 1) of a file whose one transparent colour, if any, stands in tRNS."""
    top = (1 << layout.depth) - 1
    if layout.transparency is None or len(layout.transparency) < 2 * bands:
        return np.full((*samples.shape[:2], 1), top, np.uint16)
    key = np.frombuffer(layout.transparency[: 2 * bands], ">u2") & top
    return np.where((samples == key).all(axis=2, keepdims=True), 0, top).astype(np.uint16)

"""PNG and APNG, read chunk by chunk; Pillow only unpacks the pixel stream.

Chunks that do not touch the pixels never reach Pillow, so damaged or bloated metadata cannot stop a whole picture.
Every bit depth is scaled exactly (16 bits by rounding), tRNS is compared at full depth. gAMA and cHRM are ignored, as
game engines do; iCCP and eXIf orientation are applied.

Source: W3C, Portable Network Graphics (PNG) Specification, third edition.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import PictureError
from pixforge.image.canvas import Canvas, Disposal
from pixforge.image.icc import to_srgb
from pixforge.image.limits import Limits
from pixforge.image.picture import Rgba
from pixforge.image.pillow import narrowed, orientation_of, oriented, samples16
from pixforge.image.source import DEFAULT_DURATION, Source

if TYPE_CHECKING:
    from PIL.PngImagePlugin import PngImageFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_GREY, _RGB, _INDEXED, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
# The seven passes of an interlaced picture: first column and row, then the steps.
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE = 1 << 16  # bytes inflated at once: at most about a thousand times as many come out
_PROFILE_LIMIT = 16 * 1024 * 1024
_CUT = PictureError("the PNG file is cut off", "export it again, or wait until it is fully written")


@dataclass(frozen=True)
class _Part:
    """One fcTL and its pixel stream."""

    width: int
    height: int
    left: int
    top: int
    duration: int
    disposal: Disposal
    blend: bool
    stream: list[bytes] = field(default_factory=list)


@dataclass
class _File:
    """All that matters in the file."""

    width: int
    height: int
    depth: int
    kind: int
    interlace: int
    palette: bytes | None = None
    transparency: bytes | None = None
    profile: bytes | None = None
    exif: bytes | None = None
    frame_total: int = 0
    sequence: int = 0
    still: list[bytes] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)


def open_png(file: BinaryIO, limits: Limits) -> Source:
    """Read a PNG or APNG up to its pixels.

    Raises:
        PictureError: the file is damaged, cut off or of a kind that no PNG may be.
        LimitError: the header asks for more pixels than allowed.
    """
    file.seek(len(SIGNATURE))
    chunks = _chunks(file)
    png = _header(*next(chunks))
    limits.check_size(png.width, png.height)
    for name, data in chunks:
        _take(png, name, data)
    if not png.still:
        raise _CUT
    if png.frame_total and png.parts and len(png.parts) != png.frame_total:
        raise PictureError(
            f"the animation promises {png.frame_total} frames and has {len(png.parts)}", "export it again"
        )
    animated = png.frame_total > 0 and bool(png.parts)
    return Source(png.width, png.height, len(png.parts) if animated else 1, lambda: _frames(png, animated))


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Names and data of all chunks before IEND; damaged ones that no pixel depends on are left out."""
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise _CUT
        size, name = struct.unpack(">I4s", head)
        data = file.read(size + 4)
        if len(data) < size + 4:
            raise _CUT
        body = data[:size]
        if name == b"IEND":
            return
        if zlib.crc32(name + body) == int.from_bytes(data[size:], "big"):
            yield name, body
        elif not name[0] & 0x20 or name in {b"tRNS", b"acTL", b"fcTL", b"fdAT"}:
            label = name.decode("latin-1")
            raise PictureError(f"the PNG chunk {label!r} is damaged (its checksum is wrong)", "export the file again")


def _header(name: bytes, data: bytes) -> _File:
    if name == b"CgBI":
        raise PictureError(
            "this is a PNG in Apple's private variant for iPhones",
            "use the original, or restore it with `pngcrush -revert-iphone-optimizations`",
        )
    if name != b"IHDR" or len(data) != 13:
        raise PictureError("the PNG file has no header", "export it again")
    width, height, depth, kind, compression, filtering, interlace = struct.unpack(">IIBBBBB", data)
    if depth not in _DEPTHS.get(kind, ()) or compression or filtering or interlace > 1:
        raise PictureError(f"the PNG header is damaged (colour type {kind}, {depth} bits)", "export the file again")
    return _File(width, height, depth, kind, interlace)


def _take(png: _File, name: bytes, data: bytes) -> None:
    """Put one chunk where it belongs."""
    match name:
        case b"IDAT":
            png.still.append(data)
            if png.parts:  # a fcTL came first: the still picture is the first frame
                png.parts[0].stream.append(data)
        case b"PLTE":
            png.palette = data
        case b"tRNS":
            png.transparency = data
        case b"iCCP":
            png.profile = _profile(data)
        case b"eXIf":
            png.exif = data
        case b"acTL" | b"fcTL" | b"fdAT":
            _take_animation(png, name, data)
        case _ if not name[0] & 0x20:
            raise PictureError(f"the PNG chunk {name.decode('latin-1')!r} is unknown", "export the file again")


def _take_animation(png: _File, name: bytes, data: bytes) -> None:
    """The three chunks of APNG; without a valid acTL before the pixels the file is a still picture."""
    if name == b"acTL":
        png.frame_total = 0 if png.still else int.from_bytes(data[:4], "big")
    elif png.frame_total:
        _in_order(png, data)
        if name == b"fcTL":
            png.parts.append(_part(png, data))
        elif png.parts:
            png.parts[-1].stream.append(data[4:])
        else:
            raise PictureError("the animation has pixels before its first frame", "export it again")


def _profile(data: bytes) -> bytes | None:
    _, _, packed = data.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], _PROFILE_LIMIT)
    except zlib.error:
        return None


def _in_order(png: _File, data: bytes) -> None:
    if len(data) < 4 or int.from_bytes(data[:4], "big") != png.sequence:
        raise PictureError("the frames of the animation are out of order", "export it again")
    png.sequence += 1


def _part(png: _File, data: bytes) -> _Part:
    if len(data) != 26:
        raise PictureError("the animation's frame header is damaged", "export it again")
    _, width, height, left, top, numerator, denominator, disposal, blend = struct.unpack(">IIIIIHHBB", data)
    if not (width and height and left + width <= png.width and top + height <= png.height and disposal < 3):
        raise PictureError("a frame of the animation reaches outside the picture", "export it again")
    duration = round(1000 * numerator / (denominator or 100)) or DEFAULT_DURATION
    return _Part(width, height, left, top, duration, Disposal(disposal), blend == 1)


def _frames(png: _File, animated: bool) -> Iterator[tuple[Rgba, int]]:
    orientation = orientation_of(png.exif)
    if not animated:
        yield oriented(_decode(png, png.width, png.height, png.still), orientation), DEFAULT_DURATION
        return
    canvas = Canvas(png.width, png.height)
    for part in png.parts:
        pixels = _decode(png, part.width, part.height, part.stream)
        composed = canvas.show(pixels, part.left, part.top, part.disposal, part.blend)
        yield oriented(composed, orientation), part.duration


def _decode(png: _File, width: int, height: int, stream: list[bytes]) -> Rgba:
    """Unpack one pixel stream to sRGB RGBA (height, width, 4)."""
    from PIL import PngImagePlugin

    head = struct.pack(">IIBBBBB", width, height, png.depth, png.kind, 0, 0, png.interlace)
    body = _stored(stream, _stream_size(png, width, height))
    minimal = b"".join((SIGNATURE, _chunk(b"IHDR", head), _chunk(b"IDAT", body), _chunk(b"IEND", b"")))

    def opened() -> PngImageFile:
        return PngImagePlugin.PngImageFile(io.BytesIO(minimal))

    rgba: Rgba = _table(png)[np.asarray(opened())] if png.kind == _INDEXED else _direct(png, opened)
    if png.profile:
        grey = png.kind in {_GREY, _GREY_ALPHA}
        rgba[..., :3] = to_srgb(rgba[..., :1] if grey else rgba[..., :3], png.profile)
    return rgba


def _stream_size(png: _File, width: int, height: int) -> int:
    """Bytes of all rows with their filter bytes, before compression."""
    bits = png.depth * {_GREY: 1, _RGB: 3, _INDEXED: 1, _GREY_ALPHA: 2, _RGBA: 4}[png.kind]
    total = 0
    for left, top, across, down in _ADAM7 if png.interlace else ((0, 0, 1, 1),):
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


def _table(png: _File) -> NDArray[np.uint8]:
    """The palette as (256, 4) RGBA; entries that the file lacks are opaque black."""
    if png.palette is None:
        raise PictureError("the indexed PNG has no palette", "export it again")
    table = np.zeros((256, 4), np.uint8)
    table[:, 3] = 255
    colours = np.frombuffer(png.palette[: len(png.palette) // 3 * 3][:768], np.uint8).reshape(-1, 3)
    table[: len(colours), :3] = colours
    alphas = np.frombuffer((png.transparency or b"")[:256], np.uint8)
    table[: len(alphas), 3] = alphas
    return table


def _direct(png: _File, opened: Callable[[], PngImageFile]) -> NDArray[np.uint8]:
    """Pixels of a file without palette as (H, W, 4) RGBA in the file's own colour space."""
    samples = _samples(png, opened)
    if png.depth == 8 and png.kind == _RGBA:
        return np.array(samples, np.uint8)
    bands = 1 if png.kind in {_GREY, _GREY_ALPHA} else 3
    top = (1 << png.depth) - 1
    alpha = samples[..., bands:] if samples.shape[2] > bands else _opacity(png, samples, bands)
    pixels = np.concatenate([np.broadcast_to(samples[..., :bands], (*samples.shape[:2], 3)), alpha], axis=2)
    if png.depth == 8:
        return pixels.astype(np.uint8, copy=False)
    return narrowed(pixels.astype(np.uint16), top)


def _samples(png: _File, opened: Callable[[], PngImageFile]) -> NDArray[np.generic]:
    """Pixels as (H, W, C) integers in 0 .. 2^depth - 1."""
    if png.depth == 16 and png.kind == _GREY_ALPHA:
        image = opened()  # Pillow would drop the low bytes: take the four bytes of a pixel as they are
        image.tile = [tile._replace(args="RGBA") for tile in image.tile]
        return np.ascontiguousarray(np.asarray(image)).view(">u2")
    if png.depth == 16 and png.kind != _GREY:
        return samples16(opened)
    samples = np.asarray(opened())
    if samples.ndim == 2:
        samples = samples[..., None]
    return samples if png.depth >= 8 or samples.dtype == bool else samples // (255 // ((1 << png.depth) - 1))


def _opacity(png: _File, samples: NDArray[np.generic], bands: int) -> NDArray[np.uint16]:
    """Alpha plane (H, W, 1) of a file whose one transparent colour, if any, stands in tRNS."""
    top = (1 << png.depth) - 1
    if png.transparency is None or len(png.transparency) < 2 * bands:
        return np.full((*samples.shape[:2], 1), top, np.uint16)
    key = np.frombuffer(png.transparency[: 2 * bands], ">u2") & top
    return np.where((samples == key).all(axis=2, keepdims=True), 0, top).astype(np.uint16)

"""PNG and APNG, read chunk by chunk; Pillow only unpacks the pixel stream.

Chunks that do not touch the pixels never reach Pillow, so damaged or bloated metadata cannot stop a whole picture.
gAMA and cHRM are ignored, as game engines do; iCCP and eXIf orientation are applied.

Source: W3C, Portable Network Graphics (PNG) Specification, third edition.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from pixforge.errors import PictureError
from pixforge.image.canvas import Canvas, Disposal
from pixforge.image.limits import Limits
from pixforge.image.picture import Rgba
from pixforge.image.pillow import orientation_of, oriented
from pixforge.image.png_pixels import SIGNATURE, Layout, decode
from pixforge.image.source import DEFAULT_DURATION, Source

_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PROFILE_LIMIT = 16 * 1024 * 1024


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
    layout: Layout
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
    size = file.seek(0, os.SEEK_END)
    file.seek(len(SIGNATURE))
    chunks = _chunks(file, size)
    png = _header(*next(chunks))
    limits.check_size(png.width, png.height)
    for name, data in chunks:
        _take(png, name, data)
    if not png.still:
        raise _cut()
    if png.frame_total and png.parts and len(png.parts) != png.frame_total:
        raise PictureError(
            f"the animation promises {png.frame_total} frames and has {len(png.parts)}", "export it again"
        )
    animated = png.frame_total > 0 and bool(png.parts)
    return Source(png.width, png.height, len(png.parts) if animated else 1, lambda: _frames(png, animated))


def _cut() -> PictureError:
    return PictureError("the PNG file is cut off", "export it again, or wait until it is fully written")


def _chunks(file: BinaryIO, file_size: int) -> Iterator[tuple[bytes, bytes]]:
    """Names and data of all chunks before IEND; damaged ones that no pixel depends on are left out."""
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise _cut()
        size, name = struct.unpack(">I4s", head)
        if file.tell() + size + 4 > file_size:  # before memory is taken for what is not there
            raise _cut()
        data = file.read(size + 4)
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
    return _File(width, height, Layout(depth, kind, interlace))


def _take(png: _File, name: bytes, data: bytes) -> None:
    """Put one chunk where it belongs."""
    match name:
        case b"IDAT":
            png.still.append(data)
            if png.parts:  # a fcTL came first: the still picture is the first frame
                png.parts[0].stream.append(data)
        case b"PLTE":
            png.layout.palette = data
        case b"tRNS":
            png.layout.transparency = data
        case b"iCCP":
            png.layout.profile = _profile(data)
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
        yield oriented(decode(png.layout, png.width, png.height, png.still), orientation), DEFAULT_DURATION
        return
    canvas = Canvas(png.width, png.height)
    for part in png.parts:
        pixels = decode(png.layout, part.width, part.height, part.stream)
        composed = canvas.show(pixels, part.left, part.top, part.disposal, part.blend)
        yield oriented(composed, orientation), part.duration

"""GIF, still and animated: blocks are read and frames composed here as browsers do; Pillow only unpacks LZW.

Source: CompuServe, Graphics Interchange Format, Version 89a.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import PictureError
from pixforge.image.canvas import Canvas, Disposal
from pixforge.image.limits import Limits
from pixforge.image.picture import Rgba
from pixforge.image.source import DEFAULT_DURATION, Source

_EXTENSION, _IMAGE, _TRAILER, _CONTROL = 0x21, 0x2C, 0x3B, 0xF9
_INTERLACED, _HAS_TABLE = 0x40, 0x80
_DISPOSALS = {2: Disposal.CLEAR, 3: Disposal.RESTORE}


@dataclass(frozen=True)
class _Control:
    """A graphic control extension: how the next frame is shown."""

    disposal: Disposal = Disposal.KEEP
    duration: int = DEFAULT_DURATION
    transparent: int | None = None


@dataclass(frozen=True)
class _Part:
    """One image block."""

    left: int
    top: int
    width: int
    height: int
    interlaced: bool
    table: bytes | None
    stream: bytes
    control: _Control


def open_gif(file: BinaryIO, limits: Limits) -> Source:
    """Read the blocks of a GIF.

    A file that ends between two blocks, without its trailer, is taken as complete: many old ones do.

    Raises:
        PictureError: the file is damaged, cut off within a block, or without a picture.
        LimitError: the header asks for more pixels than allowed.
    """
    file.seek(6)
    width, height, flags, _, _ = struct.unpack("<HHBBB", _exactly(file, 7))
    limits.check_size(width, height)
    table = _table(file, flags)
    parts = list(_parts(file, limits, table))
    if not parts:
        raise PictureError("the GIF file has no picture in it", "export it again")
    return Source(width, height, len(parts), lambda: _frames(width, height, parts))


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise PictureError("the GIF file is cut off", "export it again, or wait until it is fully written")
    return data


def _table(file: BinaryIO, flags: int) -> bytes | None:
    return _exactly(file, 3 << ((flags & 7) + 1)) if flags & _HAS_TABLE else None


def _parts(file: BinaryIO, limits: Limits, table: bytes | None) -> Iterator[_Part]:
    control = _Control()
    while (mark := file.read(1)) and mark[0] != _TRAILER:
        if mark[0] == _EXTENSION:
            label = _exactly(file, 1)[0]
            data = _sub_blocks(file)
            if label == _CONTROL and len(data) >= 5:
                control = _control(data[1:])
        elif mark[0] == _IMAGE:
            yield _image(file, limits, table, control)
            control = _Control()
        elif mark[0]:  # some writers leave zero bytes between blocks
            raise PictureError("the GIF file is damaged", "export it again")


def _sub_blocks(file: BinaryIO) -> bytes:
    """A chain of sub-blocks as it stands, length bytes and the final zero included."""
    blocks = []
    while size := _exactly(file, 1)[0]:
        blocks.append(bytes([size]) + _exactly(file, size))
    return b"".join([*blocks, b"\0"])


def _control(data: bytes) -> _Control:
    flags, delay, index = struct.unpack("<BHB", data[:4])
    disposal = _DISPOSALS.get(flags >> 2 & 7, Disposal.KEEP)
    return _Control(disposal, 10 * delay or DEFAULT_DURATION, index if flags & 1 else None)


def _image(file: BinaryIO, limits: Limits, table: bytes | None, control: _Control) -> _Part:
    left, top, width, height, flags = struct.unpack("<HHHHB", _exactly(file, 9))
    limits.check_size(width, height)
    table = _table(file, flags) or table
    stream = _exactly(file, 1) + _sub_blocks(file)
    return _Part(left, top, width, height, bool(flags & _INTERLACED), table, stream, control)


def _frames(width: int, height: int, parts: list[_Part]) -> Iterator[tuple[Rgba, int]]:
    canvas = Canvas(width, height)
    for part in parts:
        patch = _colours(part)[_indices(part)]
        yield canvas.show(patch, part.left, part.top, part.control.disposal, blend=True), part.control.duration


def _colours(part: _Part) -> NDArray[np.uint8]:
    """The part's palette as (256, 4) RGBA; a grey ramp if it has none, opaque black for entries that are missing."""
    table = np.zeros((256, 4), np.uint8)
    table[:, 3] = 255
    if part.table is None:
        table[:, :3] = np.arange(256, dtype=np.uint8)[:, None]
    else:
        colours = np.frombuffer(part.table, np.uint8).reshape(-1, 3)
        table[: len(colours), :3] = colours
    if part.control.transparent is not None:
        table[part.control.transparent] = 0
    return table


def _indices(part: _Part) -> NDArray[np.uint8]:
    """Unpack the LZW stream, as a GIF of this one frame and no palette: (height, width)."""
    from PIL import GifImagePlugin

    size = struct.pack("<HH", part.width, part.height)
    flags = bytes([_INTERLACED if part.interlaced else 0])
    head = b"GIF89a" + size + b"\0\0\0" + bytes([_IMAGE]) + b"\0\0\0\0" + size + flags
    image = GifImagePlugin.GifImageFile(io.BytesIO(head + part.stream + bytes([_TRAILER])))
    return np.asarray(image)

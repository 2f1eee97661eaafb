"""WebP, still and animated: the container is checked here, since its decoder takes the canvas' memory at once.

Source: Google, WebP Container Specification; RFC 9649.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from pixforge.errors import PictureError
from pixforge.image.icc import to_srgb
from pixforge.image.limits import Limits
from pixforge.image.picture import Rgba
from pixforge.image.pillow import orientation_of, oriented
from pixforge.image.source import DEFAULT_DURATION, Source

_HEAD = 30


def open_webp(file: BinaryIO, limits: Limits) -> Source:
    """Read a WebP file up to its pixels.

    Raises:
        PictureError: the file is damaged or cut off.
        LimitError: the header asks for more pixels than allowed.
    """
    file.seek(0)
    head = file.read(_HEAD)
    width, height = _size(head)
    limits.check_size(width, height)
    data = head + file.read()
    if len(data) < 8 + int.from_bytes(data[4:8], "little"):
        raise PictureError("the WebP file is cut off", "export it again, or wait until it is fully written")
    animated = head[12:16] == b"VP8X" and head[20] & 2
    count = sum(name == b"ANMF" for name in _chunk_names(data)) if animated else 1
    return Source(width, height, count, lambda: _frames(data))


def _size(head: bytes) -> tuple[int, int]:
    """Width and height of the canvas in the first 30 bytes, for the three kinds of WebP."""
    kind = head[12:16] if len(head) == _HEAD else b""
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    raise PictureError("the WebP file is damaged or cut off", "export it again")


def _chunk_names(data: bytes) -> Iterator[bytes]:
    place = 12
    while place + 8 <= len(data):
        yield data[place : place + 4]
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2


def _frames(data: bytes) -> Iterator[tuple[Rgba, int]]:
    from PIL import WebPImagePlugin

    image = WebPImagePlugin.WebPImageFile(io.BytesIO(data))
    orientation = orientation_of(image.info.get("exif"))
    for index in range(image.n_frames):
        image.seek(index)
        image.load()
        pixels = np.array(image.convert("RGBA"))
        pixels[..., :3] = to_srgb(pixels[..., :3], image.info.get("icc_profile"))
        yield oriented(pixels, orientation), round(image.info.get("duration", 0)) or DEFAULT_DURATION

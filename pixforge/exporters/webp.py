"""Animated WebP, lossless, with durations to the millisecond.

Pillow encodes each frame; the container is put together here, because its own writer joins equal frames.
Source of the format: RFC 9649.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Final

from PIL import Image

from pixforge.exporters.target import Asset, File
from pixforge.image.picture import Picture
from pixforge.sheet.tags import shown_order

TITLE: Final = "animated WebP"
ENDINGS: Final = (".webp",)

_ALPHA, _ANIMATION = 0x10, 0x02
_REPLACE = 2  # no blending with the frame before


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.webp."""
    order, plays = shown_order(asset.clip)
    pictures = [asset.clip.pictures[number] for number in order]
    return (File(f"{asset.name}.webp", encode(pictures, [asset.clip.durations[n] for n in order], plays)),)


def encode(pictures: Sequence[Picture], durations: Sequence[int], plays: int) -> bytes:
    """Encode frames, each whole.

    Args:
        pictures: of one size, at most 16384 pixels a side.
        durations: milliseconds.
        plays: how often it plays; 0 is for ever.
    """
    size = _uint24(pictures[0].width - 1) + _uint24(pictures[0].height - 1)
    body = _chunk(b"VP8X", struct.pack("<B3x", _ANIMATION | _ALPHA) + size)
    body += _chunk(b"ANIM", struct.pack("<IH", 0, plays))
    for picture, duration in zip(pictures, durations, strict=True):
        head = bytes(6) + size + _uint24(duration) + bytes([_REPLACE])
        body += _chunk(b"ANMF", head + _pixels(picture))
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _pixels(picture: Picture) -> bytes:
    """The VP8L chunk of a picture."""
    buffer = io.BytesIO()
    Image.fromarray(picture.pixels, "RGBA").save(buffer, "WEBP", lossless=True, exact=True, quality=80, method=4)
    data = buffer.getvalue()
    at = data.index(b"VP8L", 12)
    (length,) = struct.unpack("<I", data[at + 4 : at + 8])
    return data[at : at + 8 + length + length % 2]


def _uint24(value: int) -> bytes:
    return value.to_bytes(3, "little")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

"""APNG, with durations to the millisecond.

Source of the format: W3C, Portable Network Graphics (PNG) Specification, third edition, clause 11.3.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from pixforge.exporters.pages import png
from pixforge.exporters.target import Asset, File
from pixforge.image.encode import encode_png
from pixforge.sheet.clip import Clip
from pixforge.sheet.tags import shown_order

TITLE: Final = "animated PNG"
ENDINGS: Final = (".apng",)

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MILLISECOND = 1000  # denominator of a delay


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.apng: indexed where the palette fits every frame in the same way, else RGBA."""
    return (File(f"{asset.name}.apng", of_clip(asset.clip)),)


def of_clip(clip: Clip) -> bytes:
    """The file of a clip."""
    pictures = [png(picture, clip) for picture in clip.pictures]
    if len({_head(picture) for picture in pictures}) > 1:
        pictures = [encode_png(picture, None, {}) for picture in clip.pictures]
    order, plays = shown_order(clip)
    return encode([pictures[number] for number in order], [clip.durations[number] for number in order], plays)


def encode(pictures: list[bytes], durations: list[int], plays: int) -> bytes:
    """Put PNG files together.

    Args:
        pictures: PNG files that differ in nothing but their pixels.
        durations: milliseconds of each, up to 65535.
        plays: how often it plays; 0 is for ever.
    """
    width, height = struct.unpack(">II", pictures[0][16:24])
    parts = [_SIGNATURE]
    number = 0
    for kind, body in _chunks(pictures[0]):
        if kind in {b"IDAT", b"IEND"}:
            break
        parts.append(_chunk(kind, body))
        if kind == b"IHDR":
            parts.append(_chunk(b"acTL", struct.pack(">II", len(pictures), plays)))
    for index, (picture, duration) in enumerate(zip(pictures, durations, strict=True)):
        control = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, duration, _MILLISECOND, 0, 0)
        parts.append(_chunk(b"fcTL", control))
        number += 1
        for kind, body in _chunks(picture):
            if kind != b"IDAT":
                continue
            if index == 0:
                parts.append(_chunk(b"IDAT", body))
            else:
                parts.append(_chunk(b"fdAT", struct.pack(">I", number) + body))
                number += 1
    return b"".join(parts) + _chunk(b"IEND", b"")


def _head(picture: bytes) -> bytes:
    """All that comes before the pixels."""
    return picture[: picture.index(b"IDAT") - 4]


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

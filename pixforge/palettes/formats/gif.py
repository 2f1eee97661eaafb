"""Palettes in GIF pictures: the global colour table in its order, or the first frame's own if there is no global one.

A table has a power of two of entries: black ones at the end that no pixel of the first frame uses are filling. Written
is one row of one pixel per colour.
"""

from __future__ import annotations

import struct

from pixforge.errors import PaletteFileError
from pixforge.palettes import swatches
from pixforge.palettes.binary import Reader
from pixforge.palettes.palette import Palette

LABEL = "GIF picture"
EXTENSIONS = (".gif",)

_OPAQUE = 255
_CLEAR_EVERY = 254  # pixels between two clear codes: so few that codes never grow beyond nine bits


def sniff(data: bytes) -> bool:
    """Whether the file begins like a GIF."""
    return data[:6] in {b"GIF87a", b"GIF89a"}


def read(data: bytes, name: str) -> Palette:
    """Read the colour table; the transparent entry of the first frame is left out."""
    with swatches.opened(data, "GIF") as picture:
        transparent = picture.info.get("transparency")
        table = [
            (red, green, blue, 0 if index == transparent else _OPAQUE)
            for index, (red, green, blue) in enumerate(_table(Reader(data, 6)))
        ]
        return Palette(name, swatches.table_of(table, picture))


def write(palette: Palette) -> bytes:
    """Return a GIF of one row, one pixel per colour."""
    count = len(palette.colors)
    if count > 256:
        raise PaletteFileError(f"a GIF holds 256 colours, not {count}", "use .png, .gpl or .hex")
    bits = max(1, (count - 1).bit_length())
    table = b"".join(bytes(color) for color in palette.colors).ljust(3 << bits, b"\0")
    screen = struct.pack("<HHBBB", count, 1, 0xF0 | (bits - 1), 0, 0)
    frame = b"," + struct.pack("<HHHHB", 0, 0, count, 1, 0)
    packed = _pixels(count)
    blocks = b"".join(bytes([len(packed[i : i + 255])]) + packed[i : i + 255] for i in range(0, len(packed), 255))
    return b"GIF89a" + screen + table + frame + b"\x08" + blocks + b"\0;"


def _pixels(count: int) -> bytes:
    """Return the pixels 0..count-1 as LZW codes of nine bits: no strings, only clear codes often enough."""
    codes: list[int] = []
    for index in range(count):
        if index % _CLEAR_EVERY == 0:
            codes.append(256)
        codes.append(index)
    codes.append(257)
    bits = sum(code << (9 * place) for place, code in enumerate(codes))
    return bits.to_bytes((9 * len(codes) + 7) // 8, "little")


def _table(reader: Reader) -> list[tuple[int, int, int]]:
    """Return the first colour table of the file, the global one if there is one."""
    *_, flags, _, _ = reader.fields("<HHBBB")
    if flags & 0x80:
        return _entries(reader, flags)
    while (kind := reader.take(1)) == b"!":
        reader.take(1)
        while (size := reader.take(1)[0]) > 0:
            reader.take(size)
    if kind == b",":
        *_, flags = reader.fields("<HHHHB")
        if flags & 0x80:
            return _entries(reader, flags)
    raise PaletteFileError("the GIF has no colour table", "save it again as an indexed picture")


def _entries(reader: Reader, flags: int) -> list[tuple[int, int, int]]:
    table = reader.take(3 * (2 << (flags & 7)))
    return [(table[i], table[i + 1], table[i + 2]) for i in range(0, len(table), 3)]

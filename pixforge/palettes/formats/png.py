"""Palettes in PNG pictures: the palette of an indexed one, in its order, or the colours of a picture of swatches.

Written is one row of one pixel per colour: indexed up to 256 colours (so that the same colour may occur twice), RGB
above. Fully transparent colours are no colours of a palette.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from pixforge.errors import PaletteFileError
from pixforge.palettes import swatches
from pixforge.palettes.palette import Palette

if TYPE_CHECKING:
    from PIL.Image import Image

LABEL = "PNG picture"
EXTENSIONS = (".png",)

_MAGIC = b"\x89PNG\r\n\x1a\n"
_INDEXED, _RGB = 3, 2


def sniff(data: bytes) -> bool:
    """Whether the file begins like a PNG."""
    return data.startswith(_MAGIC)


def read(data: bytes, name: str) -> Palette:
    """Read the palette of an indexed picture, or the distinct colours of another one, in reading order."""
    with swatches.opened(data, "PNG") as picture:
        if picture.mode != "P":
            return Palette(name, swatches.colors_of(picture))
        return Palette(name, swatches.table_of(_table(picture), picture))


def write(palette: Palette) -> bytes:
    """Return the row of swatches; the data are stored, not compressed, so that all platforms give the same bytes."""
    count = len(palette.colors)
    table = b"".join(bytes(color) for color in palette.colors)
    indexed = count <= 256
    header = struct.pack(">IIBBBBB", count, 1, 8, _INDEXED if indexed else _RGB, 0, 0, 0)
    row = bytes(range(count)) if indexed else table
    if count > swatches.MOST_PIXELS:
        raise PaletteFileError(f"{count} colours are too many for a picture of swatches", "use .gpl or .hex")
    chunks = [(b"IHDR", header), (b"PLTE", table)] if indexed else [(b"IHDR", header)]
    chunks += [(b"IDAT", zlib.compress(b"\0" + row, 0)), (b"IEND", b"")]
    return _MAGIC + b"".join(_chunk(kind, body) for kind, body in chunks)


def _table(picture: Image) -> list[tuple[int, int, int, int]]:
    """Return the entries of an indexed picture as red, green, blue, alpha."""
    entries = picture.getpalette("RGB") or []
    alphas = picture.info.get("transparency", b"")
    if isinstance(alphas, int):  # Pillow's short form: this entry is fully transparent
        alphas = b"\xff" * alphas + b"\0"
    alphas = alphas.ljust(len(entries) // 3, b"\xff")
    return [(entries[3 * i], entries[3 * i + 1], entries[3 * i + 2], alphas[i]) for i in range(len(entries) // 3)]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

"""Adobe colour tables (.act): 256 RGB triples, and behind them perhaps how many count and which one is transparent.

Source: Adobe Photoshop File Formats Specification, "Color table". Files of 768 bytes name no count: then a run of black
at the end is taken for filling and only its first entry kept.
"""

from __future__ import annotations

import struct

from pixforge.errors import PaletteFileError
from pixforge.palettes.palette import Color, Palette

LABEL = "Adobe colour table"
EXTENSIONS = (".act",)

_TABLE = 768
_NONE = 0xFFFF
_TEXT = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}


def sniff(data: bytes) -> bool:
    """Whether the size is right and the bytes are no text."""
    return len(data) in {_TABLE, _TABLE + 4} and not _TEXT.issuperset(data)


def read(data: bytes, name: str) -> Palette:
    """Read the colours that count, without the transparent one."""
    if len(data) not in {_TABLE, _TABLE + 4}:
        raise PaletteFileError(
            f"the file has {len(data)} bytes, a colour table has {_TABLE} or {_TABLE + 4}", "save it again"
        )
    colors: list[Color] = [(data[i], data[i + 1], data[i + 2]) for i in range(0, _TABLE, 3)]
    if len(data) == _TABLE:
        while len(colors) > 1 and colors[-1] == colors[-2] == (0, 0, 0):
            colors.pop()
        return Palette(name, tuple(colors))
    count, transparent = struct.unpack(">HH", data[_TABLE:])
    if count > 256:
        raise PaletteFileError(f"at byte {_TABLE}: {count} colours are announced, at most 256 fit", "save it again")
    colors = colors[: count or 256]
    if transparent < len(colors) > 1:
        del colors[transparent]
    return Palette(name, tuple(colors))


def write(palette: Palette) -> bytes:
    """Return the table with its count, nothing transparent."""
    count = len(palette.colors)
    if count > 256:
        raise PaletteFileError(f"an .act file holds 256 colours, not {count}", "use .gpl or .hex")
    table = b"".join(bytes(color) for color in palette.colors)
    return table.ljust(_TABLE, b"\0") + struct.pack(">HH", count, _NONE)

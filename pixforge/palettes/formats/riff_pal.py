"""Microsoft RIFF palettes (.pal): a RIFF file of type "PAL " whose "data" chunk is a LOGPALETTE.

Source: Microsoft multimedia standards, "Palette file format"; numbers are little-endian.
"""

from __future__ import annotations

import struct

from pixforge.errors import PaletteFileError
from pixforge.palettes.binary import Reader
from pixforge.palettes.palette import Palette

LABEL = "RIFF palette"
EXTENSIONS = (".pal",)

_VERSION = 0x0300
_MOST = 0xFFFF


def sniff(data: bytes) -> bool:
    """Whether this is a RIFF file of type PAL."""
    return data[:4] == b"RIFF" and data[8:12] == b"PAL "


def read(data: bytes, name: str) -> Palette:
    """Read the first data chunk; other chunks and the flags of the entries are left out."""
    reader = Reader(data)
    if reader.take(4) != b"RIFF" or reader.take(8)[4:] != b"PAL ":
        raise PaletteFileError("the file is no RIFF palette", "check that this is a palette in RIFF format")
    while reader.left:
        kind = reader.take(4)
        (size,) = reader.fields("<I")
        if kind == b"data":
            return _entries(Reader(reader.take(size)), name)
        reader.take(size + size % 2)
    raise PaletteFileError('the file has no "data" chunk', "save the palette again")


def write(palette: Palette) -> bytes:
    """Return the colours; the format holds no names."""
    if len(palette.colors) > _MOST:
        raise PaletteFileError(f"a RIFF palette holds {_MOST} colours, not {len(palette.colors)}", "use .gpl or .hex")
    entries = b"".join(bytes((*color, 0)) for color in palette.colors)
    chunk = struct.pack("<HH", _VERSION, len(palette.colors)) + entries
    return b"RIFF" + struct.pack("<I", 12 + len(chunk)) + b"PAL data" + struct.pack("<I", len(chunk)) + chunk


def _entries(reader: Reader, name: str) -> Palette:
    _, count = reader.fields("<HH")
    if count == 0:
        raise PaletteFileError("the palette has no colours", "save it again with at least one")
    entries = reader.take(4 * count)
    return Palette(name, tuple((entries[i], entries[i + 1], entries[i + 2]) for i in range(0, 4 * count, 4)))

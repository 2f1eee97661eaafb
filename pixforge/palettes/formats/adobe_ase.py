"""Adobe Swatch Exchange (.ase of Illustrator, InDesign, Photoshop): blocks of groups and named colours.

Adobe publishes no specification; the layout follows Olivier Berten's notes. Numbers are big-endian, colours are floats:
RGB, CMYK and Gray 0..1 (Gray 1 is white), LAB with L 0..1 and a, b in -128..127. (Aseprite's .ase is another thing.)
"""

from __future__ import annotations

import struct

from pixforge.errors import PaletteFileError
from pixforge.palettes import spaces
from pixforge.palettes.binary import Reader, utf16_field
from pixforge.palettes.palette import Color, Palette, named, one_line

LABEL = "Adobe Swatch Exchange"
EXTENSIONS = (".ase",)

_MAGIC = b"ASEF"
_GROUP, _GROUP_END, _COLOR = 0xC001, 0xC002, 0x0001
_VALUES = {"RGB": 3, "CMYK": 4, "LAB": 3, "GRAY": 1}
_LONGEST = 0x7FFF  # UTF-16 units of a name, closing zero included


def sniff(data: bytes) -> bool:
    """Whether the file begins with ASEF."""
    return data[:4] == _MAGIC


def read(data: bytes, name: str) -> Palette:
    """Read all colours of all groups in their order; a single group gives the palette its name."""
    reader = Reader(data)
    if reader.take(4) != _MAGIC:
        raise PaletteFileError("the file is no Adobe Swatch Exchange file", "check what wrote it")
    _, _, blocks = reader.fields(">HHI")
    colors: list[Color] = []
    names: list[str] = []
    groups: list[str] = []
    for _ in range(blocks):
        if not reader.left:
            break  # some writers count the ends of groups without writing them
        at = reader.at
        kind, size = reader.fields(">HI")
        body = Reader(reader.take(size))
        if kind == _GROUP:
            groups.append(body.utf16(*body.fields(">H")))
        elif kind == _COLOR:
            names.append(body.utf16(*body.fields(">H")))
            colors.append(_color(body, at))
    if not colors:
        raise PaletteFileError("the file has no colours", "save it again with at least one")
    return Palette((one_line(groups[0]) if len(groups) == 1 else "") or name, tuple(colors), named(names))


def write(palette: Palette) -> bytes:
    """Return one group of RGB colours, named like the palette."""
    names = palette.names or ("",) * len(palette.colors)
    blocks = [_block(_GROUP, _name(palette.name))]
    for color, text in zip(palette.colors, names, strict=True):
        values = struct.pack(">3f", *(channel / 255 for channel in color))
        blocks.append(_block(_COLOR, _name(text) + b"RGB " + values + struct.pack(">H", 2)))
    blocks.append(_block(_GROUP_END, b""))
    return _MAGIC + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def _block(kind: int, body: bytes) -> bytes:
    return struct.pack(">HI", kind, len(body)) + body


def _name(text: str) -> bytes:
    return utf16_field(text[: _LONGEST // 2], ">H")  # a character may take two units


def _color(body: Reader, at: int) -> Color:
    model = body.take(4).decode("latin-1").strip().upper()
    if model not in _VALUES:
        raise PaletteFileError(f'at byte {at}: colour model "{model}" is unknown', "save the swatches as RGB")
    values = body.floats(_VALUES[model])
    if model == "RGB":
        return spaces.from_unit(*values)
    if model == "CMYK":
        return spaces.from_cmyk(*values)
    if model == "LAB":
        return spaces.from_lab(100 * values[0], values[1], values[2])
    return spaces.from_unit(values[0], values[0], values[0])

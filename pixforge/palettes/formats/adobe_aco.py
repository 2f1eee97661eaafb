"""Adobe Photoshop swatches (.aco): a section of version 1 (colours), then one of version 2 (colours with names).

Source: Adobe Photoshop File Formats Specification, "Color swatches"; Larry Tesler's notes on it. Numbers are
big-endian. Spaces: 0 RGB and 1 HSB over 0..65535; 2 CMYK over 0 (full ink)..65535; 7 Lab in hundredths; 8 grey as ink,
0 (white)..10000; 9 CMYK as ink, 0..10000. Files with only one of the two sections exist.
"""

from __future__ import annotations

import struct

from pixforge.errors import PaletteFileError
from pixforge.palettes import spaces
from pixforge.palettes.binary import Reader, utf16_field
from pixforge.palettes.palette import Color, Palette, named

LABEL = "Adobe Photoshop swatches"
EXTENSIONS = (".aco",)

_MOST = 0xFFFF
_FULL = 0xFFFF


def sniff(data: bytes) -> bool:
    """Whether the sections announced by the header fill the file exactly."""
    if len(data) < 14 or data[0] != 0 or data[1] not in {1, 2}:
        return False
    try:
        _sections(data)
    except PaletteFileError:
        return False
    return True


def read(data: bytes, name: str) -> Palette:
    """Read the colours, from the section with names if there is one; other colour spaces become sRGB."""
    colors, names = _sections(data)[-1]
    if not colors:
        raise PaletteFileError("the file has no colours", "save it again with at least one")
    return Palette(name, tuple(colors), named(names))


def write(palette: Palette) -> bytes:
    """Return both sections, RGB."""
    if len(palette.colors) > _MOST:
        raise PaletteFileError(f"an .aco file holds {_MOST} colours, not {len(palette.colors)}", "use .gpl or .hex")
    names = palette.names or ("",) * len(palette.colors)
    bare = [struct.pack(">5H", 0, *(channel * 257 for channel in color), 0) for color in palette.colors]
    full = [entry + utf16_field(text, ">I") for entry, text in zip(bare, names, strict=True)]
    count = len(bare)
    return struct.pack(">HH", 1, count) + b"".join(bare) + struct.pack(">HH", 2, count) + b"".join(full)


def _sections(data: bytes) -> list[tuple[list[Color], list[str]]]:
    """Return colours and names of each section; a few zero bytes may follow the last one."""
    reader = Reader(data)
    sections: list[tuple[list[Color], list[str]]] = []
    while len(sections) < 2 and (not sections or data[reader.at :].strip(b"\0")):
        version, count = reader.fields(">HH")
        if version not in {1, 2}:
            raise PaletteFileError(f"at byte {reader.at - 4}: section of unknown version {version}", "save it again")
        colors: list[Color] = []
        names: list[str] = []
        for _ in range(count):
            at = reader.at
            space, *values = reader.fields(">5H")
            colors.append(_color(space, values, at))
            names.append(reader.utf16(reader.fields(">I")[0]) if version == 2 else "")
        sections.append((colors, names))
    return sections


def _color(space: int, values: list[int], at: int) -> Color:
    w, x, y, z = values
    if space == 0:
        return spaces.from_unit(w / _FULL, x / _FULL, y / _FULL)
    if space == 1:
        return spaces.from_hsb(w / _FULL, x / _FULL, y / _FULL)
    if space == 2:
        return spaces.from_cmyk(1 - w / _FULL, 1 - x / _FULL, 1 - y / _FULL, 1 - z / _FULL)
    if space == 7:
        return spaces.from_lab(w / 100, _signed(x) / 100, _signed(y) / 100)
    if space == 8:
        return spaces.from_cmyk(0, 0, 0, w / 10000)
    if space == 9:
        return spaces.from_cmyk(w / 10000, x / 10000, y / 10000, z / 10000)
    raise PaletteFileError(
        f"at byte {at}: colour space {space} belongs to a colour book and has no fixed colours",
        "save the swatches as RGB",
    )


def _signed(value: int) -> int:
    return value - 0x10000 if value >= 0x8000 else value

"""GIMP palettes (.gpl), also of Inkscape, Krita and Aseprite.

A first line "GIMP Palette", optional "Name:", "Columns:" and "Channels:" (Aseprite: RGBA) lines, comments after "#",
and lines of three decimal numbers and a name.
"""

from __future__ import annotations

from pixforge.errors import PaletteFileError
from pixforge.palettes.palette import Color, Palette, named, one_line
from pixforge.palettes.text import decode, is_text, numbered_lines, three_numbers

LABEL = "GIMP palette"
EXTENSIONS = (".gpl",)

_MAGIC = "GIMP Palette"
_NAMELESS = "Untitled"  # what GIMP writes for a colour without a name


def sniff(data: bytes) -> bool:
    """Whether the first line says GIMP Palette."""
    return is_text(data) and decode(data[:64]).lstrip().startswith(_MAGIC)


def read(data: bytes, name: str) -> Palette:
    """Read the colours and their names; an alpha channel is left out."""
    lines = list(numbered_lines(decode(data)))
    if not lines or lines[0][1] != _MAGIC:
        raise PaletteFileError(f'the first line is not "{_MAGIC}"', "check that this is a GIMP palette")
    channels = 3
    colors: list[Color] = []
    names: list[str] = []
    for number, line in lines[1:]:
        key, _, value = line.partition(":")
        if line.startswith("#"):
            continue
        if not colors and key in {"Name", "Columns", "Channels"}:
            name = one_line(value) or name if key == "Name" else name
            channels = 4 if key == "Channels" and value.strip().upper() == "RGBA" else channels
            continue
        words = line.split(maxsplit=channels)
        colors.append(three_numbers(words, number))
        names.append(words[channels] if len(words) > channels else "")
    if not colors:
        raise PaletteFileError("the file has no colours", 'add lines like "255 0 0 red"')
    return Palette(name, tuple(colors), named(["" if text == _NAMELESS else text for text in names]))


def write(palette: Palette) -> bytes:
    """Return the palette with its name and the names of its colours."""
    names = palette.names or ("",) * len(palette.colors)
    rows = [
        f"{red:3d} {green:3d} {blue:3d}\t{text or _NAMELESS}"
        for (red, green, blue), text in zip(palette.colors, names, strict=True)
    ]
    return "\n".join([_MAGIC, f"Name: {palette.name}", "Columns: 0", "#", *rows, ""]).encode("utf-8")

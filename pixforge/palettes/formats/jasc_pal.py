"""JASC palettes (.pal of Paint Shop Pro, also of GBA and Pokemon tools): "JASC-PAL", "0100", a count, decimal lines."""

from __future__ import annotations

import re

from pixforge.errors import PaletteFileError
from pixforge.palettes.palette import Palette
from pixforge.palettes.text import decode, is_text, numbered_lines, three_numbers

LABEL = "JASC palette"
EXTENSIONS = (".pal", ".psppalette")

_MAGIC = "JASC-PAL"
_COUNT = re.compile("[0-9]{1,9}")


def sniff(data: bytes) -> bool:
    """Whether the first line says JASC-PAL."""
    return is_text(data) and decode(data[:64]).lstrip().startswith(_MAGIC)


def read(data: bytes, name: str) -> Palette:
    """Read the colours; a fourth number (alpha) is left out."""
    lines = list(numbered_lines(decode(data)))
    if len(lines) < 3 or lines[0][1] != _MAGIC or not _COUNT.fullmatch(lines[2][1]):
        raise PaletteFileError(
            'the file does not begin with "JASC-PAL", a version and the number of colours',
            "check that this is a JASC palette, or save it again",
        )
    colors = tuple(three_numbers(line.split(), number) for number, line in lines[3:])
    count = int(lines[2][1])
    if count != len(colors) or not colors:
        raise PaletteFileError(
            f"line {lines[2][0]} announces {count} colours, {len(colors)} follow",
            "correct the number or add what is missing",
        )
    return Palette(name, colors)


def write(palette: Palette) -> bytes:
    """Return the colours; the format holds no names."""
    rows = [f"{red} {green} {blue}" for red, green, blue in palette.colors]
    return "\r\n".join([_MAGIC, "0100", str(len(rows)), *rows, ""]).encode("ascii")

"""Lists of hexadecimal colours (.hex of Lospec and many tools; .txt of Paint.NET).

One colour per line, "rrggbb" or "#rrggbb" or "#rgb"; ";" starts a comment anywhere, and so does a "#" that is not
followed by a colour but by white space. A comment behind a colour is its name. Comments like "; name: PICO-8",
"; source: ..." and "; license: ..." describe the palette. Paint.NET writes "aarrggbb": eight digits are read so when
a comment says paint.net.
"""

from __future__ import annotations

import re

from pixforge.errors import PaletteFileError
from pixforge.palettes.palette import Color, Palette, named, one_line
from pixforge.palettes.text import decode, is_text, numbered_lines

LABEL = "hexadecimal list"
EXTENSIONS = (".hex", ".txt")

_COLOR = re.compile(r"(?:#|0x)?([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_ABOUT = re.compile(r"(?:palette )?(name|source|license|licence)\s*:\s*(.+)", re.IGNORECASE)


def sniff(data: bytes) -> bool:
    """Whether the first line that is no comment is a colour."""
    if not is_text(data):
        return False
    for _, line in numbered_lines(decode(data[:4096])):
        word = _split(line)[0]
        if word:
            return _COLOR.fullmatch(word) is not None
    return False


def read(data: bytes, name: str) -> Palette:
    """Read the list (see the module for what lines may be)."""
    text = decode(data)
    alpha_first = "paint.net" in text.lower()
    about = {"name": name, "source": "", "license": ""}
    colors: list[Color] = []
    names: list[str] = []
    for number, line in numbered_lines(text):
        word, comment = _split(line)
        found = _ABOUT.fullmatch(comment)
        if word:
            colors.append(_color(word, number, alpha_first))
            names.append(comment)
        elif found and not colors:
            about[found[1].lower().replace("licence", "license")] = one_line(found[2])
    if not colors:
        raise PaletteFileError("the file has no colours", "write one colour per line, as rrggbb")
    return Palette(about["name"], tuple(colors), named(names), about["source"], about["license"])


def write(palette: Palette) -> bytes:
    """Return the bare list: names and comments would trouble other readers."""
    return "".join(bytes(color).hex() + "\n" for color in palette.colors).encode("ascii")


def _split(line: str) -> tuple[str, str]:
    """Return the colour word of a line, "" if it is all comment, and the comment."""
    before, _, comment = line.partition(";")
    word = before.strip()
    if word == "#" or word.startswith("# "):
        return "", word[1:].strip()
    return word, comment.strip()


def _color(word: str, number: int, alpha_first: bool) -> Color:
    found = _COLOR.fullmatch(word)
    if not found or (len(found[1]) == 8 and not alpha_first):
        raise PaletteFileError(
            f'line {number}: "{word[:40]}" is no colour', 'write each colour as rrggbb, comments behind a ";"'
        )
    digits = found[1]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits[-6:])
    return red, green, blue

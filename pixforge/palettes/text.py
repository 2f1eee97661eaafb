"""Text of palette files: any line ending, UTF-8 with or without its mark, UTF-16 with it, else Latin-1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pixforge.errors import PaletteFileError
from pixforge.palettes.palette import Color

_NUMBER = re.compile("[0-9]{1,9}")
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def decode(data: bytes) -> str:
    """Return the text of a file; what no encoding explains becomes a replacement character."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_text(data: bytes) -> bool:
    """Whether the bytes can be text at all: no zero bytes, unless the mark of UTF-16 stands in front."""
    return data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in data


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line, from 1, and the line without white space at its ends; empty lines are left out."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line.strip()


def three_numbers(words: list[str], number: int) -> Color:
    """Return the colour of three decimal words of line `number`.

    Raises:
        PaletteFileError: fewer than three words, or one that is no whole number 0..255.
    """
    if len(words) < 3 or not all(_NUMBER.fullmatch(word) and int(word) <= 255 for word in words[:3]):
        shown = " ".join(words)[:40]
        raise PaletteFileError(
            f'line {number}: "{shown}" is no colour', "give red, green and blue as three whole numbers 0 to 255"
        )
    return int(words[0]), int(words[1]), int(words[2])

"""Palettes in pictures, for the formats that are pictures. Pillow is imported at the moment of use."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pixforge.errors import PaletteFileError
from pixforge.palettes.palette import Color

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

MOST_PIXELS = 4_000_000
MOST_COLORS = 256

_NO_SWATCHES = "to take a palette from a drawing, use: pixforge palette extract"


@contextmanager
def opened(data: bytes, kind: str) -> Iterator[PillowImage]:
    """Open the first frame of a picture.

    Args:
        data: the file.
        kind: Pillow's name of the only format to try.

    Raises:
        PaletteFileError: the picture is broken, or has more than `MOST_PIXELS`.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is far lower
            picture = Image.open(io.BytesIO(data), formats=[kind])
        with picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PaletteFileError(f"{picture.width} x {picture.height} pixels are no palette", _NO_SWATCHES)
            picture.load()
            yield picture
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise PaletteFileError(f"the {kind} picture is broken", "save or download it again") from error


def colors_of(picture: PillowImage) -> tuple[Color, ...]:
    """Return the distinct colours of pixels that are at least half opaque, in reading order.

    Raises:
        PaletteFileError: there are none, or more than `MOST_COLORS`.
    """
    data = picture.convert("RGBA").tobytes()
    found: dict[bytes, None] = {}
    for start in range(0, len(data), 4):
        if data[start + 3] >= 128:
            found[data[start : start + 3]] = None
            if len(found) > MOST_COLORS:
                raise PaletteFileError(f"the picture has more than {MOST_COLORS} colours", _NO_SWATCHES)
    if not found:
        raise PaletteFileError("the picture is transparent all over", _NO_SWATCHES)
    return tuple((color[0], color[1], color[2]) for color in found)


def table_of(table: list[tuple[int, int, int, int]], picture: PillowImage) -> tuple[Color, ...]:
    """Return the colours of a table of red, green, blue, alpha, less transparent ones and filling.

    Filling are the black entries at the end that no pixel of the indexed picture uses.

    Raises:
        PaletteFileError: no colour is left.
    """
    last = max(picture.tobytes(), default=0) if picture.mode in {"P", "L"} else len(table)
    while len(table) > last + 1 and table[-1][:3] == (0, 0, 0):
        table = table[:-1]
    colors = tuple((red, green, blue) for red, green, blue, alpha in table if alpha > 0)
    if not colors:
        raise PaletteFileError("the palette of the picture is empty", _NO_SWATCHES)
    return colors

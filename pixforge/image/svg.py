"""SVG and SVGZ, drawn by resvg."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pixforge.errors import LimitError, MissingDependencyError, PictureError
from pixforge.image.limits import Limits
from pixforge.image.picture import Rgba
from pixforge.image.png import open_png
from pixforge.image.source import Source

_TEXT_LIMIT = 64 * 1024 * 1024
_PIXELS_PER_INCH = 96


def open_svg(file: BinaryIO, limits: Limits) -> Source:
    """Draw an SVG so that its longest side is limits.svg_size pixels, on a transparent ground.

    Linked pictures are looked for beside the file. Text uses the fonts of the system.

    Raises:
        MissingDependencyError: resvg_py is not installed.
        PictureError: the drawing is no valid SVG.
        LimitError: the text, or the picture at this size, is larger than allowed.
    """
    if limits.svg_size**2 > limits.max_pixels:
        raise LimitError(
            f"an SVG of {limits.svg_size} pixels a side may pass the limit of {limits.max_pixels} pixels",
            "lower svg_size or raise max_pixels",
        )
    text = _text(file)
    drawn = open_png(io.BytesIO(_draw(text, limits.svg_size, Path(file.name).parent)), limits)

    def frames() -> Iterator[tuple[Rgba, int]]:
        return drawn.frames()

    return Source(drawn.width, drawn.height, 1, frames)


def _text(file: BinaryIO) -> str:
    file.seek(0)
    data = file.read(_TEXT_LIMIT + 1)
    if data[:2] == b"\x1f\x8b":
        data = zlib.decompressobj(wbits=31).decompress(data, _TEXT_LIMIT + 1)
    if len(data) > _TEXT_LIMIT:
        raise LimitError(f"the SVG has more than {_TEXT_LIMIT} bytes of text", "simplify it or export it as PNG")
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16")
    declared = re.match(rb"<\?xml[^>]*encoding=[\"']([\w.-]+)[\"']", data.removeprefix(b"\xef\xbb\xbf"))
    try:
        return data.decode(declared[1].decode("ascii") if declared else "utf-8").removeprefix("\ufeff")
    except (LookupError, UnicodeDecodeError) as error:
        raise PictureError(f"the SVG is not in its stated encoding ({error})", "save it as UTF-8") from error


def _draw(text: str, size: int, folder: Path) -> bytes:
    """Render to PNG bytes."""
    try:
        import resvg_py
    except ImportError as error:
        raise MissingDependencyError(
            "SVG needs the package resvg-py, which is not installed", "run `pip install resvg-py`, or export it as PNG"
        ) from error
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=text,
            width=size,
            height=size,
            dpi=_PIXELS_PER_INCH,
            resources_dir=str(folder.absolute()),
            skip_system_fonts="<text" not in text,  # looking for fonts takes longer than most drawings
        )
    except ValueError as error:
        raise PictureError(f"the SVG is not valid ({error})", "open and save it in a drawing program") from error
    return bytes(drawn)

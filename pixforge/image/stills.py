"""JPEG, BMP, TGA and TIFF by Pillow, with what Pillow leaves open settled as users expect."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import PictureError
from pixforge.image.icc import to_srgb
from pixforge.image.limits import Limits
from pixforge.image.picture import Rgba
from pixforge.image.pillow import narrowed, oriented, samples16
from pixforge.image.source import DEFAULT_DURATION, Source

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.TiffImagePlugin import TiffImageFile

_FOOTER, _RUN_LENGTHS = 26, 8  # of TGA
_SUBFILE, _BITS_PER_SAMPLE, _PHOTOMETRIC, _ORIENTATION = 254, 258, 262, 274  # tags of TIFF and EXIF
_WHITE_IS_ZERO, _THUMBNAIL = 0, 1


def open_jpeg(file: BinaryIO, limits: Limits) -> Source:
    """Open a JPEG: grey, colour, or CMYK; turned as its EXIF orientation asks.

    CMYK is inverted where Adobe's marker is present (then 255 means no ink), and plain without it. Of a camera's
    multi-picture file the first picture counts.
    """
    from PIL import JpegImagePlugin

    image = JpegImagePlugin.JpegImageFile(_rewound(file))
    limits.check_size(*image.size)

    def frames() -> Iterator[tuple[Rgba, int]]:
        pixels = _bands(image)
        if image.mode == "CMYK" and "adobe" not in image.info:
            pixels = 255 - pixels  # Pillow takes every CMYK JPEG for an inverted one
        yield oriented(_rgba(image, pixels), _orientation(image)), DEFAULT_DURATION

    return Source(*image.size, 1, frames)


def open_bmp(file: BinaryIO, limits: Limits) -> Source:
    """Open a BMP. The fourth byte of a 32-bit pixel is its alpha, unless it is 0 everywhere: then it was never set."""
    from PIL import BmpImagePlugin

    image = BmpImagePlugin.BmpImageFile(_rewound(file))
    limits.check_size(*image.size)

    def frames() -> Iterator[tuple[Rgba, int]]:
        spare = _spare_byte(file, image.size, image.tile[0])
        pixels = np.array(image.convert("RGBA"))
        if spare is not None:
            pixels[..., 3] = spare
        yield _unless_empty(pixels), DEFAULT_DURATION

    return Source(*image.size, 1, frames)


def _spare_byte(file: BinaryIO, size: tuple[int, int], tile: Sequence[Any]) -> NDArray[np.uint8] | None:
    """The fourth bytes (H, W) of a 32-bit BMP without an alpha mask, None for any other."""
    codec, _, offset, arguments = tile
    if codec != "raw" or arguments[0] != "BGRX":
        return None
    width, height = size
    file.seek(offset)
    data = file.read(width * height * 4)
    if len(data) < width * height * 4:
        raise OSError("image file is truncated")
    alpha = np.frombuffer(data, np.uint8)[3::4].reshape(height, width)
    return alpha[::-1] if arguments[2] == -1 else alpha


def open_tga(file: BinaryIO, limits: Limits) -> Source:
    """Open a TGA. An alpha that is 0 everywhere was never set and is taken as opaque."""
    from PIL import TgaImagePlugin

    data = _rewound(file).read()
    limits.check_size(int.from_bytes(data[12:14], "little"), int.from_bytes(data[14:16], "little"))
    if not data[2] & _RUN_LENGTHS and len(data) < _tga_size(data):
        raise PictureError("the TGA file is cut off", "export it again, or wait until it is fully written")
    # Pillow looks for a footer of 26 bytes even where the whole file is shorter.
    image = TgaImagePlugin.TgaImageFile(io.BytesIO(data if len(data) >= _FOOTER else data + bytes(_FOOTER)))
    if not image.tile:
        raise PictureError("this variant of TGA is not supported", "export it as PNG")

    def frames() -> Iterator[tuple[Rgba, int]]:
        pixels = np.array(image.convert("RGBA"))
        if data[16] == 16 and data[2] & 7 == 2:
            # Pillow reads a set attribute bit as "transparent"; set means visible, and counts only if declared.
            pixels[..., 3] = 255 - pixels[..., 3] if data[17] & 15 else 255
        yield _unless_empty(pixels), DEFAULT_DURATION

    return Source(*image.size, 1, frames)


def _tga_size(data: bytes) -> int:
    """Bytes of a TGA without compression, from its header of 18."""
    table = int.from_bytes(data[5:7], "little") * ((data[7] + 7) // 8) if data[1] else 0
    width, height = int.from_bytes(data[12:14], "little"), int.from_bytes(data[14:16], "little")
    return 18 + data[0] + table + width * height * ((data[16] + 7) // 8)


def open_tiff(file: BinaryIO, limits: Limits) -> Source:
    """Open a TIFF of 1 to 16 bits a sample; thumbnails are no pages. Turned as its orientation tag asks.

    Raises:
        PictureError: the samples are floating point or 32-bit numbers, or the colours neither grey, RGB nor CMYK.
    """
    from PIL import TiffImagePlugin

    data = io.BytesIO(_rewound(file).read())
    image = TiffImagePlugin.TiffImageFile(data)
    limits.check_size(*image.size)
    pages = _pages(image, limits)

    def frames() -> Iterator[tuple[Rgba, int]]:
        for page in pages:
            image.seek(page)
            limits.check_size(*image.size)
            yield _page(image, data, page), DEFAULT_DURATION

    return Source(*image.size, len(pages), frames, many="pages")


def _pages(image: TiffImageFile, limits: Limits) -> list[int]:
    """Numbers of the pages that are pictures of their own; one more than allowed is enough to know."""
    pages = [0]
    with suppress(EOFError):  # Pillow's way to say that there are no more
        for page in range(1, limits.max_frames + 1):
            image.seek(page)
            if not image.tag_v2.get(_SUBFILE, 0) & _THUMBNAIL:
                pages.append(page)
    image.seek(0)
    return pages


def _page(image: TiffImageFile, data: io.BytesIO, page: int) -> Rgba:
    if image.mode in {"F", "I", "LAB", "YCbCr"}:
        what = {"F": "floating point samples", "I": "32-bit samples"}.get(image.mode, f"{image.mode} colours")
        remedy = "export it with 8 or 16 bits in RGB, or as PNG"
        raise PictureError(f"the TIFF has {what}, which are not supported", remedy)
    if image.mode.startswith("I;16"):
        depth = image.tag_v2.get(_BITS_PER_SAMPLE, (16,))[0]
        pixels = narrowed(np.asarray(image).astype(np.uint16), (1 << depth) - 1)[..., None]
        if image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
            pixels = 255 - pixels
        return _rgba(image, pixels)
    if image.tag_v2.get(_BITS_PER_SAMPLE, (8,))[0] == 16:

        def opened() -> TiffImageFile:
            from PIL import TiffImagePlugin

            again = TiffImagePlugin.TiffImageFile(io.BytesIO(data.getbuffer()))
            again.seek(page)
            return again

        return _rgba(image, narrowed(samples16(opened)))
    return _rgba(image, _bands(image))


def _rewound(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _bands(image: Image) -> NDArray[np.uint8]:
    """Decode to (H, W, C) uint8 with the bands of the mode; palettes and two-tone pictures are resolved first."""
    if image.mode in {"P", "PA"}:
        return np.asarray(image.convert("RGBA"))
    pixels = np.asarray(image.convert("L") if image.mode == "1" else image)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _rgba(image: Image, pixels: NDArray[np.uint8]) -> Rgba:
    """Bands of a picture (grey, grey and alpha, RGB, RGBA, RGBX, CMYK) to sRGB RGBA (H, W, 4)."""
    out = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    bands = pixels.shape[2]
    if bands in {2, 4} and image.mode not in {"CMYK", "RGBX"}:
        out[..., 3] = pixels[..., -1]
    colours = bands if image.mode == "CMYK" else min(bands - 1 if bands == 2 else bands, 3)
    out[..., :3] = to_srgb(pixels[..., :colours], image.info.get("icc_profile"))
    return out


def _orientation(image: Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError):
        return 1  # damaged EXIF: as viewers do


def _unless_empty(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if not pixels[..., 3].any():
        pixels[..., 3] = 255
    return pixels

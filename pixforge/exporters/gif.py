"""GIF. Its clock ticks in hundredths of a second: rounding is carried on, so that the whole keeps its length.

Source of the format: CompuServe, Graphics Interchange Format, version 89a.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixforge.errors import SettingsError
from pixforge.exporters.target import Asset, File
from pixforge.image.picture import Picture
from pixforge.sheet.clip import used_colors
from pixforge.sheet.tags import shown_order

TITLE: Final = "animated GIF"
ENDINGS: Final = (".gif",)

_RESTORE = 2  # clear the frame before the next one
_SHORTEST = 2  # browsers slow anything shorter down to a tenth of a second


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.gif.

    Raises:
        SettingsError: a frame is translucent or has more colours than GIF can hold.
    """
    order, plays = shown_order(asset.clip)
    pictures = [asset.clip.pictures[number] for number in order]
    return (File(f"{asset.name}.gif", encode(pictures, [asset.clip.durations[n] for n in order], plays)),)


def encode(pictures: Sequence[Picture], durations: Sequence[int], plays: int) -> bytes:
    """Encode frames, each whole.

    Args:
        pictures: of one size, every pixel opaque or fully transparent.
        durations: milliseconds.
        plays: how often it plays; 0 is for ever.

    Raises:
        SettingsError: a frame is translucent or has more than 255 colours (256 if nothing is transparent).
    """
    width, height = pictures[0].width, pictures[0].height
    common = used_colors(pictures)
    shared = common is not None and len(common) <= 255
    palettes = [common if shared else _palette(picture, number) for number, picture in enumerate(pictures)]
    table = _table(palettes[0]) if shared else b""
    size = _bits(table) - 1 if shared else 0
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, shared * 0x80 | 0x70 | size, 0, 0) + table
    loop = b"" if plays == 1 else b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", plays and plays - 1) + b"\0"
    frames = [
        _frame(picture, palette, delay, local=not shared)
        for picture, palette, delay in zip(pictures, palettes, ticks(durations), strict=True)
    ]
    return head + loop + b"".join(frames) + b";"


def ticks(durations: Sequence[int]) -> list[int]:
    """Durations in hundredths of a second: each within one tick, and their sum within half of one."""
    found, total, spent = [], 0, 0
    for duration in durations:
        total += duration
        tick = max(_SHORTEST if duration >= 10 * _SHORTEST else 1, round(total / 10) - spent)
        spent += tick
        found.append(tick)
    return found


def _palette(picture: Picture, number: int) -> NDArray[np.uint8]:
    found = used_colors([picture])
    room = 256 if picture.opaque else 255
    if found is None or len(found) > room:
        raise SettingsError(
            f"frame {number} has more colours than a GIF can hold ({room}), or translucent pixels",
            "convert it first, or use the target apng or webp",
        )
    return found


def _table(palette: NDArray[np.uint8] | None, clear: int = 1) -> bytes:
    """A colour table with a power of two of entries; the transparent one (black) comes first."""
    colors = np.zeros((0, 3), np.uint8) if palette is None else palette
    size = 1 << max(1, (len(colors) + clear - 1).bit_length())
    table = np.zeros((size, 3), np.uint8)
    table[clear : clear + len(colors)] = colors
    return table.tobytes()


def _bits(table: bytes) -> int:
    return (len(table) // 3 - 1).bit_length()


def _frame(picture: Picture, palette: NDArray[np.uint8] | None, delay: int, *, local: bool) -> bytes:
    clear = 1 if not local or not picture.opaque else 0
    colors = np.zeros((0, 3), np.uint8) if palette is None else palette
    table = _table(colors, clear)
    weights = np.array([65536, 256, 1], np.uint32)
    index = np.searchsorted(colors.astype(np.uint32) @ weights, picture.pixels[..., :3].astype(np.uint32) @ weights)
    indices = np.where(picture.pixels[..., 3] == 0, 0, index + clear).astype(np.uint8)
    control = b"\x21\xf9\x04" + struct.pack("<BHB", _RESTORE << 2 | clear, delay, 0) + b"\0"
    flags = 0x80 | (_bits(table) - 1) if local else 0
    place = b"," + struct.pack("<HHHHB", 0, 0, picture.width, picture.height, flags)
    return control + place + (table if local else b"") + _compressed(indices, _bits(table))


def _compressed(indices: NDArray[np.uint8], bits: int) -> bytes:
    """The LZW data of a frame: Pillow compresses one picture, of which all but the data is dropped."""
    image = Image.fromarray(indices, "L").convert("L")
    image = Image.frombytes("P", image.size, image.tobytes())
    image.putpalette(bytes(range(256)) * 3 if bits == 8 else bytes(3 << bits))
    buffer = io.BytesIO()
    image.save(buffer, "GIF", optimize=False, interlace=0)
    return _image_data(buffer.getvalue())


def _image_data(data: bytes) -> bytes:
    """The image data of the one frame of a GIF: code size and sub-blocks."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while data[at] == 0x21:  # an extension
        at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    flags = data[at + 9]
    at += 10 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    start = at
    at += 1
    while data[at]:
        at += data[at] + 1
    return data[start : at + 1]

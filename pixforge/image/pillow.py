"""Pillow held at arm's length: no warnings leak, 16-bit samples keep both bytes, orientation is applied."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile


class _Silence:
    """How many threads are inside `quiet`, and the state of the warnings before the first of them."""

    lock = threading.Lock()
    inside = 0
    saved = warnings.catch_warnings()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Pillow's warnings about odd metadata; they help no user, and damage raises errors anyway.

    The standard catch_warnings is not safe with threads (the last one out may restore the silence of another), so the
    first one in opens it and the last one out closes it.
    """
    with _Silence.lock:
        if _Silence.inside == 0:
            _Silence.saved = warnings.catch_warnings()
            _Silence.saved.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\.")
        _Silence.inside += 1
    try:
        yield
    finally:
        with _Silence.lock:
            _Silence.inside -= 1
            if _Silence.inside == 0:
                _Silence.saved.__exit__(None, None, None)


def samples16(opened: Callable[[], ImageFile]) -> NDArray[np.uint16]:
    """Decode 16 bits a sample, of which Pillow keeps only the high byte: decode again as if of the other endianness.

    Args:
        opened: opens the file anew, not yet loaded, at the right frame.

    Returns:
        uint16 (H, W, C) with the bands of the Pillow mode.
    """
    high = np.asarray(opened()).astype(np.uint16)
    again = opened()
    tiles = []
    for tile in again.tile:
        name, *rest = (tile.args,) if isinstance(tile.args, str) else tile.args or ("",)
        turned = _other_endian(name)
        if turned is None:  # an unusual layout: the high byte, spread over the range, is within 1/255
            return high * np.uint16(257)
        tiles.append(tile._replace(args=(turned, *rest) if rest else turned))
    again.tile = tiles
    both: NDArray[np.uint16] = (high << 8) | np.asarray(again)
    return both


def _other_endian(raw: str) -> str | None:
    """Pillow's name of a 16-bit layout with the byte order turned; None if it is not known to exist."""
    native = "L" if sys.byteorder == "little" else "B"
    base, _, order = raw.rpartition(";16")
    if base not in {"RGB", "RGBA", "RGBX", "CMYK"} or order not in {"B", "L", "N"}:
        return None
    return f"{base};16{'B' if order.replace('N', native) == 'L' else 'L'}"


def narrowed(samples: NDArray[np.uint16], top: int = 65535) -> NDArray[np.uint8]:
    """Samples in 0..top to the nearest of 0..255."""
    return ((samples.astype(np.uint32) * 255 + top // 2) // top).astype(np.uint8)


def oriented(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and mirror (H, W, ...) as EXIF tag 0x0112 asks (1 to 8; anything else changes nothing)."""
    if orientation in {5, 6, 7, 8}:
        pixels = pixels.swapaxes(0, 1)
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    return pixels


def orientation_of(exif: bytes | None) -> int:
    """EXIF orientation in a block of EXIF data; 1 if there is none or the block is damaged (as viewers do)."""
    if not exif:
        return 1
    from PIL import Image

    block = Image.Exif()
    try:
        block.load(exif)
        return int(block.get(0x0112, 1))
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError):
        return 1

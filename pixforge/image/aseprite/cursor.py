"""Bounds-checked reading of little-endian values: a truncated or damaged file is an error, never a crash."""

from __future__ import annotations

import struct
import zlib

from pixforge.errors import PictureError


def damaged(what: str) -> PictureError:
    """The error for a file that does not keep to its format."""
    return PictureError(f"the Aseprite file is damaged: {what}", "open it in Aseprite and save it again, or restore it")


class Cursor:
    """A reading position in some bytes.

    Args:
        data: the bytes.
        start, end: the part of them that may be read.
    """

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = start
        self.end = len(data) if end is None else end

    @property
    def left(self) -> int:
        """How many bytes may still be read."""
        return self.end - self.at

    def take(self, count: int) -> bytes:
        """The next bytes.

        Raises:
            PictureError: there are not so many.
        """
        if count < 0 or count > self.left:
            raise damaged(f"it ends at byte {self.end} in the middle of a value")
        self.at += count
        return self.data[self.at - count : self.at]

    def numbers(self, form: str) -> tuple[int, ...]:
        """Several integers at once, `form` as in the module struct (little-endian, no padding)."""
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    def u8(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """An unsigned 16-bit integer."""
        return self.numbers("H")[0]

    def u32(self) -> int:
        """An unsigned 32-bit integer."""
        return self.numbers("I")[0]

    def text(self) -> str:
        """A string with its length before it; bytes that are not UTF-8 become replacement characters."""
        return self.take(self.u16()).decode("utf-8", errors="replace")

    def part(self, size: int) -> Cursor:
        """A cursor over the next `size` bytes, which this one skips."""
        start = self.at
        self.take(size)
        return Cursor(self.data, start, start + size)

    def inflated(self, size: int, count: int | None = None) -> bytes:
        """Exactly `size` bytes out of the zlib stream in the next `count` (default: all remaining) bytes.

        Raises:
            PictureError: the stream is broken or shorter than that.
        """
        packed = self.take(self.left if count is None else count)
        try:
            unpacked = zlib.decompressobj().decompress(packed, size) if size else b""
        except zlib.error as error:
            raise damaged(f"compressed pixels cannot be unpacked ({error})") from error
        if len(unpacked) != size:
            raise damaged(f"compressed pixels end after {len(unpacked)} of {size} bytes")
        return unpacked

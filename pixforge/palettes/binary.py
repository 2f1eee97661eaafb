"""Bytes of palette files, read one field after the other; the end of the file is an error that says where it came."""

from __future__ import annotations

import struct

from pixforge.errors import PaletteFileError


class Reader:
    """A place in the bytes of a file.

    Attributes:
        data: the whole file.
        at: offset of the next byte.
    """

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self.data) - self.at

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes.

        Raises:
            PaletteFileError: the file ends before.
        """
        if not 0 <= size <= self.left:
            raise truncated(f"at byte {self.at}: {size} more bytes are announced, {self.left} are left")
        self.at += size
        return self.data[self.at - size : self.at]

    def fields(self, layout: str) -> tuple[int, ...]:
        """Return the next integers, laid out as `struct` has it.

        Raises:
            PaletteFileError: the file ends before.
        """
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def floats(self, count: int) -> tuple[float, ...]:
        """Return the next `count` big-endian 32-bit floats.

        Raises:
            PaletteFileError: the file ends before.
        """
        return struct.unpack(f">{count}f", self.take(4 * count))

    def utf16(self, units: int) -> str:
        """Return `units` big-endian UTF-16 units as text, without the zero that may end them.

        Raises:
            PaletteFileError: the file ends before.
        """
        return self.take(2 * units).decode("utf-16-be", "replace").rstrip("\0")


def truncated(cause: str) -> PaletteFileError:
    """Return the error for a file that ends too early."""
    return PaletteFileError(cause, "the file is damaged: save or download it again")


def utf16_field(text: str, layout: str) -> bytes:
    """Return text as UTF-16 with a closing zero, headed by its length in units (zero included) as `layout`."""
    encoded = (text + "\0").encode("utf-16-be", "replace")
    return struct.pack(layout, len(encoded) // 2) + encoded

"""PNG files made by ourselves: small, and the same bytes for the same pixels whatever library is installed.

Source of the format: W3C, Portable Network Graphics (PNG) Specification, third edition.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.image.resample import enlarge

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED, _RGBA = 3, 6
_UP = 2


def encode_png(picture: Picture, palette: NDArray[np.uint8] | None, text: Mapping[str, str]) -> bytes:
    """Encode a picture as PNG, deterministically.

    Indexed with the smallest bit depth that fits when a palette is given: entry 0 is transparent if the picture has
    transparent pixels (then the palette may hold 255 colours, else 256). RGBA otherwise. RGB of fully transparent
    pixels is written as 0.

    Args:
        picture: the pixels.
        palette: (K, 3) uint8 sRGB, kept in its order, or None.
        text: keyword (1 to 79 Latin-1 characters) to value, written in order of the keywords.

    Raises:
        ValueError: a palette is given and a pixel is neither of its colours nor fully transparent, or a keyword is bad.
    """
    pixels = np.where(picture.pixels[..., 3:] == 0, np.uint8(0), picture.pixels)
    clear = pixels[..., 3] == 0
    holes = bool(clear.any())
    if palette is None or len(palette) + holes > 256:
        if palette is not None:
            _lookup(pixels, clear, palette)  # the promise is checked whatever the file looks like
        return _assemble(picture, 8, _RGBA, b"", text, _filtered(pixels.reshape(picture.height, -1), 4))
    indices = _lookup(pixels, clear, palette)
    if holes:
        indices = np.where(clear, 0, indices + 1)
        palette = np.concatenate([np.zeros((1, 3), np.uint8), palette])
    depth = next(bits for bits in (1, 2, 4, 8) if len(palette) <= 1 << bits)
    tables = _chunk(b"PLTE", np.ascontiguousarray(palette, np.uint8).tobytes())
    tables += _chunk(b"tRNS", b"\0") if holes else b""
    return _assemble(picture, depth, _INDEXED, tables, text, _repeated(_packed(indices.astype(np.uint8), depth)))


def encode_preview(picture: Picture, factor: int, palette: NDArray[np.uint8] | None, text: Mapping[str, str]) -> bytes:
    """Encode the picture with every pixel enlarged to a block of factor x factor pixels; else as encode_png."""
    return encode_png(enlarge(picture, factor), palette, text)


def _lookup(pixels: NDArray[np.uint8], clear: NDArray[np.bool_], palette: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Index of each pixel's colour in the palette (the first, if it holds a colour twice); 0 where transparent."""
    if palette.ndim != 2 or palette.shape[1] != 3 or palette.dtype != np.uint8 or not len(palette):
        raise ValueError(f"a palette is (K, 3) uint8 with K >= 1, not {palette.shape} {palette.dtype}")
    weights = np.array([65536, 256, 1], np.uint32)
    keys = pixels[..., :3] @ weights
    known, first = np.unique(palette @ weights, return_index=True)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    wrong = ~clear & ((known[place] != keys) | (pixels[..., 3] != 255))
    if wrong.any():
        y, x = np.argwhere(wrong)[0]
        raise ValueError(f"pixel ({x}, {y}) is {tuple(map(int, pixels[y, x]))}: not opaque in a colour of the palette")
    return np.where(clear, 0, first[place])


def _packed(indices: NDArray[np.uint8], depth: int) -> NDArray[np.uint8]:
    """Rows of indices packed to `depth` bits each, first pixel in the high bits: (H, ceil(W * depth / 8))."""
    if depth == 8:
        return indices
    bits = np.unpackbits(indices[..., None], axis=-1)[..., -depth:]
    return np.packbits(bits.reshape(len(indices), -1), axis=1)


def _repeated(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows with their filter byte: none, but `up` (all zeros) for a row equal to the one above, as in previews."""
    same = np.zeros((len(rows), 1), bool)
    same[1:, 0] = (rows[1:] == rows[:-1]).all(axis=1)
    return np.hstack([np.where(same, _UP, 0).astype(np.uint8), np.where(same, 0, rows)])


def _filtered(rows: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """Rows with the filter that gives the least sum of absolute differences (the specification's heuristic).

    Args:
        rows: (H, W * step) bytes.
        step: bytes of a pixel.
    """
    padded = np.zeros((rows.shape[0] + 1, rows.shape[1] + step), np.uint8)
    padded[1:, step:] = rows
    left, up, corner = padded[1:, :-step], padded[:-1, step:], padded[:-1, :-step]
    average = ((left.astype(np.uint16) + up) >> 1).astype(np.uint8)
    best = rows
    kinds = np.zeros(len(rows), np.uint8)
    least = _cost(rows)
    for kind, prediction in enumerate((left, up, average, _paeth(left, up, corner)), start=1):
        candidate = rows - prediction
        cost = _cost(candidate)
        better = cost < least
        best = np.where(better[:, None], candidate, best)
        kinds[better] = kind
        least = np.minimum(least, cost)
    return np.hstack([kinds[:, None], best])


def _cost(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    cost: NDArray[np.int64] = np.abs(rows.view(np.int8).astype(np.int16)).sum(axis=1, dtype=np.int64)
    return cost


def _paeth(left: NDArray[np.uint8], up: NDArray[np.uint8], corner: NDArray[np.uint8]) -> NDArray[np.uint8]:
    a, b, c = (plane.astype(np.int16) for plane in (left, up, corner))
    from_a, from_b, from_c = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    return np.where((from_a <= from_b) & (from_a <= from_c), left, np.where(from_b <= from_c, up, corner))


def _assemble(
    picture: Picture, depth: int, kind: int, tables: bytes, text: Mapping[str, str], rows: NDArray[np.uint8]
) -> bytes:
    header = struct.pack(">IIBBBBB", picture.width, picture.height, depth, kind, 0, 0, 0)
    notes = b"".join(_text(key, text[key]) for key in sorted(text))
    body = _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6))
    return _SIGNATURE + _chunk(b"IHDR", header) + notes + tables + body + _chunk(b"IEND", b"")


def _text(keyword: str, value: str) -> bytes:
    """A tEXt chunk, or iTXt where the value is not Latin-1."""
    name = keyword.encode("latin-1")  # an UnicodeEncodeError is a ValueError too
    if not 1 <= len(name) <= 79 or not keyword.isprintable() or keyword != keyword.strip():
        raise ValueError(f"a PNG text keyword is 1 to 79 printable Latin-1 characters, not {keyword!r}")
    if "\0" in value:
        raise ValueError(f"the text of {keyword!r} holds a zero character")
    try:
        return _chunk(b"tEXt", name + b"\0" + value.encode("latin-1"))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", name + b"\0\0\0\0\0" + value.encode("utf-8"))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

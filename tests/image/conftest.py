"""Files that Pillow cannot write, made byte by byte: PNG of every depth, APNG, GIF of every disposal, ICC profiles."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

Put = Callable[..., Path]
To8 = Callable[[NDArray[np.integer], int], NDArray[np.uint8]]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


class PngMaker:
    """Writes PNG files from raw samples."""

    @staticmethod
    def chunk(name: bytes, data: bytes = b"") -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    @staticmethod
    def header(width: int, height: int, depth: int, kind: int, interlace: int = 0) -> bytes:
        return PngMaker.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlace))

    @staticmethod
    def rows(samples: NDArray[np.integer], depth: int) -> bytes:
        """Unfiltered rows of (H, W, C) samples in 0 .. 2^depth - 1."""
        lines = samples.reshape(len(samples), -1)
        if depth == 16:
            packed = [line.astype(">u2").tobytes() for line in lines]
        else:
            bits = (lines[..., None] >> np.arange(depth - 1, -1, -1)) & 1
            packed = [np.packbits(line.reshape(-1).astype(np.uint8)).tobytes() for line in bits]
        return b"".join(b"\0" + line for line in packed)

    @staticmethod
    def stream(samples: NDArray[np.integer], depth: int, interlaced: bool = False) -> bytes:
        if not interlaced:
            return zlib.compress(PngMaker.rows(samples, depth))
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        return zlib.compress(b"".join(PngMaker.rows(part, depth) for part in passes if part.size))

    def __call__(
        self,
        samples: NDArray[np.integer],
        depth: int,
        kind: int,
        *,
        interlaced: bool = False,
        before: Sequence[tuple[bytes, bytes]] = (),
        after: Sequence[tuple[bytes, bytes]] = (),
    ) -> bytes:
        height, width = samples.shape[:2]
        parts = [SIGNATURE, self.header(width, height, depth, kind, int(interlaced))]
        parts += [self.chunk(*pair) for pair in before]
        parts.append(self.chunk(b"IDAT", self.stream(samples, depth, interlaced)))
        parts += [self.chunk(*pair) for pair in after]
        return b"".join([*parts, self.chunk(b"IEND")])

    @staticmethod
    def control(
        sequence: int, size: tuple[int, int], place: tuple[int, int], delay: tuple[int, int], dispose: int, blend: int
    ) -> tuple[bytes, bytes]:
        return b"fcTL", struct.pack(">IIIIIHHBB", sequence, *size, *place, *delay, dispose, blend)

    @staticmethod
    def animation(frames: int) -> tuple[bytes, bytes]:
        return b"acTL", struct.pack(">II", frames, 0)


@pytest.fixture
def png() -> PngMaker:
    return PngMaker()


class GifMaker:
    """Writes GIF files block by block; LZW without compression (a clear code before every run)."""

    @staticmethod
    def lzw(indices: NDArray[np.integer], bits: int = 8) -> bytes:
        """Codes of bits + 1 each; the table is cleared before it could grow to a wider code."""
        clear, end = 1 << bits, (1 << bits) + 1
        codes: list[int] = []
        for place, index in enumerate(indices.reshape(-1).tolist()):
            if place % ((1 << bits) - 2) == 0:
                codes.append(clear)
            codes.append(index)
        codes.append(end)
        total = sum(code << place * (bits + 1) for place, code in enumerate(codes))
        data = total.to_bytes((len(codes) * (bits + 1) + 7) // 8, "little")
        blocks = [data[start : start + 255] for start in range(0, len(data), 255)]
        return bytes([bits]) + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"

    @staticmethod
    def screen(width: int, height: int, palette: NDArray[np.uint8] | None = None) -> bytes:
        flags = 0 if palette is None else 0x80 | (len(palette).bit_length() - 2)
        table = b"" if palette is None else palette.tobytes()
        return b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + table

    @staticmethod
    def control(dispose: int = 0, delay: int = 5, transparent: int | None = None) -> bytes:
        flags = dispose << 2 | (transparent is not None)
        return b"\x21\xf9\x04" + struct.pack("<BHB", flags, delay, transparent or 0) + b"\0"

    @staticmethod
    def image(
        indices: NDArray[np.integer], place: tuple[int, int] = (0, 0), palette: NDArray[np.uint8] | None = None
    ) -> bytes:
        height, width = indices.shape
        flags = 0 if palette is None else 0x80 | (len(palette).bit_length() - 2)
        table = b"" if palette is None else palette.tobytes()
        return b"\x2c" + struct.pack("<HHHHB", *place, width, height, flags) + table + GifMaker.lzw(indices)


@pytest.fixture
def gif() -> GifMaker:
    return GifMaker()


class IccMaker:
    """Writes small but valid version 2 ICC profiles."""

    @staticmethod
    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))

    @staticmethod
    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + IccMaker.fixed(*values)

    @staticmethod
    def gamma(value: float) -> bytes:
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"

    @staticmethod
    def build(space: bytes, tags: dict[bytes, bytes], device: bytes = b"mntr", pcs: bytes = b"XYZ ") -> bytes:
        tags = {b"desc": b"desc\0\0\0\0\0\0\0\5test\0" + bytes(90), b"cprt": b"text\0\0\0\0none\0\0\0\0", **tags}
        tags[b"wtpt"] = IccMaker.xyz(0.9642, 1.0, 0.8249)
        offset = 128 + 4 + 12 * len(tags)
        table, data = struct.pack(">I", len(tags)), b""
        for name, body in tags.items():
            padded = body + bytes(-len(body) % 4)
            table += name + struct.pack(">II", offset + len(data), len(body))
            data += padded
        size = offset + len(data)
        head = struct.pack(">I4sI4s4s4s", size, b"test", 0x02400000, device, space, pcs)
        head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + IccMaker.fixed(0.9642, 1.0, 0.8249)
        return head.ljust(128, b"\0") + table + data

    def rgb(self, gamma: float, columns: Sequence[Sequence[float]]) -> bytes:
        tags = {name: self.xyz(*column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)}
        return self.build(b"RGB ", tags | {name: self.gamma(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")})

    def adobe(self) -> bytes:
        """Adobe RGB (1998), adapted to D50."""
        columns = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
        return self.rgb(2.19921875, columns)

    def grey(self, gamma: float) -> bytes:
        return self.build(b"GRAY", {b"kTRC": self.gamma(gamma)})

    def cmyk(self) -> bytes:
        """Inks on a grid of 2 to the 4th: each ink takes a fixed share of lightness, none has a hue."""
        share = np.array([20, 30, 10, 90], np.float64)
        corners = np.stack(np.meshgrid(*[[0, 1]] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
        light = np.clip(100 - corners @ share, 0, 100) / 100
        lab = np.stack([np.rint(light * 255), np.full(16, 128), np.full(16, 128)], axis=-1).astype(np.uint8)
        ramp = bytes(range(256))
        body = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + self.fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
        return self.build(b"CMYK", {b"A2B0": body + ramp * 4 + lab.tobytes() + ramp * 3}, b"prtr", b"Lab ")


@pytest.fixture
def icc() -> IccMaker:
    return IccMaker()


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes bytes to a file of the test's folder."""

    def write(data: bytes, name: str = "picture.bin") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def expected8(samples: NDArray[np.integer], depth: int) -> NDArray[np.uint8]:
    """The nearest 8-bit value of each sample, in floating point and so by another road than the loader's."""
    return np.floor(samples / ((1 << depth) - 1) * 255 + 0.5).astype(np.uint8)


@pytest.fixture
def to8() -> To8:
    return expected8

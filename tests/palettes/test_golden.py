"""Golden bytes: what each format writes, to the byte, and that it is what the format's description says."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pixforge.palettes import registry
from pixforge.palettes.palette import Palette

THREE = Palette("Trio", ((255, 0, 1), (16, 32, 48), (0, 0, 0)), ("red", "", "ink"))


def text(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


GOLDEN = {
    "hexadecimal": text("ff0001", "102030", "000000"),
    "gimp": text(
        "GIMP Palette", "Name: Trio", "Columns: 0", "#", "255   0   1\tred", " 16  32  48\tUntitled", "  0   0   0\tink"
    ),
    "jasc_pal": text("JASC-PAL", "0100", "3", "255 0 1", "16 32 48", "0 0 0", end="\r\n"),
    "riff_pal": b"RIFF\x1c\0\0\0PAL data\x10\0\0\0\0\x03\x03\0" + b"\xff\0\1\0" + b"\x10\x20\x30\0" + b"\0\0\0\0",
    "adobe_aco": (
        b"\0\1\0\3" + b"\0\0\xff\xff\0\0\1\1\0\0" + b"\0\0\x10\x10\x20\x20\x30\x30\0\0" + b"\0" * 10
        + b"\0\2\0\3"
        + b"\0\0\xff\xff\0\0\1\1\0\0" + b"\0\0\0\4\0r\0e\0d\0\0"
        + b"\0\0\x10\x10\x20\x20\x30\x30\0\0" + b"\0\0\0\1\0\0"
        + b"\0" * 10 + b"\0\0\0\4\0i\0n\0k\0\0"
    ),
    "adobe_ase": (
        b"ASEF\0\1\0\0\0\0\0\5"
        b"\xc0\1\0\0\0\x0c\0\5\0T\0r\0i\0o\0\0"
         b"\0\1\0\0\0\x1c\0\4\0r\0e\0d\0\0RGB \x3f\x80\0\0\0\0\0\0\x3b\x80\x80\x81\0\2"
         b"\0\1\0\0\0\x16\0\1\0\0RGB \x3d\x80\x80\x81\x3e\0\x80\x81\x3e\x40\xc0\xc1\0\2"
         b"\0\1\0\0\0\x1c\0\4\0i\0n\0k\0\0RGB " + b"\0" * 12 + b"\0\2"
        + b"\xc0\2\0\0\0\0"
    ),
    "adobe_act": (b"\xff\0\1\x10\x20\x30" + b"\0" * 762 + b"\0\3\xff\xff"),
    "png": (
        b"\x89PNG\r\n\x1a\n"
        b"\0\0\0\rIHDR\0\0\0\3\0\0\0\1\x08\3\0\0\0\x2c\x3e\xe4\x86"
         b"\0\0\0\x09PLTE\xff\0\1\x10\x20\x30\0\0\0\x5e\x67\x3b\1"
         b"\0\0\0\x0fIDATx\1\1\4\0\xfb\xff\0\0\1\2\0\x08\0\4\xad\xa5\x4e\x4e"
         b"\0\0\0\0IEND\xaeB\x60\x82"
    ),
    "gif": (
        b"GIF89a\3\0\1\0\xf1\0\0" + b"\xff\0\1\x10\x20\x30\0\0\0\0\0\0"
        + b",\0\0\0\0\3\0\1\0\0" + b"\x08\6\0\1\4\x10\x10\x10\0;"
    ),
}  # fmt: skip


def test_every_format_has_a_golden_file() -> None:
    assert set(GOLDEN) == set(registry.format_names())


@pytest.mark.parametrize("kind", GOLDEN)
def test_writes_the_golden_bytes(kind: str) -> None:
    assert registry.format_module(kind).write(THREE) == GOLDEN[kind]


@pytest.mark.parametrize("kind", GOLDEN)
def test_reads_the_golden_bytes_whatever_the_file_is_called(kind: str) -> None:
    assert registry.parse(GOLDEN[kind], Path("some.thing")).colors == THREE.colors


def test_pillow_reads_the_golden_pictures() -> None:
    """What another reader makes of them: one row, the colours in their order."""
    for kind in ("png", "gif"):
        with Image.open(io.BytesIO(GOLDEN[kind])) as picture:
            assert picture.size == (3, 1)
            assert picture.mode == "P"
            assert list(picture.convert("RGB").tobytes()) == [channel for color in THREE.colors for channel in color]


@pytest.mark.parametrize("kind", GOLDEN)
def test_only_its_own_format_claims_a_file(kind: str) -> None:
    claims = [name for name in registry.format_names() if registry.format_module(name).sniff(GOLDEN[kind])]
    assert claims == [kind]


@pytest.mark.parametrize("kind", ["gimp", "adobe_aco", "adobe_ase"])
def test_names_are_kept_where_the_format_has_them(kind: str) -> None:
    assert registry.parse(GOLDEN[kind], Path("x")).names == THREE.names


@pytest.mark.parametrize("kind", ["gimp", "adobe_ase"])
def test_the_name_of_the_palette_is_kept_where_the_format_has_one(kind: str) -> None:
    assert registry.parse(GOLDEN[kind], Path("x")).name == "Trio"


@pytest.mark.parametrize("kind", ["hexadecimal", "jasc_pal", "riff_pal", "adobe_aco", "adobe_act", "png", "gif"])
def test_else_the_file_gives_the_name(kind: str) -> None:
    assert registry.parse(GOLDEN[kind], Path("folder/studio.pal")).name == "studio"

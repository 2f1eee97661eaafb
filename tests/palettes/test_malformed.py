"""Broken files: an error with file, cause (and line) and remedy; never another exception."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.errors import PaletteFileError
from pixforge.palettes import registry
from pixforge.palettes.palette import Palette

SAMPLE = Palette("Sample", ((255, 0, 1), (16, 32, 48), (0, 0, 0), (7, 7, 7)), ("red", "blue", "", "ink"))
FILES = {kind: registry.format_module(kind).write(SAMPLE) for kind in registry.format_names()}


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("a.hex", b"", "the file is empty"),
        ("a.hex", b"; nothing\n\n", "no colours"),
        ("a.hex", b"ff0000\n00ff0g\n", 'line 2: "00ff0g" is no colour'),
        ("a.hex", b"ff0000\n\n11223344\n", 'line 3: "11223344" is no colour'),
        ("a.hex", b"255 0 0\n", 'line 1: "255 0 0" is no colour'),
        ("a.gpl", b"255 0 0 red\n", 'first line is not "GIMP Palette"'),
        ("a.gpl", b"GIMP Palette\nName: x\n#\n", "no colours"),
        ("a.gpl", b"GIMP Palette\n#\n255 0 0\n256 0 0 bad\n", 'line 4: "256 0 0 bad" is no colour'),
        ("a.gpl", b"GIMP Palette\n1 2\n", 'line 2: "1 2" is no colour'),
        ("a.gpl", b"GIMP Palette\n1 -2 3\n", "line 2"),
        ("a.pal", b"JASC-PAL\n0100\n", "does not begin with"),
        ("a.pal", b"JASC-PAL\n0100\n3\n1 2 3\n4 5 6\n", "line 3 announces 3 colours, 2 follow"),
        ("a.pal", b"JASC-PAL\n0100\n2\n1 2 3\n4 5\n", "line 5"),
        ("a.pal", b"JASC-PAL\n0100\n0\n", "announces 0 colours"),
        ("a.pal", b"what is this", "neither a JASC palette nor a RIFF palette"),
        ("a.pal", FILES["riff_pal"][:-3], "are announced"),
        ("a.pal", b"RIFF\x10\0\0\0PAL offl\0\0\0\0", 'no "data" chunk'),
        ("a.pal", b"RIFF\x10\0\0\0PAL data\4\0\0\0\0\3\0\0", "no colours"),
        ("a.aco", FILES["adobe_aco"][:-1], "are announced"),
        ("a.aco", b"\0\1\0\0", "no colours"),
        ("a.aco", b"\0\7\0\1" + bytes(10), "unknown version 7"),
        ("a.aco", b"\0\1\0\1\0\3" + bytes(8), "colour space 3"),
        ("a.ase", b"ASEF\0\1\0\0\0\0\0\0", "no colours"),
        ("a.ase", b"ASEF\0\1\0\0\0\0\0\1\0\1\0\0\0\x08\0\1\0\0HSB ", 'colour model "HSB"'),
        ("a.ase", FILES["adobe_ase"][:40], "are announced"),
        ("a.ase", b"\xe0\xa5\0\0", "no Adobe Swatch Exchange"),
        ("a.act", bytes(700), "700 bytes"),
        ("a.act", bytes(range(256)) * 3 + b"\x02\0\xff\xff", "512 colours are announced"),
        ("a.png", FILES["png"][:50], "PNG picture is broken"),
        ("a.gif", FILES["gif"][:20], "GIF picture is broken"),
        ("a.gif", b"GIF89a", "GIF picture is broken"),
        ("a.xyz", b"\x93NUMPY", "no palette file of a known format"),
        ("noend", b"hello there", "no palette file of a known format"),
    ],
)
def test_message(tmp_path: Path, name: str, data: bytes, cause: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(PaletteFileError) as caught:
        registry.load(name, tmp_path)
    assert cause in caught.value.cause
    assert caught.value.path == path
    assert caught.value.remedy
    assert caught.value.exit_code == 5


def read_or_refused(read: Callable[[], Palette]) -> PaletteFileError | None:
    """Return the error, if there is one; any other exception fails the test."""
    try:
        palette = read()
    except PaletteFileError as error:
        return error
    assert palette.colors
    return None


@pytest.mark.parametrize("kind", FILES)
def test_every_truncation_is_read_or_refused(kind: str) -> None:
    data = FILES[kind]
    module = registry.format_module(kind)
    for size in range(len(data)):
        read_or_refused(partial(module.read, data[:size], "x"))


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=60, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6))
def test_damage_is_read_or_refused(kind: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(FILES[kind])
    for place, byte in changes:
        data[place % len(data)] = byte
    read_or_refused(lambda: registry.parse(bytes(data), Path("x")))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(["", *registry.extensions()]))
def test_any_bytes_are_read_or_refused(data: bytes, ending: str) -> None:
    refused = read_or_refused(lambda: registry.parse(data, Path("x" + ending)))
    assert refused is None or refused.path == Path("x" + ending)

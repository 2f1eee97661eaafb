"""What is written is read again, equal; what is damaged is an error with words, never a crash."""

from __future__ import annotations

import dataclasses
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixforge.errors import LimitError, PictureError, PixforgeError
from pixforge.image.aseprite import Cel, Document, Layer, Moment, Slice, SliceKey, Tag, decode, encode, render
from pixforge.image.aseprite.model import BLEND_MODES, CHANNELS, DIRECTIONS, UserData
from pixforge.image.limits import Limits

SMALL = Limits(max_pixels=1 << 16, max_frames=100, max_clip_pixels=1 << 18)


def same(first: Any, second: Any) -> bool:  # noqa: ANN401  # any part of a document
    """Whether two documents, or parts of them, are equal, arrays by their values and types."""
    if isinstance(first, np.ndarray):
        return isinstance(second, np.ndarray) and first.dtype == second.dtype and np.array_equal(first, second)
    if dataclasses.is_dataclass(first) and not isinstance(first, type):
        names = [field.name for field in dataclasses.fields(first)]
        return type(first) is type(second) and all(same(getattr(first, n), getattr(second, n)) for n in names)
    if isinstance(first, tuple):
        return isinstance(second, tuple) and len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


names = st.text(st.characters(codec="utf-8"), max_size=8)
short, word = st.integers(-32768, 32767), st.integers(0, 65535)
long = st.integers(-(2**31), 2**31 - 1)
dword = st.integers(0, 2**32 - 1)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    depth = draw(st.sampled_from(sorted(CHANNELS)))
    layers = tuple(
        Layer(draw(names), opacity=draw(st.integers(0, 255)), blend=draw(st.sampled_from(BLEND_MODES)))
        for _ in range(draw(st.integers(1, 3)))
    )
    frames = []
    for number in range(draw(st.integers(1, 3))):
        cels = []
        for layer in range(len(layers)):
            kind = draw(st.sampled_from(["none", "image", "link"]))
            size = st.tuples(st.integers(1, 4), st.integers(1, 4), st.just(CHANNELS[depth]))
            x, y, z = draw(short), draw(short), draw(short)
            source = next((cel for cel in frames[0].cels if cel.layer == layer), None) if number else None
            if kind == "image":
                cels.append(Cel(layer, x, y, draw(arrays(np.uint8, size)), draw(st.integers(0, 255)), z))
            elif kind == "link" and source is not None:
                cels.append(Cel(layer, source.x, source.y, None, draw(st.integers(0, 255)), z, 0))
        palette = draw(st.none() | arrays(np.uint8, st.tuples(st.integers(1, 9), st.just(4))))
        frames.append(Moment(draw(st.integers(1, 65535)), tuple(cels), palette))
    tags = []
    for _ in range(draw(st.integers(0, 2))):
        color = draw(st.tuples(*[st.integers(0, 255)] * 3))
        way = draw(st.sampled_from(DIRECTIONS))
        tags.append(Tag(draw(names), draw(word), draw(word), way, draw(word), color, UserData("", (*color, 255))))
    slices = []
    for _ in range(draw(st.integers(0, 2))):
        patch, pivot = draw(st.booleans()), draw(st.booleans())
        keys = tuple(
            SliceKey(
                draw(dword),
                (draw(long), draw(long), draw(dword), draw(dword)),
                (draw(long), draw(long), draw(dword), draw(dword)) if patch else None,
                (draw(long), draw(long)) if pivot else None,
            )
            for _ in range(draw(st.integers(1, 2)))
        )
        slices.append(Slice(draw(names), keys))
    return Document(
        draw(st.integers(1, 40)), draw(st.integers(1, 40)), depth, tuple(frames), layers, tuple(tags), tuple(slices),
        transparent=draw(st.integers(0, 255)), groups_blend=draw(st.booleans()), opacity_valid=draw(st.booleans()),
    )  # fmt: skip


@given(documents())
def test_what_is_written_is_read_again(made: Document) -> None:
    assert same(decode(encode(made)), made)


def test_a_document_with_one_of_everything_is_read_again(document: Document) -> None:
    assert same(decode(encode(document)), document)
    assert encode(document) == encode(document)


def test_a_file_of_aseprite_itself_keeps_all_it_holds_through_reading_and_writing(sample: Path) -> None:
    found = decode(sample.read_bytes())
    assert same(decode(encode(found)), found)


def test_the_header_is_as_every_reader_expects_it(document: Document) -> None:
    data = encode(document)
    size, magic, frames = struct.unpack("<IHH", data[:8])
    assert (size, magic, frames) == (len(data), 0xA5E0, 3)
    frame_size, frame_magic, old_count, duration, new_count = struct.unpack("<IHHHxxI", data[128:144])
    assert (frame_magic, duration) == (0xF1FA, 100)
    assert old_count == new_count > 0
    assert struct.unpack("<H", data[128 + frame_size + 4 : 128 + frame_size + 6])[0] == 0xF1FA


def test_a_file_cut_off_anywhere_is_refused(sample: Path) -> None:
    data = sample.read_bytes()
    for length in range(len(data)):
        with pytest.raises(PictureError):
            decode(data[:length])


def test_a_written_file_cut_off_anywhere_is_refused(document: Document) -> None:
    data = encode(document)
    for length in range(len(data)):
        with pytest.raises(PictureError):
            decode(data[:length])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 800), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 2))
def test_damaged_bytes_never_make_it_crash(changes: list[tuple[int, int]], which: int) -> None:
    samples = sorted((Path(__file__).parent / "samples").glob("*.ase*"))
    data = bytearray(samples[which].read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    with suppress(PixforgeError):
        found = decode(bytes(data), SMALL)
        render(found, 0)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200), bytes(128), b"GIF89a"])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError, match="not an Aseprite file"):
        decode(data)


def _file(*chunks: tuple[int, bytes], depth: int = 32, width: int = 2, height: int = 2) -> bytes:
    body = b"".join(struct.pack("<IH", len(each) + 6, kind) + each for kind, each in chunks)
    frame = struct.pack("<IHHH6x", len(body) + 16, 0xF1FA, len(chunks), 0) + body
    head = struct.pack("<IHHHHHIH", 128 + len(frame), 0xA5E0, 1, width, height, depth, 1, 77)
    return head.ljust(128, b"\0") + frame


LAYER = (0x2004, struct.pack("<HHHHHHB3xH", 1, 0, 0, 0, 0, 0, 255, 1) + b"a")


def _cel(kind: int, width: int, height: int, data: bytes) -> tuple[int, bytes]:
    return 0x2005, struct.pack("<HhhBH7xHH", 0, 0, 0, 255, kind, width, height) + data


def test_old_files_with_raw_cels_no_durations_and_only_old_chunk_counts_are_read() -> None:
    pixels = bytes(range(16))
    found = decode(_file(LAYER, _cel(0, 2, 2, pixels)))
    assert found.frames[0].duration == 77
    assert found.frames[0].cels[0].pixels.tobytes() == pixels  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "values", "colors"),
    [
        (0x0004, [(255, 128, 1), (2, 3, 4)], [[255, 128, 1, 255], [2, 3, 4, 255]]),
        (0x0011, [(63, 32, 0), (1, 2, 3)], [[255, 130, 0, 255], [4, 8, 12, 255]]),
    ],
)
def test_old_palettes_are_read_from_where_they_start(
    kind: int, values: list[tuple[int, int, int]], colors: list[list[int]]
) -> None:
    entries = bytes(value for color in values for value in color)
    found = decode(_file((kind, struct.pack("<HBB", 1, 3, 2) + entries), LAYER, depth=8))
    assert found.palette(0)[3:].tolist() == colors
    assert found.palette(0)[:3].tolist() == [[0, 0, 0, 255]] * 3


def test_an_old_palette_of_zero_colours_has_256() -> None:
    found = decode(_file((0x0004, struct.pack("<HBB", 1, 0, 0) + bytes(768)), LAYER, depth=8))
    assert len(found.palette(0)) == 256


def test_an_old_palette_beside_a_new_one_does_not_count() -> None:
    new = (0x2019, struct.pack("<III8xHBBBB", 1, 0, 0, 0, 9, 8, 7, 6))
    old = (0x0004, struct.pack("<HBB", 1, 0, 1) + b"\1\2\3")
    assert decode(_file(new, old, LAYER, depth=8)).palette(0).tolist() == [[9, 8, 7, 6]]


def test_a_colour_with_a_name_and_unknown_chunks_are_read_over() -> None:
    named = struct.pack("<III8xHBBBBH", 2, 0, 1, 1, 9, 8, 7, 6, 3) + b"red" + struct.pack("<HBBBB", 0, 1, 2, 3, 4)
    found = decode(_file((0x7777, b"?"), (0x2019, named), LAYER, depth=8))
    assert found.palette(0).tolist() == [[9, 8, 7, 6], [1, 2, 3, 4]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_file(_cel(2, 1, 1, zlib.compress(bytes(4)))), "belongs to layer 0, of 0"),
        (_file(LAYER, _cel(2, 2, 2, zlib.compress(bytes(15)))), "15 of 16 bytes"),
        (_file(LAYER, _cel(2, 2, 2, b"no zlib")), "unpacked"),
        (_file(LAYER, _cel(9, 1, 1, b"")), "unknown kind 9"),
        (_file(LAYER, _cel(1, 5, 0, b"")), "repeats frame 5, of 1"),
        (_file(LAYER, _cel(2, 65535, 65535, b"")), "claims to be 65535 x 65535"),
        (_file(LAYER, depth=24), "24 bits"),
        (_file((0x2004, struct.pack("<HHHHHHB3xH", 1, 0, 0, 0, 0, 19, 255, 0))), "blend mode 19"),
        (_file((0x2004, struct.pack("<HHHHHHB3xH", 1, 7, 0, 0, 0, 0, 255, 0))), "unknown kind 7"),
        (_file((0x2018, struct.pack("<H8xHHBH6x4xH", 1, 0, 0, 9, 0, 0))), "direction 9"),
        (_file((0x2019, struct.pack("<III8x", 4, 3, 4))), "palette of 4"),
        (_file((0x2023, struct.pack("<IIIHHh14xH", 0, 2, 1, 0, 4, 1, 0))), "0 x 4"),
    ],
)
def test_what_cannot_be_is_refused_with_words(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        decode(data)


def test_no_frames_are_refused() -> None:
    data = bytearray(_file(LAYER))
    data[6:8] = bytes(2)
    with pytest.raises(PictureError, match="no frames"):
        decode(bytes(data))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(LimitError):
        decode(_file(LAYER, width=65535, height=65535))
    packed = zlib.compress(bytes(1 << 22), 9)
    found = decode(_file(LAYER, _cel(2, 2, 2, packed)))  # 4 MiB behind a cel of 16 bytes
    assert found.frames[0].cels[0].pixels.shape == (2, 2, 4)  # type: ignore[union-attr]


def test_a_document_that_does_not_fit_the_format_is_refused(document: Document) -> None:
    for change in ({"frames": ()}, {"width": 65536}, {"frames": (Moment(0, ()),)}):
        with pytest.raises(ValueError, match="Aseprite file"):
            encode(dataclasses.replace(document, **change))  # type: ignore[arg-type]

"""PNG files that we write hold exactly the picture, in as few bits as it needs, the same bytes every time."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pixforge.image.load import load
from pixforge.image.picture import Picture
from pixforge.image.resample import enlarge
from pixforge.image.save import encode_png, encode_preview

if TYPE_CHECKING:
    from tests.image.conftest import Put


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def header(data: bytes) -> tuple[int, ...]:
    """(width, height, depth, colour type)"""
    return struct.unpack(">IIBB", data[16:26])


def chunk_names(data: bytes) -> list[str]:
    place, names = 8, []
    while place < len(data):
        size, name = struct.unpack(">I4s", data[place : place + 8])
        names.append(name.decode())
        place += 12 + size
    return names


@st.composite
def indexed(draw: st.DrawFn) -> tuple[Picture, NDArray[np.uint8]]:
    """A palette of distinct colours, a picture of them with holes or without."""
    count = draw(st.one_of(st.integers(1, 17), st.integers(1, 256)))
    seed = draw(st.integers(0, 999))
    holes = draw(st.booleans())
    rng = np.random.default_rng(seed)
    numbers = rng.choice(1 << 24, count, replace=False)
    palette = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=1).astype(np.uint8)
    shape = (draw(st.integers(1, 24)), draw(st.integers(1, 24)))
    pixels = np.full((*shape, 4), 255, np.uint8)
    pixels[..., :3] = palette[rng.integers(0, count, shape)]
    if holes:
        pixels[rng.random(shape) < 0.3] = 0
    return Picture(pixels), palette


@settings(max_examples=80, deadline=None)
@given(case=indexed())
def test_any_indexed_picture_comes_back_in_the_fewest_bits(case: tuple[Picture, NDArray[np.uint8]]) -> None:
    picture, palette = case
    data = encode_png(picture, palette, {})
    holes = not picture.opaque
    entries = len(palette) + holes
    depth, kind = header(data)[2:]
    assert header(data)[:2] == (picture.width, picture.height)
    if entries > 256:
        assert (depth, kind) == (8, 6)
    else:
        assert kind == 3
        assert depth == min(bits for bits in (1, 2, 4, 8) if 1 << bits >= entries)
        assert opened(data).info.get("transparency") == (0 if holes else None)
        table = np.array(opened(data).getpalette(), np.uint8).reshape(-1, 3)
        np.testing.assert_array_equal(table[int(holes) : entries], palette)
    np.testing.assert_array_equal(np.asarray(opened(data).convert("RGBA")), picture.pixels)


def test_our_loader_reads_what_we_write(put: Put) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 31, 4)).astype(np.uint8)
    pixels[pixels[..., 3] == 0] = 0
    np.testing.assert_array_equal(load(put(encode_png(Picture(pixels), None, {}))).pixels, pixels)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 999), st.booleans())
def test_any_rgba_picture_comes_back_and_transparent_pixels_have_no_colour(
    width: int, height: int, seed: int, smooth: bool
) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 4))
    if smooth:  # other filters win
        pixels = (pixels // 40).cumsum(axis=0).cumsum(axis=1) % 256
    pixels = pixels.astype(np.uint8)
    pixels[rng.random((height, width)) < 0.2, 3] = 0
    data = encode_png(Picture(pixels), None, {})
    result = np.asarray(opened(data))
    np.testing.assert_array_equal(result[pixels[..., 3] > 0], pixels[pixels[..., 3] > 0])
    assert not result[pixels[..., 3] == 0].any()
    assert header(data)[2:] == (8, 6)


def test_every_filter_is_used_and_undone() -> None:
    y, x = np.mgrid[:64, :64]
    bands = [x * 3 + y * 2, (x // 9 * 40) ^ (y // 7 * 30), x * y // 16, np.full_like(x, 255)]
    pixels = np.stack(bands, axis=2).astype(np.uint8)
    pixels[40:] = np.random.default_rng(0).integers(0, 256, (24, 64, 4)) | 1
    np.testing.assert_array_equal(np.asarray(opened(encode_png(Picture(pixels), None, {}))), pixels)


def test_rgba_is_not_larger_than_pillows_by_much() -> None:
    y, x = np.mgrid[:128, :128]
    disc = ((x - 64) ** 2 + (y - 64) ** 2 < 2500) * 255
    pixels = np.stack([x * 2, y * 2, x + y, disc], axis=2).astype(np.uint8)
    pixels[disc == 0] = 0
    ours = encode_png(Picture(pixels), None, {})
    theirs = io.BytesIO()
    Image.fromarray(pixels).save(theirs, format="PNG")
    assert len(ours) < 1.1 * len(theirs.getvalue())


def test_the_first_of_equal_colours_is_used() -> None:
    palette = np.array([[1, 2, 3], [9, 9, 9], [1, 2, 3]], np.uint8)
    picture = Picture(np.array([[[1, 2, 3, 255], [9, 9, 9, 255]]], np.uint8))
    assert np.asarray(opened(encode_png(picture, palette, {}))).tolist() == [[0, 1]]


@pytest.mark.parametrize("pixel", [(1, 2, 4, 255), (1, 2, 3, 254), (0, 0, 0, 255)])
@pytest.mark.parametrize("count", [1, 256])
def test_a_pixel_outside_the_palette_is_never_written(pixel: tuple[int, ...], count: int) -> None:
    palette = np.full((count, 3), (1, 2, 3), np.uint8)
    picture = Picture(np.array([[[1, 2, 3, 255], pixel, [7, 7, 7, 0]]], np.uint8))
    with pytest.raises(ValueError, match=r"pixel \(1, 0\)"):
        encode_png(picture, palette, {})


def test_a_palette_of_the_wrong_kind_is_refused() -> None:
    picture = Picture(np.zeros((1, 1, 4), np.uint8))
    for palette in (np.zeros((0, 3), np.uint8), np.zeros((2, 4), np.uint8), np.zeros((2, 3))):
        with pytest.raises(ValueError, match="palette is"):
            encode_png(picture, palette, {})


TEXT = {"Software": "pixforge", "pixforge:preset": "größe", "pixforge:source": "絵.png\nzwei", "Empty": ""}


def test_texts_come_back_whatever_their_alphabet() -> None:
    picture = Picture(np.zeros((2, 2, 4), np.uint8))
    image = opened(encode_png(picture, None, TEXT))
    assert image.text == TEXT
    names = chunk_names(encode_png(picture, None, TEXT))
    assert names == ["IHDR", "tEXt", "tEXt", "tEXt", "iTXt", "IDAT", "IEND"]


@pytest.mark.parametrize("text", [{"": "x"}, {"k" * 80: "x"}, {"绘": "x"}, {" k": "x"}, {"a\nb": "x"}, {"k": "a\0b"}])
def test_texts_that_png_cannot_hold_are_refused(text: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        encode_png(Picture(np.zeros((1, 1, 4), np.uint8)), None, text)


def test_the_bytes_depend_on_nothing_but_the_arguments() -> None:
    palette = np.array([[1, 2, 3], [200, 100, 0]], np.uint8)
    pixels = np.full((5, 9, 4), 255, np.uint8)
    pixels[..., :3] = palette[np.arange(45).reshape(5, 9) % 2]
    data = encode_png(Picture(pixels), palette, TEXT)
    assert encode_png(Picture(pixels.copy()), palette.copy(), dict(reversed(TEXT.items()))) == data
    code = (
        "import sys, numpy as np; from pixforge.image.picture import Picture;"
        "from pixforge.image.save import encode_png;"
        f"p = np.array({palette.tolist()}, np.uint8); a = np.full((5, 9, 4), 255, np.uint8);"
        "a[..., :3] = p[np.arange(45).reshape(5, 9) % 2];"
        f"sys.stdout.buffer.write(encode_png(Picture(a), p, {TEXT!r}))"
    )
    command = [sys.executable, "-X", "utf8", "-c", code]
    assert subprocess.run(command, check=True, capture_output=True).stdout == data


def test_encoding_needs_no_pillow() -> None:
    code = (
        "import sys, numpy as np; from pixforge.image.picture import Picture;"
        "from pixforge.image.save import encode_png;"
        "encode_png(Picture(np.zeros((2, 2, 4), np.uint8)), None, {}); sys.exit('PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("factor", [1, 3, 8])
@pytest.mark.parametrize("with_palette", [False, True])
def test_a_preview_is_made_of_blocks(factor: int, with_palette: bool) -> None:
    rng = np.random.default_rng(1)
    palette = np.array([[0, 0, 0], [255, 0, 0], [0, 128, 9]], np.uint8)
    pixels = np.full((6, 7, 4), 255, np.uint8)
    pixels[..., :3] = palette[rng.integers(0, 3, (6, 7))]
    pixels[2:4, 3] = 0
    data = encode_preview(Picture(pixels), factor, palette if with_palette else None, {})
    result = np.asarray(opened(data).convert("RGBA"))
    np.testing.assert_array_equal(result, np.kron(pixels, np.ones((factor, factor, 1), np.uint8)))
    np.testing.assert_array_equal(result, enlarge(Picture(pixels), factor).pixels)


def test_a_preview_of_noise_is_hardly_larger_than_its_blocks() -> None:
    rng = np.random.default_rng(1)
    palette = rng.integers(0, 256, (64, 3)).astype(np.uint8)
    pixels = np.full((64, 64, 4), 255, np.uint8)
    pixels[..., :3] = palette[rng.integers(0, 64, (64, 64))]
    single, enlarged = (len(encode_preview(Picture(pixels), factor, palette, {})) for factor in (1, 8))
    assert enlarged < 2.5 * single

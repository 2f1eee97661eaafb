"""PNG: every kind and depth comes out to the exact value, whatever else is in the file."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixforge.errors import PictureError
from pixforge.image.load import load, load_frames

if TYPE_CHECKING:
    from tests.image.conftest import PngMaker, Put, To8


BANDS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (4, 8), (4, 16), (6, 8), (6, 16)]


def samples_for(kind: int, depth: int, height: int = 13, width: int = 11, seed: int = 0) -> NDArray[np.integer]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 1 << depth, (height, width, BANDS[kind]))


def rgba_of(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 1 to 4) uint8 bands of a PNG kind to RGBA."""
    bands = values.shape[2]
    colour = np.repeat(values[..., :1], 3, axis=2) if bands < 3 else values[..., :3]
    alpha = values[..., -1:] if bands in {2, 4} else np.full((*values.shape[:2], 1), 255)
    return np.concatenate([colour, alpha], axis=2)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("kind", "depth"), KINDS)
def test_every_kind_and_depth_is_scaled_to_the_nearest_value(
    png: PngMaker, put: Put, to8: To8, kind: int, depth: int, interlaced: bool
) -> None:
    samples = samples_for(kind, depth)
    picture = load(put(png(samples, depth, kind, interlaced=interlaced)))
    np.testing.assert_array_equal(picture.pixels, rgba_of(to8(samples, depth)))


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_indexed_colours_and_their_alphas_are_exact(png: PngMaker, put: Put, depth: int, interlaced: bool) -> None:
    count = 1 << depth
    rng = np.random.default_rng(depth)
    palette = rng.integers(0, 256, (count, 3)).astype(np.uint8)
    alphas = rng.integers(0, 256, count // 2).astype(np.uint8)  # entries that tRNS lacks are opaque
    samples = samples_for(3, depth)
    tables = [(b"PLTE", palette.tobytes()), (b"tRNS", alphas.tobytes())]
    picture = load(put(png(samples, depth, 3, interlaced=interlaced, before=tables)))
    table = np.hstack([palette, np.full((count, 1), 255, np.uint8)])
    table[: len(alphas), 3] = alphas
    np.testing.assert_array_equal(picture.pixels, table[samples[..., 0]])


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_the_transparent_grey_is_compared_at_full_depth(png: PngMaker, put: Put, depth: int) -> None:
    top = (1 << depth) - 1
    samples = np.array([[[top], [top - 1], [0]]])
    picture = load(put(png(samples, depth, 0, before=[(b"tRNS", struct.pack(">H", top))])))
    assert picture.pixels[0, :, 3].tolist() == [0, 255, 255]


@pytest.mark.parametrize(("depth", "key"), [(8, (10, 20, 30)), (16, (1000, 2000, 3000))])
def test_the_transparent_colour_is_compared_at_full_depth(
    png: PngMaker, put: Put, depth: int, key: tuple[int, ...]
) -> None:
    near = (key[0], key[1], key[2] + 1)
    samples = np.array([[key, near, key]])
    picture = load(put(png(samples, depth, 2, before=[(b"tRNS", struct.pack(">3H", *key))])))
    assert picture.pixels[0, :, 3].tolist() == [0, 255, 0]


def test_an_index_beyond_the_palette_is_opaque_black(png: PngMaker, put: Put) -> None:
    picture = load(put(png(np.array([[[0], [3]]]), 8, 3, before=[(b"PLTE", bytes([9, 8, 7]))])))
    assert picture.pixels.tolist() == [[[9, 8, 7, 255], [0, 0, 0, 255]]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), width=st.integers(1, 20), height=st.integers(1, 20), seed=st.integers(0, 99))
def test_any_size_and_interlacing_gives_the_same_pixels(
    png: PngMaker, put: Put, kind: int, width: int, height: int, seed: int
) -> None:
    samples = samples_for(*kind, height, width, seed)
    plain = load(put(png(samples, kind[1], kind[0])))
    woven = load(put(png(samples, kind[1], kind[0], interlaced=True)))
    np.testing.assert_array_equal(plain.pixels, woven.pixels)
    assert (plain.width, plain.height) == (width, height)


def test_pixels_may_be_spread_over_many_chunks(png: PngMaker, put: Put) -> None:
    samples = samples_for(6, 8)
    stream = png.stream(samples, 8)
    head = png(samples, 8, 6)[:33]
    data = head + b"".join(png.chunk(b"IDAT", stream[i : i + 7]) for i in range(0, len(stream), 7))
    data += png.chunk(b"IDAT") + png.chunk(b"IEND") + b"rubbish after the end"
    np.testing.assert_array_equal(load(put(data)).pixels, samples)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_in_exif_is_applied(png: PngMaker, put: Put, orientation: int) -> None:
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HHI", orientation, 0, 0)
    samples = samples_for(2, 8, 2, 3)
    turned = {
        1: samples,
        2: np.fliplr(samples),
        3: np.rot90(samples, 2),
        4: np.flipud(samples),
        5: samples.swapaxes(0, 1),
        6: np.rot90(samples, -1),
        7: np.rot90(samples, 2).swapaxes(0, 1),
        8: np.rot90(samples, 1),
    }[orientation]
    picture = load(put(png(samples, 8, 2, before=[(b"eXIf", exif)])))
    np.testing.assert_array_equal(picture.pixels[..., :3], turned)


BOMB = b"note\0\0" + zlib.compress(bytes(20_000_000))


@pytest.mark.parametrize(
    "extra",
    [
        (b"zTXt", BOMB),
        (b"iCCP", b"x\0\0not zlib"),
        (b"iCCP", b"x\0\0" + zlib.compress(b"not a profile")),
        (b"eXIf", b"MM\0*\xff\xff\xff\xff"),
        (b"gAMA", struct.pack(">I", 100000)),
        (b"tIME", b"short"),
        (b"oFFs", b""),
    ],
    ids=lambda pair: pair[0].decode(),
)
def test_odd_metadata_changes_nothing(png: PngMaker, put: Put, extra: tuple[bytes, bytes]) -> None:
    samples = samples_for(6, 8)
    np.testing.assert_array_equal(load(put(png(samples, 8, 6, before=[extra]))).pixels, samples)


def test_a_wrong_checksum_matters_only_where_pixels_depend_on_it(png: PngMaker, put: Put) -> None:
    samples = samples_for(6, 8)
    data = png(samples, 8, 6, before=[(b"tEXt", b"a\0b")])
    spoilt = data.replace(b"a\0b", b"a\0c")
    np.testing.assert_array_equal(load(put(spoilt)).pixels, samples)
    place = data.index(b"IDAT") + 20
    spoilt = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    with pytest.raises(PictureError, match=r"IDAT.*checksum"):
        load(put(spoilt))


def test_every_truncation_is_an_error(png: PngMaker, put: Put) -> None:
    data = png(samples_for(2, 8, 5, 5), 8, 2)
    for size in range(1, len(data) - 4):  # the checksum of IEND itself is not needed
        with pytest.raises(PictureError):
            load(put(data[:size]))


def test_too_few_pixels_are_an_error(png: PngMaker, put: Put) -> None:
    data = png.header(5, 5, 8, 2) + png.chunk(b"IDAT", png.stream(samples_for(2, 8, 4, 5), 8)) + png.chunk(b"IEND")
    with pytest.raises(PictureError, match="too few pixels"):
        load(put(b"\x89PNG\r\n\x1a\n" + data))


@pytest.mark.parametrize(("kind", "depth"), [(2, 4), (3, 16), (1, 8), (6, 2), (0, 3)])
def test_kinds_that_do_not_exist_are_an_error(png: PngMaker, put: Put, kind: int, depth: int) -> None:
    data = b"\x89PNG\r\n\x1a\n" + png.header(1, 1, depth, kind) + png.chunk(b"IEND")
    with pytest.raises(PictureError, match="header"):
        load(put(data))


def test_an_indexed_picture_without_palette_is_an_error(png: PngMaker, put: Put) -> None:
    with pytest.raises(PictureError, match="no palette"):
        load(put(png(samples_for(3, 8), 8, 3)))


def test_the_iphone_variant_is_named(png: PngMaker, put: Put) -> None:
    data = b"\x89PNG\r\n\x1a\n" + png.chunk(b"CgBI", bytes(4)) + png.header(1, 1, 8, 6) + png.chunk(b"IEND")
    with pytest.raises(PictureError, match="iPhone"):
        load(put(data))


def test_an_unknown_chunk_that_claims_to_be_critical_is_an_error(png: PngMaker, put: Put) -> None:
    with pytest.raises(PictureError, match="ABCD"):
        load(put(png(samples_for(6, 8), 8, 6, before=[(b"ABCD", b"")])))


def test_a_still_picture_is_one_frame(png: PngMaker, put: Put) -> None:
    samples = samples_for(6, 8)
    (frame,) = load_frames(put(png(samples, 8, 6)))
    assert frame.duration == 100
    np.testing.assert_array_equal(frame.picture.pixels, samples)

"""JPEG, still WebP, BMP, TGA and TIFF: exact pixels where the format is exact."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import PIL
import pytest
from numpy.typing import DTypeLike, NDArray
from PIL import Image, JpegImagePlugin

from pixforge.errors import PictureError
from pixforge.image.load import load, load_frames

if TYPE_CHECKING:
    from tests.image.conftest import Put, To8


def noise(*shape: int, seed: int = 0, top: int = 256, dtype: DTypeLike = np.uint8) -> NDArray[np.integer]:
    return np.random.default_rng(seed).integers(0, top, shape).astype(dtype)


def opaque(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([rgb, np.full((*rgb.shape[:2], 1), 255, np.uint8)], axis=2)


def blocks() -> NDArray[np.uint8]:
    """Four flat 16 x 16 squares: JPEG keeps their colours nearly exactly."""
    colours = np.array([[[200, 30, 40], [20, 180, 60]], [[30, 60, 190], [220, 220, 40]]], np.uint8)
    return colours.repeat(16, axis=0).repeat(16, axis=1)


def saved(image: Image.Image, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, **options)
    return data.getvalue()


# JPEG


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_in_grey_and_colour(put: Put, mode: str, progressive: bool) -> None:
    image = Image.fromarray(blocks()).convert(mode)
    data = saved(image, format="JPEG", quality=98, subsampling=0, progressive=progressive)
    picture = load(put(data))
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_array_equal(picture.pixels, opaque(expected))
    assert np.abs(expected.astype(int) - np.asarray(image.convert("RGB"))).max() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_is_turned_as_exif_asks(put: Put, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = blocks()[:, :24]
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright, 1),
        7: np.rot90(upright, 2).swapaxes(0, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    image = Image.fromarray(np.ascontiguousarray(stored))
    picture = load(put(saved(image, format="JPEG", quality=98, subsampling=0, exif=exif)))
    assert np.abs(picture.pixels[..., :3].astype(int) - upright).max() < 12


def cmyk_jpeg() -> bytes:
    """Pillow writes the inverted kind with Adobe's marker; full ink is 255 in the array."""
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[:, :8] = (0, 255, 255, 0)
    inks[:, 8:] = (255, 0, 0, 128)
    return saved(Image.frombytes("CMYK", (16, 16), inks.tobytes()), format="JPEG", quality=98)


def test_cmyk_jpeg_of_adobe_is_inverted(put: Put) -> None:
    picture = load(put(cmyk_jpeg()))
    assert np.abs(picture.pixels[2, 2].astype(int) - (255, 0, 0, 255)).max() < 4
    assert np.abs(picture.pixels[2, 13].astype(int) - (0, 127, 127, 255)).max() < 4


def test_cmyk_jpeg_without_adobe_marker_is_plain(put: Put) -> None:
    data = cmyk_jpeg()
    start = data.index(b"\xff\xee")
    size = 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    assert data[start + 4 : start + 9] == b"Adobe"
    picture = load(put(data[:start] + data[start + size :]))
    # the same numbers, read as ink instead of paper: (0, 255, 255, 0) stored inverted is (255, 0, 0, 255)
    assert np.abs(picture.pixels[2, 2].astype(int) - (0, 0, 0, 255)).max() < 4
    assert np.abs(picture.pixels[2, 13].astype(int) - (127, 0, 0, 255)).max() < 4


def test_a_camera_file_of_several_pictures_gives_the_first(put: Put) -> None:
    first, second = Image.fromarray(blocks()), Image.new("RGB", (8, 8), "red")
    data = saved(first, format="MPO", save_all=True, append_images=[second])
    assert JpegImagePlugin.jpeg_factory(io.BytesIO(data)).format == "MPO"
    assert load(put(data)).width == 32
    assert len(load_frames(put(data))) == 1


def test_damaged_exif_turns_nothing_and_warns_of_nothing(put: Put) -> None:
    data = saved(Image.fromarray(blocks()), format="JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
    assert load(put(data)).height == 32


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_jpeg_is_an_error(put: Put, share: float) -> None:
    data = saved(Image.fromarray(noise(64, 64, 3)), format="JPEG")
    with pytest.raises(PictureError, match="JPEG data is damaged"):
        load(put(data[: int(len(data) * share)]))


# WebP


@pytest.mark.parametrize("bands", [3, 4])
def test_lossless_webp_is_exact(put: Put, bands: int) -> None:
    array = noise(9, 11, bands)
    if bands == 4:
        array[array[..., 3] == 0] = 0
    data = saved(Image.fromarray(array), format="WEBP", lossless=True, exact=True)
    np.testing.assert_array_equal(load(put(data)).pixels, array if bands == 4 else opaque(array))


def test_lossy_webp_is_near(put: Put) -> None:
    data = saved(Image.fromarray(blocks()), format="WEBP", quality=100)
    assert np.abs(load(put(data)).pixels[8, 8, :3].astype(int) - blocks()[8, 8]).max() < 8


def test_webp_is_turned_as_exif_asks(put: Put) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.fromarray(noise(4, 7, 3)), format="WEBP", lossless=True, exif=exif)
    np.testing.assert_array_equal(load(put(data)).pixels[..., :3], np.rot90(noise(4, 7, 3), -1))


def test_every_truncation_of_a_webp_is_an_error(put: Put) -> None:
    data = saved(Image.fromarray(noise(5, 5, 3)), format="WEBP", lossless=True)
    for size in range(12, len(data)):
        with pytest.raises(PictureError):
            load(put(data[:size]))


# BMP


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_bmp_of_1_8_and_24_bits(put: Put, mode: str) -> None:
    image = Image.fromarray(noise(7, 5, 3)).convert(mode)
    data = saved(image, format="BMP")
    np.testing.assert_array_equal(load(put(data)).pixels, np.asarray(image.convert("RGBA")))


def bmp(
    width: int,
    height: int,
    bits: int,
    rows: bytes,
    *,
    header: int = 40,
    compression: int = 0,
    masks: Sequence[int] = (),
    palette: bytes = b"",
) -> bytes:
    extra = b"".join(struct.pack("<I", mask) for mask in masks)
    info = struct.pack(
        "<IiiHHIIiiII", header, width, height, 1, bits, compression, len(rows), 0, 0, len(palette) // 4, 0
    )
    info = (info + extra).ljust(header, b"\0") if header > 40 else info + extra
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + info + palette + rows


@pytest.mark.parametrize("top_down", [False, True])
def test_bmp_of_32_bits_has_alpha_in_the_fourth_byte(put: Put, top_down: bool) -> None:
    rgba = noise(3, 4, 4)
    rows = rgba[..., [2, 1, 0, 3]]
    data = bmp(4, -3 if top_down else 3, 32, (rows if top_down else rows[::-1]).tobytes())
    np.testing.assert_array_equal(load(put(data)).pixels, rgba)


def test_bmp_of_32_bits_whose_fourth_byte_is_never_set_is_opaque(put: Put) -> None:
    rgba = noise(3, 4, 4)
    rgba[..., 3] = 0
    picture = load(put(bmp(4, 3, 32, rgba[::-1, :, [2, 1, 0, 3]].tobytes())))
    np.testing.assert_array_equal(picture.pixels, opaque(rgba[..., :3]))


def test_bmp_with_alpha_mask(put: Put) -> None:
    rgba = noise(3, 4, 4)
    masks = (0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    data = bmp(4, 3, 32, rgba[::-1].tobytes(), header=124, compression=3, masks=masks)
    np.testing.assert_array_equal(load(put(data)).pixels, rgba)


def test_bmp_of_4_bits_and_run_lengths(put: Put) -> None:
    palette = noise(16, 4, seed=2)
    palette[:, 3] = 0
    table = opaque(palette[:, None, [2, 1, 0]])[:, 0]
    rows = bytes([0x12, 0x30, 0, 0, 0x45, 0x60, 0, 0])
    data = bmp(3, 2, 4, rows, palette=palette.tobytes())
    np.testing.assert_array_equal(load(put(data)).pixels, table[[[4, 5, 6], [1, 2, 3]]])
    palette = noise(256, 4, seed=3)
    table = opaque(palette[:, None, [2, 1, 0]])[:, 0]
    data = bmp(3, 2, 8, bytes([3, 9, 0, 0, 2, 200, 1, 7, 0, 1]), compression=1, palette=palette.tobytes())
    np.testing.assert_array_equal(load(put(data)).pixels, table[[[200, 200, 7], [9, 9, 9]]])


@pytest.mark.parametrize("bits", [8, 24, 32])
def test_a_truncated_bmp_is_an_error(put: Put, bits: int) -> None:
    image = Image.fromarray(noise(8, 8)) if bits == 8 else Image.fromarray(noise(8, 8, bits // 8))
    data = saved(image, format="BMP")
    with pytest.raises(PictureError):
        load(put(data[:-1]))


# TGA


@pytest.mark.parametrize("rle", [False, True])
@pytest.mark.parametrize("upside", [1, -1])
@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "LA"])
def test_tga_of_every_kind(put: Put, mode: str, rle: bool, upside: int) -> None:
    image = Image.fromarray(noise(6, 5, 4 if "A" in mode else 3)).convert(mode)
    data = saved(image, format="TGA", compression="tga_rle" if rle else None, orientation=upside)
    np.testing.assert_array_equal(load(put(data)).pixels, np.asarray(image.convert("RGBA")))


def test_tga_whose_alpha_is_never_set_is_opaque(put: Put) -> None:
    rgba = noise(6, 5, 4)
    rgba[..., 3] = 0
    picture = load(put(saved(Image.fromarray(rgba), format="TGA")))
    np.testing.assert_array_equal(picture.pixels, opaque(rgba[..., :3]))


@pytest.mark.parametrize(("attributes", "alphas"), [(0, [255, 255]), (1, [255, 0])])
def test_tga_of_16_bits_has_one_bit_of_alpha_if_declared(put: Put, attributes: int, alphas: list[int]) -> None:
    head = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 2, 1, 16, 0x20 | attributes)
    data = head + struct.pack("<HH", 0x8000 | 31 << 10, 31 << 5)
    picture = load(put(data, "tiny.tga"))
    assert picture.pixels[0, :, :3].tolist() == [[255, 0, 0], [0, 255, 0]]
    assert picture.pixels[0, :, 3].tolist() == alphas


@pytest.mark.parametrize(
    ("bits", "entries"), [(24, [[1, 2, 3, 255], [4, 5, 6, 255]]), (32, [[1, 2, 3, 9], [4, 5, 6, 8]])]
)
def test_tga_with_palette(put: Put, bits: int, entries: list[list[int]]) -> None:
    if bits == 32 and int(PIL.__version__.split(".")[0]) < 13:
        pytest.skip("this Pillow does not know palettes with alpha in TGA; such a file is refused")
    head = struct.pack("<BBBHHBHHHHBB", 0, 1, 1, 0, 2, bits, 0, 0, 3, 1, 8, 0x20)
    table = b"".join(bytes([blue, green, red, alpha][: bits // 8]) for red, green, blue, alpha in entries)
    picture = load(put(head + table + bytes([1, 0, 1])))
    assert picture.pixels[0].tolist() == [entries[1], entries[0], entries[1]]


def test_the_smallest_tga_is_read(put: Put) -> None:
    data = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 1, 1, 32, 8) + bytes([1, 2, 3, 4])
    assert load(put(data)).pixels.tolist() == [[[3, 2, 1, 4]]]


@pytest.mark.parametrize("rle", [False, True])
def test_a_truncated_tga_is_an_error(put: Put, rle: bool) -> None:
    data = saved(Image.fromarray(noise(20, 20, 3)), format="TGA", compression="tga_rle" if rle else None)
    with pytest.raises(PictureError):
        load(put(data[:600]))


# TIFF


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA"])
def test_tiff_of_8_bits(put: Put, mode: str, compression: str | None) -> None:
    image = Image.fromarray(noise(9, 10, 4 if "A" in mode else 3)).convert(mode)
    data = saved(image, format="TIFF", compression=compression)
    np.testing.assert_array_equal(load(put(data)).pixels, np.asarray(image.convert("RGBA")))


def test_cmyk_tiff_is_plain_ink(put: Put) -> None:
    inks = np.broadcast_to(np.array([[0, 255, 255, 0], [255, 0, 0, 128]], np.uint8), (2, 2, 4))
    data = saved(Image.frombytes("CMYK", (2, 2), inks.tobytes()), format="TIFF")
    assert load(put(data)).pixels[0].tolist() == [[255, 0, 0, 255], [0, 127, 127, 255]]


def tiff(
    samples: NDArray[np.integer],
    order: str,
    *,
    photometric: int = 2,
    extra: int | None = None,
    orientation: int = 1,
    deflate: bool = False,
    subfile: int = 0,
    base: int = 0,
    following: int = 0,
) -> bytes:
    """A TIFF of one strip: samples (H, W, C) of 16 bits. It stands at byte `base`, the next table at `following`."""
    height, width, bands = samples.shape
    pixels = samples.astype(f"{order}u2").tobytes()
    pixels = zlib.compress(pixels) if deflate else pixels
    tags = [
        (254, 4, [subfile]),
        (256, 3, [width]),
        (257, 3, [height]),
        (258, 3, [16] * bands),
        (259, 3, [8 if deflate else 1]),
        (262, 3, [photometric]),
        (273, 4, [base + 8]),
        (274, 3, [orientation]),
        (277, 3, [bands]),
        (278, 3, [height]),
        (279, 4, [len(pixels)]),
        *([(338, 3, [extra])] if extra is not None else []),
        (339, 3, [1] * bands),
    ]
    start = 8 + len(pixels) + len(pixels) % 2
    table, heap = struct.pack(order + "H", len(tags)), b""
    heap_start = base + start + 2 + 12 * len(tags) + 4
    for tag, kind, values in tags:
        body = struct.pack(f"{order}{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(body) > 4:
            heap, body = heap + body, struct.pack(order + "I", heap_start + len(heap))
        table += struct.pack(order + "HHI", tag, kind, len(values)) + body.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", base + start)
    return head + pixels + bytes(len(pixels) % 2) + table + struct.pack(order + "I", following) + heap


@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize(("bands", "photometric"), [(1, 1), (1, 0), (3, 2), (4, 2)])
@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_of_16_bits_is_scaled_to_the_nearest_value(
    put: Put, to8: To8, order: str, bands: int, photometric: int, deflate: bool
) -> None:
    if (order, photometric) == (">", 0):
        pytest.skip("a combination that Pillow does not know")
    samples = noise(5, 6, bands, top=65536, dtype=np.uint16)
    values = to8(65535 - samples if photometric == 0 else samples, 16)
    expected = values if bands == 4 else opaque(np.repeat(values, 3, axis=2) if bands == 1 else values)
    data = tiff(samples, order, photometric=photometric, extra=2 if bands == 4 else None, deflate=deflate)
    np.testing.assert_array_equal(load(put(data)).pixels, expected)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_compressed_tiff_of_16_bits(put: Put, to8: To8, compression: str | None) -> None:
    samples = noise(5, 6, 1, top=65536, dtype=np.uint16)
    grey = saved(Image.fromarray(samples[..., 0]), format="TIFF", compression=compression)
    np.testing.assert_array_equal(load(put(grey)).pixels[..., :1], to8(samples, 16))


@pytest.mark.parametrize("orientation", [3, 6])
def test_tiff_is_turned_once(put: Put, to8: To8, orientation: int) -> None:
    samples = noise(2, 3, 3, top=65536, dtype=np.uint16)
    picture = load(put(tiff(samples, "<", orientation=orientation)))
    np.testing.assert_array_equal(picture.pixels[..., :3], np.rot90(to8(samples, 16), 2 if orientation == 3 else -1))


def test_floating_point_tiff_is_refused_by_name(put: Put) -> None:
    data = saved(Image.fromarray(noise(3, 3).astype(np.float32)), format="TIFF")
    with pytest.raises(PictureError, match="floating point") as caught:
        load(put(data))
    assert "8 or 16 bits" in caught.value.remedy


def test_32_bit_and_lab_tiff_are_refused_by_name(put: Put) -> None:
    with pytest.raises(PictureError, match="32-bit"):
        load(put(saved(Image.fromarray(noise(3, 3).astype(np.int32)), format="TIFF")))
    with pytest.raises(PictureError, match="LAB"):
        load(put(saved(Image.frombytes("LAB", (2, 2), bytes(12)), format="TIFF")))


def test_pages_of_a_tiff_are_counted_and_thumbnails_are_not(put: Put) -> None:
    first, second = Image.fromarray(noise(4, 4, 3)), Image.fromarray(noise(4, 4, 3, seed=1))
    path = put(saved(first, format="TIFF", save_all=True, append_images=[second]))
    with pytest.raises(PictureError, match="2 pages"):
        load(path)
    np.testing.assert_array_equal(load(path, first_frame=True).pixels[..., :3], noise(4, 4, 3))
    np.testing.assert_array_equal(load_frames(path)[1].picture.pixels[..., :3], noise(4, 4, 3, seed=1))
    whole, small = noise(4, 4, 3, top=65536, dtype=np.uint16), noise(2, 2, 3, top=65536, dtype=np.uint16)
    base = len(tiff(whole, "<"))
    thumbnail = tiff(small, "<", subfile=1, base=base)
    path = put(tiff(whole, "<", following=int.from_bytes(thumbnail[4:8], "little")) + thumbnail)
    with Image.open(path) as image:
        assert image.n_frames == 2
    assert load(path).width == 4


def test_pages_of_different_sizes_are_no_clip(put: Put) -> None:
    data = saved(Image.new("RGB", (4, 4)), format="TIFF", save_all=True, append_images=[Image.new("RGB", (3, 3))])
    with pytest.raises(PictureError, match="not all of one size"):
        load_frames(put(data))


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_a_truncated_tiff_is_an_error_and_silent(
    put: Put, compression: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    data = saved(Image.fromarray(noise(64, 64, 3)), format="TIFF", compression=compression)
    for share in (0.02, 0.3, 0.9):
        with pytest.raises(PictureError):
            load(put(data[: int(len(data) * share)]))
    assert capfd.readouterr() == ("", "")

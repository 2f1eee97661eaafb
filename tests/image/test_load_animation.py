"""Animations come out as full frames, composed as browsers do, with durations in milliseconds."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pixforge.errors import LimitError, PictureError
from pixforge.image.aseprite import Cel, Document, Layer, Moment, encode
from pixforge.image.limits import Limits
from pixforge.image.load import load, load_frames
from pixforge.image.picture import Frame

if TYPE_CHECKING:
    from tests.image.conftest import GifMaker, PngMaker, Put


# samples, place, delay, disposal, blending
Part = tuple["NDArray[np.integer]", tuple[int, int], tuple[int, int], int, int]
RED, GREEN, BLUE, HALF, NONE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 255, 128), (0, 0, 0, 0)
PALETTE = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
KEEP, CLEAR, RESTORE = 0, 1, 2
REPLACE, OVER = 0, 1


def flat(width: int, height: int, colour: tuple[int, ...]) -> NDArray[np.integer]:
    return np.broadcast_to(np.array(colour), (height, width, 4))


def apng(
    png: PngMaker, size: tuple[int, int], frames: Sequence[Part], *, extra_still: bool = False, promised: int = 0
) -> bytes:
    data = [b"\x89PNG\r\n\x1a\n", png.header(*size, 8, 6), png.chunk(*png.animation(promised or len(frames)))]
    if extra_still:
        data.append(png.chunk(b"IDAT", png.stream(flat(*size, (9, 9, 9, 255)), 8)))
    number = 0
    for samples, place, delay, dispose, blend in frames:
        shape = (samples.shape[1], samples.shape[0])
        data.append(png.chunk(*png.control(number, shape, place, delay, dispose, blend)))
        number += 1
        stream = png.stream(samples, 8)
        if number == 1 and not extra_still:
            data.append(png.chunk(b"IDAT", stream))
            continue
        for part in (stream[:9], stream[9:]):
            data.append(png.chunk(b"fdAT", struct.pack(">I", number) + part))
            number += 1
    return b"".join([*data, png.chunk(b"IEND")])


def colours(frame: Frame) -> list[list[tuple[int, ...]]]:
    return [[tuple(int(v) for v in pixel) for pixel in row] for row in frame.picture.pixels]


def test_apng_disposal_and_blending(png: PngMaker, put: Put) -> None:
    pixel = flat(1, 1, BLUE)
    frames = [
        (flat(3, 1, RED), (0, 0), (1, 10), KEEP, REPLACE),
        (pixel, (1, 0), (2, 0), CLEAR, REPLACE),
        (pixel, (0, 0), (3, 1000), RESTORE, REPLACE),
        (flat(1, 1, HALF), (2, 0), (0, 1), KEEP, OVER),
        (flat(1, 1, NONE), (2, 0), (1, 1), KEEP, OVER),
        (flat(1, 1, NONE), (2, 0), (1, 1), KEEP, REPLACE),
    ]
    result = load_frames(put(apng(png, (3, 1), frames)))
    mixed = (127, 0, 128, 255)
    assert [colours(frame)[0] for frame in result] == [
        [RED, RED, RED],
        [RED, BLUE, RED],
        [BLUE, NONE, RED],  # the second frame was cleared
        [RED, NONE, mixed],  # the third was undone
        [RED, NONE, mixed],
        [RED, NONE, NONE],
    ]
    assert [frame.duration for frame in result] == [100, 20, 3, 100, 1000, 1000]


def test_apng_may_hide_a_still_picture_for_old_viewers(png: PngMaker, put: Put) -> None:
    frames = [(flat(2, 2, RED), (0, 0), (1, 10), KEEP, REPLACE), (flat(2, 2, GREEN), (0, 0), (1, 10), KEEP, REPLACE)]
    result = load_frames(put(apng(png, (2, 2), frames, extra_still=True)))
    assert [colours(frame)[0][0] for frame in result] == [RED, GREEN]


def test_apng_agrees_with_pillow(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    frames = [Image.fromarray(rng.integers(0, 256, (9, 7, 4)).astype(np.uint8)) for _ in range(4)]
    path = tmp_path / "a.png"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[50, 60, 70, 80])
    result = load_frames(path)
    assert [frame.duration for frame in result] == [50, 60, 70, 80]
    for ours, theirs in zip(result, frames, strict=True):
        np.testing.assert_array_equal(ours.picture.pixels, np.asarray(theirs))


def test_apng_of_16_bits_keeps_its_depth(png: PngMaker, put: Put) -> None:
    samples = np.array([[[257 * 7 + 130, 0, 65535, 65535]]])
    data = b"\x89PNG\r\n\x1a\n" + png.header(1, 1, 16, 6) + png.chunk(*png.animation(2))
    data += png.chunk(*png.control(0, (1, 1), (0, 0), (1, 10), KEEP, REPLACE)) + png.chunk(
        b"IDAT", png.stream(samples, 16)
    )
    data += png.chunk(*png.control(1, (1, 1), (0, 0), (1, 10), KEEP, REPLACE))
    data += png.chunk(b"fdAT", struct.pack(">I", 2) + png.stream(samples, 16)) + png.chunk(b"IEND")
    assert [colours(frame) for frame in load_frames(put(data))] == [[[(8, 0, 255, 255)]]] * 2


@pytest.mark.parametrize("promised", [1, 3])
def test_apng_with_another_number_of_frames_than_promised(png: PngMaker, put: Put, promised: int) -> None:
    frames = [(flat(1, 1, RED), (0, 0), (1, 10), KEEP, REPLACE), (flat(1, 1, BLUE), (0, 0), (1, 10), KEEP, REPLACE)]
    with pytest.raises(PictureError, match=f"promises {promised} frame"):
        load_frames(put(apng(png, (1, 1), frames, promised=promised)))


def test_apng_frame_outside_the_canvas_is_an_error(png: PngMaker, put: Put) -> None:
    frames = [(flat(2, 2, RED), (0, 0), (1, 10), KEEP, REPLACE), (flat(2, 1, BLUE), (1, 0), (1, 10), KEEP, REPLACE)]
    with pytest.raises(PictureError, match="outside"):
        load_frames(put(apng(png, (2, 2), frames)))


def test_apng_frames_out_of_order_are_an_error(png: PngMaker, put: Put) -> None:
    frames = [(flat(1, 1, RED), (0, 0), (1, 10), KEEP, REPLACE), (flat(1, 1, BLUE), (0, 0), (1, 10), KEEP, REPLACE)]
    data = apng(png, (1, 1), frames)
    control = png.chunk(*png.control(1, (1, 1), (0, 0), (1, 10), KEEP, REPLACE))
    late = png.chunk(*png.control(4, (1, 1), (0, 0), (1, 10), KEEP, REPLACE))
    assert control in data
    with pytest.raises(PictureError, match="out of order"):
        load_frames(put(data.replace(control, late)))


def gif_file(gif: GifMaker, *blocks: bytes, size: tuple[int, int] = (3, 1), trailer: bytes = b"\x3b") -> bytes:
    return gif.screen(*size, PALETTE) + b"".join(blocks) + trailer


def cell(index: int) -> NDArray[np.integer]:
    return np.array([[index]])


def test_gif_disposal_places_and_durations(gif: GifMaker, put: Put) -> None:
    row = np.array([[1, 1, 1]])
    data = gif_file(
        gif,
        gif.control(1, 7) + gif.image(row),
        gif.control(2, 8) + gif.image(cell(3), (1, 0)),
        gif.control(3, 0) + gif.image(cell(3), (0, 0)),
        gif.control(0, 9, transparent=2) + gif.image(np.array([[2, 3]]), (1, 0)),
    )
    result = load_frames(put(data))
    assert [colours(frame)[0] for frame in result] == [
        [RED, RED, RED],
        [RED, BLUE, RED],
        [BLUE, NONE, RED],
        [RED, NONE, BLUE],
    ]
    assert [frame.duration for frame in result] == [70, 80, 100, 90]


def test_gif_around_the_first_frame_is_transparent_and_overhang_is_cut_off(gif: GifMaker, put: Put) -> None:
    data = gif_file(gif, gif.image(np.array([[1, 1, 1, 1], [2, 2, 2, 2]]), (1, 0)))
    assert colours(load_frames(put(data))[0]) == [[NONE, RED, RED]]
    data = gif_file(gif, gif.image(cell(1), (7, 9)), gif.image(cell(1)))
    assert [colours(frame) for frame in load_frames(put(data))] == [[[NONE] * 3], [[RED, NONE, NONE]]]


def test_gif_local_palette_counts_for_its_frame_only(gif: GifMaker, put: Put) -> None:
    local = np.array([[0, 0, 0], [0, 0, 255]], np.uint8)
    data = gif_file(gif, gif.image(cell(1), (0, 0), local), gif.image(cell(1), (1, 0)))
    assert colours(load_frames(put(data))[-1]) == [[BLUE, RED, NONE]]


def test_gif_index_beyond_the_palette_is_opaque_black(gif: GifMaker, put: Put) -> None:
    assert colours(load_frames(put(gif_file(gif, gif.image(cell(77)))))[0])[0][0] == (0, 0, 0, 255)


def test_gif_without_trailer_is_whole_but_cut_within_a_block_is_not(gif: GifMaker, put: Put) -> None:
    first, second = gif.control() + gif.image(cell(1)), gif.control() + gif.image(cell(2))
    assert len(load_frames(put(gif_file(gif, first, second, trailer=b"")))) == 2
    data = gif_file(gif, first, second, trailer=b"")
    ends = {len(gif_file(gif, *blocks, trailer=b"")) for blocks in ((first,), (first, second), (first, second[:8]))}
    for size in set(range(6, len(data))) - ends:
        with pytest.raises(PictureError):
            load_frames(put(data[:size]))


def test_gif_without_a_picture_is_an_error(gif: GifMaker, put: Put) -> None:
    with pytest.raises(PictureError, match="no picture"):
        load(put(gif_file(gif)))


@pytest.mark.parametrize("interlace", [False, True])
def test_gif_agrees_with_pillow_on_a_still_picture(tmp_path: Path, interlace: bool) -> None:
    rng = np.random.default_rng(3)
    image = Image.fromarray(rng.integers(0, 256, (40, 30)).astype(np.uint8))
    image.putpalette(rng.integers(0, 256, 768).astype(np.uint8).tobytes())
    path = tmp_path / "a.gif"
    image.save(path, interlace=interlace)
    np.testing.assert_array_equal(load(path).pixels, np.asarray(image.convert("RGBA")))


def test_gif_animation_of_pillow_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    frames = [Image.fromarray(rng.choice([0, 85, 170, 255], (8, 8, 3)).astype(np.uint8)) for _ in range(5)]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[30, 40, 50, 60, 70], loop=0)
    result = load_frames(path)
    assert [frame.duration for frame in result] == [30, 40, 50, 60, 70]
    for ours, theirs in zip(result, frames, strict=True):
        np.testing.assert_array_equal(ours.picture.pixels[..., :3], np.asarray(theirs))


def test_webp_animation_comes_back_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    arrays = [rng.integers(0, 256, (16, 12, 4)).astype(np.uint8) for _ in range(4)]
    for array in arrays:
        array[..., 3] = 255
        array[2:5, 2:5] = 0
    frames = [Image.fromarray(array) for array in arrays]
    path = tmp_path / "a.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[20, 30, 40, 50], lossless=True)
    result = load_frames(path)
    assert [frame.duration for frame in result] == [20, 30, 40, 50]
    for ours, theirs in zip(result, arrays, strict=True):
        np.testing.assert_array_equal(ours.picture.pixels, theirs)


@pytest.fixture(params=["gif", "png", "webp"])
def clip(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A clip of three frames in each of the formats."""
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "lime", "blue")]
    path = tmp_path / f"clip.{request.param}"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=60, lossless=True)
    return path


def test_an_animation_is_refused_where_one_picture_is_expected(clip: Path) -> None:
    with pytest.raises(PictureError, match="3 frames where one picture is expected") as caught:
        load(clip)
    assert caught.value.path == clip
    assert "first frame" in caught.value.remedy


def test_the_first_frame_is_taken_on_request(clip: Path) -> None:
    assert load(clip, first_frame=True).pixels[0, 0].tolist() == [255, 0, 0, 255]


def test_frames_and_their_pixels_in_all_are_limited(clip: Path) -> None:
    assert len(load_frames(clip, Limits(max_frames=3, max_clip_pixels=48))) == 3
    with pytest.raises(LimitError, match="3 frames, which is more than the limit of 2"):
        load_frames(clip, Limits(max_frames=2))
    with pytest.raises(LimitError, match="max_clip_pixels"):
        load_frames(clip, Limits(max_clip_pixels=47))
    with pytest.raises(LimitError, match="max_pixels"):
        load_frames(clip, Limits(max_pixels=15))


def test_frames_are_arrays_of_their_own(clip: Path) -> None:
    first, second, _ = load_frames(clip)
    assert not np.shares_memory(first.picture.pixels, second.picture.pixels)


def test_an_aseprite_document_is_loaded_with_its_layers_composed(tmp_path: Path) -> None:
    pixels = np.full((2, 3, 4), RED, np.uint8)
    cels = [Cel(layer=0, x=0, y=0, pixels=pixels), Cel(layer=1, x=1, y=1, pixels=np.array([[BLUE]], np.uint8))]
    layers = (Layer("ground"), Layer("figure"))
    moments = (Moment(70, tuple(cels)), Moment(80, tuple(cels[:1])))
    path = tmp_path / "hero.png"
    path.write_bytes(encode(Document(width=3, height=2, depth=32, layers=layers, frames=moments)))
    first, second = load_frames(path)
    assert (first.duration, second.duration) == (70, 80)
    assert colours(first) == [[RED, RED, RED], [RED, BLUE, RED]]
    assert colours(second) == [[RED] * 3] * 2
    with pytest.raises(PictureError, match="2 frames"):
        load(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(PictureError) as caught:
        load_frames(path)
    assert caught.value.path == path

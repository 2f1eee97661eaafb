"""GIF, APNG and WebP are read back by another decoder with the same frames and times."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixforge.errors import SettingsError
from pixforge.exporters import gif, webp
from pixforge.exporters.registry import export
from pixforge.exporters.target import Asset
from pixforge.image.load import load_frames
from pixforge.image.picture import Frame, Picture
from pixforge.sheet.atlas import build
from pixforge.sheet.clip import Clip, Tag
from pixforge.sheet.options import SheetOptions


def _colorful(translucent: bool = False) -> Clip:
    """Two frames of 400 colours each."""
    pixels = np.full((20, 20, 4), 255, np.uint8)
    pixels[..., 0], pixels[..., 1] = np.arange(20), np.arange(20)[:, None]
    pixels[0, 0] = 0
    if translucent:
        pixels[1, 1, 3] = 99
    return Clip((Frame(Picture(pixels), 30), Frame(Picture(pixels[::-1].copy()), 31)))


@pytest.mark.parametrize("target", ["apng", "webp"])
@pytest.mark.parametrize("which", ["few colours", "many colours", "translucent"])
def test_frames_and_milliseconds_come_back(target: str, which: str, clip: Clip, write: Callable[..., Path]) -> None:
    made = clip if which == "few colours" else _colorful(which == "translucent")
    frames = load_frames(write(made, target) / f"hero.{target}")
    assert [frame.duration for frame in frames] == list(made.durations)
    for frame, picture in zip(frames, made.pictures, strict=True):
        assert np.array_equal(frame.picture.pixels, picture.pixels)


def test_an_apng_of_few_colours_is_indexed(clip: Clip, write: Callable[..., Path]) -> None:
    assert (write(clip, "apng") / "hero.apng").read_bytes()[25] == 3


def test_a_gif_has_the_frames_and_the_length_of_the_clip(clip: Clip, write: Callable[..., Path]) -> None:
    frames = load_frames(write(clip, "gif") / "hero.gif")
    for frame, picture in zip(frames, clip.pictures, strict=True):
        assert np.array_equal(frame.picture.pixels, picture.pixels)
    total = sum(clip.durations)
    assert abs(sum(frame.duration for frame in frames) - total) <= 10


@given(st.lists(st.integers(20, 3000), min_size=1, max_size=60))
def test_the_ticks_of_a_gif_never_drift(durations: list[int]) -> None:
    ticks = gif.ticks(durations)
    assert abs(sum(ticks) * 10 - sum(durations)) <= 5
    assert all(abs(tick * 10 - duration) <= 10 for tick, duration in zip(ticks, durations, strict=True))


@given(st.integers(2, 300), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_gif_of_any_number_of_colours_it_can_hold_comes_back(count: int, clear: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    colors = rng.permutation(4096)[:count]
    pixels = np.full((20, 20, 4), 255, np.uint8)
    chosen = np.resize(colors, 400).reshape(20, 20)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = chosen >> 8, chosen & 255, 7
    if clear:
        pixels[:, 19] = 0
    used = len({tuple(pixel) for pixel in pixels.reshape(-1, 4).tolist() if pixel[3]})
    pictures = [Picture(pixels), Picture(np.ascontiguousarray(pixels[::-1]))]
    if used > 256 - clear:
        with pytest.raises(SettingsError, match="more colours than a GIF can hold"):
            gif.encode(pictures, [50, 60], 0)
        return
    with Image.open(io.BytesIO(gif.encode(pictures, [50, 60], 0))) as image:
        for number, picture in enumerate(pictures):
            image.seek(number)
            assert np.array_equal(np.array(image.convert("RGBA")), picture.pixels)


def test_a_gif_of_translucent_pixels_is_refused() -> None:
    with pytest.raises(SettingsError, match="translucent"):
        gif.encode(_colorful(translucent=True).pictures, [50, 60], 0)


@pytest.mark.parametrize("target", ["gif", "apng", "webp"])
def test_a_tag_over_all_frames_gives_direction_and_repeats(target: str, clip: Clip) -> None:
    once = Clip(clip.frames, (Tag("all", 0, 6, "reverse", 2),))
    data = export(Asset("hero", once, build(once, SheetOptions())), [target])[0].data
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 14
        assert image.info.get("loop", 1) == 1


def test_equal_frames_of_a_webp_stay_apart() -> None:
    picture = Picture(np.full((4, 4, 4), 255, np.uint8))
    with Image.open(io.BytesIO(webp.encode([picture] * 3, [10, 20, 30], 0))) as image:
        assert image.n_frames == 3


def test_an_animation_of_an_odd_size_and_one_frame_is_well_formed(write: Callable[..., Path]) -> None:
    one = Clip((Frame(Picture(np.full((1, 3, 4), 255, np.uint8)), 5),))
    folder = write(one, "gif", "apng", "webp")
    for suffix in ("gif", "apng", "webp"):
        assert load_frames(folder / f"hero.{suffix}")[0].picture.pixels.shape == (1, 3, 4)

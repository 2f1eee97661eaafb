"""A fitted palette: never too many colours, always real ones, reserved ones kept, flat art to the byte."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.pixel.colour import distance, srgb_to_oklab
from pixforge.pixel.fit import choose_subset, fit_palette
from pixforge.pixel.histogram import measure
from pixforge.pixel.mapping import nearest_index

Colours = NDArray[np.uint8]
Color = tuple[int, int, int]

SMALL = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(4)))
RESERVED = arrays.arrays(np.uint8, st.tuples(st.integers(0, 3), st.just(3)))
INK, PAPER, SKIN, SHIRT = (20, 16, 24), (250, 246, 230), (236, 188, 150), (60, 90, 170)


def picture(rgb: NDArray[np.generic], alpha: NDArray[np.generic] | None = None) -> Picture:
    pixels = np.full((*rgb.shape[:2], 4), 255, np.uint8)
    pixels[..., :3] = rgb
    if alpha is not None:
        pixels[..., 3] = alpha
    return Picture(pixels)


def rows(colours: Colours) -> set[Color]:
    return {(int(r), int(g), int(b)) for r, g, b in colours}


def drawing(size: int, line: float = 3.0) -> NDArray[np.float64]:
    """A face: flat fills, a dark outline, all anti-aliased by drawing at three times the size."""
    fine = 3 * size
    y, x = (np.mgrid[:fine, :fine] + 0.5) / 3
    rgb = np.empty((fine, fine, 3))
    rgb[:] = PAPER
    rgb[y > size * 0.8] = SHIRT
    radius = np.hypot(x - size / 2, y - size * 0.45)
    rgb[radius < size * 0.3] = SKIN
    rgb[np.abs(radius - size * 0.3) < line / 2] = INK
    for eye in (0.4, 0.6):
        rgb[np.hypot(x - size * eye, y - size * 0.4) < size * 0.03] = INK
    return rgb.reshape(size, 3, size, 3, 3).mean(axis=(1, 3))


@settings(max_examples=60, deadline=None)
@given(SMALL, st.integers(3, 20), RESERVED)
def test_any_picture(pixels: NDArray[np.uint8], colors: int, reserve: Colours) -> None:
    """At most so many, no doubles, the reserved ones first, the rest colours of opaque pixels, the same every time."""
    source = Picture(pixels.copy())
    found = fit_palette([source], colors, reserve)
    assert found.dtype == np.uint8
    assert 1 <= len(found) <= colors
    assert len(rows(found)) == len(found)
    fixed = list(dict.fromkeys(map(tuple, reserve.tolist())))
    assert list(map(tuple, found.tolist()))[: len(fixed)] == fixed
    real = rows(pixels[pixels[..., 3] >= 128][:, :3])
    assert rows(found[len(fixed) :]) <= (real or {(0, 0, 0)})
    np.testing.assert_array_equal(found, fit_palette([source], colors, reserve))


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(2, 16))
def test_few_colours_come_back_to_the_byte(data: st.DataObject, count: int) -> None:
    known = data.draw(arrays.arrays(np.uint8, (count, 3)))
    index = data.draw(arrays.arrays(np.uint8, (9, 14), elements=st.integers(0, count - 1)))
    assert rows(fit_palette([picture(known[index])], 16)) == rows(known[np.unique(index)])


@pytest.mark.parametrize("size", [160, 400])
@pytest.mark.parametrize("colors", [4, 16, 256])
def test_an_anti_aliased_drawing_has_just_its_own_colours(size: int, colors: int) -> None:
    """Mixed colours of edges take no entry, however many there would be room for."""
    found = fit_palette([picture(drawing(size).round())], colors)
    assert rows(found) == {INK, PAPER, SKIN, SHIRT}


def test_a_blurred_drawing_keeps_its_line_colour_and_its_flats() -> None:
    """Enlarged three times with linear interpolation; the black of the lines stays the darkest real ink."""
    small = drawing(120)
    at = np.linspace(0, 118.99, 360)
    low, part = at.astype(int), (at % 1)[:, None, None]
    tall = small[low] * (1 - part) + small[low + 1] * part
    part = (at % 1)[None, :, None]
    found = fit_palette([picture((tall[:, low] * (1 - part) + tall[:, low + 1] * part).round())], 8)
    for wanted in (INK, PAPER, SKIN, SHIRT):
        assert distance(found, np.array(wanted, np.uint8)).min() < 0.02


def test_line_art_is_black_and_white() -> None:
    y, x = (np.mgrid[:900, :900] + 0.5) / 3
    ink = np.abs((x + 0.7 * y) % 40 - 20) < 1.5
    grey = 255 * (1 - ink.reshape(300, 3, 300, 3).mean(axis=(1, 3)))
    found = fit_palette([picture(np.repeat(grey[..., None], 3, axis=-1).round())], 16)
    assert rows(found) == {(0, 0, 0), (255, 255, 255)}


def painted(size: int) -> NDArray[np.float64]:
    y, x = np.mgrid[:size, :size] / size
    random = np.random.default_rng(3).normal(0, 2, (size, size, 3))
    return np.stack([60 + 90 * x, 110 + 80 * y, 70 + 40 * x * y], axis=-1) + random


@pytest.mark.parametrize("colors", [8, 16])
def test_a_small_vivid_eye_survives(colors: int) -> None:
    """0.3% of pure red in a painted picture of greens and browns has an entry of its own."""
    rgb = painted(300).clip(0, 255).round()
    y, x = np.mgrid[:300, :300]
    eye = np.hypot(x - 150, y - 100) < 9.3
    assert 0.0025 < eye.mean() < 0.0035
    rgb[eye] = (230, 20, 30)
    found = fit_palette([picture(rgb)], colors)
    assert (230, 20, 30) in rows(found)


def test_a_painted_picture_uses_all_colours_well() -> None:
    rgb = painted(200).clip(0, 255).round().astype(np.uint8)
    found = fit_palette([picture(rgb)], 16)
    assert len(found) == 16
    error = distance(rgb, found[nearest_index(rgb, found)])
    assert error.mean() < 0.03


def test_transparent_pixels_do_not_count() -> None:
    rgb = np.zeros((40, 40, 3))
    rgb[:, :20] = (10, 200, 30)
    rgb[:, 20:] = (255, 0, 255)
    alpha = np.where(np.arange(40) < 20, 255, 127)[None, :].repeat(40, axis=0)
    assert rows(fit_palette([picture(rgb, alpha)], 16)) == {(10, 200, 30)}


def test_nothing_opaque_gives_one_entry() -> None:
    clear = Picture(np.zeros((4, 4, 4), np.uint8))
    assert fit_palette([clear], 8).tolist() == [[0, 0, 0]]
    assert fit_palette([], 8).tolist() == [[0, 0, 0]]
    assert fit_palette([clear], 8, np.array([[1, 2, 3]], np.uint8)).tolist() == [[1, 2, 3]]


def test_frames_share_one_palette() -> None:
    """A colour of only one frame is in the palette, and the order of the frames does not matter."""
    frames = [picture(np.full((30, 30, 3), value)) for value in ((10, 20, 30), (200, 180, 40), (90, 10, 160))]
    found = fit_palette(frames, 16)
    assert rows(found) == {(10, 20, 30), (200, 180, 40), (90, 10, 160)}
    np.testing.assert_array_equal(found, fit_palette(frames[::-1], 16))


def test_entries_go_from_dark_to_light() -> None:
    found = fit_palette([picture(painted(120).clip(0, 255).round())], 12)
    assert (np.diff(srgb_to_oklab(found)[:, 0]) >= 0).all()


def test_too_many_reserved_colours_are_an_error() -> None:
    reserve = np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2]], np.uint8)
    with pytest.raises(SettingsError, match="3 reserved colours"):
        fit_palette([], 2, reserve)
    with pytest.raises(SettingsError, match="3 reserved colours"):
        choose_subset(reserve, [], 2, reserve)


def test_the_histogram_discounts_mixtures_but_not_lines() -> None:
    """A pixel between two colours counts a few percent, a one-pixel line beside them far more."""
    rgb = np.zeros((9, 9, 3))
    rgb[:, 4:] = 200
    rgb[:, 4] = 100
    counts = measure([picture(rgb)])
    mixed = counts.weight[(counts.colours == 100).all(axis=1)].sum()
    assert mixed < 0.05 * 9
    rgb[:] = 255
    rgb[:, 4] = 0
    counts = measure([picture(rgb)])
    assert counts.weight[(counts.colours == 0).all(axis=1)].sum() > 0.15 * 9


@settings(max_examples=40, deadline=None)
@given(SMALL, arrays.arrays(np.uint8, st.tuples(st.integers(1, 30), st.just(3))), st.integers(3, 12), RESERVED)
def test_a_subset_is_one(pixels: NDArray[np.uint8], palette: Colours, colors: int, reserve: Colours) -> None:
    """At most so many, reserved first, the rest out of the palette in its order, the same every time."""
    source = [Picture(pixels.copy())]
    found = choose_subset(palette, source, colors, reserve)
    fixed = list(dict.fromkeys(map(tuple, reserve.tolist())))
    rest = list(map(tuple, found.tolist()))[len(fixed) :]
    known = [color for color in dict.fromkeys(map(tuple, palette.tolist())) if color not in fixed]
    assert list(map(tuple, found.tolist()))[: len(fixed)] == fixed
    assert len(found) == min(colors, len(fixed) + len(known))
    assert rest == [color for color in known if color in rest]
    np.testing.assert_array_equal(found, choose_subset(palette, source, colors, reserve))


def errors(rgb: Colours, palette: Colours) -> float:
    return float((distance(rgb, palette[nearest_index(rgb, palette)]) ** 2).mean())


def test_a_subset_serves_better_than_chance() -> None:
    random = np.random.default_rng(8)
    palette = random.integers(0, 256, (64, 3)).astype(np.uint8)
    rgb = painted(100).clip(0, 255).round().astype(np.uint8)
    chosen = errors(rgb, choose_subset(palette, [picture(rgb)], 6))
    others: Sequence[float] = [errors(rgb, palette[random.choice(64, 6, replace=False)]) for _ in range(20)]
    assert chosen < min(others)


def test_a_subset_finds_the_entries_that_are_used() -> None:
    random = np.random.default_rng(9)
    palette = random.integers(0, 256, (48, 3)).astype(np.uint8)
    used = palette[[3, 11, 20, 31, 40]]
    rgb = used[random.integers(0, 5, (20, 20))].repeat(8, axis=0).repeat(8, axis=1)
    np.testing.assert_array_equal(choose_subset(palette, [picture(rgb)], 5), used)


def test_thin_lines_on_transparency_keep_their_colour() -> None:
    """Grey lines beside nothing are no mixture of the black and white elsewhere, whatever RGB the transparency has."""
    rgb = np.zeros((240, 240, 3))
    alpha = np.zeros((240, 240))
    rgb[:120, :120], rgb[:120, 120:] = 0, 255
    alpha[:120] = 255
    rgb[130:230:10], alpha[130:230:10] = 128, 255
    assert rows(fit_palette([picture(rgb, alpha)], 8)) == {(0, 0, 0), (255, 255, 255), (128, 128, 128)}


def test_tiny_vivid_lights_keep_an_entry() -> None:
    """Green lights of three pixels each, 0.1% of an anti-aliased drawing, among sixteen colours."""
    rgb = drawing(300).round()
    for index in range(30):
        rgb[20 + 8 * (index % 10), 12 + 9 * (index // 10) : 15 + 9 * (index // 10)] = (40, 220, 60)
    assert (40, 220, 60) in rows(fit_palette([picture(rgb)], 16))

"""Resizing keeps averages, knows no colour of transparent pixels; cutting and padding move pixels unchanged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.image.picture import Picture
from pixforge.image.resample import Filter, composite, crop, enlarge, over, pad, resize, trim_box

FILTERS = ["box", "bilinear", "lanczos"]


def noise(height: int, width: int, seed: int = 0, opaque: bool = False) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4)).astype(np.uint8)
    if opaque:
        pixels[..., 3] = 255
    return Picture(pixels)


def flat(height: int, width: int, colour: tuple[int, ...]) -> Picture:
    return Picture(np.broadcast_to(np.array(colour, np.uint8), (height, width, 4)).copy())


@pytest.mark.parametrize("kind", FILTERS)
def test_the_same_size_is_the_same_picture(kind: Filter) -> None:
    picture = noise(9, 7)
    np.testing.assert_array_equal(resize(picture, 7, 9, kind).pixels, picture.pixels)


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(*[st.integers(1, 40)] * 4),
    kind=st.sampled_from(FILTERS),
    colour=st.tuples(*[st.integers(0, 255)] * 3, st.sampled_from([255, 128, 1])),
)
def test_a_flat_picture_stays_flat(size: tuple[int, ...], kind: Filter, colour: tuple[int, ...]) -> None:
    height, width, new_height, new_width = size
    result = resize(flat(height, width, colour), new_width, new_height, kind)
    assert (result.width, result.height) == (new_width, new_height)
    assert (result.pixels == colour).all()


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(*[st.integers(1, 30)] * 4),
    kind=st.sampled_from(FILTERS),
    seed=st.integers(0, 999),
    hidden=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_the_colour_of_transparent_pixels_never_shows(
    size: tuple[int, ...], kind: Filter, seed: int, hidden: tuple[int, ...]
) -> None:
    """One visible colour among transparent pixels of another: the result knows the visible one only."""
    height, width, new_height, new_width = size
    rng = np.random.default_rng(seed)
    visible = rng.integers(0, 256, 3)
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., :3] = hidden
    mask = rng.random((height, width)) < 0.5
    pixels[mask, :3] = visible
    pixels[mask, 3] = 255
    result = resize(Picture(pixels), new_width, new_height, kind).pixels
    if (new_width, new_height) == (width, height):
        return  # the same picture
    seen = result[result[..., 3] > 0][:, :3].astype(int)
    assert np.abs(seen - visible).max(initial=0) <= 1
    assert not result[result[..., 3] == 0].any()


@pytest.mark.parametrize("factor", [2, 3, 7])
@pytest.mark.parametrize("opaque", [False, True])
def test_box_is_the_exact_area_average(factor: int, opaque: bool) -> None:
    picture = noise(5 * factor, 6 * factor, opaque=opaque)
    rgba = picture.pixels.astype(np.float64)
    weighted = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], axis=2)
    cells = weighted.reshape(5, factor, 6, factor, 4).mean(axis=(1, 3))
    expected = np.concatenate([cells[..., :3] / cells[..., 3:], cells[..., 3:]], axis=2)
    result = resize(picture, 6, 5, "box").pixels
    assert np.abs(result - expected).max() <= 0.501


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 5), st.sampled_from(["box", "bilinear"]))
def test_no_filter_without_lobes_leaves_the_range_of_its_colours(
    height: int, width: int, factor: int, kind: Filter
) -> None:
    picture = noise(height, width, opaque=True)
    result = resize(picture, max(1, width * factor // 2), max(1, height * factor // 2), kind).pixels
    assert result[..., :3].max() <= picture.pixels[..., :3].max()
    assert result[..., :3].min() >= picture.pixels[..., :3].min()
    assert (result[..., 3] == 255).all()


@pytest.mark.parametrize("kind", FILTERS)
def test_a_straight_edge_of_alpha_has_no_fringe(kind: Filter) -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, 21:] = (250, 240, 230, 255)
    for width in (16, 50, 200):
        result = resize(Picture(pixels), width, 64, kind).pixels
        assert np.abs(result[result[..., 3] > 0][:, :3].astype(int) - (250, 240, 230)).max() <= 1


def test_lanczos_overshoot_is_clipped_to_black_and_white() -> None:
    pixels = np.full((1, 32, 4), 255, np.uint8)
    pixels[:, 16:, :3] = 0
    result = resize(Picture(pixels), 100, 1, "lanczos").pixels
    assert result[0, 0, 0] == 255
    assert result[0, -1, 0] == 0
    steps = np.diff(result[0, :, 0].astype(int))
    assert np.abs(steps).max() < 140, "a wrap-around would jump by 255"


def test_sizes_below_one_are_refused() -> None:
    for size in ((0, 4), (4, 0), (-1, 4)):
        with pytest.raises(ValueError, match="at least 1 x 1"):
            resize(noise(3, 3), *size)
    with pytest.raises(ValueError, match="whole number from 1"):
        enlarge(noise(3, 3), 0)


def test_enlarging_makes_blocks() -> None:
    picture = noise(3, 4)
    np.testing.assert_array_equal(enlarge(picture, 5).pixels, np.kron(picture.pixels, np.ones((5, 5, 1), np.uint8)))


def test_composite_over_a_colour_by_the_textbook() -> None:
    picture = noise(20, 20)
    alpha = picture.pixels[..., 3:] / 255
    expected = picture.pixels[..., :3] * alpha + np.array([10, 200, 30]) * (1 - alpha)
    result = composite(picture, (10, 200, 30))
    assert result.opaque
    assert np.abs(result.pixels[..., :3] - expected).max() <= 0.51


def test_composite_over_a_picture_by_the_textbook() -> None:
    above, below = noise(20, 20, 1), noise(20, 20, 2)
    a, b = above.pixels / 255.0, below.pixels / 255.0
    alpha = a[..., 3:] + b[..., 3:] * (1 - a[..., 3:])
    colour = (a[..., :3] * a[..., 3:] + b[..., :3] * b[..., 3:] * (1 - a[..., 3:])) / np.maximum(alpha, 1e-9)
    result = composite(above, below).pixels
    assert np.abs(result[..., 3:] - alpha * 255).max() <= 0.51
    sure = alpha[..., 0] > 0.02
    assert np.abs(result[..., :3] - colour * 255)[sure].max() <= 0.51


def test_composite_passes_opaque_and_transparent_pixels_to_the_byte() -> None:
    above = Picture(np.array([[[1, 2, 3, 255], [9, 9, 9, 0]]], np.uint8))
    below = Picture(np.array([[[7, 7, 7, 255], [4, 5, 6, 77]]], np.uint8))
    assert composite(above, below).pixels.tolist() == [[[1, 2, 3, 255], [4, 5, 6, 77]]]
    with pytest.raises(ValueError, match="background"):
        composite(above, noise(2, 2))


def test_over_changes_neither_of_its_arguments() -> None:
    above, below = noise(4, 4, 1).pixels.copy(), noise(4, 4, 2).pixels.copy()
    copies = above.copy(), below.copy()
    over(above, below)
    np.testing.assert_array_equal(above, copies[0])
    np.testing.assert_array_equal(below, copies[1])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.tuples(*[st.integers(0, 12)] * 4))
def test_padding_and_cropping_undo_each_other(height: int, width: int, margins: tuple[int, int, int, int]) -> None:
    picture = noise(height, width)
    left, top, right, bottom = margins
    for edge in ("transparent", "edge", "reflect"):
        padded = pad(picture, margins, edge)
        assert (padded.width, padded.height) == (width + left + right, height + top + bottom)
        inner = crop(padded, (left, top, left + width, top + height))
        np.testing.assert_array_equal(inner.pixels, picture.pixels)


def test_the_three_edges() -> None:
    picture = Picture(np.arange(12, dtype=np.uint8).reshape(1, 3, 4))
    first = [pad(picture, (2, 0, 0, 0), edge).pixels[0, :2, 0].tolist() for edge in ("transparent", "edge", "reflect")]
    assert first == [[0, 0], [0, 0], [8, 4]]
    assert pad(picture, (0, 0, 1, 0), "edge").pixels[0, 3].tolist() == [8, 9, 10, 11]
    with pytest.raises(ValueError, match="not negative"):
        pad(picture, (0, -1, 0, 0))


@pytest.mark.parametrize("box", [(0, 0, 0, 1), (2, 0, 1, 1), (-1, 0, 2, 2), (0, 0, 5, 2), (0, 0, 2, 4)])
def test_a_box_outside_the_picture_is_refused(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="no part"):
        crop(noise(3, 4), box)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 999), st.floats(0, 0.3))
def test_the_trim_box_is_the_smallest_that_loses_nothing(height: int, width: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[rng.random((height, width)) < share, 3] = 1
    box = trim_box(Picture(pixels))
    if not pixels.any():
        assert box is None
        return
    assert box is not None
    part = crop(Picture(pixels), box).pixels[..., 3]
    assert part.sum() == pixels[..., 3].sum()
    assert part[0].any()
    assert part[-1].any()
    assert part[:, 0].any()
    assert part[:, -1].any()


def test_pictures_are_read_only_and_of_one_kind() -> None:
    picture = resize(noise(8, 8), 4, 4)
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0] = 0
    for bad in (np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 4)), np.zeros((4, 4), np.uint8)):
        with pytest.raises(ValueError, match="a picture is"):
            Picture(bad)

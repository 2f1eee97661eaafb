"""The mapping is exact: the least float32 OKLab distance, and of equals the lowest index."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from pixforge.pixel import cubes
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.mapping import nearest_index, pack, unpack

PALETTES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.just(3)))


def brute_force(rgb: NDArray[np.uint8], palette: NDArray[np.uint8]) -> NDArray[np.intp]:
    step = srgb_to_oklab(rgb)[..., None, :] - srgb_to_oklab(palette)
    step *= step
    best: NDArray[np.intp] = (step[..., 0] + step[..., 1] + step[..., 2]).argmin(axis=-1)
    return best


@settings(max_examples=60)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(0, 9), st.integers(1, 9), st.just(3))), PALETTES)
def test_small_pictures_match_brute_force(rgb: NDArray[np.uint8], palette: NDArray[np.uint8]) -> None:
    found = nearest_index(rgb, palette)
    assert found.dtype == np.intp
    np.testing.assert_array_equal(found, brute_force(rgb, palette))


@pytest.mark.parametrize("colours", [5, 300, 40000])
def test_large_pictures_match_brute_force(colours: int) -> None:
    """With few, many and very many distinct colours: all ways through the code."""
    random = np.random.default_rng(colours)
    known = random.integers(0, 256, (colours, 3)).astype(np.uint8)
    rgb = known[random.integers(0, colours, (160, 300))]
    palette = random.integers(0, 256, (24, 3)).astype(np.uint8)
    np.testing.assert_array_equal(nearest_index(rgb, palette), brute_force(rgb, palette))


def test_floats_are_mapped_like_the_bytes_they_equal() -> None:
    random = np.random.default_rng(1)
    rgb = random.integers(0, 256, (40, 50, 3)).astype(np.uint8)
    palette = random.integers(0, 256, (16, 3)).astype(np.uint8)
    np.testing.assert_array_equal(nearest_index(rgb.astype(np.float32), palette), nearest_index(rgb, palette))


@settings(max_examples=40)
@given(PALETTES)
def test_a_palette_colour_maps_to_itself_and_a_double_to_its_first(palette: NDArray[np.uint8]) -> None:
    doubled = np.concatenate([palette, palette[::-1]])
    found = nearest_index(doubled, doubled)
    np.testing.assert_array_equal(doubled[found], doubled)
    first = [doubled.tolist().index(colour) for colour in doubled.tolist()]
    assert found.tolist() == first


def test_more_than_a_byte_of_entries() -> None:
    palette = np.stack(np.unravel_index(np.arange(4096) * 4096, (256, 256, 256)), axis=-1).astype(np.uint8)
    picture = np.repeat(palette[None], 6, axis=0)
    np.testing.assert_array_equal(palette[nearest_index(picture, palette)], picture)


def test_an_empty_palette_is_refused() -> None:
    with pytest.raises(ValueError, match="K >= 1"):
        nearest_index(np.zeros((1, 3), np.uint8), np.zeros((0, 3), np.uint8))


def test_pack_and_unpack_are_inverse() -> None:
    colours = np.random.default_rng(2).integers(0, 256, (100, 3)).astype(np.uint8)
    np.testing.assert_array_equal(unpack(pack(colours)), colours)
    assert pack(np.array([[1, 2, 3]], np.uint8)).tolist() == [0x010203]


@pytest.mark.parametrize("entries", [1, 2, 16, 256, 700])
@pytest.mark.parametrize("span", [12, 60, 255])
def test_pictures_of_thousands_of_colours_match_brute_force(entries: int, span: int) -> None:
    """Entries close together, also doubles, and dark colours, whose cubes are the largest in OKLab."""
    random = np.random.default_rng(entries + span)
    rgb = random.integers(0, span + 1, (90, 100, 3)).astype(np.uint8)
    palette = random.integers(0, span + 1, (entries, 3)).astype(np.uint8)
    palette[entries // 2 :] = palette[: entries - entries // 2]
    np.testing.assert_array_equal(nearest_index(rgb, palette), brute_force(rgb, palette))


def test_the_farthest_colour_of_every_cube_is_a_corner() -> None:
    """What the radius of a cube rests on, shown for all colours of the darkest cubes and of slices of the others."""
    middle, radius = cubes.cubes()
    level = np.arange(256, dtype=np.uint8)
    for red in (*range(8), *range(8, 256, 31)):
        rgb = np.stack(np.meshgrid(level[red : red + 1], level, level, indexing="ij"), axis=-1).reshape(-1, 3)
        code = cubes.code(pack(rgb))
        step = srgb_to_oklab(rgb) - middle[code]
        assert (np.sqrt((step * step).sum(axis=1)) <= radius[code] + 1e-6).all()


@pytest.mark.parametrize("entries", [1, 2, 48, 300])
@pytest.mark.parametrize("span", [6.0, 90.0, 255.0])
def test_many_colours_between_whole_levels_match_brute_force(entries: int, span: float) -> None:
    random = np.random.default_rng(entries)
    rgb = random.uniform(0, span, (90, 100, 3)).astype(np.float32)
    palette = random.integers(0, int(span) + 1, (entries, 3)).astype(np.uint8)
    step = srgb_to_oklab(rgb)[..., None, :] - srgb_to_oklab(palette)
    step *= step
    np.testing.assert_array_equal(nearest_index(rgb, palette), (step[..., 0] + step[..., 1] + step[..., 2]).argmin(-1))


def test_colours_beyond_the_range_are_mapped_too() -> None:
    rgb = np.random.default_rng(3).uniform(-20, 280, (90, 100, 3)).astype(np.float32)
    palette = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 0]], np.uint8)
    np.testing.assert_array_equal(nearest_index(rgb, palette)[0], nearest_index(rgb[0], palette))

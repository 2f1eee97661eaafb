"""Areas of a logical picture: what a style leaves alone, what changes together, and where its light falls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

import pixforge
from pixforge.image.picture import Picture
from pixforge.methods._style import areas
from pixforge.methods._style.light import light_of, lit
from pixforge.pixel.colour import srgb_to_oklab

Keywords = dict[str, Any]
PALETTE = np.array([[255, 255, 255], [200, 60, 40], [20, 20, 20]], np.uint8)
LAB = srgb_to_oklab(PALETTE)
EVERY = np.ones((14, 14), np.bool_)


def face() -> np.ndarray:
    """White round a red square, which has two dark eyes and a dark right rim."""
    entries = np.zeros((14, 14), np.intp)
    entries[2:12, 2:12] = 1
    entries[4, 4], entries[4, 7] = 2, 2
    entries[2:12, 11] = 2
    return entries


def means(entries: np.ndarray) -> np.ndarray:
    return PALETTE[entries].astype(np.float32) / 255


def test_a_plain_colour_along_the_edge_is_the_ground_and_the_same_colour_inside_is_not() -> None:
    entries = face()
    entries[5:7, 5:7] = 0  # white inside the red
    ground = areas.ground_of(entries, means(entries), EVERY)
    assert ground[0, 0]
    assert not ground[5, 5]
    assert not (ground & (entries != 0)).any()


def test_neither_a_transparent_nor_an_uneven_edge_is_a_ground() -> None:
    entries = face()
    assert not areas.ground_of(entries, means(entries), entries != 0).any()
    uneven = means(entries) * np.linspace(0.5, 1, 14, dtype=np.float32)[:, None, None]
    assert not areas.ground_of(entries, uneven, EVERY).any()


def test_eyes_and_rims_are_details_and_areas_are_not() -> None:
    entries = face()
    details = areas.details_of(entries, LAB, EVERY)
    np.testing.assert_array_equal(details, entries == 2)


def test_cells_of_an_even_area_belong_together_and_nothing_does_across_an_edge_or_to_a_held_cell() -> None:
    free = EVERY.copy()
    free[6, 6] = False
    down, across = areas.links_of(srgb_to_oklab(means(face()) * 255), free)
    assert down.shape == (13, 14)
    assert across.shape == (14, 13)
    assert down[0, 0] == 1
    assert across[5, 1] < 0.01
    assert down[5, 6] == down[6, 6] == across[6, 5] == across[6, 6] == 0


def test_flat_areas_are_not_shaded_by_themselves_and_many_shades_of_one_colour_are() -> None:
    ramp = np.stack([np.arange(40, 240, 25)] * 3, axis=1).astype(np.uint8)
    shades = np.ones((8, 8), np.bool_)
    assert not areas.shaded_of(face(), np.eye(3, dtype=np.bool_), EVERY).any()
    flat = areas.shaded_of(np.where(face() == 1, 3, 0), shades, EVERY)
    assert not flat.any()
    entries = np.tile(np.arange(len(ramp)), (8, 1)).astype(np.intp)
    within = entries > 0
    found = areas.shaded_of(entries, shades, within)
    assert (found[within] == 1).all()
    assert not found[~within].any()


@limits(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_where_a_small_change_goes_back_the_start_is_what_comes(seed: int, least: int) -> None:
    """Always; and a change of enough cells stays."""
    rng = np.random.default_rng(seed)
    start, free = rng.integers(0, 3, (10, 14)), rng.random((10, 14)) > 0.1
    entries = np.where(free, rng.integers(0, 3, start.shape), start)
    found = areas.returned(entries, start, free, least)
    assert ((found == entries) | (found == start)).all()
    assert (areas.sizes_of(found, free)[free & (found != start)] >= least).all()
    whole = np.ones((10, 14), np.bool_)
    np.testing.assert_array_equal(areas.returned(np.full_like(start, 1), start, whole, least), 1)


@limits(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_no_stray_of_a_style_is_left_and_held_cells_stay(seed: int, least: int) -> None:
    rng = np.random.default_rng(seed)
    start = np.zeros((10, 14), np.intp)
    start[3:5, 3:5] = 1  # small in the drawing itself
    free = rng.random((10, 14)) > 0.1
    entries = np.where(free, rng.integers(0, 3, start.shape), start)
    found = areas.without_strays(entries, start, free, least)
    np.testing.assert_array_equal(found[~free], start[~free])
    changed = free & (found != start)
    assert (areas.sizes_of(found, free)[changed] >= least).all()


def test_the_outline_of_a_new_area_loses_its_bumps_and_the_drawings_own_keeps_them() -> None:
    start = np.zeros((9, 9), np.intp)
    entries = start.copy()
    entries[5:] = 1
    entries[4, 4] = 1  # a bump of one cell
    assert areas.rounded(entries, start, np.ones((9, 9), np.bool_))[4, 4] == 0
    np.testing.assert_array_equal(areas.rounded(entries, entries, np.ones((9, 9), np.bool_)), entries)


def ball(light: tuple[float, float]) -> Picture:
    """A red ball with a black outline, lit from a side."""
    y, x = np.mgrid[-9:10, -9:10].astype(np.float32)
    away = np.hypot(y, x)
    tone = np.clip(0.6 + 0.035 * (light[0] * x + light[1] * y), 0.2, 1)
    pixels = np.zeros((19, 19, 4), np.uint8)
    pixels[..., :3] = (tone[..., None] * np.array([230, 90, 60])).astype(np.uint8)
    pixels[away > 7.5] = (0, 0, 0, 255)
    pixels[..., 3] = 255 * (away < 9)
    pixels[pixels[..., 3] == 0] = 0
    return Picture(pixels)


@pytest.mark.parametrize("light", [(-0.7, -0.7), (0.0, 1.0), (1.0, 0.0)])
def test_the_direction_of_a_styles_light_is_found_and_an_outline_is_no_light(light: tuple[float, float]) -> None:
    found = light_of([ball(light)])
    assert found @ np.array(light) > 0.9 * np.linalg.norm(found) > 0.02
    assert np.linalg.norm(light_of([ball((0, 0))])) < 0.005


def test_a_body_is_light_where_the_light_comes_from_and_dark_behind_with_no_pit_at_an_eye() -> None:
    areas_of = np.where(np.hypot(*np.mgrid[-8:9, -8:9]) < 8, 0, -1).astype(np.int32)
    whole = lit(areas_of == 0, areas_of, np.array([-0.1, -0.1], np.float32))
    assert whole[3, 3] > 0.02
    assert whole[13, 13] < -0.02
    assert abs(float(whole.mean())) < 1e-3
    eye = areas_of.copy()
    eye[8:10, 8:10] = -1
    holed = lit(areas_of == 0, eye, np.array([-0.1, -0.1], np.float32))
    kept = eye == 0
    assert np.abs(holed - whole)[kept].max() < 0.01
    assert not lit(np.zeros((4, 4), np.bool_), np.full((4, 4), -1, np.int32), np.ones(2, np.float32)).any()


def test_a_white_ground_stays_white_and_opaque(settings: Keywords, draw: Callable[..., np.ndarray]) -> None:
    pixels = draw()
    clear = pixels[..., 3] == 0
    pixels[clear] = 255
    strong = settings["settings"] | {"method.style.strength": 8.0, "method.style.steps": 20}
    result = pixforge.convert(pixels, height=24, colors=8, **settings | {"settings": strong}).picture.pixels
    plain = pixforge.convert(pixels, height=24, colors=8, method="classical").picture.pixels
    assert (result[0] == 255).all()  # the disc begins below
    ground = (plain == 255).all(axis=-1)
    assert (result[ground] == 255).all(axis=-1).mean() > 0.98

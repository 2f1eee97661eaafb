"""From a picture's size to cells: exact sizes, aspects kept, nothing outside the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.engine import geometry
from pixforge.errors import PictureError
from pixforge.image.picture import Picture
from pixforge.pixel.draft import Draft
from pixforge.pixel.options import Fit, GridOptions

SIDES = st.integers(1, 700)
CELLS = st.integers(1, 256)
FITS = st.sampled_from(["contain", "cover", "stretch"])


def cell_size(width: int, height: int, plan: geometry.Layout) -> tuple[float, float]:
    """Source pixels per inner cell, across and down."""
    left, top, right, bottom = plan.crop
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert min(plan.margins) >= 0
    across = right - left + plan.margins[0] + plan.margins[2]
    down = bottom - top + plan.margins[1] + plan.margins[3]
    return across / plan.inner_width, down / plan.inner_height


@settings(max_examples=200, deadline=None)
@given(width=SIDES, height=SIDES, columns=CELLS, rows=CELLS, fit=FITS, fill=st.booleans())
def test_a_size_is_exact_and_the_inner_cells_lie_within_it(
    width: int, height: int, columns: int, rows: int, fit: Fit, fill: bool
) -> None:
    plan = geometry.layout(width, height, GridOptions(size=(columns, rows), fit=fit), fill)
    cell_size(width, height, plan)
    assert (plan.width, plan.height) == (columns, rows)
    assert 0 <= plan.left <= plan.left + plan.inner_width <= columns
    assert 0 <= plan.top <= plan.top + plan.inner_height <= rows
    assert not (fill and plan.padded)


@settings(max_examples=200, deadline=None)
@given(width=SIDES, height=SIDES, columns=CELLS, rows=CELLS, fill=st.booleans())
def test_contain_keeps_every_pixel_and_its_cells_are_square(
    width: int, height: int, columns: int, rows: int, fill: bool
) -> None:
    plan = geometry.layout(width, height, GridOptions(size=(columns, rows)), fill)
    across, down = cell_size(width, height, plan)
    assert plan.crop == (0, 0, width, height)
    # margins are whole pixels: the sides of a cell differ by at most half a pixel spread over the cells
    assert abs(across - down) <= 0.5 / min(plan.inner_width, plan.inner_height) + 1e-9


@settings(max_examples=200, deadline=None)
@given(width=st.integers(32, 700), height=st.integers(32, 700), columns=st.integers(1, 32), rows=st.integers(1, 32))
def test_cover_fills_every_cell_and_its_cells_are_square(width: int, height: int, columns: int, rows: int) -> None:
    plan = geometry.layout(width, height, GridOptions(size=(columns, rows), fit="cover"))
    across, down = cell_size(width, height, plan)
    assert not plan.padded
    assert plan.margins == (0, 0, 0, 0)
    assert abs(across - down) <= 0.5 / min(columns, rows) + 1e-9


@settings(max_examples=100, deadline=None)
@given(width=SIDES, height=SIDES, count=CELLS)
def test_one_side_given_the_other_follows_the_aspect(width: int, height: int, count: int) -> None:
    exact = height * count / width
    if exact > geometry.MAX_CELLS:
        with pytest.raises(PictureError, match="cells, more than"):
            geometry.layout(width, height, GridOptions(width=count))
        return
    plan = geometry.layout(width, height, GridOptions(width=count))
    assert plan.width == count
    assert plan.height == max(1, round(exact)) or abs(plan.height - exact) == 0.5
    turned = geometry.layout(height, width, GridOptions(height=count))
    assert (turned.width, turned.height) == (plan.height, plan.width)


@settings(max_examples=100, deadline=None)
@given(width=SIDES, height=SIDES, cell=st.floats(1, 40))
def test_a_cell_size_is_kept_from_the_top_left_corner(width: int, height: int, cell: float) -> None:
    plan = geometry.layout(width, height, GridOptions(cell=cell))
    across, down = cell_size(width, height, plan)
    assert plan.crop[:2] == (0, 0)
    assert plan.margins[:2] == (0, 0)
    assert abs(across - cell) <= 0.5 / plan.width + 1e-9
    assert abs(down - cell) <= 0.5 / plan.height + 1e-9
    assert abs(plan.width - width / cell) <= 0.5 + 1e-9 or plan.width == 1


@pytest.mark.parametrize(("size", "cells"), [((512, 512), (64, 64)), ((512, 384), (64, 48)), ((10, 1000), (1, 64))])
def test_without_a_wish_the_longer_side_has_64_cells(size: tuple[int, int], cells: tuple[int, int]) -> None:
    plan = geometry.layout(*size, GridOptions())
    assert (plan.width, plan.height) == cells


def test_a_picture_in_the_middle_of_its_cells() -> None:
    plan = geometry.layout(512, 300, GridOptions(size=(64, 64)))
    assert (plan.inner_width, plan.inner_height) == (64, 38)
    assert (plan.left, plan.top) == (0, 13)
    assert plan.margins == (0, 2, 0, 2)


def test_the_cells_round_a_draft_are_transparent() -> None:
    plan = geometry.layout(40, 20, GridOptions(size=(4, 4)))
    draft = Draft(np.full((2, 4, 3), 7, np.float32), np.ones((2, 4), np.float32), np.ones((2, 4), np.bool_))
    placed = geometry.place(draft, plan)
    assert placed.cells.shape == (4, 4, 3)
    assert placed.alpha.tolist() == [[0] * 4, [1] * 4, [1] * 4, [0] * 4]
    assert placed.protected is not None
    assert placed.protected.sum() == 8


def test_trimming_cuts_the_transparent_border_and_leaves_an_invisible_picture_alone() -> None:
    pixels = np.zeros((9, 9, 4), np.uint8)
    assert geometry.trim(Picture(pixels.copy())).width == 9
    pixels[2:5, 3:8, 3] = 1
    trimmed = geometry.trim(Picture(pixels))
    assert (trimmed.width, trimmed.height) == (5, 3)


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        (GridOptions(), (128, 80)),
        (GridOptions(cell=4.0), (64, 40)),
        (GridOptions(size=(50, 60)), (50, 60)),
        (GridOptions(width=160), (160, 100)),
    ],
)
def test_a_drawing_is_cell_times_logical_size(grid: GridOptions, expected: tuple[int, int]) -> None:
    assert geometry.drawing_size(16, 10, grid) == expected


def test_a_drawing_too_large_to_make_is_refused() -> None:
    with pytest.raises(PictureError, match="more than 16384"):
        geometry.drawing_size(4000, 10, GridOptions())

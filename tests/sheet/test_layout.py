"""Sheets: nothing overlaps, nothing is lost, pages keep their promises."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixforge.errors import SettingsError
from pixforge.image.picture import Frame, Picture
from pixforge.sheet.atlas import build, lay_out, restore
from pixforge.sheet.clip import Clip
from pixforge.sheet.layout import arrange
from pixforge.sheet.options import SheetOptions

LAYOUTS = ("horizontal", "vertical", "rows", "columns", "grid", "packed")

sizes = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=25)
options = st.builds(
    SheetOptions,
    layout=st.sampled_from(LAYOUTS),
    columns=st.one_of(st.none(), st.integers(0, 5)),
    border=st.integers(0, 3),
    spacing=st.integers(0, 3),
    power_of_two=st.booleans(),
    multiple_of=st.sampled_from([1, 4, 16]),
    max_size=st.sampled_from([64, 200, 4096]),
)


@given(sizes, options)
def test_rectangles_keep_their_distance_and_stay_on_pages_of_the_right_size(
    rectangles: list[tuple[int, int]], chosen: SheetOptions
) -> None:
    made = arrange(rectangles, chosen)
    taken = [np.zeros((height, width), np.uint8) for width, height in made.pages]
    gap = chosen.spacing
    for (width, height), place in zip(rectangles, made.places, strict=True):
        page = taken[place.page]
        assert place.x >= chosen.border
        assert place.y >= chosen.border
        assert place.x + width + chosen.border <= page.shape[1]
        assert place.y + height + chosen.border <= page.shape[0]
        around = page[max(place.y - gap, 0) : place.y + height + gap, max(place.x - gap, 0) : place.x + width + gap]
        assert not around.any()
        page[place.y : place.y + height, place.x : place.x + width] = 1
    for width, height in made.pages:
        assert max(width, height) <= chosen.max_size
        for side in (width, height):
            assert side % chosen.multiple_of == 0
            assert not chosen.power_of_two or side & (side - 1) == 0


@given(sizes, options)
def test_the_same_rectangles_lie_in_the_same_places(rectangles: list[tuple[int, int]], chosen: SheetOptions) -> None:
    assert arrange(rectangles, chosen) == arrange(rectangles, chosen)


@given(
    st.lists(st.tuples(*[st.integers(0, 11)] * 4), min_size=1, max_size=8),
    options,
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
    st.integers(0, 2),
)
def test_every_frame_comes_back_off_the_sheet(
    boxes: list[tuple[int, ...]], chosen: SheetOptions, trim: bool, merge: bool, inner: int, extrude: int
) -> None:
    pictures = []
    for number, (x, y, width, height) in enumerate(boxes):
        pixels = np.zeros((12, 12, 4), np.uint8)
        pixels[y : y + height, x : x + width] = (number, 7, 7, 255)
        pictures.append(Picture(pixels))
    full = replace(chosen, trim=trim, merge=merge, inner=inner, extrude=extrude)
    sheet = lay_out(pictures, full)
    for number, picture in enumerate(pictures):
        assert np.array_equal(restore(sheet, number).pixels, picture.pixels)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_equal_frames_lie_on_the_sheet_once(clip: Clip, layout: str) -> None:
    cells = build(clip, SheetOptions(layout=layout, trim=False)).cells  # type: ignore[arg-type]
    assert cells[5].shared == 0
    assert (cells[5].x, cells[5].y) == (cells[0].x, cells[0].y)
    assert [cell.shared for cell in cells[:5]] == [None] * 5


def test_a_shifted_frame_shares_the_place_of_its_twin_but_not_its_offset(clip: Clip) -> None:
    shifted = Picture(np.roll(clip.pictures[0].pixels, 2, axis=1))
    cells = lay_out([clip.pictures[0], shifted], SheetOptions()).cells
    assert (cells[1].shared, cells[0].left, cells[1].left) == (0, 1, 3)


def test_an_empty_frame_keeps_one_pixel(clip: Clip) -> None:
    cell = lay_out([Picture(np.zeros((8, 8, 4), np.uint8))], SheetOptions()).cells[0]
    assert (cell.width, cell.height, cell.source_width) == (1, 1, 8)
    assert clip.frames


def test_extrusion_repeats_the_edge_outside_the_frame() -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[..., 0] = [[1, 2], [3, 4]]
    sheet = lay_out([Picture(pixels)], SheetOptions(extrude=1, inner=1))
    assert sheet.pages[0].pixels[1:5, 1:5, 0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    assert not sheet.pages[0].pixels[0].any()


def test_a_grid_is_cut_by_one_cell_size_and_all_frames_share_one_offset(clip: Clip) -> None:
    sheet = build(clip, SheetOptions("grid", columns=3, spacing=1, border=2, merge=False))
    first = sheet.cells[0]
    for number, cell in enumerate(sheet.cells):
        assert (cell.left, cell.top, cell.width, cell.height) == (first.left, first.top, first.width, first.height)
        assert (cell.x, cell.y) == (2 + number % 3 * (cell.width + 1), 2 + number // 3 * (cell.height + 1))


def test_rows_begin_anew_with_a_new_band() -> None:
    places = arrange([(4, 4)] * 5, SheetOptions("rows", columns=0), bands=[0, 0, 1, 1, 1]).places
    assert [(place.x, place.y) for place in places] == [(0, 0), (4, 0), (0, 4), (4, 4), (8, 4)]


def test_a_frame_larger_than_a_page_is_refused_with_its_size() -> None:
    with pytest.raises(SettingsError, match="frame 1 takes 70 x 4 pixels"):
        arrange([(4, 4), (70, 4)], SheetOptions(max_size=64))


def test_a_power_of_two_that_is_a_multiple_of_three_is_refused() -> None:
    with pytest.raises(SettingsError, match="multiple of 3"):
        arrange([(4, 4)], SheetOptions(power_of_two=True, multiple_of=3))


def test_five_thousand_frames_are_packed_densely_within_seconds() -> None:
    rng = np.random.default_rng(2)
    rectangles = [(int(width), int(height)) for width, height in rng.integers(8, 65, (5000, 2))]
    started = time.process_time()
    pages = arrange(rectangles, SheetOptions()).pages
    assert time.process_time() - started < 20
    area = sum(width * height for width, height in rectangles)
    assert area / sum(width * height for width, height in pages) > 0.95


def test_a_few_frames_are_packed_densely() -> None:
    rng = np.random.default_rng(3)
    for count, density in ((8, 0.7), (20, 0.82), (100, 0.88)):
        rectangles = [(int(width), int(height)) for width, height in rng.integers(8, 65, (count, 2))]
        (width, height) = arrange(rectangles, SheetOptions()).pages[0]
        assert sum(across * down for across, down in rectangles) / (width * height) > density


def test_frames_need_not_be_of_one_size_on_a_sheet_of_pictures(clip: Clip) -> None:
    frames = [clip.frames[0], Frame(Picture(np.full((3, 30, 4), 255, np.uint8)), 1)]
    sheet = lay_out([frame.picture for frame in frames], SheetOptions())
    assert np.array_equal(restore(sheet, 1).pixels, frames[1].picture.pixels)

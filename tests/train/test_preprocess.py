"""One preprocessing for training and inference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.image.picture import Picture
from pixforge.preprocess import (
    CELL,
    SPECIFICATION,
    conditions,
    drawing_array,
    drawing_picture,
    logical_array,
    logical_picture,
    pad_cells,
)

sizes = st.tuples(st.integers(1, 24), st.integers(1, 24))


def random_picture(seed: int, height: int, width: int, hard: bool = False) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4)).astype(np.uint8)
    if hard:
        pixels[..., 3] = np.where(pixels[..., 3] > 127, 255, 0)
    return Picture(pixels)


@given(sizes, sizes, st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_drawing_has_four_pixels_a_cell_and_is_premultiplied(
    source: tuple[int, int], cells: tuple[int, int], seed: int
) -> None:
    """Whatever its size; no colour is above its alpha."""
    array = drawing_array(random_picture(seed, *source), *cells)
    assert array.shape == (4, cells[1] * CELL, cells[0] * CELL)
    assert array.dtype == np.float32
    assert array.min() >= 0
    assert array.max() <= 1
    assert (array[:3] <= array[3:]).all()


@given(sizes, st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_logical_picture_comes_back_from_its_array(size: tuple[int, int], seed: int) -> None:
    picture = random_picture(seed, *size, hard=True)
    back = logical_picture(logical_array(picture))
    shown = picture.pixels[..., 3] > 0
    assert (back.pixels[..., 3] == picture.pixels[..., 3]).all()
    assert (back.pixels[shown] == picture.pixels[shown]).all()
    assert (back.pixels[~shown] == 0).all()


def test_an_uncertain_alpha_darkens_no_colour() -> None:
    """The generator's colour is that of an opaque cell: alpha decides whether it shows, never how dark it is."""
    array = np.array([0.8, 0.4, 0.2, 0.6], np.float32).reshape(4, 1, 1)
    assert logical_picture(array).pixels.tolist() == [[[204, 102, 51, 255]]]


def test_drawings_are_divided_by_alpha_safely() -> None:
    array = np.zeros((4, 2, 2), np.float32)
    array[:, 0, 0] = [0.25, 0.5, 0.0, 0.5]
    array[:, 1, 1] = [0.9, 0.9, 0.9, -0.1]
    pixels = drawing_picture(array).pixels
    assert pixels[0, 0].tolist() == [128, 255, 0, 128]
    assert pixels[1, 1].tolist() == [0, 0, 0, 0]


def test_colour_of_transparent_pixels_never_shows() -> None:
    """Two drawings that differ only under alpha 0 give the same array, whatever the resize."""
    pixels = random_picture(5, 20, 20).pixels.copy()
    pixels[:, 10:, 3] = 0
    other = pixels.copy()
    other[:, 10:, :3] = 255 - other[:, 10:, :3]
    for cells in ((3, 3), (5, 5), (9, 9)):
        assert (drawing_array(Picture(pixels), *cells) == drawing_array(Picture(other.copy()), *cells)).all()


@given(sizes)
@settings(max_examples=20, deadline=None)
def test_padding_repeats_the_edge_to_whole_multiples(size: tuple[int, int]) -> None:
    array = np.random.default_rng(0).random((4, *size), np.float32)
    padded = pad_cells(array, 1)
    assert padded.shape[1] % SPECIFICATION.multiple == 0
    assert padded.shape[2] % SPECIFICATION.multiple == 0
    assert (padded[:, : size[0], : size[1]] == array).all()
    assert (padded[:, size[0] :, :] == padded[:, size[0] - 1 : size[0], :]).all()


@pytest.mark.parametrize(
    ("cell", "colours", "wanted"), [(4, None, [0, 0, 0]), (8, 16, [1, 1, 0]), (1000, 2, [4, 1, -3])]
)
def test_conditions(cell: float, colours: int | None, wanted: list[float]) -> None:
    assert conditions(cell, colours).tolist() == wanted

"""Tiles: the map always shows the picture again; equal and mirrored tiles are kept once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixforge.errors import PictureError, SettingsError
from pixforge.image.picture import Picture
from pixforge.sheet.tiles import EMPTY, assemble, cut, lay_out_tiles


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 4), st.just(4)), elements=st.integers(0, 1)),
    st.sampled_from([(2, 2), (1, 2), (2, 1), (1, 1)]),
    st.booleans(),
    st.booleans(),
)
def test_the_map_shows_the_picture(cells: np.ndarray, size: tuple[int, int], merge: bool, mirror: bool) -> None:
    pixels = np.kron(cells, np.ones((2, 2, 1), np.uint8)) * 255
    pixels[pixels[..., 3] == 0] = 0
    picture = Picture(np.ascontiguousarray(pixels))
    if not picture.pixels[..., 3].any():
        with pytest.raises(PictureError, match="transparent"):
            cut(picture, size, merge=merge, mirror=mirror)
        return
    tiles = cut(picture, size, merge=merge, mirror=mirror)
    assert np.array_equal(assemble(tiles).pixels, picture.pixels)
    distinct = {tile.pixels.tobytes() for tile in tiles.tiles}
    assert not merge or len(distinct) == len(tiles.tiles)


def _tile() -> np.ndarray:
    tile = np.zeros((4, 4, 4), np.uint8)
    tile[..., 3] = 255
    tile[0, 0, 0], tile[0, 3, 1], tile[1, 0, 2] = 9, 8, 7
    return tile


def test_all_eight_positions_of_a_tile_are_one_tile_with_its_flips() -> None:
    tile = _tile()
    ways = [tile, tile[:, ::-1], tile[::-1], tile[::-1, ::-1]]
    ways += [way.swapaxes(0, 1) for way in ways]
    tiles = cut(Picture(np.hstack(ways)), (4, 4))
    assert len(tiles.tiles) == 1
    assert len(set(tiles.flips[0])) == 8
    assert len(cut(Picture(np.hstack(ways)), (4, 4), mirror=False).tiles) == 8
    assert len(cut(Picture(np.hstack(ways)), (4, 4), merge=False).tiles) == 8


def test_a_transparent_tile_is_no_tile() -> None:
    tiles = cut(Picture(np.hstack([_tile(), np.zeros_like(_tile())])), (4, 4))
    assert tiles.numbers.tolist() == [[0, EMPTY]]


def test_margin_and_spacing_are_left_out() -> None:
    canvas = np.zeros((8, 13, 4), np.uint8)
    canvas[2:6, 2:6] = _tile()
    canvas[2:6, 7:11] = _tile()[::-1]
    tiles = cut(Picture(canvas), (4, 4), margin=2, spacing=1)
    assert tiles.numbers.tolist() == [[0, 0]]


def test_a_picture_that_is_no_whole_number_of_tiles_is_refused() -> None:
    with pytest.raises(PictureError, match="not a whole number of tiles of 3 x 3"):
        cut(Picture(_tile()), (3, 3))


@pytest.mark.parametrize("size", [(5, 5), (0, 4)])
def test_a_tile_that_does_not_fit_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(SettingsError):
        cut(Picture(_tile()), size)


def test_the_tiles_lie_on_a_regular_grid() -> None:
    tiles = cut(
        Picture(np.hstack([_tile() + np.uint8(n) * np.array([1, 0, 0, 0], np.uint8) for n in range(5)])), (4, 4)
    )
    sheet = lay_out_tiles(tiles, margin=1, spacing=2, extrude=1)
    assert [(cell.x, cell.y) for cell in sheet.cells] == [(2, 2), (10, 2), (18, 2), (2, 10), (10, 10)]

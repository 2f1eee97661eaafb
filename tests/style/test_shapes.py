"""Pixel art enlarged as shapes, which is the start of direction to-drawing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pixforge.image.picture import Picture
from pixforge.methods._style.shapes import shapes

COLOURS = np.array(
    [[0, 0, 0, 0], [250, 250, 250, 255], [200, 30, 30, 255], [20, 20, 30, 255], [40, 90, 220, 255]], np.uint8
)


@limits(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 9))
def test_the_middle_of_every_cell_keeps_its_colour_whatever_lies_round_it(seed: int, height: int, width: int) -> None:
    """Always, so that the drawing goes back to the sprite."""
    sprite = COLOURS[np.random.default_rng(seed).integers(0, 5, (height, width))]
    found = shapes(Picture(sprite), 5).pixels
    assert found.shape == (5 * height, 5 * width, 4)
    np.testing.assert_array_equal(found[2::5, 2::5], sprite)


def test_stairs_become_a_slope() -> None:
    """Along the border of a triangle no cell's full corner is left: its two halves are on their own sides."""
    sprite = np.zeros((12, 12, 4), np.uint8)
    sprite[np.tri(12, dtype=bool)] = (200, 30, 30, 255)
    alpha = shapes(Picture(sprite), 8).pixels[..., 3].astype(int)
    along = [int(np.ptp((alpha[:, 8 * step : 8 * step + 8] > 127).sum(axis=0))) for step in range(4, 8)]
    assert min(along) >= 5  # squares: 0


def test_a_diagonal_line_of_single_cells_holds_together() -> None:
    sprite = np.full((9, 9, 4), 255, np.uint8)
    sprite[np.eye(9, dtype=bool)] = (20, 20, 30, 255)
    found = shapes(Picture(sprite), 8).pixels[..., 0]
    corners = [found[8 * step - 1 : 8 * step + 1, 8 * step - 1 : 8 * step + 1].max() for step in range(1, 9)]
    assert max(corners) < 128


def test_one_colour_stays_one_colour_and_soft_alpha_is_kept() -> None:
    sprite = np.full((3, 4, 4), (90, 60, 30, 255), np.uint8)
    assert (shapes(Picture(sprite), 4).pixels == sprite[0, 0]).all()
    sprite = sprite.copy()
    sprite[:, 2:, 3] = 128
    assert set(np.unique(shapes(Picture(sprite), 4).pixels[..., 3])) >= {128, 255}

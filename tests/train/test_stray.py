"""What a run learns a style by: sprites without their ground, and drawings in other colours than their sprites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixforge.pixel.ground import groundless
from pixforge.train.pairs.make import PairOptions, make_pair
from pixforge.train.pairs.sprite import inked, strayed


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.3))
def test_strayed_colours_keep_shapes_and_alpha(seed: int, most: float) -> None:
    """Cells of one colour stay of one colour, and what is transparent stays empty."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 3, (6, 7, 4), dtype=np.uint8) * 100
    cells[..., 3] = np.where(rng.random((6, 7)) < 0.7, 255, 0)
    cells[cells[..., 3] == 0] = 0
    moved = strayed(cells, most, rng)
    assert (moved[..., 3] == cells[..., 3]).all()
    assert not moved[moved[..., 3] == 0].any()
    for colour in np.unique(cells.reshape(-1, 4), axis=0):
        assert len(np.unique(moved[(cells == colour).all(axis=-1)], axis=0)) == 1


def test_the_answer_keeps_the_colours_that_the_drawing_lost() -> None:
    """On a flat sprite the drawing's colour is far from the sprite's, and the answer is the sprite itself."""
    cells = np.full((12, 12, 4), (120, 90, 60, 255), np.uint8)
    plain = PairOptions(shade=0, blur=0, noise=0, compress=0, warp=0)
    pair = make_pair(cells, replace(plain, stray=0.1), np.random.default_rng(1))
    assert (pair.logical.pixels == cells).all()
    assert np.abs(pair.drawing.pixels[24, 24, :3].astype(int) - cells[0, 0, :3]).max() > 8
    same = make_pair(cells, plain, np.random.default_rng(1))
    assert np.abs(same.drawing.pixels[24, 24, :3].astype(int) - cells[0, 0, :3]).max() <= 1


def test_replayed_sprites_never_stray(data_set: Callable[[], Path]) -> None:
    """With a sheer stray, replayed pairs are those of a run without; the run's own are not."""
    pytest.importorskip("torch")
    from pixforge.train.batches import make_batches
    from pixforge.train.recipe import DataOptions, Recipe

    root = data_set()

    def pairs(stray: float, replay: float) -> list[np.ndarray]:
        data = DataOptions(side=16, pairs=4, reverse=0, replay=replay)
        recipe = Recipe("tiny", data=data, pairs=PairOptions(stray=stray, ink=float(stray > 0)))
        return [np.asarray(one) for one in make_batches(recipe, root, root).batch(0).drawing]

    assert all(np.array_equal(one, other) for one, other in zip(pairs(0.3, 1.0), pairs(0.0, 1.0), strict=True))
    assert not any(np.array_equal(one, other) for one, other in zip(pairs(0.3, 0.0), pairs(0.0, 0.0), strict=True))


@given(st.integers(0, 2**32 - 1))
def test_ink_lies_on_the_edge_of_a_sprite_and_nowhere_outside(seed: int) -> None:
    """Every cell beside emptiness is dark, of one colour; a flat sprite is else what it was."""
    rng = np.random.default_rng(seed)
    cells = np.zeros((9, 9, 4), np.uint8)
    cells[2:8, 1:7] = (200, 180, 160, 255)
    drawn = inked(cells, rng)
    assert (drawn[..., 3] == cells[..., 3]).all()
    inside = np.zeros((9, 9), bool)
    inside[3:7, 2:6] = True
    assert (drawn[inside] == cells[inside]).all()
    edge = (cells[..., 3] > 0) & ~inside
    assert len(np.unique(drawn[edge], axis=0)) == 1
    assert drawn[edge][0, :3].max() < 70


@given(st.integers(0, 2**32 - 1))
def test_a_sprite_without_its_ground_keeps_all_else(seed: int) -> None:
    """What is left has the colours it had; only the colour of the edge is gone, and a sprite on nothing stays."""
    rng = np.random.default_rng(seed)
    cells = np.full((9, 9, 4), (80, 120, 160, 255), np.uint8)
    cells[2:7, 2:7, :3] = rng.integers(0, 255, (5, 5, 3))
    bare = groundless(cells)
    left = bare[..., 3] > 0
    assert (bare[left] == cells[left]).all()
    assert (cells[~left] == cells[0, 0]).all()
    assert not left[0].any()
    assert (groundless(bare) == bare).all()

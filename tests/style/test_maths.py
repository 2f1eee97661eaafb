"""The parts of the loss and of the parametrisation are what their sources say, by numpy."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.nn.style import cells, losses
from pixforge.nn.style.solve import adam

SEEDS = st.integers(0, 2**32 - 1)


def test_a_gram_matrix_is_the_mean_of_outer_products() -> None:
    places = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    wanted = sum(np.outer(place, place) for place in places) / 40
    np.testing.assert_allclose(losses.gram(places), wanted, rtol=1e-5, atol=1e-6)


@settings(max_examples=10)
@given(SEEDS)
def test_the_sliced_distance_does_not_see_the_order_of_places_and_sees_a_shift(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(64, 6)).astype(np.float32)
    directions = rng.normal(size=(6, 9)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=0)
    assert float(losses.sliced_distance(rng.permutation(places), places, directions)) == pytest.approx(0, abs=1e-9)
    assert float(losses.sliced_distance(places + 2, places, directions)) > 0.05


def test_what_a_gram_matrix_cannot_tell_apart_the_sliced_distance_does() -> None:
    """Two heaps (flat areas and steps) and one smooth cloud of the same second moments."""
    rng = np.random.default_rng(1)
    heaps = rng.choice([-1.0, 1.0], (4096, 1)).astype(np.float32)
    cloud = rng.normal(size=(4096, 1)).astype(np.float32)
    cloud /= np.sqrt((cloud**2).mean())
    assert float(losses.gram_difference(heaps, losses.gram(cloud))) < 1e-6
    assert float(losses.sliced_distance(heaps, cloud, np.ones((1, 1), np.float32))) > 0.2


@settings(max_examples=10)
@given(SEEDS, st.integers(1, 7), st.integers(1, 7))
def test_the_low_pass_is_the_mean_of_nine_cells_with_the_edge_repeated(seed: int, height: int, width: int) -> None:
    picture = np.random.default_rng(seed).random((height, width, 3), np.float32)
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    wanted = sum(padded[y : y + height, x : x + width] for y in range(3) for x in range(3)) / 9
    np.testing.assert_allclose(losses.low_pass(tf.constant(picture)), wanted, rtol=1e-5, atol=1e-6)


def test_variation_counts_each_step_between_neighbours_once() -> None:
    picture = np.zeros((4, 4, 1), np.float32)
    picture[1, 1] = 1
    assert float(losses.variation(tf.constant(picture))) == pytest.approx(4 / 16)


def test_usage_is_nothing_for_the_wanted_shares_and_counts_opaque_cells_alone() -> None:
    chosen = np.eye(2, dtype=np.float32)[[[0, 0, 1, 1]]]
    opaque = np.array([[1, 1, 1, 0]], np.float32)
    assert float(losses.usage(chosen, opaque, np.array([2 / 3, 1 / 3], np.float32))) == pytest.approx(0, abs=1e-6)
    assert float(losses.usage(chosen, opaque, np.array([0.0, 1.0], np.float32))) > 0.5


@settings(max_examples=10)
@given(SEEDS)
def test_the_choice_hardens_as_the_temperature_falls(seed: int) -> None:
    logits = np.random.default_rng(seed).permuted(np.tile(np.arange(5, dtype=np.float32), (3, 4, 1)), axis=-1)
    soft, hard = cells.assigned(logits, 1.0), cells.assigned(logits, 0.05)
    assert float(tf.reduce_max(soft)) < 0.7
    np.testing.assert_allclose(hard, np.eye(5)[logits.argmax(axis=-1)], atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 2)])
def test_the_margin_repeats_the_edge_of_any_size_and_cells_become_blocks(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(2).random((*size, 3), np.float32)
    wide = np.pad(picture, ((2, 2), (2, 2), (0, 0)), mode="edge")
    found = cells.enlarged(cells.with_margin(tf.constant(picture), 2, 1), 3)
    np.testing.assert_array_equal(found, wide.repeat(3, axis=0).repeat(3, axis=1))


def test_two_greys_of_other_mean_and_contrast_look_alike_after_scaling() -> None:
    tone = np.random.default_rng(3).random((6, 6, 1), np.float32).repeat(3, axis=2)
    dark = tone * 0.3 + 0.1
    spreads = [np.array([one.mean(), one.std()], np.float32) for one in (tone, dark)]
    np.testing.assert_allclose(cells.grey(tone, spreads[0]), cells.grey(dark, spreads[1]), atol=1e-4)


def test_adam_moves_by_its_rate_against_the_first_gradient() -> None:
    state, gradients = (tf.constant([1.0, -1.0]),), (tf.constant([3.0, -0.5]),)
    moved, _ = adam(state, gradients, (tf.zeros(2), tf.zeros(2)), tf.constant(0.1), tf.constant(1.0))
    np.testing.assert_allclose(moved[0], [0.9, -0.9], atol=1e-5)

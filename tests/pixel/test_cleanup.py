"""Clean-up removes what nobody asked for and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.pixel.cleanup import drop_orphans, settle_alpha

NOTHING = np.zeros((7, 7), bool)
EVERYTHING = np.ones((7, 7), bool)


def test_an_orphan_joins_its_neighbours_unless_it_is_protected() -> None:
    indices = np.full((7, 7), 2)
    indices[3, 3] = 5
    assert (drop_orphans(indices, EVERYTHING, NOTHING) == 2).all()
    protected = NOTHING.copy()
    protected[3, 3] = True
    assert drop_orphans(indices, EVERYTHING, protected)[3, 3] == 5


def test_two_cells_that_touch_diagonally_are_no_orphans() -> None:
    indices = np.full((7, 7), 2)
    indices[3, 3] = indices[4, 4] = 5
    assert np.array_equal(drop_orphans(indices, EVERYTHING, NOTHING), indices)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_entry_is_invented_and_protected_or_transparent_cells_stay(seed: int) -> None:
    rng = np.random.default_rng(seed)
    indices, opaque, protected = rng.integers(0, 4, (9, 9)), rng.random((9, 9)) < 0.8, rng.random((9, 9)) < 0.2
    cleaned = drop_orphans(indices, opaque, protected)
    assert np.isin(cleaned, indices).all()
    assert np.array_equal(cleaned[~opaque | protected], indices[~opaque | protected])


def test_a_doubtful_bump_goes_and_a_drawn_one_stays() -> None:
    opaque = np.zeros((7, 7), bool)
    opaque[4:] = True
    opaque[3, 3] = True
    alpha = opaque.astype(np.float32)
    assert settle_alpha(opaque, alpha, 0.5, NOTHING)[3, 3]
    alpha[3, 3] = 0.55
    assert not settle_alpha(opaque, alpha, 0.5, NOTHING)[3, 3]
    protected = NOTHING.copy()
    protected[3, 3] = True
    assert settle_alpha(opaque, alpha, 0.5, protected)[3, 3]


def test_a_doubtful_pin_hole_is_closed_and_a_drawn_one_stays() -> None:
    opaque = EVERYTHING.copy()
    opaque[3, 3] = False
    alpha = opaque.astype(np.float32)
    assert not settle_alpha(opaque, alpha, 0.5, NOTHING)[3, 3]
    alpha[3, 3] = 0.45
    assert settle_alpha(opaque, alpha, 0.5, NOTHING)[3, 3]


def test_the_corner_of_a_block_is_no_bump() -> None:
    opaque = np.zeros((7, 7), bool)
    opaque[2:5, 2:5] = True
    assert np.array_equal(settle_alpha(opaque, np.where(opaque, 0.6, 0.0).astype(np.float32), 0.5, NOTHING), opaque)

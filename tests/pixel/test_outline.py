"""Outlines round the silhouette use palette entries only, lie on the border, and follow the ramp beneath."""

from __future__ import annotations

import numpy as np
import pytest

from pixforge.pixel.options import OutlineOptions
from pixforge.pixel.outline import apply, border

BLACK, DARK_RED, RED, SKIN, SHADOW, WHITE = range(6)
PALETTE = np.array(
    [(0, 0, 0), (120, 10, 20), (220, 40, 50), (241, 195, 165), (170, 120, 95), (255, 255, 255)], np.uint8
)


def block() -> tuple[np.ndarray, np.ndarray]:
    """A red block over a skin block with a dark border all round, on nothing."""
    indices = np.full((12, 12), BLACK)
    opaque = np.zeros((12, 12), bool)
    opaque[2:10, 2:10] = True
    indices[3:6, 3:9] = RED
    indices[6:9, 3:9] = SKIN
    return indices, opaque


def test_the_border_is_one_cell_and_a_full_picture_has_none() -> None:
    _, opaque = block()
    assert border(opaque).sum() == 28
    assert not border(np.ones((5, 5), bool)).any()


def test_the_edge_of_the_canvas_counts_when_anything_is_transparent() -> None:
    opaque = np.ones((4, 4), bool)
    opaque[0, 0] = False
    assert border(opaque)[3].all()


def test_keep_changes_nothing() -> None:
    indices, opaque = block()
    assert apply(indices, opaque, PALETTE, OutlineOptions(mode="keep")) is indices


def test_none_gives_the_border_to_the_area_beside_it() -> None:
    indices, opaque = block()
    bare = apply(indices, opaque, PALETTE, OutlineOptions(mode="none"))
    assert (bare[2, 3:9] == RED).all()
    assert (bare[9, 3:9] == SKIN).all()
    assert np.array_equal(bare[3:9, 3:9], indices[3:9, 3:9])


@pytest.mark.parametrize(("colour", "entry"), [("#000000", BLACK), ("#ffffff", WHITE), ("#d02030", RED)])
def test_black_draws_the_nearest_entry_of_the_asked_colour(colour: str, entry: int) -> None:
    indices, opaque = block()
    drawn = apply(indices, opaque, PALETTE, OutlineOptions(mode="black", color=colour))
    assert (drawn[border(opaque)] == entry).all()
    assert np.array_equal(drawn[3:9, 3:9], indices[3:9, 3:9])


def test_selective_goes_down_the_ramp_of_what_lies_beneath() -> None:
    indices, opaque = block()
    drawn = apply(indices, opaque, PALETTE, OutlineOptions(mode="selective"))
    assert (drawn[2, 3:9] == DARK_RED).all()
    assert (drawn[9, 3:9] == SHADOW).all()  # not the more vivid red, though it is dark too

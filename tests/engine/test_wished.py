"""A method may wish for a palette; it gets it where one was to be fitted to this picture alone."""

from __future__ import annotations

import numpy as np
import pytest

from pixforge.engine import palette
from pixforge.image.picture import Picture
from pixforge.methods.contract import Request, with_own_colours
from pixforge.pixel.draft import Draft
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions
from pixforge.preset import parse

WISH = np.array([[1, 2, 3], [200, 100, 50]], np.uint8)


def draft(colour: tuple[int, int, int] = (190, 90, 60)) -> Draft:
    cells = np.full((4, 4, 3), colour, np.float32)
    cells[:2] = (10, 10, 10)
    return Draft(cells, np.ones((4, 4), np.float32), palette=WISH)


@pytest.mark.parametrize(
    ("table", "granted"),
    [
        ({}, True),
        ({"palette": {"reserve": ["#ff00ff"]}}, False),
        ({"outline": {"mode": "black"}}, False),
        ({"palette": {"source": "pico-8"}}, False),
    ],
)
def test_a_wish_gives_way_to_what_the_preset_says(table: dict[str, object], granted: bool) -> None:
    """Reserved colours, a black outline and a named palette stay."""
    preset = parse({"direction": "to-pixel", "grid": {"height": 16}, **table}, "ours")
    fitted = np.array([[9, 9, 9]], np.uint8)
    assert (palette.wished(preset, draft(), fitted) is not fitted) == granted


def test_a_network_s_own_colours_are_chosen_from_its_style_s() -> None:
    """Of the house's colours those nearest to the cells; without a house the cells' own; never more than asked for."""
    fitted = np.zeros((2, 3), np.uint8)
    wishes = (AlphaOptions(), OutlineOptions(), CleanupOptions())
    request = Request(Picture(np.zeros((4, 4, 4), np.uint8)), 4, 4, fitted, "to-pixel", *wishes)
    house = ("#0c0c0c", "#00ff00", "#c05a3c", "#0000ff")
    chosen = with_own_colours(draft(), request, house).palette
    assert chosen is not None
    assert chosen.tolist() == [[12, 12, 12], [192, 90, 60]]
    own = with_own_colours(draft(), request).palette
    assert own is not None
    assert sorted(own.tolist()) == [[10, 10, 10], [190, 90, 60]]

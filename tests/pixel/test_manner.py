"""The manner of a style: learnt from sprites and conversions, and what it may do to a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixforge.pixel.draft import Draft
from pixforge.pixel.manner import SIZE, Manner, manner_of, mannered
from pixforge.pixel.options import AlphaOptions, CleanupOptions, Dither, OutlineOptions, PaletteOptions
from pixforge.pixel.stage import finish

PALETTE = np.array([[20, 20, 30], [90, 90, 90], [120, 120, 110], [220, 210, 200]], np.uint8)
Cells = NDArray[np.intp]


def pieces(cells: Cells, entry: int) -> int:
    """How many pieces cells of an entry make that touch by sides or corners."""
    left = {(int(y), int(x)) for y, x in np.argwhere(cells == entry)}
    count = 0
    while left:
        count += 1
        ends = [left.pop()]
        while ends:
            y, x = ends.pop()
            near = {(y + v, x + u) for v in (-1, 0, 1) for u in (-1, 0, 1)} & left
            left -= near
            ends += near
    return count


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 8.0))
def test_whatever_the_manner_no_entry_is_invented_and_nothing_is_cut_in_two(seed: int, strength: float) -> None:
    """Transparent and protected cells stay, no entry comes in, and no entry lies in more pieces than before."""
    rng = np.random.default_rng(seed)
    cells, opaque = rng.integers(0, 4, (11, 9)), rng.random((11, 9)) < 0.85
    held = rng.random(cells.shape) < 0.1
    manner = Manner(tuple(rng.normal(0, 1, SIZE))).times(strength)
    out = mannered(cells, opaque, PALETTE, manner, held)
    assert np.array_equal(out[~opaque | held], cells[~opaque | held])
    for entry in range(4):
        before, after = (np.where(opaque, each, -1) for each in (cells, out))
        assert pieces(after, entry) <= pieces(before, entry)
    assert np.array_equal(out, mannered(cells, opaque, PALETTE, manner, held))


@given(st.integers(0, 2**32 - 1))
def test_no_odds_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 4, (9, 9))
    out = mannered(cells, np.ones((9, 9), bool), PALETTE, Manner((0.0,) * SIZE), np.zeros((9, 9), bool))
    assert np.array_equal(out, cells)


def sprite(seed: int) -> Cells:
    """Large areas with straight and slanted edges."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:24, :24]
    cells = np.where(x * rng.uniform(0.3, 1) + y > rng.uniform(10, 26), 1, 3)
    cells[(np.hypot(y - 12, x - 12) < rng.uniform(4, 8))] = 2
    return cells


def frayed(cells: Cells, seed: int) -> Cells:
    """The same with every tenth cell in the colour of another one beside it."""
    rng = np.random.default_rng(seed)
    turned = np.roll(cells, (int(rng.integers(-1, 2)), 1), (0, 1))
    return np.where(rng.random(cells.shape) < 0.1, np.where(turned == cells, 2, turned), cells)


def shown(cells: Cells) -> NDArray[np.uint8]:
    return np.concatenate([PALETTE[cells], np.full((*cells.shape, 1), 255, np.uint8)], axis=-1)


@pytest.fixture(scope="module")
def manner() -> Manner:
    """Learnt from twenty clean pictures and their frayed versions."""
    return manner_of(map(shown, map(sprite, range(20))), (shown(frayed(sprite(seed), seed)) for seed in range(20)))


def test_what_was_learnt_mends_pictures_that_were_not_seen(manner: Manner) -> None:
    """Frayed pictures come back to at least half of the cells lost, and clean ones stay nearly as they are."""
    lost = mended = moved = 0
    for seed in range(100, 110):
        cells, opaque, held = sprite(seed), np.ones((24, 24), bool), np.zeros((24, 24), bool)
        worn = frayed(cells, seed)
        lost += (worn != cells).sum()
        mended += (mannered(worn, opaque, PALETTE, manner, held) != cells).sum()
        moved += (mannered(cells, opaque, PALETTE, manner, held) != cells).sum()
    assert mended <= 0.5 * lost
    assert moved <= 0.01 * 10 * 24 * 24


def test_turned_and_mirrored_pictures_have_the_same_manner() -> None:
    clean, worn = [shown(sprite(seed)) for seed in range(4)], [shown(frayed(sprite(seed), seed)) for seed in range(4)]
    expected = manner_of(clean, worn)
    assert manner_of([np.rot90(each) for each in clean], [each[:, ::-1] for each in worn]) == expected


def test_no_manner_asks_for_crumbs(manner: Manner) -> None:
    """However many lone cells sprites have, none is made out of a line."""
    dots = np.full((24, 24), 3)
    dots[::3, ::3] = 0
    found = manner_of([shown(dots)], [shown(sprite(1))])
    assert max(found.odds[0], found.odds[SIZE // 2]) <= 0
    assert len(manner.odds) == SIZE


def test_a_strong_colour_stays_where_a_weak_one_goes(manner: Manner) -> None:
    """Two lone cells alike but for their colour: the one hardly told from its area goes over, the other is kept."""
    cells = np.full((12, 12), 3)
    cells[3, 3], cells[8, 8] = 4, 0
    palette = np.append(PALETTE, [[215, 205, 195]], axis=0).astype(np.uint8)
    out = mannered(cells, np.ones((12, 12), bool), palette, manner.times(0.05), np.zeros((12, 12), bool))
    assert out[3, 3] == 3
    assert out[8, 8] == 0


def test_the_pixel_stage_asks_the_manner_where_it_tidies(manner: Manner) -> None:
    """With clean-up off, and under a dither, cells stay where the draft has them."""
    worn = frayed(sprite(5), 5)
    draft = Draft(PALETTE[worn].astype(np.float32), np.ones(worn.shape, np.float32))
    styled = replace(draft, manner=manner)

    def cells(each: Draft, orphans: bool = True, dither: Dither = "none") -> NDArray[np.uint8]:
        cleanup, options = CleanupOptions(orphans=orphans), PaletteOptions(dither=dither)
        return finish(each, PALETTE, OutlineOptions(), cleanup, AlphaOptions(), options).indices

    assert not np.array_equal(cells(styled), cells(draft))
    assert np.array_equal(cells(styled, orphans=False), cells(draft, orphans=False))
    assert np.array_equal(cells(styled, dither="bayer4"), cells(draft, dither="bayer4"))

"""Each measure says what it claims on pictures whose answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixforge.evaluate.contour import continuity, largest_component
from pixforge.evaluate.fidelity import fidelity, silhouette
from pixforge.evaluate.texture import jaggy_rate, orphan_rate, variation
from pixforge.pixel.agreement import agree, hard_cells

Sprite = Callable[..., np.ndarray]
masks = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1), st.floats(0.1, 0.9))


def flat(height: int, width: int, colour: tuple[int, int, int] = (200, 90, 60)) -> np.ndarray:
    out = np.empty((height, width, 4), np.uint8)
    out[...] = (*colour, 255)
    return out


def enlarged(cells: np.ndarray, factor: int = 8) -> np.ndarray:
    return cells.repeat(factor, axis=0).repeat(factor, axis=1)


def test_a_copy_agrees_in_every_cell(sprite: Sprite) -> None:
    found = agree(sprite(), sprite())
    assert found.exact == found.hard_exact == 1.0
    assert found.counted == (sprite()[..., 3] > 0).sum()
    assert 0 < found.hard < found.counted


def test_agreement_counts_what_differs_by_more_than_24() -> None:
    right = flat(2, 4, (100, 100, 100))
    answer = right.copy()
    answer[0, 0, 1], answer[0, 1, 2], answer[0, 2] = 124, 125, 0
    assert agree(answer, right).hit == 6
    assert agree(np.zeros_like(right), np.zeros_like(right)).exact is None


def test_hard_cells_are_those_beside_a_step() -> None:
    picture = flat(4, 6)
    picture[:, 3:, 0] = 0
    assert hard_cells(picture)[0].tolist() == [False, False, True, True, False, False]


def test_a_faithful_picture_has_no_distance_and_a_washed_out_one_does(sprite: Sprite) -> None:
    cells = sprite()
    same = fidelity(enlarged(cells), cells)
    assert max(abs(value) for value in vars(same).values()) < 1e-3
    pale = cells.copy()
    pale[..., :3] = np.where(cells[..., 3:] > 0, 128 + cells[..., :3] // 2, 0)
    washed = fidelity(enlarged(cells), pale)
    assert washed.distance > 5
    assert washed.lightness > 5
    assert washed.chroma < -1


def test_a_wrong_border_shows_at_the_border() -> None:
    cells = flat(24, 24)
    rim = cells.copy()
    rim[0] = rim[-1] = rim[:, 0] = rim[:, -1] = (200, 90, 200, 255)
    found = fidelity(enlarged(cells), rim)
    assert found.border > 2 * found.distance > 0


def test_silhouette_is_intersection_over_union() -> None:
    drawing = np.zeros((64, 64, 4), np.uint8)
    drawing[:, :32] = (9, 9, 9, 255)
    cells = np.zeros((8, 8, 4), np.uint8)
    cells[:, :6] = (9, 9, 9, 255)
    assert silhouette(drawing, cells) == pytest.approx(4 / 6)
    assert silhouette(flat(64, 64), flat(8, 8)) is None


def test_orphans_are_cells_that_no_neighbour_equals() -> None:
    cells = flat(5, 5)
    assert orphan_rate(cells) == 0
    cells[2, 2, 0] = 0
    assert orphan_rate(cells) == 1 / 25
    cells[1, 1, 0] = 0
    assert orphan_rate(cells) == 0
    assert orphan_rate(np.zeros_like(cells)) is None


def test_a_bump_on_a_straight_edge_is_a_jaggy() -> None:
    cells = np.zeros((9, 9, 4), np.uint8)
    cells[4:] = (9, 9, 9, 255)
    assert jaggy_rate(cells) == 0
    cells[3, 4] = (9, 9, 9, 255)
    assert jaggy_rate(cells) > 0


def test_variation_is_the_mean_step_and_ignores_transparency() -> None:
    cells = flat(1, 3, (0, 0, 0))
    cells[0, 2, :3] = 255
    assert variation(cells) == pytest.approx(0.5)
    cells[0, 1] = 0
    assert variation(cells) is None


def test_a_closed_outline_is_whole_and_a_broken_one_is_not(sprite: Sprite) -> None:
    cells = sprite(1, 24)
    drawing = enlarged(cells)
    assert continuity(drawing, cells) == 1.0
    broken = cells.copy()
    dark = (cells[..., 0] == 20) & (cells[..., 3] > 0)
    y, x = np.mgrid[:24, :24]
    broken[dark & ((abs(y - 12) < 4) | (abs(x - 12) < 4))] = (220, 200, 190, 255)
    assert continuity(drawing, broken) < 0.5
    assert continuity(enlarged(flat(9, 9)), flat(9, 9)) is None


@given(masks)
def test_the_largest_component_is_that_of_a_flood_fill(case: tuple[int, int, int, float]) -> None:
    height, width, seed, share = case
    mask = np.random.default_rng(seed).random((height, width)) < share
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    sizes = [0]
    while left:
        todo, count = [left.pop()], 0
        while todo:
            y, x = todo.pop()
            count += 1
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            todo += near
        sizes.append(count)
    found = largest_component(mask)
    assert found.sum() == max(sizes)
    assert not (found & ~mask).any()

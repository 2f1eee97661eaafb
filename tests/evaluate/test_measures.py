"""Each measure says what it claims on pictures whose answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixforge.evaluate.contour import continuity, largest_component
from pixforge.evaluate.distances import frechet_distance, kernel_distance, kernel_gap
from pixforge.evaluate.enlargers import ENLARGERS, hqx_like
from pixforge.evaluate.fidelity import fidelity, fine_silhouette, resized, silhouette
from pixforge.evaluate.ground import GROUNDS, altered, middle, on_ground, uniform_cells
from pixforge.evaluate.inner import inner_lines
from pixforge.evaluate.restored import sharpness
from pixforge.evaluate.texture import jaggy_rate, orphan_rate, total_variation, variation
from pixforge.image.picture import Picture
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


def test_a_cast_is_a_tint_and_turned_colours_are_a_hue_distance() -> None:
    cells = flat(16, 16, (160, 120, 120))
    cells[:, 8:] = (120, 120, 160, 255)
    cast, turned = cells.copy(), cells[:, ::-1].copy()
    cast[..., 1] += 30
    assert fidelity(enlarged(cells), cast).tint > 3
    found = fidelity(enlarged(cells), turned)
    assert found.hue > 3
    assert found.tint < 0.5
    assert abs(found.chroma) < 0.5


def test_the_low_pass_is_of_light_and_not_of_numbers() -> None:
    """A fine chequer of black and white is as light as the grey that gives off half the light, which is not 128."""
    chequer = flat(64, 64, (255, 255, 255))
    y, x = np.mgrid[:64, :64]
    chequer[(y + x) % 2 == 0, :3] = 0
    assert fidelity(chequer, flat(8, 8, (188, 188, 188))).distance < 0.5
    assert fidelity(chequer, flat(8, 8, (128, 128, 128))).distance > 10


def test_a_perfect_silhouette_of_cells_is_one_and_at_finer_pixels_as_much_as_cells_can_be() -> None:
    """A disc of half-covered cells along its rim: cells that are opaque from one half on cannot be better."""
    y, x = np.mgrid[:128, :128] - 63.5
    drawing = flat(128, 128)
    drawing[np.hypot(y, x) > 50] = 0
    cells = resized(drawing, 16, 16).copy()
    cells[..., 3] = np.where(cells[..., 3] >= 128, 255, 0)
    fine = fine_silhouette(drawing, cells)
    assert silhouette(drawing, cells) == 1
    assert fine is not None
    assert 0.9 < fine < 1


def test_silhouette_is_intersection_over_union() -> None:
    drawing = np.zeros((64, 64, 4), np.uint8)
    drawing[:, :32] = (9, 9, 9, 255)
    cells = np.zeros((8, 8, 4), np.uint8)
    cells[:, :6] = (9, 9, 9, 255)
    assert silhouette(drawing, cells) == pytest.approx(4 / 6)
    assert fine_silhouette(drawing, cells) == pytest.approx(4 / 6)
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


def face() -> np.ndarray:
    """A pale square with two eyes and a mouth, on nothing; its dark outline is no inner line."""
    cells = np.zeros((20, 20, 4), np.uint8)
    cells[2:18, 2:18] = (20, 20, 20, 255)
    cells[3:17, 3:17] = (240, 210, 190, 255)
    cells[7:9, 6] = cells[7:9, 13] = cells[13, 7:13] = (30, 20, 20, 255)
    return cells


def test_eyes_and_a_mouth_that_are_kept_are_found_and_lost_ones_are_missed() -> None:
    cells = face()
    kept = inner_lines(enlarged(cells), cells)
    assert kept is not None
    assert (kept.recall, kept.precision) == (1.0, 1.0)
    blind = cells.copy()
    blind[7:9, 5:15] = (240, 210, 190, 255)
    lost = inner_lines(enlarged(cells), blind)
    assert lost is not None
    assert lost.recall == pytest.approx(6**0.5 / (6**0.5 + 2 * 2**0.5))  # strokes weigh as the root of their cells
    assert lost.precision == 1.0


def test_one_lost_eye_costs_more_than_its_cells() -> None:
    cells = face()
    winking = cells.copy()
    winking[7:9, 13] = (240, 210, 190, 255)
    found = inner_lines(enlarged(cells), winking)
    assert found is not None
    assert found.recall < 1 - 2 / 10 - 0.05


def test_a_dashed_line_is_no_line() -> None:
    """Every cell of the drawing's mouth has a cell of the dashes beside it; the longest dash counts alone."""
    cells = face()
    cells[13, 4:16] = (30, 20, 20, 255)
    dashed = cells.copy()
    dashed[13, 5:16:3] = (240, 210, 190, 255)
    whole, broken = inner_lines(enlarged(cells), cells), inner_lines(enlarged(cells), dashed)
    assert whole is not None
    assert whole.recall == 1.0
    assert broken is not None
    assert broken.recall < 0.75
    assert broken.precision == 1.0


def test_a_line_one_cell_aside_is_kept_and_an_invented_one_costs_precision() -> None:
    cells = face()
    aside, more = cells.copy(), cells.copy()
    aside[4:16, 4:16] = np.roll(cells[4:16, 4:16], 1, axis=0)
    more[10, 5:15] = (30, 20, 20, 255)
    moved, invented = inner_lines(enlarged(cells), aside), inner_lines(enlarged(cells), more)
    assert moved is not None
    assert moved.recall == 1.0
    assert invented is not None
    assert invented.recall == 1.0
    assert invented.precision == pytest.approx(0.5)


def test_a_drawing_without_inner_lines_is_not_judged_by_them(sprite: Sprite) -> None:
    assert inner_lines(enlarged(sprite()), sprite()) is None
    dot = face()
    dot[7:9, 6] = dot[13, 7:13] = (240, 210, 190, 255)
    assert inner_lines(enlarged(dot), dot) is None


def test_total_variation_counts_every_step_at_the_size_it_is_shown_at() -> None:
    cells = flat(4, 4, (0, 0, 0))
    cells[:, 2:, :3] = 255
    assert total_variation(cells, 4) == pytest.approx(4 * 3)
    assert total_variation(cells, 512) == pytest.approx(512 * 3)


@pytest.mark.parametrize("name", list(GROUNDS))
def test_a_clean_ground_is_not_altered_and_a_dirty_one_is(name: str, sprite: Sprite) -> None:
    cells, colour = sprite(1, 24), GROUNDS[name]
    drawing = Picture(enlarged(cells))
    clean = on_ground(Picture(cells.copy()), colour).pixels.copy()
    assert altered(drawing, clean, colour) == 0
    dirty = clean.copy()
    dirty[:2, :, 1] -= 20
    share = altered(drawing, dirty, colour)
    assert share is not None
    assert 0.2 < share < 1
    assert altered(Picture(flat(8, 8)), flat(8, 8), colour) is None


def test_the_middle_runs_over_every_edge(sprite: Sprite) -> None:
    part = middle(Picture(enlarged(sprite(1, 24))))
    assert part is not None
    alpha = part.pixels[..., 3]
    assert all((side > 0).any() for side in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
    assert middle(Picture(np.zeros((4, 4, 4), np.uint8))) is None


def test_uniform_cells_are_counted_to_the_last_bit(sprite: Sprite) -> None:
    whole = enlarged(sprite(), 4)
    assert uniform_cells(whole, 4) == 1
    whole[0, 0, 2] += 1
    assert uniform_cells(whole, 4) == 1 - 1 / 256


@pytest.mark.parametrize("name", list(ENLARGERS))
@pytest.mark.parametrize("cell", [4, 5, 8])
def test_every_enlarger_keeps_flat_colours_and_size(name: str, cell: int) -> None:
    cells = flat(6, 5)
    out = ENLARGERS[name](Picture(cells), cell).pixels
    assert out.shape == (6 * cell, 5 * cell, 4)
    assert np.abs(out.astype(int) - cells[0, 0]).max() <= 1


def test_hqx_like_blends_what_is_alike_keeps_apart_what_is_not_and_cuts_corners() -> None:
    """Two near greys blend softly; black beside white stays a step; the corner of a diagonal is the other colour's."""
    near, far = flat(4, 4, (100, 100, 100)), flat(4, 4, (0, 0, 0))
    near[:, 2:, :3] = 120
    far[:, 2:, :3] = 255
    ramp, step = (hqx_like(Picture(cells), 8).pixels[16, :, 0] for cells in (near, far))
    assert len(np.unique(ramp)) > 4
    assert set(step.tolist()) == {0, 255}
    stairs = flat(4, 4, (255, 255, 255))
    stairs[np.tril_indices(4)] = (0, 0, 0, 255)
    corner = hqx_like(Picture(stairs), 8).pixels[..., 0]
    assert 0 < corner[8:16, 8:16].astype(float).mean() < 255 / 2


def test_sharpness_ranks_enlargers_as_the_eye_does(sprite: Sprite) -> None:
    found = {name: sharpness(way(Picture(sprite()), 8).pixels) or 0 for name, way in ENLARGERS.items()}
    assert found["nearest"] > found["hqx-like"] > found["bicubic"]
    assert found["scale2x"] > found["bicubic"]


def test_the_gap_of_kernel_distances_is_their_difference_and_sure_where_pictures_are_the_same() -> None:
    """Of pictures that all moved a little the interval is narrower than those of either distance."""
    rng = np.random.default_rng(3)
    real, before = rng.normal(size=(40, 4)), rng.normal(0.8, 1, size=(30, 4))
    assert kernel_gap(before, before, real).low == kernel_gap(before, before, real).high == 0
    after = before - 0.3
    first, second, gap = kernel_distance(before, real), kernel_distance(after, real), kernel_gap(before, after, real)
    assert gap.value == pytest.approx(second.value - first.value)
    assert gap.high < 0
    assert gap.high - gap.low < first.high - first.low


def test_the_kernel_distance_of_one_distribution_is_nought_without_bias() -> None:
    """Over many small draws its mean is 0, and its interval holds 0; of two distributions it is above."""
    rng = np.random.default_rng(0)
    found = [kernel_distance(rng.normal(size=(12, 4)), rng.normal(size=(12, 4))).value for _ in range(40)]
    assert abs(np.mean(found)) < 2 * np.std(found) / np.sqrt(len(found))
    same = kernel_distance(rng.normal(size=(60, 4)), rng.normal(size=(60, 4)))
    assert same.low < 0 < same.high
    apart = kernel_distance(rng.normal(1.0, 1, size=(60, 4)), rng.normal(size=(60, 4)))
    assert 0 < apart.low < apart.value < apart.high


def test_the_frechet_distance_of_known_normal_distributions() -> None:
    """Of N(0, 1) and N(m, s^2) in each of two independent directions: m^2 + (1 - s)^2 each."""
    rng = np.random.default_rng(1)
    one, other = rng.normal(0, 1, (40000, 2)), rng.normal(2, 3, (40000, 2))
    assert frechet_distance(one, other) == pytest.approx(2 * (4 + 4), rel=0.03)
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-6)

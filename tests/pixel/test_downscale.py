"""The downscale decides like a pixel artist: lines closed and one cell wide, flats clean, features kept, no fringe."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.image.resample import resize
from pixforge.pixel.downscale import Cells, Wishes, downscale

BLACK, WHITE, RED, SKIN = (0, 0, 0), (255, 255, 255), (220, 30, 40), (240, 190, 150)
PALETTE = np.array([BLACK, WHITE, RED, SKIN], np.uint8)
K = 8
Floats = NDArray[np.float64]


def paint(side: int, shapes: list[tuple[NDArray[np.bool_], tuple[int, ...]]]) -> Picture:
    """Draw masks of side x side pixels, later ones on top, and shrink by four for true anti-aliasing."""
    pixels = np.zeros((side, side, 4), np.uint8)
    for mask, colour in shapes:
        pixels[mask] = (*colour, 255) if len(colour) == 3 else colour
    return resize(Picture(pixels), side // 4, side // 4)


def disc(side: int, cy: float, cx: float, radius: float) -> NDArray[np.bool_]:
    y, x = np.mgrid[:side, :side]
    return np.hypot(y + 0.5 - cy, x + 0.5 - cx) <= radius


def face(cells: int = 32, line: float = 0.5) -> Picture:
    """A skin disc with an outline of `line` cells, two eyes of 1.2 cells and a red mouth, on nothing."""
    side, unit = cells * K * 4, K * 4
    middle, radius = side / 2, side * 0.42
    eyes = disc(side, middle - 3.5 * unit, middle - 4.3 * unit, 0.6 * unit)
    eyes |= disc(side, middle - 3.5 * unit, middle + 4.6 * unit, 0.6 * unit)
    mouth = np.zeros((side, side), bool)
    mouth[int(middle + 5 * unit) : int(middle + 6 * unit), int(middle - 2.6 * unit) : int(middle + 2.5 * unit)] = True
    outer, inner = disc(side, middle, middle, radius), disc(side, middle, middle, radius - line * unit)
    return paint(side, [(outer, BLACK), (inner, SKIN), (eyes, BLACK), (mouth, RED)])


def name(cells: Cells) -> NDArray[np.intp]:
    """Entries with -1 for transparent."""
    return np.where(cells.alpha >= 0.5, cells.entry, -1)


def ring_of(cells: Cells) -> NDArray[np.bool_]:
    decided = name(cells)
    y, x = np.mgrid[: decided.shape[0], : decided.shape[1]] - (decided.shape[0] - 1) / 2
    return (decided == 0) & (np.hypot(y, x) > decided.shape[0] * 0.33)


@pytest.mark.parametrize("line", [0.2, 0.35, 0.5, 0.8, 1.2])
def test_an_outline_is_closed_and_one_cell_wide(line: float) -> None:
    ring = ring_of(downscale(face(line=line), K, PALETTE, Wishes()))
    p = np.pad(ring, 1).astype(int)
    near = sum(p[1 + dy : 33 + dy, 1 + dx : 33 + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)) - p[1:-1, 1:-1]
    assert (near[ring] == 2).all()  # every cell has two neighbours: closed, no gap, no second layer


@pytest.mark.parametrize("line", [0.2, 0.5, 1.2])
def test_nothing_lies_outside_the_outline(line: float) -> None:
    cells = downscale(face(line=line), K, PALETTE, Wishes())
    decided, ring = name(cells), ring_of(cells)
    y, x = np.mgrid[:32, :32] - 15.5
    beyond = np.hypot(y, x) > np.hypot(y, x)[ring].max()
    assert (decided[beyond] == -1).all()
    assert set(np.unique(decided)) == {-1, 0, 2, 3}  # no white fringe, no invented colour


def test_eyes_and_mouth_survive() -> None:
    decided = name(downscale(face(), K, PALETTE, Wishes()))
    middle = decided[6:26, 6:26]
    assert 2 <= (middle == 0).sum() <= 8
    assert 4 <= (middle == 2).sum() <= 10
    assert (decided[11:14, 10:13] == 0).any()
    assert (decided[11:14, 19:22] == 0).any()


def test_flats_are_clean() -> None:
    decided = name(downscale(face(), K, PALETTE, Wishes()))
    assert (decided[16:20, 8:24] == 3).all()


def test_a_small_highlight_wins_its_cell_only_when_features_are_wanted() -> None:
    side = 16 * K * 4
    spot = disc(side, 7.5 * 32, 7.5 * 32, 0.33 * 32)  # a third of a cell
    picture = paint(side, [(np.ones((side, side), bool), RED), (spot, WHITE)])
    assert name(downscale(picture, K, PALETTE, Wishes()))[7, 7] == 1
    plain = Wishes(features=False, strength=0.0)
    assert name(downscale(picture, K, PALETTE, plain))[7, 7] == 2


def test_outlines_can_be_left_out_without_shrinking_the_silhouette() -> None:
    kept = downscale(face(line=0.8), K, PALETTE, Wishes())
    bare = downscale(face(line=0.8), K, PALETTE, Wishes(silhouette=False))
    assert not ring_of(bare).any()
    assert abs(int((bare.alpha >= 0.5).sum()) - int((kept.alpha >= 0.5).sum())) <= 32


@pytest.mark.parametrize("radius", [3.2, 6.4, 10.7])
def test_an_area_without_a_line_is_opaque_where_it_covers_half_a_cell(radius: float) -> None:
    """Also under the soft rim, with its faint echo outside, of a drawing that had to be enlarged first."""
    small = paint(8 * 32, [(disc(8 * 32, 8 * 16.3, 8 * 15.6, 8 * radius), SKIN)])
    picture = resize(small, 32 * K, 32 * K, "lanczos")
    covered = resize(picture, 32, 32).pixels[..., 3] >= 128
    assert np.array_equal(downscale(picture, K, PALETTE, Wishes()).alpha >= 0.5, covered)


def test_the_colour_of_transparent_pixels_never_matters() -> None:
    picture = face()
    poisoned = picture.pixels.copy()
    poisoned[poisoned[..., 3] == 0, :3] = (0, 255, 0)
    first, second = downscale(picture, K, PALETTE, Wishes()), downscale(Picture(poisoned), K, PALETTE, Wishes())
    assert np.array_equal(name(first), name(second))


def test_flipping_the_picture_flips_the_areas() -> None:
    picture = face()
    first = name(downscale(picture, K, PALETTE, Wishes()))
    flipped = Picture(np.ascontiguousarray(picture.pixels[:, ::-1]))
    second = name(downscale(flipped, K, PALETTE, Wishes()))[:, ::-1]
    assert (first != second).mean() < 0.02  # only ties between equal cells of a line may fall otherwise


def test_a_drawn_square_keeps_its_corners() -> None:
    side = 24 * K * 4
    frame = np.zeros((side, side), bool)
    frame[100:-100, 100:-100] = True
    inside = np.zeros((side, side), bool)
    inside[116:-116, 116:-116] = True
    decided = name(downscale(paint(side, [(frame, BLACK), (inside, RED)]), K, PALETTE, Wishes()))
    rows, columns = np.nonzero(decided >= 0)
    box = decided[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (box[[0, -1]] == 0).all()
    assert (box[:, [0, -1]] == 0).all()
    assert (box[1:-1, 1:-1] == 2).all()


def test_thin_strokes_on_nothing_are_one_cell_wide() -> None:
    side = 24 * K * 4
    strokes = np.zeros((side, side), bool)
    strokes[200:240, 100:600] = True  # 1.25 cells, across the border of two rows
    strokes[400:440, 100:600] = True
    decided = name(downscale(paint(side, [(strokes, WHITE)]), K, PALETTE, Wishes())) >= 0
    assert (decided.sum(0)[5:17] == 2).all()

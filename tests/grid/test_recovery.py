"""Grid recovery: worn pixel art comes back cell by cell, smooth art is refused.

Sprites are worn as the benchmark does it: enlarged by a pitch that is no whole number, borders moved by up to 6% of a
cell, blurred, made noisy, saved as JPEG of quality 88. The pictures in data/ are public domain: see CREDITS.txt.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.grid_recovery import load_sprite, random_recipe, wear
from pixforge.errors import NotPixelArtError
from pixforge.image.picture import Picture
from pixforge.pixel.grid import recover, sample

DATA = Path(__file__).parent / "data"
SPRITES = sorted((DATA / "sprites").glob("*.png"))
DRAWINGS = sorted((DATA / "drawings").glob("*.webp"))


def share_right(truth: np.ndarray, cells: np.ndarray) -> float:
    """Share of cells with the sprite's alpha and, where opaque, each channel within 24; 0 for another size."""
    if truth.shape != cells.shape:
        return 0.0
    near = np.abs(truth[..., :3].astype(int) - cells[..., :3]).max(-1) <= 24
    opaque = truth[..., 3] > 0
    return float(np.mean((opaque == (cells[..., 3] > 0)) & (near | ~opaque)))


@pytest.mark.parametrize("path", SPRITES, ids=lambda path: path.stem)
def test_a_worn_sprite_comes_back_in_its_size_with_97_percent_of_its_cells(path: Path) -> None:
    rng = np.random.default_rng(sum(path.stem.encode()))
    worn, truth = wear(load_sprite(path), random_recipe(rng, 6.0, 12.0), rng)
    picture = Picture(worn)
    grid = recover(picture)
    assert (grid.width, grid.height) == (truth.shape[1], truth.shape[0])
    assert share_right(truth, sample(picture, grid).pixels) >= 0.97


def test_at_least_eight_sprites_are_tried() -> None:
    assert len(SPRITES) >= 8
    assert len(DRAWINGS) == 20


def test_at_least_19_of_20_smooth_drawings_are_refused() -> None:
    accepted = []
    for path in DRAWINGS:
        try:
            recover(Picture(load_sprite(path)))
        except NotPixelArtError:
            continue
        accepted.append(path.name)
    assert len(accepted) <= 1, accepted


@pytest.mark.parametrize("factor", [2, 3, 7])
def test_an_enlargement_by_a_whole_factor_is_undone_exactly(factor: int) -> None:
    sprite = load_sprite(SPRITES[0])
    sprite[sprite[..., 3] == 0] = 0
    large = Picture(np.ascontiguousarray(sprite.repeat(factor, 0).repeat(factor, 1)))
    grid = recover(large)
    assert (grid.width, grid.height) == (sprite.shape[1], sprite.shape[0])
    assert np.array_equal(sample(large, grid).pixels, sprite)


def test_a_smooth_gradient_is_refused_with_the_remedy() -> None:
    y, x = np.mgrid[:256, :256] - 128.0
    grey = np.clip(255 - np.hypot(y, x), 0, 255).astype(np.uint8)
    pixels = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    with pytest.raises(NotPixelArtError) as caught:
        recover(Picture(pixels))
    assert "cell size" in caught.value.remedy

"""Clips through a small model: noise and colours are shared, so that nothing flickers."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from pixforge import preset
from pixforge.engine.clip import convert_clip
from pixforge.image.picture import Frame, Picture
from pixforge.preset import Preset
from pixforge.sheet.clip import Clip

CELL, HEIGHT, WIDTH = 8, 96, 160


@pytest.fixture
def free(models: SimpleNamespace) -> Preset:
    """A model with random weights, asked for much freedom: without shared noise no two frames would be alike."""
    changed = {
        "method.name": "diffusion", "method.model": str(models.joint), "method.diffusion.freedom": 3,
        "method.diffusion.steps": 2, "method.diffusion.lines": False, "grid.cell": CELL,
    }  # fmt: skip
    return preset.parse({"direction": "to-pixel"}, "test", overrides=changed)


def ball(x: int, y: int, colour: tuple[int, int, int], ground: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    out = ground.copy()
    out[np.hypot(rows - y, columns - x) < 20] = (*colour, 255)
    return out


def converted(frames: list[np.ndarray], wanted: Preset) -> tuple[list[np.ndarray], float]:
    clip = Clip(tuple(Frame(Picture(pixels), 100) for pixels in frames))
    done = convert_clip(clip, wanted)
    return [picture.pixels for picture in done.clip.pictures], done.flicker


def test_only_what_changes_in_the_drawing_changes_in_the_sprite(free: Preset) -> None:
    blocks = np.random.default_rng(1).integers(40, 255, (HEIGHT // 16, WIDTH // 16, 3), dtype=np.uint8)
    ground = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    ground[..., :3] = blocks.repeat(16, 0).repeat(16, 1)
    frames = [ball(30, 40, (200, 60, 40), ground), ball(30, 40, (60, 60, 240), ground)] * 2
    made, flicker = converted(frames, free)
    far = np.zeros((HEIGHT // CELL, WIDTH // CELL), bool)
    far[:, 9:] = True
    assert all((pixels[far] == made[0][far]).all() for pixels in made)
    assert (made[0] == made[2]).all()
    assert (made[1] == made[3]).all()
    assert (made[0] != made[1]).any()
    assert flicker == 0


def test_a_figure_that_moves_by_whole_cells_takes_its_cells_along(free: Preset) -> None:
    nothing = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    made, _ = converted([ball(30 + CELL * step, 40, (200, 60, 40), nothing) for step in range(4)], free)
    for step, pixels in enumerate(made):
        assert (pixels == np.roll(made[0], step, axis=1)).all()

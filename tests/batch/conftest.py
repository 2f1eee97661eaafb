from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge import preset
from pixforge.project.tree import Tree, plain_tree

PRESET = preset.parse({"direction": "to-pixel", "method": {"name": "identity"}, "grid": {"width": 8}}, "test")
Make = Callable[..., Tree]


def draw(path: Path, seed: int = 0) -> Path:
    """Write a drawing; each seed has its own."""
    pixels = np.zeros((16, 24, 4), np.uint8)
    pixels[3:13, 4:20] = (seed % 256, seed // 256, 128, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def drawn() -> Callable[..., Path]:
    return draw


@pytest.fixture
def make_tree(tmp_path: Path) -> Make:
    """Make a tree of so many drawings: make_tree(12) or make_tree("a.png", "b/c.png")."""

    def make(*names: str | int) -> Tree:
        wanted = [f"{number:03}.png" for number in range(names[0])] if isinstance(names[0], int) else names
        for seed, name in enumerate(wanted):
            draw(tmp_path / "art" / str(name), seed)
        return plain_tree(tmp_path / "art", tmp_path / "out", PRESET)

    return make

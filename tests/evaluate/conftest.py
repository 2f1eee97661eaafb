from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge.train.data.manifest import Entry, write_manifest


def _sprite(seed: int = 1, side: int = 16) -> np.ndarray:
    """A round figure of a few flat colours with a dark outline, on nothing."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    away = np.hypot(y * rng.uniform(1.0, 1.3), x)
    out = np.zeros((side, side, 4), np.uint8)
    out[away < side * 0.47] = (20, 16, 24, 255)
    out[away < side * 0.47 - 1.2] = (*rng.integers(110, 256, 3), 255)
    out[away < side * 0.2] = (*rng.integers(110, 256, 3), 255)
    return out


@pytest.fixture
def sprite() -> Callable[..., np.ndarray]:
    """Make a small sprite: sprite(seed=1, side=16)."""
    return _sprite


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A folder of six sprites of two sources, and one of three drawings."""
    for seed in range(6):
        path = tmp_path / "pixel" / ("a" if seed % 2 else "b") / f"{seed}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(_sprite(seed)).save(path)
    for seed in range(3):
        path = tmp_path / "drawings" / f"{seed}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(_sprite(seed, 96)).save(path)
    return tmp_path / "pixel", tmp_path / "drawings"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A data set of six sprites of two sources and three drawings, all held out."""
    root = tmp_path / "dataset"
    entries = []
    for seed in range(9):
        kind, source = ("pixel", "ab"[seed % 2]) if seed < 6 else ("drawing", "drawn")
        side = 16 if kind == "pixel" else 96
        name = f"{seed}.png"
        root.mkdir(exist_ok=True)
        Image.fromarray(_sprite(seed, side)).save(root / name)
        entries.append(
            Entry(name, kind, source, "nobody", "CC0-1.0", name, str(seed), side, side, 1.0, 3, "", "binary", "0" * 32,
                  split="held-out")
        )  # fmt: skip
    write_manifest(root, entries)
    return root

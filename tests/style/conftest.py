from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("tensorflow")

from pixforge.nn.card import Card, NetworkFile
from pixforge.nn.store import write_model
from pixforge.nn.style.layout import OWN, Layout
from pixforge.nn.style.weights import write_own
from pixforge.preprocess import SPECIFICATION

Arrays = dict[str, tuple[np.ndarray, np.ndarray]]


def random_arrays(layout: Layout, seed: int = 0) -> Arrays:
    """Weights with which activations keep their size; biases are not zero, so that leaving one out shows."""
    rng, inputs, arrays = np.random.default_rng(seed), 3, {}
    for stage in layout.stages:
        for name in stage.names:
            kernel = rng.standard_normal((3, 3, inputs, stage.channels)) * (2 / (9 * inputs)) ** 0.5
            arrays[name] = (kernel.astype(np.float32), rng.normal(0, 0.1, stage.channels).astype(np.float32))
            inputs = stage.channels
    return arrays


@pytest.fixture(scope="session")
def random_weights() -> Callable[..., Arrays]:
    return random_arrays


def write_encoder(path: Path, arrays: Arrays) -> Path:
    data = write_own(arrays)
    file = NetworkFile("encoder.safetensors", hashlib.sha256(data).hexdigest(), 12)
    card = Card("random", {"to-pixel": file, "to-drawing": file}, SPECIFICATION, method="style")
    write_model(path, card, {"to-pixel": data, "to-drawing": data})
    return path


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model folder of our own layout with random weights."""
    return str(write_encoder(tmp_path_factory.mktemp("models") / "random", random_arrays(OWN)))


@pytest.fixture(scope="session")
def style_art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two sprites of four greens, light and dark in stripes."""
    folder = tmp_path_factory.mktemp("styles") / "stripes"
    folder.mkdir()
    greens = np.array([[10, 30, 12], [40, 90, 40], [120, 180, 90], [220, 250, 190]], np.uint8)
    for number in range(2):
        pixels = np.zeros((16, 16, 4), np.uint8)
        pixels[2:14, 2:14, :3] = greens[(np.arange(12)[:, None] + number * np.arange(12)) % 4]
        pixels[2:14, 2:14, 3] = 255
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def settings(model: str, style_art: Path) -> dict[str, Any]:
    """Keywords of `pixforge.convert` for a quick run."""
    return {"method": "style", "model": model, "style": str(style_art), "settings": {"method.style.steps": 6}}


def drawing(height: int = 60, width: int = 48, seed: int = 1) -> np.ndarray:
    """A shaded red disc with a dark outline on nothing."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    away = np.hypot((y - height / 2) / height, (x - width / 2) / width)
    out = np.zeros((height, width, 4), np.uint8)
    out[away < 0.45] = (30, 10, 20, 255)
    inner = away < 0.38
    out[inner] = (200, 60, 40, 255)
    shade = (inner & (x > width / 2)) | (inner & (y > height * (0.5 + 0.1 * seed)))
    out[shade] = (150, 30, 60, 255)
    return out


@pytest.fixture(scope="session")
def draw() -> Callable[..., np.ndarray]:
    return drawing

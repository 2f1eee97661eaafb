from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge.image.picture import Picture


def drawing(width: int = 96, height: int = 64) -> Picture:
    """A disc with an outline and a gradient on transparency, with a soft edge."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((x - width / 2 + 0.5) / width, (y - height / 2 + 0.5) / height) * 2
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 0] = 255 * x / width
    pixels[..., 1] = 255 * y / height
    pixels[..., 2] = 90
    pixels[(distance > 0.8) & (distance < 0.9), :3] = 20
    pixels[..., 3] = np.clip((0.95 - distance) * 20, 0, 1) * 255
    return Picture(pixels)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A drawing of 96 x 64 pixels on disk."""
    path = tmp_path / "hero.png"
    Image.fromarray(drawing().pixels).save(path)
    return path


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No preset of the person who runs the tests is found."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

"""Small drawings for runs over many files, and what must become of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from pixforge import preset
from pixforge.engine.files import make_files
from pixforge.engine.plan import Job

FLAGS = ("-m", "identity", "--width", "8")
PRESET = preset.load("sprite-64", {"method.name": "identity", "grid.width": 8})


def drawing(seed: int, size: int = 32) -> bytes:
    """Return the PNG of a drawing of a few flat shapes; each seed has its own."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((size, size, 4), np.uint8)
    for _ in range(8):
        x, y = rng.integers(0, size - 4, 2)
        pixels[y : y + size // 3, x : x + size // 3] = (*rng.integers(0, 256, 3), 255)
    pixels[0, 0] = (seed % 256, seed // 256 % 256, seed // 65536, 255)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "png")
    return data.getvalue()


def expected(data: bytes, folder: Path) -> bytes:
    """Return the output for the bytes of a drawing; `folder` is for a file that it is read from."""
    source = folder / "expected.png"
    source.write_bytes(data)
    products, _ = make_files(Job(source, folder / "expected-out.png", PRESET))
    return products[0].data

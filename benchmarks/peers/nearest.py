"""Pillow alone: the pixel at the middle of each cell, then median cut. What an image editor's resize does."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks.peers.door import main
from benchmarks.peers.pillow_box import shrunk


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """NEAREST, then colours by quantize without dither; alpha as it falls."""
    return shrunk(source, (width, height), colors, Image.Resampling.NEAREST)


if __name__ == "__main__":
    main(convert)

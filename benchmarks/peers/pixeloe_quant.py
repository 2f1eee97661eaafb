"""PixelOE 1.0.0 with its own quantiser asked for the number of colours."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks.peers.door import main
from benchmarks.peers.pixeloe import run


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """k-means to `colors`; PixelOE matches colours once more after it, so more may come out."""
    return run(source, height, colors)


if __name__ == "__main__":
    main(convert)

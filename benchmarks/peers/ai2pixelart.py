"""ai2pixelart 0.1.4, its classical mode: median of each cell's middle, a palette of the cells, smoothing."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks.peers.door import main, on_paper


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """The pitch is given; it reads no alpha."""
    from ai2pixelart.pipeline import clean

    rgb = on_paper(source)
    pitch = (rgb.shape[0] / height, rgb.shape[1] / width)
    return Image.fromarray(clean(rgb, max_colors=colors, pitch=pitch).image)


if __name__ == "__main__":
    main(convert)

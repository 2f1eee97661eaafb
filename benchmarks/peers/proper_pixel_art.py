"""proper-pixel-art 2.0.0: mesh detection by edges, palette by Pillow, the most common colour of each cell."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """The width of a cell is given, the colours by its palette method."""
    from proper_pixel_art.config import PixelateConfig
    from proper_pixel_art.image import pixelate

    with Image.open(source) as picture:
        rgba = picture.convert("RGBA")
    config = PixelateConfig.from_dict(
        {
            "pixel_width": rgba.height // height,
            "colors": {"method": "palette", "palette": {"num_colors": colors}},
        }
    )
    return pixelate(rgba, config).image


if __name__ == "__main__":
    main(convert)

"""Pillow alone: the pixel at the middle of each cell, then median cut. What an image editor's resize does."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """NEAREST, then colours by quantize without dither; alpha as it falls."""
    with Image.open(source) as picture:
        small = picture.convert("RGBA").resize((width, height), Image.Resampling.NEAREST)
    quantised = small.convert("RGB").quantize(colors, dither=Image.Dither.NONE).convert("RGBA")
    quantised.putalpha(small.getchannel("A"))
    return quantised


if __name__ == "__main__":
    main(convert)

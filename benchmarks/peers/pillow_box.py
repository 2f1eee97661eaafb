"""Pillow alone: area average, then median cut."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """BOX in Pillow's own (premultiplied) way, colours by quantize without dither, alpha as it falls."""
    return shrunk(source, (width, height), colors, Image.Resampling.BOX)


def shrunk(source: Path, size: tuple[int, int], colors: int, resampling: Image.Resampling) -> Image.Image:
    """Return a picture at a size by one of Pillow's ways, with so many colours."""
    with Image.open(source) as picture:
        small = picture.convert("RGBA").resize(size, resampling)
    quantised = small.convert("RGB").quantize(colors, dither=Image.Dither.NONE).convert("RGBA")
    quantised.putalpha(small.getchannel("A"))
    return quantised


if __name__ == "__main__":
    main(convert)

"""Area average, then libimagequant: the quantiser of pngquant."""

from __future__ import annotations

from pathlib import Path

import libimagequant as liq
from PIL import Image

from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """BOX, then libimagequant without dither on the RGBA picture."""
    with Image.open(source) as picture:
        small = picture.convert("RGBA").resize((width, height), Image.Resampling.BOX)
    options = liq.Attr()
    options.max_colors = colors
    bitmap = options.create_rgba(small.tobytes(), width, height, 0)
    result = bitmap.quantize(options)
    result.dithering_level = 0.0
    indexed = Image.frombytes("P", (width, height), result.remap_image(bitmap))
    palette = result.get_palette()
    rgba = bytes(value for entry in palette for value in (entry.r, entry.g, entry.b, entry.a))
    lookup = [rgba[index * 4 : index * 4 + 4] for index in range(len(palette))]
    return Image.frombytes("RGBA", (width, height), b"".join(lookup[index] for index in indexed.tobytes()))


if __name__ == "__main__":
    main(convert)

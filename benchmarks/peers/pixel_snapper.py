"""pixel-snapper 0.1.0 (Rust): k-means on the full picture, then cuts along detected edges."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """The pixel size is given; the cuts still move to edges, so the size may differ."""
    from pixel_snapper import PixelSnapperConfig, process_image

    with Image.open(source) as picture:
        size = picture.height / height
    config = PixelSnapperConfig(k_colors=colors, pixel_size_override=size)
    return Image.open(io.BytesIO(process_image(source.read_bytes(), config)))


if __name__ == "__main__":
    main(convert)

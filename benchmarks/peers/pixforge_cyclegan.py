"""pixforge with its bundled network, method `cyclegan`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

import pixforge
from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """The default preset with the size, the number of colours and the method."""
    result = pixforge.convert(source, size=(width, height), colors=colors, method="cyclegan")
    return Image.fromarray(result.picture.pixels)


if __name__ == "__main__":
    main(convert)

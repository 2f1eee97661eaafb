"""pixforge by its Python door, for the warm time; the wall time is taken from its command line."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

import pixforge
from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """The default preset with the size and the number of colours."""
    result = pixforge.convert(source, size=(width, height), colors=colors)
    return Image.fromarray(result.picture.pixels)


if __name__ == "__main__":
    main(convert)

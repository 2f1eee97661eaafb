"""unfake 1.0.7: colours by Wu's quantiser on the full picture, then the dominant colour of each cell."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import Image

from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """The scale is given, so that only its downscale is judged; grid snapping stays as it is by default."""
    import unfake

    logging.disable(logging.INFO)
    with Image.open(source) as picture:
        scale = picture.height // height
    result = unfake.process_image_sync(str(source), max_colors=colors, manual_scale=scale)
    return result["image"]


if __name__ == "__main__":
    main(convert)

"""PixelOE 1.0.0 by the older pipeline that its command line still runs (OpenCV and numpy, torch for blocks)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.peers.door import main, on_paper
from benchmarks.peers.torchvision_stand_in import provide_torchvision


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """As `pixeloe.pixelize --target_size H --patch_size P --no_upscale` does, on white paper."""
    provide_torchvision()
    from pixeloe.legacy.pixelize import pixelize

    bgr = on_paper(source)[..., ::-1].copy()
    out = pixelize(bgr, target_size=height, patch_size=bgr.shape[0] // height, no_upscale=True)
    return Image.fromarray(np.ascontiguousarray(out[..., ::-1]))


if __name__ == "__main__":
    main(convert)

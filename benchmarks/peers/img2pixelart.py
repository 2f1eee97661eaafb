"""img2pixelart 0.2.0 (Python 3.12 or newer): mean shift, hue families with ramps, edges by Canny."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """Its defaults; `colors` become hue families times five steps of a ramp, the nearest it can be asked for."""
    import cv2
    import img2pixelart
    from hydra import compose, initialize_config_dir
    from img2pixelart.cli import run_pipeline
    from loguru import logger

    logger.remove()
    conf = Path(img2pixelart.__file__).with_name("conf")
    with initialize_config_dir(str(conf), version_base=None):
        overrides = [f"img={source}", f"width={width}", f"height={height}"]
        overrides += [f"perceive.requested_groups={max(1, colors // 5)}", "perceive.ramp_steps=5"]
        config = compose("config", overrides)
    picture = cv2.imread(str(source), cv2.IMREAD_UNCHANGED)
    bgr, alpha = run_pipeline(picture, config, Path())
    rgba = np.dstack([bgr[..., ::-1], alpha.astype(np.uint8) * 255])
    return Image.fromarray(rgba.astype(np.uint8))


if __name__ == "__main__":
    main(convert)

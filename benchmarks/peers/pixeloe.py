"""PixelOE 1.0.0: outline expansion, then a contrast-aware downscale, in torch. Reads no alpha, limits no colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.peers.door import main, on_paper
from benchmarks.peers.torchvision_stand_in import provide_torchvision


def run(source: Path, height: int, quantise: int | None) -> Image.Image:
    """The pipeline as PixelOE's README calls it, on white paper; `quantise` asks for so many colours."""
    provide_torchvision()
    from pixeloe.torch.pixelize import pixelize

    rgb = on_paper(source).astype(np.float32) / 255
    with torch.inference_mode():
        out = pixelize(
            torch.from_numpy(rgb).permute(2, 0, 1)[None],
            pixel_size=rgb.shape[0] // height,
            thickness=3,
            do_quant=quantise is not None,
            num_colors=quantise or 256,
            dither_mode="none",
            no_post_upscale=True,
        )
    cells = (out[0].permute(1, 2, 0).clamp(0, 1).numpy() * 255).round().astype(np.uint8)
    return Image.fromarray(cells)


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """Without its quantiser: the picture PixelOE is praised for."""
    return run(source, height, None)


if __name__ == "__main__":
    main(convert)

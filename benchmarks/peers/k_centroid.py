"""k-centroid, the downscale of Aseprite's and ComfyUI's pixel plug-ins, as they describe it, in numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.peers.door import main


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """Two means in each cell, the mean of the larger cluster wins; alpha by majority; then median cut."""
    with Image.open(source) as picture:
        rgba = np.asarray(picture.convert("RGBA"), np.float32)
    step_y, step_x = rgba.shape[0] // height, rgba.shape[1] // width
    cells = rgba.reshape(height, step_y, width, step_x, 4).swapaxes(1, 2).reshape(height, width, -1, 4)
    value, alpha = cells[..., :3], cells[..., 3:]
    luma = value @ np.float32([0.299, 0.587, 0.114])
    order = np.arange(height)[:, None], np.arange(width)[None, :]
    means = np.stack([value[(*order, luma.argmin(2))], value[(*order, luma.argmax(2))]], 2)
    for _ in range(4):
        near = ((value[..., None, :] - means[..., None, :, :]) ** 2).sum(-1).argmin(-1)
        weight = np.stack([near == 0, near == 1], -1).astype(np.float32)
        sums = np.einsum("hwpk,hwpc->hwkc", weight, value)
        means = np.where(weight.sum(2)[..., None] > 0, sums / np.maximum(weight.sum(2), 1)[..., None], means)
    larger = weight.sum(2).argmax(-1)
    small = Image.fromarray(np.round(means[(*order, larger)]).astype(np.uint8))
    out = small.quantize(colors, dither=Image.Dither.NONE).convert("RGBA")
    out.putalpha(Image.fromarray(((alpha.mean((2, 3)) >= 127.5) * 255).astype(np.uint8)))
    return out


if __name__ == "__main__":
    main(convert)

"""What happens to a drawing on its way: shading, blur, noise, compression. Premultiplied RGBA float32, 0..255."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from pixforge.train.pairs.enlarge import Fine
from pixforge.train.pairs.sprite import Generator


def shaded(fine: Fine, sprite: Fine, amplitude: float, rng: Generator) -> Fine:
    """Return the drawing with soft light and shade whose mean over each of the sprite's colours is zero.

    So the flat colour that the artist chose stays the right answer.

    Args:
        fine: (H * scale, W * scale, 4).
        sprite: (H, W, 4).
        amplitude: standard deviation, 0..255.
        rng: the only source of chance.
    """
    from PIL import Image

    height, width = sprite.shape[:2]
    coarse = rng.normal(0.0, amplitude, (max(2, height // 6), max(2, width // 6))).astype(np.float32)
    field = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    keys = np.ascontiguousarray(sprite.astype(np.uint8)).view(np.uint32)[..., 0]
    _, label, count = np.unique(keys, return_inverse=True, return_counts=True)
    label = label.reshape(keys.shape)
    field = field - (np.bincount(label.ravel(), field.ravel()) / count)[label].astype(np.float32)
    light = np.asarray(Image.fromarray(field).resize((fine.shape[1], fine.shape[0]), Image.Resampling.BILINEAR))
    out = fine.copy()
    out[..., :3] = np.clip(fine[..., :3] + (light * fine[..., 3] / 255)[..., None], 0, fine[..., 3:])
    return out


def blurred(fine: Fine, radius: float) -> Fine:
    """Return the drawing under a Gaussian blur of this standard deviation in pixels."""
    reach = max(1, int(3 * radius + 0.5))
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    taps = (taps / taps.sum()).astype(np.float32)
    for axis in (0, 1):
        pad = [(0, 0)] * 3
        pad[axis] = (reach, reach)
        padded = np.pad(fine, pad, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, len(taps), axis=axis)
        fine = np.asarray(windows @ taps)
    return fine


def noisy(fine: Fine, amplitude: float, rng: Generator) -> Fine:
    """Return the drawing with Gaussian noise on its colours, in proportion to alpha."""
    noise: NDArray[np.float32] = rng.standard_normal((*fine.shape[:2], 3), np.float32) * np.float32(amplitude)
    out = fine.copy()
    out[..., :3] = np.clip(fine[..., :3] + noise * (fine[..., 3:] / 255), 0, fine[..., 3:])
    return out


def compressed(fine: Fine, quality: int) -> Fine:
    """Return an opaque drawing after JPEG at this quality; one with transparency as it is."""
    from PIL import Image

    if fine[..., 3].min() < 254:
        return fine
    data = io.BytesIO()
    Image.fromarray(np.clip(fine[..., :3] + 0.5, 0, 255).astype(np.uint8)).save(data, "JPEG", quality=quality)
    with Image.open(io.BytesIO(data.getvalue())) as image:
        colour = np.asarray(image.convert("RGB"), np.float32)
    return np.concatenate([colour, fine[..., 3:]], axis=-1)

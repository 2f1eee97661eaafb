"""One picture through a Stable Diffusion pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pixforge.nn.diffusion.failures import explained
from pixforge.nn.diffusion.pipelines import Opened

Rgb = NDArray[np.uint8]
_LINE_REACH: Final = 1 / 64  # of the longer side: what is darker than its surroundings this wide is a line
_LINE_GAIN: Final = 4.0


@dataclass(frozen=True)
class Wishes:
    """What is asked of a picture.

    Attributes:
        prompt: what it shall be.
        negative: what it shall not be.
        steps: of denoising, for a whole way from noise (img2img goes `strength` of it).
        guidance: how strongly the prompt counts.
        image_guidance: how strongly the drawing counts (instruct).
        strength: 0..1, how far from the drawing (img2img, controlnet).
        control_scale: how strongly the lines count (controlnet).
        seed: of all chance.
    """

    prompt: str
    negative: str = ""
    steps: int = 20
    guidance: float = 7.0
    image_guidance: float = 1.5
    strength: float = 0.6
    control_scale: float = 1.0
    seed: int = 0


def generate(opened: Opened, picture: Rgb, wishes: Wishes) -> Rgb:
    """Return what a model makes of a picture.

    Args:
        opened: a Stable Diffusion model.
        picture: uint8 (H, W, 3), sides whole multiples of 8.
        wishes: what is asked.

    Returns:
        uint8 (H, W, 3).

    Raises:
        SettingsError: memory is short, or the model's parts do not fit together.
    """
    image = Image.fromarray(picture)
    asked: dict[str, Any] = {
        "prompt": wishes.prompt,
        "negative_prompt": wishes.negative,
        "image": image,
        "num_inference_steps": wishes.steps,
        "guidance_scale": wishes.guidance,
        "generator": torch.Generator("cpu").manual_seed(wishes.seed),
        "output_type": "np",
    }
    if opened.mode == "instruct":
        asked["image_guidance_scale"] = wishes.image_guidance
        if opened.family == "sdxl":
            asked |= {"width": image.width, "height": image.height}
    else:
        # Less than one step in all would be no picture at all.
        asked["strength"] = max(wishes.strength, 1.0 / wishes.steps)
    if opened.mode == "controlnet":
        asked |= {"control_image": line_art(image), "controlnet_conditioning_scale": wishes.control_scale}
    with explained("diffusion"), torch.no_grad():
        values = opened.pipeline(**asked).images[0]
    out = np.asarray(np.clip(np.nan_to_num(values) * 255 + 0.5, 0, 255), np.uint8)
    return out if out.shape == picture.shape else np.asarray(Image.fromarray(out).resize(image.size))


def line_art(image: Image.Image) -> Image.Image:
    """Return the lines of a drawing, white on black, as ControlNets of line art expect them.

    A line is what is darker than its wider surroundings (a difference of Gaussians; Winnemoeller 2011).
    """
    grey = image.convert("L")
    reach = max(1.0, max(image.size) * _LINE_REACH)
    wide = np.asarray(grey.filter(ImageFilter.GaussianBlur(reach)), np.float32)
    narrow = np.asarray(grey.filter(ImageFilter.GaussianBlur(reach / 6)), np.float32)
    lines = np.clip((wide - narrow) * _LINE_GAIN, 0, 255).astype(np.uint8)
    return Image.fromarray(lines).convert("RGB")

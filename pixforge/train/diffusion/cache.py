"""Pairs as latents, made once: after that neither VAE nor text encoder is in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save
from torch import Tensor

from pixforge.image.picture import Picture
from pixforge.image.resample import composite, enlarge
from pixforge.image.save import write_atomic
from pixforge.preprocess import drawing_picture, logical_picture
from pixforge.train.batches import Batches
from pixforge.train.diffusion.recipe import DiffusionRecipe

_AT_ONCE = 4


@dataclass(frozen=True)
class Latents:
    """What training looks at.

    Attributes:
        drawing: (N, 4, h, w), means of the VAE's distribution, not scaled.
        pixel: of the pixel art of the same pairs.
        text: (3, T, D), of the instructions to-pixel and to-drawing and of no text.
        pooled: (3, D) of XL, else (3, 0).
        scale: by which latents are multiplied before noise is added.
    """

    drawing: Tensor
    pixel: Tensor
    text: Tensor
    pooled: Tensor
    scale: float


def make_latents(pipeline: Any, digest: str, batches: Batches, recipe: DiffusionRecipe, folder: Path) -> Latents:  # noqa: ANN401  # a pipeline
    """Return the latents of a run; from `folder` if base and recipe are those that they were made with.

    Args:
        pipeline: of the base, with VAE and text encoder.
        digest: of the base.
        batches: of the pairs; each step gives as many as the recipe says.
        recipe: what is made.
        folder: of the run.
    """
    table = recipe.as_table()
    key = json.dumps([digest, recipe.seed, table["data"], table["pairs"], table["instruct"]], sort_keys=True)
    path = folder / f"latents-{hashlib.sha256(key.encode()).hexdigest()[:12]}.safetensors"
    if not path.exists():
        write_atomic(path, save(_made(pipeline, batches, recipe)))
    return Latents(**load_file(path), scale=float(pipeline.vae.config.scaling_factor))


def on_ground(picture: Picture, side: int, ground: int) -> Picture:
    """Return a picture of a training canvas as the base sees it: `side` pixels, opaque."""
    factor = max(1, side // max(picture.width, picture.height))
    flat = composite(enlarge(picture, factor), (ground, ground, ground))
    if (flat.width, flat.height) == (side, side):
        return flat
    resized = Image.fromarray(flat.pixels).resize((side, side), Image.Resampling.BICUBIC)
    return Picture(np.array(resized))


@torch.no_grad()
def encoded(vae: Any, pictures: list[Picture]) -> Tensor:  # noqa: ANN401  # an AutoencoderKL
    """Return the means (N, 4, h, w) float32, not scaled, of opaque pictures of one size."""
    arrays = [torch.from_numpy(picture.pixels[..., :3].copy()) for picture in pictures]
    batch = torch.stack(arrays).permute(0, 3, 1, 2).to(vae.device, vae.dtype) / 127.5 - 1
    means: Tensor = vae.encode(batch).latent_dist.mode()
    return means.float().cpu().contiguous()


def _made(pipeline: Any, batches: Batches, recipe: DiffusionRecipe) -> dict[str, Tensor]:  # noqa: ANN401  # a pipeline
    options = recipe.instruct
    drawings, sprites = [], []
    for group in _groups(batches, options.pairs):
        shown = [on_ground(drawing, options.side, options.ground) for drawing, _ in group]
        drawings.append(encoded(pipeline.vae, shown))
        sprites.append(encoded(pipeline.vae, [on_ground(sprite, options.side, options.ground) for _, sprite in group]))
    text, pooled = _texts(pipeline, [*options.prompts, ""])
    return {"drawing": torch.cat(drawings), "pixel": torch.cat(sprites), "text": text, "pooled": pooled}


def _groups(batches: Batches, count: int) -> Iterator[list[tuple[Picture, Picture]]]:
    """Pairs of a drawing and its pixel art, a few at once."""
    group: list[tuple[Picture, Picture]] = []
    step = made = 0
    while made < count:
        batch = batches.batch(step)
        step += 1
        for drawing, logical in zip(batch.drawing, batch.logical, strict=True):
            if made == count:
                break
            group.append((drawing_picture(drawing.numpy()), logical_picture(logical.numpy())))
            made += 1
            if len(group) == _AT_ONCE or made == count:
                yield group
                group = []


@torch.no_grad()
def _texts(pipeline: Any, prompts: list[str]) -> tuple[Tensor, Tensor]:  # noqa: ANN401  # a pipeline
    if hasattr(pipeline, "text_encoder_2"):
        found = [pipeline.encode_prompt(prompt, do_classifier_free_guidance=False) for prompt in prompts]
        pair = [torch.cat([one[index].float().cpu() for one in found]) for index in (0, 2)]
        return pair[0].contiguous(), pair[1].contiguous()
    tokens = pipeline.tokenizer(
        prompts,
        padding="max_length",
        max_length=pipeline.tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )
    text = pipeline.text_encoder(tokens.input_ids.to(pipeline.device))[0].float().cpu()
    return text.contiguous(), torch.zeros((len(prompts), 0))

"""Sampling of joint models: proposals for a drawing or a sprite, and regions of a sprite painted anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pixforge.nn.card import Direction
from pixforge.nn.diffusion.joint import DRAWING, LOGICAL, clean_side, folded, label, loosened, put_together, unfolded
from pixforge.preprocess import CELL, Array, pad_cells


@dataclass(frozen=True)
class Sampling:
    """How proposals are drawn.

    Attributes:
        steps: of the flow.
        guidance: how strongly the known side counts beyond what training saw; 1 is that, and costs half.
        freedom: 0..3, how freely the known side's colours are read.
        seed: of all chance.
    """

    steps: int = 8
    guidance: float = 1.5
    freedom: int = 0
    seed: int = 0


def propose(pipeline: Any, array: Array, direction: Direction, sampling: Sampling) -> Array:  # noqa: ANN401  # a pipeline
    """Convert one picture.

    Args:
        pipeline: a JointPipeline.
        array: as `pixforge.preprocess` makes it: (4, 4H, 4W) for to-pixel, (4, H, W) for to-drawing, 0..1.
        direction: which way.
        sampling: how.

    Returns:
        The other side, premultiplied, about 0..1: (4, H, W) or (4, 4H, 4W).
    """
    per_cell = CELL if direction == "to-pixel" else 1
    height, width = array.shape[1] // per_cell, array.shape[2] // per_cell
    known = torch.from_numpy(pad_cells(array, per_cell))[None] * 2 - 1
    chance = torch.Generator().manual_seed(sampling.seed)
    known = folded(known) if direction == "to-pixel" else known
    loose = torch.tensor([sampling.freedom])
    known = loosened(known, loose, torch.randn(known.shape, generator=chance)).to(pipeline.device)
    out = flow(pipeline, known, direction, sampling, chance)
    out = out if direction == "to-pixel" else unfolded(out)
    many = 1 if direction == "to-pixel" else CELL
    return _array(out)[:, : height * many, : width * many]


def repaint(pipeline: Any, sprite: Array, mask: np.ndarray, sampling: Sampling, drawing: Array | None = None) -> Array:  # noqa: ANN401  # a pipeline
    """Paint a region of a sprite anew; what is around it steers what comes there (as in RePaint, Lugmayr et al. 2022).

    Args:
        pipeline: a JointPipeline.
        sprite: (4, H, W), 0..1.
        mask: bool (H, W), true where it is painted.
        sampling: how.
        drawing: (4, 4H, 4W), what the sprite shall show; None: whatever fits.

    Returns:
        (4, H, W), 0..1; outside the mask the sprite itself, to the bit.
    """
    height, width = mask.shape
    chance = torch.Generator().manual_seed(sampling.seed)
    kept = torch.from_numpy(pad_cells(sprite, 1))[None].to(pipeline.device) * 2 - 1
    region = torch.from_numpy(np.pad(mask, ((0, -height % 4), (0, -width % 4))))[None, None].to(pipeline.device)
    known = None
    if drawing is not None:
        known = folded(torch.from_numpy(pad_cells(drawing, CELL))[None] * 2 - 1).to(pipeline.device)
    out = flow(pipeline, known, "to-pixel", sampling, chance, (kept, region))
    return np.where(mask[None], _array(out)[:, :height, :width], sprite)


@torch.no_grad()
def flow(
    pipeline: Any,  # noqa: ANN401  # a pipeline
    known: Tensor | None,
    direction: Direction,
    sampling: Sampling,
    chance: torch.Generator,
    kept: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """Follow the flow from noise to a picture.

    Args:
        pipeline: a JointPipeline.
        known: (N, 4 or 64, H, W), -1..1, or None if nothing is known of the other side.
        direction: which side is made.
        sampling: how; its seed was used for `chance`.
        chance: on the CPU, so that a seed means the same everywhere.
        kept: a picture (1, 4, H, W) and a mask of where it is not kept.

    Returns:
        The side that was made, -1..1.
    """
    like = known if known is not None else kept[0] if kept is not None else None
    if like is None:
        raise ValueError("nothing tells the size")
    made = LOGICAL if direction == "to-pixel" else DRAWING
    shape = (len(like), made, *like.shape[2:])
    noise = torch.randn(shape, generator=chance).to(like.device)
    nothing = torch.zeros((len(like), LOGICAL + DRAWING - made, *like.shape[2:]), device=like.device)
    shown = nothing if known is None else known
    scheduler = pipeline.scheduler
    # As many equal steps to the picture itself; diffusers' own list spends the last one on noise of a thousandth.
    sigmas = np.linspace(1, 1 / sampling.steps, sampling.steps)
    scheduler.set_timesteps(sigmas=sigmas.tolist(), device=like.device)
    x = noise
    for index, time in enumerate(scheduler.timesteps):
        clean = _clean(pipeline.unet, shown, x, time, (direction, known is not None), sampling)
        pull = (x - clean) / scheduler.sigmas[index]
        x = scheduler.step(pull, time, x, return_dict=False)[0]
        if kept is not None:
            sigma = scheduler.sigmas[index + 1]
            x = torch.where(kept[1], x, sigma * noise + (1 - sigma) * kept[0])
    return x.clamp(-1, 1)


def _clean(
    unet: Any,  # noqa: ANN401  # a UNet2DModel
    known: Tensor,
    x: Tensor,
    time: Tensor,
    way: tuple[Direction, bool],
    sampling: Sampling,
) -> Tensor:
    direction, informed = way

    def asked(side: Tensor, level: int | None) -> Tensor:
        labels = torch.full((len(x),), label(direction, level), device=x.device)
        return clean_side(direction, side, unet(put_together(direction, side, x), time, labels).sample)

    if not informed:
        return asked(known, None)
    told = asked(known, sampling.freedom)
    if sampling.guidance == 1:
        return told
    free = asked(torch.zeros_like(known), None)
    return (free + sampling.guidance * (told - free)).clamp(-1, 1)


def _array(out: Tensor) -> Array:
    return np.asarray((out[0].float().cpu() + 1).numpy() / 2, np.float32)

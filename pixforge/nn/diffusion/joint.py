"""A small diffusion model at logical resolution: one U-Net of diffusers for both directions.

Its state is a drawing and its pixel art side by side, cell by cell: 4 channels of the logical picture and 64 of the
drawing (4 pixels a cell, folded into channels). The side that is known is given clean, the other begins as noise and
follows a rectified flow (Liu et al. 2022; Lipman et al. 2022): x_s = (1 - s) x + s n. The network does not predict the
velocity n - x, most of which is noise, but what x differs by from a plain conversion of the known side (the clean
picture as target: Li and He 2025, "Back to basics"); a small network then has colours and silhouette from the start.
Class labels say the direction and how freely the known side is read; one label a direction stands for "nothing known",
for classifier-free guidance (Ho and Salimans 2022).
"""

from __future__ import annotations

from typing import Any, Final

import torch
from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler, UNet2DModel
from torch import Tensor
from torch.nn import functional

from pixforge.nn.card import Direction
from pixforge.preprocess import CELL

LOGICAL: Final = 4
DRAWING: Final = 4 * CELL * CELL
CHANNELS: Final = LOGICAL + DRAWING
LEVELS: Final = 4  # of freedom
_BLUR: Final = (1, 1, 2, 4)  # cells over which the known side's colours are averaged, by level
_NOISE: Final = (0.0, 0.15, 0.3, 0.6)  # standard deviation of what is added to them
_NOTHING: Final = 2 * LEVELS
LABELS: Final = 2 * LEVELS + 2


class JointPipeline(DiffusionPipeline):
    """The model and its scheduler, saved and loaded in the layout of diffusers.

    Args:
        unet: UNet2DModel of 68 channels in and out and `LABELS` class labels.
        scheduler: FlowMatchEulerDiscreteScheduler.
    """

    def __init__(self, unet: UNet2DModel, scheduler: FlowMatchEulerDiscreteScheduler) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.register_modules(unet=unet, scheduler=scheduler)  # type: ignore[attr-defined]  # of a mixin without types


def build_unet(channels: tuple[int, ...], layers: int, attention: bool = True) -> Any:  # noqa: ANN401  # a UNet2DModel
    """Return a network with random weights.

    Args:
        channels: of each resolution, the finest first; three halve the grid twice (sides are multiples of 4 cells).
        layers: residual blocks at each.
        attention: whether the coarsest resolution looks everywhere at once.
    """
    coarse = ("AttnDownBlock2D", "AttnUpBlock2D") if attention else ("DownBlock2D", "UpBlock2D")
    return UNet2DModel(  # type: ignore[no-untyped-call]
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        block_out_channels=channels,
        layers_per_block=layers,
        down_block_types=("DownBlock2D",) * (len(channels) - 1) + coarse[:1],
        up_block_types=coarse[1:] + ("UpBlock2D",) * (len(channels) - 1),
        attention_head_dim=32,
        norm_num_groups=16,
        norm_eps=1e-3,  # flat sprites have next to no variance
        num_class_embeds=LABELS,
        add_attention=attention,
    )


def label(direction: Direction, freedom: int | None) -> int:
    """Return the class label of a direction and a level of freedom; None: nothing is known of the other side."""
    way = int(direction == "to-drawing")
    return _NOTHING + way if freedom is None else way * LEVELS + freedom


def folded(drawing: Tensor) -> Tensor:
    """Fold drawings (N, 4, 4H, 4W) to (N, 64, H, W)."""
    return functional.pixel_unshuffle(drawing, CELL)


def unfolded(state: Tensor) -> Tensor:
    """Turn (N, 64, H, W) back into drawings (N, 4, 4H, 4W)."""
    return functional.pixel_shuffle(state, CELL)


def put_together(direction: Direction, known: Tensor, unknown: Tensor) -> Tensor:
    """Return the state (N, 68, H, W) of a known and an unknown side, each (N, 4 or 64, H, W)."""
    logical, drawing = (unknown, known) if direction == "to-pixel" else (known, unknown)
    return torch.cat([logical, drawing], dim=1)


def unknown_side(direction: Direction, state: Tensor) -> Tensor:
    """Return the side of a state that a direction makes."""
    return state[:, :LOGICAL] if direction == "to-pixel" else state[:, LOGICAL:]


def plain_side(direction: Direction, known: Tensor) -> Tensor:
    """Convert a known side without a network: the mean of each cell, or 4 x 4 pixels of its colour.

    Args:
        direction: which side is unknown.
        known: (N, 64 or 4, H, W).

    Returns:
        (N, 4 or 64, H, W).
    """
    if direction == "to-pixel":
        return known.unflatten(1, (LOGICAL, CELL * CELL)).mean(dim=2)
    return known.repeat_interleave(CELL * CELL, dim=1)


def clean_side(direction: Direction, known: Tensor, out: Tensor) -> Tensor:
    """Return the unknown side as the network sees it without noise.

    Args:
        direction: which side is unknown.
        known: the other one, as the network was shown it (zeros where it was hidden).
        out: (N, 68, H, W), what the network answered.
    """
    return plain_side(direction, known) + unknown_side(direction, out)


def loosened(known: Tensor, levels: Tensor, noise: Tensor) -> Tensor:
    """Return the known side as it is shown at levels of freedom: colours blurred and noisy, alpha as it is.

    The alpha stays, so that whatever is proposed keeps the silhouette.

    Args:
        known: (N, 4 or 64, H, W), -1..1, premultiplied; sides are multiples of 4.
        levels: int64 (N,), 0..LEVELS - 1; 0 changes nothing.
        noise: standard normal, shaped as `known`.
    """
    alpha_from = known.shape[1] * 3 // 4
    colour, alpha = known[:, :alpha_from], known[:, alpha_from:]
    copies = alpha.repeat(1, 3, 1, 1)  # channel order: colour by colour, each with the same folding as alpha
    out = colour.clone()
    for level in range(1, LEVELS):
        chosen = levels == level
        if not bool(chosen.any()):
            continue
        part = colour[chosen]
        if _BLUR[level] > 1:
            small = functional.avg_pool2d(part, _BLUR[level])
            part = functional.interpolate(small, size=part.shape[2:], mode="bilinear")
        out[chosen] = part + _NOISE[level] * noise[chosen, :alpha_from]
    out = torch.where((levels > 0)[:, None, None, None], torch.minimum(out.clamp(-1, 1), copies), out)
    return torch.cat([out, alpha], dim=1)

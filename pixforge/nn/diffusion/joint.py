"""A small diffusion model at logical resolution in PyTorch: one U-Net of diffusers for both directions.

What it is shown and what it answers is told in `pixforge.nn.diffusion.flow`. Class labels say the direction and how
freely the known side is read; one label a direction stands for "nothing known", for classifier-free guidance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler, UNet2DModel
from numpy.typing import NDArray
from torch import Tensor, nn

from pixforge.nn.card import Direction
from pixforge.nn.diffusion.flow import CHANNELS, LABELS, LOGICAL, Labels
from pixforge.preprocess import CELL, Array

TIMES = 1000  # what the U-Net's embedding of noise counts to


class JointPipeline(DiffusionPipeline):
    """The model and its scheduler, saved and loaded in the layout of diffusers.

    Args:
        unet: UNet2DModel of 68 channels in and out and `LABELS` class labels.
        scheduler: FlowMatchEulerDiscreteScheduler.
    """

    def __init__(self, unet: UNet2DModel, scheduler: FlowMatchEulerDiscreteScheduler) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.register_modules(unet=unet, scheduler=scheduler)  # type: ignore[attr-defined]  # of a mixin without types


class TorchNetwork:
    """A `pixforge.nn.diffusion.flow.Network` that PyTorch computes.

    Args:
        unet: of a JointPipeline, on any device.
    """

    def __init__(self, unet: Any) -> None:  # noqa: ANN401  # a UNet2DModel
        self._unet = unet
        self._device = next(unet.parameters()).device

    @torch.no_grad()
    def clean(self, direction: Direction, known: Array, x: Array, sigma: float, labels: Labels) -> Array:
        """See `pixforge.nn.diffusion.flow.Network`."""
        arrays = (torch.from_numpy(np.ascontiguousarray(array)).to(self._device) for array in (known, x, labels))
        side, state, told = arrays
        noise = torch.full((len(x),), sigma, device=self._device)
        out: Array = Clean(self._unet, direction)(side, state, noise, told).float().cpu().numpy()
        return out


class Clean(nn.Module):
    """One direction of a U-Net: known side, noisy other side, share of noise and labels in, the clean side out."""

    def __init__(self, unet: Any, direction: Direction) -> None:  # noqa: ANN401  # a UNet2DModel
        super().__init__()
        self.unet = unet
        self.direction = direction

    def forward(self, known: Tensor, x: Tensor, sigma: Tensor, labels: Tensor) -> Tensor:
        """Shapes as in `pixforge.nn.diffusion.flow.Network`; sigma is (N,)."""
        out = self.unet(put_together(self.direction, known, x), TIMES * sigma, labels).sample
        return clean_side(self.direction, known, out)


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


def change_weights(unet: Any, changed: Mapping[str, NDArray[np.floating]]) -> None:  # noqa: ANN401  # a UNet2DModel
    """Give a network other weights, by their names, where there are any."""
    unet.load_state_dict({name: torch.from_numpy(array) for name, array in changed.items()}, strict=False)


def put_together(direction: Direction, known: Tensor, unknown: Tensor) -> Tensor:
    """Return the state (N, 68, H, W) of a known and an unknown side, each (N, 4 or 64, H, W)."""
    logical, drawing = (unknown, known) if direction == "to-pixel" else (known, unknown)
    return torch.cat([logical, drawing], dim=1)


def plain_side(direction: Direction, known: Tensor) -> Tensor:
    """Convert a known side without a network: the mean of each cell, or 4 x 4 pixels of its colour.

    Args:
        direction: which side is unknown.
        known: (N, 64 or 4, H, W).

    Returns:
        (N, 4 or 64, H, W).
    """
    if direction == "to-pixel":
        count, _, height, width = known.shape
        return known.reshape(count, LOGICAL, CELL * CELL, height, width).mean(dim=2)
    return known.repeat_interleave(CELL * CELL, dim=1)


def clean_side(direction: Direction, known: Tensor, out: Tensor) -> Tensor:
    """Return the unknown side as the network sees it without noise.

    Args:
        direction: which side is unknown.
        known: the other one, as the network was shown it (zeros where it was hidden).
        out: (N, 68, H, W), what the network answered.
    """
    own = out[:, :LOGICAL] if direction == "to-pixel" else out[:, LOGICAL:]
    return plain_side(direction, known) + own

"""The parts that the generators are built of."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Norm = Literal["none", "group"]


def edge_convolution(inputs: int, outputs: int, kernel: int, groups: int = 1) -> nn.Conv2d:
    """Return a convolution that keeps the size and repeats the edge (zeros would colour the border)."""
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, padding_mode="replicate", groups=groups)


def normalisation(kind: Norm, channels: int) -> nn.Module:
    """Return the normalisation called `kind`.

    Group: with a generous eps, as flat sprites have areas of variance zero. None: nothing depends on the size of the
    picture, so that tiles of it join without seams.
    """
    return nn.GroupNorm(8, channels, eps=1e-3) if kind == "group" else nn.Identity()


class DepthBlock(nn.Module):
    """Residual block: depthwise convolution, then two pointwise ones (as in ConvNeXt, Liu et al. 2022).

    A third of the time of two dense 3x3 convolutions on a CPU for a larger field. The last convolution starts small,
    which stands in for a normalisation (Zhang et al. 2019, Fixup).
    """

    def __init__(self, channels: int, kernel: int, norm: Norm = "none", expansion: int = 2) -> None:
        super().__init__()
        self.space = edge_convolution(channels, channels, kernel, groups=channels)
        self.norm = normalisation(norm, channels)
        self.widen = nn.Conv2d(channels, expansion * channels, 1)
        self.narrow = nn.Conv2d(expansion * channels, channels, 1)
        with torch.no_grad():
            self.narrow.weight.mul_(0.3)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        hidden = functional.relu(self.widen(self.norm(self.space(x))))
        return x + torch.as_tensor(self.narrow(hidden))


class DenseBlock(nn.Module):
    """Residual block of two dense 3x3 convolutions."""

    def __init__(self, channels: int, kernel: int = 3, norm: Norm = "none") -> None:
        super().__init__()
        self.first = edge_convolution(channels, channels, kernel)
        self.norm = normalisation(norm, channels)
        self.second = edge_convolution(channels, channels, kernel)
        with torch.no_grad():
            self.second.weight.mul_(0.3)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        return x + torch.as_tensor(self.second(functional.relu(self.norm(self.first(x)))))

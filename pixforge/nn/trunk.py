"""The shared middle of both generators: a U of residual blocks at logical resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

from pixforge.nn.blocks import DenseBlock, DepthBlock, Norm
from pixforge.preprocess import CONDITIONS


@dataclass(frozen=True)
class TrunkOptions:
    """Shape of a trunk; one entry a level, the first at logical resolution, each further one at half of that before.

    Attributes:
        channels: features a level.
        blocks: residual blocks a level on the way down, and again on the way up (the lowest level: once).
        kernels: size of their spatial convolution.
        block: depthwise or dense residual blocks.
        norm: normalisation inside the blocks.
    """

    channels: tuple[int, ...] = (64, 128, 192)
    blocks: tuple[int, ...] = (2, 3, 4)
    kernels: tuple[int, ...] = (5, 3, 3)
    block: Literal["depth", "dense"] = "depth"
    norm: Norm = "none"

    @property
    def reach(self) -> int:
        """Cells further away than this never change a cell (for overlapping tiles)."""
        spread = 2  # the stem and the head
        for level, (count, kernel) in enumerate(zip(self.blocks, self.kernels, strict=True)):
            passes = count if level == len(self.blocks) - 1 else 2 * count
            convolutions = 1 if self.block == "depth" else 2
            spread += 2**level * (passes * convolutions * (kernel // 2) + 1)
        return spread


class Trunk(nn.Module):
    """Features at logical resolution to features of the same shape, with a condition vector."""

    def __init__(self, options: TrunkOptions) -> None:
        super().__init__()
        kind = DepthBlock if options.block == "depth" else DenseBlock
        levels = list(zip(options.channels, options.blocks, options.kernels, strict=True))

        def stage(width: int, count: int, kernel: int) -> nn.Sequential:
            return nn.Sequential(*(kind(width, kernel, options.norm) for _ in range(count)))

        pairs = list(zip(options.channels, options.channels[1:], strict=False))
        self.condition = nn.Linear(CONDITIONS, options.channels[0])
        self.down = nn.ModuleList(stage(*level) for level in levels[:-1])
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairs)
        self.middle = stage(*levels[-1])
        self.grow = nn.ModuleList(nn.Conv2d(b, 4 * a, 1) for a, b in pairs)
        self.up = nn.ModuleList(stage(*level) for level in levels[:-1])

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(N, C, H, W) and (N, 3) -> (N, C, H, W); H and W are multiples of two to the levels below the first."""
        x = x + self.condition(condition)[:, :, None, None]
        kept: list[Tensor] = []
        for stage, shrink in zip(self.down, self.shrink, strict=True):
            x = stage(x)
            kept.append(x)
            x = shrink(x)
        x = self.middle(x)
        for stage, grow, skip in zip(reversed(self.up), reversed(self.grow), reversed(kept), strict=True):
            x = stage(functional.pixel_shuffle(grow(x), 2) + skip)
        return x

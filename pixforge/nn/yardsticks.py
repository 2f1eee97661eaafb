"""The report's generators, as yardsticks: a U-Net of eight levels and a ResNet of nine blocks, at eight pixels a cell.

They draw a picture in which every cell *should* be of one colour; the logical picture is the mean of each cell.
"""

from __future__ import annotations

from typing import Final, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from pixforge.preprocess import CELL, SPECIFICATION

FINE: Final = 8  # pixels a cell
REACH: Final = 4096  # instance norm looks at the whole picture: it is never cut into tiles
_LEVELS: Final = (1, 2, 4, 8, 8, 8, 8, 8)
_DROPPED: Final = 3
_SHARP: Final = 8.0
_EPS: Final = 1e-3  # flat pictures have a variance of zero


def enlarged(logical: Tensor, factor: int) -> Tensor:
    """Return pixel art (N, 4, H, W) with `factor` pixels a cell, each block of one colour."""
    return logical.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)


def refined(drawing: Tensor) -> Tensor:
    """Return a drawing of four pixels a cell at eight, (N, 4, 8H, 8W)."""
    return functional.interpolate(drawing, scale_factor=FINE / CELL, mode="bilinear", align_corners=False)


class Yardstick(nn.Module):
    """A generator of full pictures behind the interface of the logical ones.

    Args:
        body: (N, 4, 8H, 8W) -> the same shape, -1..1 on both sides.
        direction: to-pixel takes drawings at four pixels a cell and gives cells, to-drawing the other way round.
        multiple: pixels that the body needs whole multiples of.
    """

    def __init__(self, body: nn.Module, direction: Literal["to-pixel", "to-drawing"], multiple: int) -> None:
        super().__init__()
        self.body = body
        self._to_pixel = direction == "to-pixel"
        self._multiple = multiple

    def picture(self, picture: Tensor) -> Tensor:
        """(N, 4, 8H, 8W) -> (N, 4, 8H, 8W), both premultiplied, 0..1."""
        height, width = picture.shape[2], picture.shape[3]
        down, across = -height % self._multiple, -width % self._multiple
        padded = functional.pad(picture, (0, across, 0, down), mode="replicate")
        out: Tensor = (self.body(2 * padded - 1) + 1) / 2
        return out[:, :, :height, :width]

    def forward(self, picture: Tensor, condition: Tensor) -> Tensor:
        """As `ToPixel` and `ToDrawing`: colour as if opaque and alpha logit (N, 4, H, W); or (N, 4, 4H, 4W)."""
        # The report knows no conditions; a model file has them among its inputs, so they must be part of the graph.
        picture = picture + 0 * condition[:, :1, None, None]
        if not self._to_pixel:
            return functional.avg_pool2d(self.picture(enlarged(picture, FINE)), FINE // CELL)
        cells = functional.avg_pool2d(self.picture(refined(picture)).float(), FINE)
        alpha = cells[:, 3:].clamp(0, 1)
        return torch.cat([cells[:, :3] / alpha.clamp_min(1 / 8), _SHARP * (alpha - 0.5)], dim=1)


class UNet(nn.Module):
    """The U-Net of pix2pix (Isola et al. 2017): 4x4 convolutions of stride 2, dropout on the first three up layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        sizes = [width * level for level in _LEVELS]
        inputs = [4, *sizes[:-1]]
        self.down = nn.ModuleList(
            _down(a, b, norm=0 < level < len(sizes) - 1) for level, (a, b) in enumerate(zip(inputs, sizes, strict=True))
        )
        # Each up layer but the first also sees the down layer of its size.
        merged = [sizes[-1], *(2 * size for size in reversed(sizes[1:-1]))]
        outputs = list(reversed(sizes[:-1]))
        self.up = nn.ModuleList(
            _up(a, b, drop=level < _DROPPED) for level, (a, b) in enumerate(zip(merged, outputs, strict=True))
        )
        self.last = nn.ConvTranspose2d(2 * width, 4, 4, 2, 1)
        _start(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 4, H, W) -> (N, 4, H, W); H and W are multiples of 256."""
        kept: list[Tensor] = []
        for layer in self.down:
            x = layer(x)
            kept.append(x)
        for layer, skip in zip(self.up, reversed(kept[:-1]), strict=True):
            x = torch.cat([layer(x), skip], dim=1)
        return torch.tanh(self.last(x))


class ResNet(nn.Module):
    """The generator of Johnson et al. 2016 with nine blocks, as CycleGAN uses it; borders by reflection."""

    def __init__(self, width: int, blocks: int = 9) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(4, width, 7), _norm(width), nn.ReLU()]
        for inputs in (width, 2 * width):
            layers += [nn.Conv2d(inputs, 2 * inputs, 3, 2, 1), _norm(2 * inputs), nn.ReLU()]
        layers += [_Residual(4 * width) for _ in range(blocks)]
        for inputs in (4 * width, 2 * width):
            layers += [nn.ConvTranspose2d(inputs, inputs // 2, 3, 2, 1, 1), _norm(inputs // 2), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, 4, 7))
        _start(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 4, H, W) -> (N, 4, H, W); H and W are multiples of 4."""
        return torch.tanh(self.layers(x))


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()

        def half() -> list[nn.Module]:
            return [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), _norm(width)]

        self.layers = nn.Sequential(*half(), nn.ReLU(), *half())

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.as_tensor(self.layers(x))


def build_yardstick(
    kind: Literal["unet", "resnet"], width: int, direction: Literal["to-pixel", "to-drawing"]
) -> Yardstick:
    """Return one with random weights."""
    body: nn.Module = UNet(width) if kind == "unet" else ResNet(width)
    return Yardstick(body, direction, 2 ** len(_LEVELS) if kind == "unet" else FINE * SPECIFICATION.multiple)


def _down(inputs: int, outputs: int, norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, 4, 2, 1)]
    return nn.Sequential(*layers, *([_norm(outputs)] if norm else []), nn.LeakyReLU(0.2))


def _up(inputs: int, outputs: int, drop: bool) -> nn.Sequential:
    layers: list[nn.Module] = [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1), _norm(outputs)]
    return nn.Sequential(*layers, *([nn.Dropout(0.5)] if drop else []), nn.ReLU())


def _norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, eps=_EPS, affine=True)


def _start(module: nn.Module) -> None:
    """Weights from N(0, 0.02), as in the report."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(part.weight, 0.0, 0.02)
            if part.bias is not None:
                nn.init.zeros_(part.bias)

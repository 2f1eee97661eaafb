"""Discriminators: judges of small patches at several scales, of true pixel art and of drawings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from pixforge.typed_toml import Range

_SLOPE = 0.2


@dataclass(frozen=True)
class JudgeOptions:
    """Shape of a discriminator.

    Attributes:
        kind: patch: strides kept small, spectral norm, for pictures at logical resolution and drawings; patch70: the
            70 x 70 PatchGAN of the report (and of pix2pix), with instance norm.
        width: features of the first layer; each further layer has twice as many.
        strides: of the layers after the first (patch only); their number and product give the field.
        scales: how many discriminators look, each further one at half the resolution (patch only).
    """

    kind: Literal["patch", "patch70"] = "patch"
    width: Annotated[int, Range(4, 256)] = 48
    strides: tuple[int, ...] = (2, 1)
    scales: Annotated[int, Range(1, 4)] = 2


class Patches(nn.Module):
    """One scale: 3x3 convolutions under spectral norm (Miyato et al. 2018), one number a patch."""

    def __init__(self, width: int, strides: tuple[int, ...]) -> None:
        super().__init__()
        layers: list[nn.Module] = [spectral_norm(nn.Conv2d(4, width, 3, padding=1)), nn.LeakyReLU(_SLOPE)]
        for stride in strides:
            kernel = 4 if stride == 2 else 3
            layers += [spectral_norm(nn.Conv2d(width, 2 * width, kernel, stride, 1)), nn.LeakyReLU(_SLOPE)]
            width *= 2
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(width, 1, 1)))

    def forward(self, picture: Tensor) -> Tensor:
        """(N, 4, H, W) -> (N, patches)."""
        out: Tensor = self.layers(picture)
        return out.flatten(1)


class MultiScale(nn.Module):
    """Several scales of `Patches` (Wang et al. 2018, pix2pixHD); alpha is premultiplied, so halving is a plain mean."""

    def __init__(self, options: JudgeOptions) -> None:
        super().__init__()
        self.scales = nn.ModuleList(Patches(options.width, options.strides) for _ in range(options.scales))

    def forward(self, picture: Tensor) -> list[Tensor]:
        """(N, 4, H, W) premultiplied -> the verdicts (N, patches) of each scale; above 0 means real."""
        verdicts: list[Tensor] = []
        for scale in self.scales:
            verdicts.append(scale(picture - 0.5))
            picture = functional.avg_pool2d(picture, 2)
        return verdicts


class Patch70(nn.Module):
    """The report's PatchGAN: three 4x4 layers of stride 2, one of stride 1, a last 4x4 convolution (Isola et al.)."""

    def __init__(self, options: JudgeOptions) -> None:
        super().__init__()
        width = options.width
        layers: list[nn.Module] = [nn.Conv2d(4, width, 4, 2, 1), nn.LeakyReLU(_SLOPE)]
        for step, stride in enumerate((2, 2, 1)):
            inputs, outputs = width * 2**step, width * 2 ** (step + 1)
            layers += [nn.Conv2d(inputs, outputs, 4, stride, 1), nn.InstanceNorm2d(outputs, eps=1e-3, affine=True)]
            layers += [nn.LeakyReLU(_SLOPE)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))

    def forward(self, picture: Tensor) -> list[Tensor]:
        """(N, 4, H, W) -> one verdict tensor (N, patches); 0.5 is taken off as pictures are 0..1 here."""
        out: Tensor = self.layers(2 * picture - 1)
        return [out.flatten(1)]


def build_judge(options: JudgeOptions) -> nn.Module:
    """Return a discriminator with random weights; it takes (N, 4, H, W) and gives a list of verdicts."""
    return MultiScale(options) if options.kind == "patch" else Patch70(options)

"""Generators by name: what a recipe's [network] tables choose from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from torch import nn

from pixforge.nn.logical import ToDrawing, ToPixel
from pixforge.nn.trunk import TrunkOptions

Direction = Literal["to-pixel", "to-drawing"]


@dataclass(frozen=True)
class GeneratorOptions:
    """One generator.

    Attributes:
        kind: logical works at one position a cell; unet and resnet are the yardsticks at full resolution.
        trunk: shape of a logical generator.
        width: features of the first layer of a yardstick.
    """

    kind: Literal["logical"] = "logical"
    trunk: TrunkOptions = field(default_factory=TrunkOptions)
    width: int = 64


def build_generator(options: GeneratorOptions, direction: Direction) -> nn.Module:
    """Return a generator with random weights; it takes (array, condition), see `pixforge.preprocess`."""
    return ToPixel(options.trunk) if direction == "to-pixel" else ToDrawing(options.trunk)

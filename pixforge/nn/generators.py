"""Generators by name: what a recipe's [network] tables choose from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from torch import nn

from pixforge.nn.logical import ToDrawing, ToPixel
from pixforge.nn.trunk import TrunkOptions
from pixforge.nn.yardsticks import REACH, build_yardstick
from pixforge.typed_toml import Range

Direction = Literal["to-pixel", "to-drawing"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("to-pixel", "to-drawing")


@dataclass(frozen=True)
class GeneratorOptions:
    """One generator.

    Attributes:
        kind: logical works at one position a cell; unet and resnet are the yardsticks at full resolution.
        trunk: shape of a logical generator.
        width: features of the first layer of a yardstick.
    """

    kind: Literal["logical", "unet", "resnet"] = "logical"
    trunk: TrunkOptions = field(default_factory=TrunkOptions)
    width: Annotated[int, Range(4, 256)] = 64

    @property
    def reach(self) -> int:
        """Cells further away than this never change a cell."""
        return self.trunk.reach if self.kind == "logical" else REACH


def build_generator(options: GeneratorOptions, direction: Direction) -> nn.Module:
    """Return a generator with random weights; it takes (array, condition), see `pixforge.preprocess`."""
    if options.kind != "logical":
        return build_yardstick(options.kind, options.width, direction)
    return ToPixel(options.trunk) if direction == "to-pixel" else ToDrawing(options.trunk)

"""A converted picture: its promise, which is checked as it is encoded, and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pixforge import __version__
from pixforge.engine import provenance
from pixforge.engine.events import Facts
from pixforge.errors import ContractError
from pixforge.image import save
from pixforge.image.picture import Picture
from pixforge.pixel import verify
from pixforge.preset import Preset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.pixel.grid import Grid


@dataclass(frozen=True, eq=False)
class Converted:
    """A converted picture in memory.

    Attributes:
        picture: the output, one pixel a cell (to-pixel) or the drawing (to-drawing).
        promised: the size that was asked for, (width, height).
        palette: uint8 (K, 3), the only colours that the output may have; None in direction to-drawing.
        facts: about it.
        preset: what made it.
    """

    picture: Picture
    promised: tuple[int, int]
    palette: NDArray[np.uint8] | None
    facts: Facts
    preset: Preset

    @cached_property
    def text(self) -> dict[str, str]:
        """The provenance that is written into the file."""
        facts = self.facts
        names = ("direction", "method", "model_digest", "preset", "preset_digest")
        return provenance.text_chunks({name: getattr(facts, name) for name in names})

    def encode(self) -> bytes:
        """Return the PNG, read back and checked against the contract.

        Raises:
            ContractError: the bytes do not hold what was promised.
        """
        indexed = self.palette if self.preset.export.indexed else None
        data = save.encode_png(self.picture, indexed, self.text)
        if self.palette is not None:
            verify.check(data, *self.promised, self.palette)
        elif (self.picture.width, self.picture.height) != self.promised:
            raise ContractError(f"the drawing is not {self.promised[0]} x {self.promised[1]}", "please report it")
        return data

    def encode_preview(self, factor: int) -> bytes:
        """Return the PNG of the picture enlarged by `factor`, read back and checked.

        Raises:
            ContractError: a cell is not a block of one colour.
        """
        indexed = self.palette if self.preset.export.indexed else None
        data = save.encode_preview(self.picture, factor, indexed, self.text)
        verify.check_preview(data, save.encode_png(self.picture, None, {}), factor)
        return data


def grid_facts(grid: Grid) -> dict[str, float]:
    """Return what is told about a recovered grid."""
    names = ("pitch_x", "pitch_y", "phase_x", "phase_y", "confidence")
    return {name: float(getattr(grid, name)) for name in names}


def count_colours(picture: Picture) -> int:
    """Return how many colours the visible pixels have."""
    return len(np.unique(picture.pixels[picture.pixels[..., 3] > 0][:, :3], axis=0))


def facts_of(
    size: tuple[int, int],
    colors: int,
    model_digest: str,
    source: Picture,
    preset: Preset,
    grid: dict[str, float] | None,
) -> Facts:
    """Return what is known about an output of this size, made of `source`; `grid` if one was recovered."""
    recovered = grid is not None and preset.direction == "to-pixel"
    return Facts(
        width=size[0],
        height=size[1],
        colors=colors,
        source_width=source.width,
        source_height=source.height,
        direction=preset.direction,
        method="grid" if recovered else preset.method.name,
        model_digest=model_digest,
        preset=preset.name,
        preset_digest=preset.digest,
        version=__version__,
        grid=grid,
    )

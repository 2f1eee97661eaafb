"""One picture from its pixels to a checked PNG."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pixforge import __version__
from pixforge.engine import drafting, geometry, palette, provenance, seamless, sessions
from pixforge.engine.drafting import Target
from pixforge.engine.events import Facts
from pixforge.errors import ContractError
from pixforge.image import save
from pixforge.image.picture import Picture
from pixforge.pixel import verify
from pixforge.preset import Preset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.engine.geometry import Layout
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


def convert_picture(source: Picture, preset: Preset, colours: NDArray[np.uint8] | None = None) -> Converted:
    """Convert one picture.

    Args:
        source: it.
        preset: how.
        colours: uint8 (K, 3), the palette, of at most preset.color_limit colours; None: as the preset says.

    Raises:
        PixforgeError: the picture cannot be converted this way, or the method is not installed.
    """
    picture = geometry.trim(source) if preset.grid.trim and not preset.grid.seamless else source
    grid: dict[str, float] | None = None
    if preset.grid.cell == "auto":
        picture, grid = _recover(picture)
    if preset.direction == "to-drawing":
        return _to_drawing(source, picture, preset, grid)
    if preset.grid.seamless and grid is None:
        return _to_tile(source, preset, colours)
    return _to_pixel(source, picture, preset, grid, colours)


def _recover(picture: Picture) -> tuple[Picture, dict[str, float]]:
    """Return existing pixel art at one pixel a cell, and where its grid was."""
    from pixforge.pixel import grid as recovery

    found = recovery.recover(picture)
    return recovery.sample(picture, found), grid_facts(found)


def grid_facts(grid: Grid) -> dict[str, float]:
    """Return what is told about a recovered grid."""
    names = ("pitch_x", "pitch_y", "phase_x", "phase_y", "confidence")
    return {name: float(getattr(grid, name)) for name in names}


def _to_pixel(
    source: Picture,
    picture: Picture,
    preset: Preset,
    grid: dict[str, float] | None,
    colours: NDArray[np.uint8] | None,
) -> Converted:
    if grid is None:
        plan = geometry.layout(picture.width, picture.height, preset.grid, fill=preset.alpha.mode == "opaque")
        return convert_laid_out(source, picture, plan, preset, colours)
    prepared = drafting.on_background(picture, preset) if preset.alpha.mode == "opaque" else picture
    colours = palette.resolve(preset, [prepared]) if colours is None else colours
    draft, size = drafting.as_cells(palette.matched(prepared, colours, preset)), (prepared.width, prepared.height)
    shown = drafting.finish(draft, colours, preset).picture()
    return Converted(shown, size, colours, facts_of(size, count_colours(shown), "", source, preset, grid), preset)


def convert_laid_out(
    source: Picture, picture: Picture, plan: Layout, preset: Preset, colours: NDArray[np.uint8] | None
) -> Converted:
    """Convert a picture under a known layout.

    Args:
        source: what it came from, for the facts.
        picture: what the layout is for.
        plan: from pixels to cells.
        preset: how.
        colours: as for `convert_picture`.

    Raises:
        PixforgeError: it cannot be converted this way.
    """
    preset.limits.check_size(picture.width + sum(plan.margins[::2]), picture.height + sum(plan.margins[1::2]))
    prepared = drafting.prepare(picture, plan, preset)
    shared = colours is not None
    colours = palette.resolve(preset, [prepared]) if colours is None else colours
    prepared = palette.matched(prepared, colours, preset)
    draft = drafting.draft(prepared, Target(plan.inner_width, plan.inner_height, colours), preset)
    colours = colours if shared else palette.wished(preset, draft, colours)
    shown = drafting.finish(geometry.place(draft, plan), colours, preset).picture()
    size, digest = (plan.width, plan.height), sessions.get(preset.method).model_digest
    return Converted(shown, size, colours, facts_of(size, count_colours(shown), digest, source, preset, None), preset)


def _to_tile(source: Picture, preset: Preset, colours: NDArray[np.uint8] | None) -> Converted:
    """Convert a picture that repeats."""
    plan = seamless.lay_out(source.width, source.height, preset.grid)
    prepared = drafting.prepare(source, plan, preset)
    settled = seamless.settle(prepared, plan, preset.grid)
    colours = palette.resolve(preset, [settled.picture]) if colours is None else colours
    settled = dataclasses.replace(settled, picture=palette.matched(settled.picture, colours, preset))
    tile = seamless.convert(settled, plan, colours, preset).picture()
    size, digest = (plan.width, plan.height), sessions.get(preset.method).model_digest
    facts = facts_of(size, count_colours(tile), digest, source, preset, None)
    axes = seamless.axes(preset.grid)
    joints = {f"source_{name}": value for name, value in seamless.seam(prepared.pixels, *axes).items()}
    facts = dataclasses.replace(facts, seam=joints | seamless.seam(tile.pixels, *axes))
    return Converted(tile, size, colours, facts, preset)


def _to_drawing(source: Picture, picture: Picture, preset: Preset, grid: dict[str, float] | None) -> Converted:
    width, height = geometry.drawing_size(picture.width, picture.height, preset.grid)
    draft = drafting.draft(picture, Target(width, height, None), preset)
    drawing = drafting.drawing(draft)
    digest = sessions.get(preset.method).model_digest
    count = count_colours(drawing)
    facts = facts_of((width, height), count, digest, source, preset, grid)
    return Converted(drawing, (width, height), None, facts, preset)


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

"""One picture from its pixels to a checked PNG, by way of a draft whose palette is still open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixforge.engine import drafting, geometry, palette, seamless, sessions
from pixforge.engine.converted import Converted, count_colours, facts_of, grid_facts
from pixforge.engine.drafting import Target

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pixforge.engine.geometry import Layout
    from pixforge.image.picture import Picture
    from pixforge.pixel.draft import Draft
    from pixforge.preset import Preset


@dataclass(frozen=True, eq=False)
class Drafted:
    """A picture in direction to-pixel of which everything is decided but the palette.

    Attributes:
        proposed: what the method made of the picture; None where no method had a say (recovered pixel art).
        colours: uint8 (K, 3), the palette that it was drafted with.
        finish: returns the converted picture in a palette, uint8 (K, 3).
    """

    proposed: Draft | None
    colours: NDArray[np.uint8]
    finish: Callable[[NDArray[np.uint8]], Converted]


def convert_picture(source: Picture, preset: Preset, colours: NDArray[np.uint8] | None = None) -> Converted:
    """Convert one picture.

    Args:
        source: it.
        preset: how.
        colours: uint8 (K, 3), the palette, of at most preset.color_limit colours; None: as the preset says.

    Raises:
        PixforgeError: the picture cannot be converted this way, or the method is not installed.
    """
    if preset.direction == "to-drawing":
        return _to_drawing(source, preset)
    drafted = draft_picture(source, preset, colours)
    return drafted.finish(agreed([drafted], preset) if colours is None else colours)


def draft_picture(source: Picture, preset: Preset, colours: NDArray[np.uint8] | None = None) -> Drafted:
    """Convert one picture in direction to-pixel as far as its palette does not matter.

    Pictures that shall share a palette are drafted with the same `colours`, then finished in what is `agreed`.

    Args:
        source: it.
        preset: how.
        colours: uint8 (K, 3), the palette to draft with; None: fitted to the source, or the one that the preset names.

    Raises:
        PixforgeError: as for `convert_picture`.
    """
    picture, grid = _entered(source, preset)
    if grid is not None:
        return _recovered(source, picture, preset, grid, colours)
    if preset.grid.seamless:
        return _tile(source, preset, colours)
    plan = geometry.layout(picture.width, picture.height, preset.grid, fill=preset.alpha.mode == "opaque")
    prepared = prepare(picture, plan, preset)
    colours = palette.resolve(preset, [prepared]) if colours is None else colours
    return draft_prepared(source, palette.matched(prepared, colours, preset), plan, preset, colours)


def agreed(drafted: Sequence[Drafted], preset: Preset) -> NDArray[np.uint8]:
    """Return the one palette of pictures, at least one, that were drafted with the same colours."""
    proposed = [each.proposed for each in drafted if each.proposed is not None]
    return palette.suited(preset, proposed, drafted[0].colours) if proposed else drafted[0].colours


def prepare(picture: Picture, plan: Layout, preset: Preset) -> Picture:
    """Return the picture as its layout says, if it is not too large.

    Raises:
        LimitError: it would be.
    """
    preset.limits.check_size(picture.width + sum(plan.margins[::2]), picture.height + sum(plan.margins[1::2]))
    return drafting.prepare(picture, plan, preset)


def draft_prepared(
    source: Picture, prepared: Picture, plan: Layout, preset: Preset, colours: NDArray[np.uint8]
) -> Drafted:
    """Draft a picture under a known layout.

    Args:
        source: what it came from, for the facts.
        prepared: by `prepare`, matched to `colours`.
        plan: from pixels to cells.
        preset: how.
        colours: uint8 (K, 3).

    Raises:
        PixforgeError: it cannot be converted this way.
    """
    proposed = drafting.draft(prepared, Target(plan.inner_width, plan.inner_height, colours), preset)
    size, digest = (plan.width, plan.height), sessions.get(preset.method).model_digest

    def finish(final: NDArray[np.uint8]) -> Converted:
        shown = drafting.finish(geometry.place(proposed, plan), final, preset).picture()
        return Converted(shown, size, final, facts_of(size, count_colours(shown), digest, source, preset, None), preset)

    return Drafted(proposed, colours, finish)


def _entered(source: Picture, preset: Preset) -> tuple[Picture, dict[str, float] | None]:
    """The picture trimmed, or at one pixel a cell where its grid is to be recovered, and where that was."""
    picture = geometry.trim(source) if preset.grid.trim and not preset.grid.seamless else source
    if preset.grid.cell != "auto":
        return picture, None
    from pixforge.pixel import grid as recovery

    found = recovery.recover(picture)
    return recovery.sample(picture, found), grid_facts(found)


def _recovered(
    source: Picture, cells: Picture, preset: Preset, grid: dict[str, float], colours: NDArray[np.uint8] | None
) -> Drafted:
    """Existing pixel art."""
    prepared = drafting.on_background(cells, preset) if preset.alpha.mode == "opaque" else cells
    colours = palette.resolve(preset, [prepared]) if colours is None else colours
    draft, size = drafting.as_cells(palette.matched(prepared, colours, preset)), (prepared.width, prepared.height)

    def finish(final: NDArray[np.uint8]) -> Converted:
        shown = drafting.finish(draft, final, preset).picture()
        return Converted(shown, size, final, facts_of(size, count_colours(shown), "", source, preset, grid), preset)

    return Drafted(None, colours, finish)


def _tile(source: Picture, preset: Preset, colours: NDArray[np.uint8] | None) -> Drafted:
    """A picture that repeats."""
    plan = seamless.lay_out(source.width, source.height, preset.grid)
    prepared = drafting.prepare(source, plan, preset)
    settled = seamless.settle(prepared, plan, preset.grid)
    colours = palette.resolve(preset, [settled.picture]) if colours is None else colours
    settled = dataclasses.replace(settled, picture=palette.matched(settled.picture, colours, preset))
    wrapped = seamless.draft(settled, plan, colours, preset)
    size, digest, axes = (plan.width, plan.height), sessions.get(preset.method).model_digest, seamless.axes(preset.grid)
    joints = {f"source_{name}": value for name, value in seamless.seam(prepared.pixels, *axes).items()}

    def finish(final: NDArray[np.uint8]) -> Converted:
        tile = wrapped.finish(final, preset).picture()
        facts = facts_of(size, count_colours(tile), digest, source, preset, None)
        facts = dataclasses.replace(facts, seam=joints | seamless.seam(tile.pixels, *axes))
        return Converted(tile, size, final, facts, preset)

    return Drafted(wrapped.inner, colours, finish)


def _to_drawing(source: Picture, preset: Preset) -> Converted:
    picture, grid = _entered(source, preset)
    width, height = geometry.drawing_size(picture.width, picture.height, preset.grid)
    draft = drafting.draft(picture, Target(width, height, None), preset)
    drawing = drafting.drawing(draft)
    digest = sessions.get(preset.method).model_digest
    count = count_colours(drawing)
    facts = facts_of((width, height), count, digest, source, preset, grid)
    return Converted(drawing, (width, height), None, facts, preset)

"""A clip that is pixel art already, enlarged or worn: one grid for all its frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.engine import clip_layout, drafting, palette
from pixforge.engine.clip import ConvertedClip, assembled, flicker_of
from pixforge.engine.clip_layout import ClipLayout
from pixforge.engine.converted import Converted, count_colours, facts_of, grid_facts
from pixforge.engine.geometry import Layout
from pixforge.errors import NotPixelArtError
from pixforge.image import resample
from pixforge.image.picture import Picture
from pixforge.pixel import grid as recovery
from pixforge.pixel.windows import Lattice, packed, unchanged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.engine.events import Progress
    from pixforge.pixel.grid import Grid
    from pixforge.preset import Preset
    from pixforge.sheet.clip import Clip

_LOOKS: Final = 8  # frames, spread over the clip, that are asked for their grid
_NEAR: Final = 0.5


def one_grid(pictures: Sequence[Picture]) -> Grid:
    """Return the grid of the frame that shows it best; they are of one size and lie under one grid.

    Raises:
        NotPixelArtError: no frame shows one.
    """
    step = max(1, len(pictures) // _LOOKS)
    found = [grid for grid in map(recovery.judge, pictures[::step]) if grid is not None]
    best = max(found, key=lambda grid: grid.confidence, default=None)
    if best is None or best.confidence < recovery.MIN_CONFIDENCE:
        raise NotPixelArtError(
            "these frames are not pixel art: no grid of cells fits any of them", "give a cell size or another method"
        )
    return best


def sampled(clip: Clip, preset: Preset) -> tuple[list[Picture], ClipLayout, Grid]:
    """Return the frames at one pixel a cell, how their pixels became cells, and the grid.

    Raises:
        NotPixelArtError: the clip is none.
    """
    whole = (0, 0, clip.width, clip.height)
    box = clip_layout.union_box(clip.pictures) if preset.grid.trim else whole
    pictures = [picture if box == whole else resample.crop(picture, box) for picture in clip.pictures]
    grid = one_grid(pictures)
    plan = Layout(grid.width, grid.height, grid.width, grid.height, 0, 0, (0, 0, box[2] - box[0], box[3] - box[1]))
    cells = [recovery.sample(picture, grid) for picture in pictures]
    return _held(pictures, cells, preset), ClipLayout(box, plan), grid


def recover(clip: Clip, preset: Preset, progress: Progress | None = None) -> ConvertedClip:
    """Convert a clip in direction to-pixel whose cells are recovered.

    Raises:
        NotPixelArtError: it is no pixel art.
    """
    cells, layout, grid = sampled(clip, preset)
    if preset.alpha.mode == "opaque":
        cells = [drafting.on_background(picture, preset) for picture in cells]
    colours = palette.resolve(preset, cells)
    match = palette.matcher(preset, cells, colours)
    size = (grid.width, grid.height)
    made = []
    for source, picture in zip(clip.pictures, cells, strict=True):
        shown = drafting.finish(drafting.as_cells(match(picture)), colours, preset).picture()
        facts = facts_of(size, count_colours(shown), "", source, preset, grid_facts(grid))
        made.append(Converted(shown, size, colours, facts, preset))
        if progress is not None:
            progress(len(made), len(cells))
    frames = clip_layout.Prepared(clip.pictures, layout, preset)
    return assembled(clip, made, flicker_of(frames, [each.picture for each in made], layout), layout)


def _held(pictures: Sequence[Picture], cells: Sequence[Picture], preset: Preset) -> list[Picture]:
    """The cells, those whose source does not change held: noise between cells is evened out in each frame anew."""
    if "still" not in preset.clip.lock:
        return list(cells)
    held: list[Picture] = []
    before: NDArray[np.uint32] | None = None
    for picture, own in zip(pictures, cells, strict=True):
        values = packed(picture.pixels)
        pixels = own.pixels.copy()
        if before is not None:
            lattice = Lattice(own.width, own.height, picture.width, picture.height)
            same = unchanged(values != before, lattice, _NEAR)
            pixels[same] = held[-1].pixels[same]
        held.append(Picture(pixels))
        before = values
    return held

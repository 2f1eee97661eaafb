"""A clip of pixel art to drawings: where cells do not change, neither does the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.engine import clip_layout, drafting, geometry, sessions
from pixforge.engine.clip import ConvertedClip, assembled, flicker_of
from pixforge.engine.clip_layout import ClipLayout
from pixforge.engine.converted import Converted, count_colours, facts_of, grid_facts
from pixforge.engine.geometry import Layout
from pixforge.image import resample
from pixforge.image.picture import Picture
from pixforge.pixel.windows import Keys, Lattice, Place, keys, packed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.engine.events import Progress
    from pixforge.preset import Preset
    from pixforge.sheet.clip import Clip

_ROUND: Final = 2.0  # cells round a cell that must be the same for its piece of the drawing to be


class _Pieces:
    """Which frame first drew the piece of each window of cells."""

    def __init__(self, lattice: Lattice) -> None:
        self._lattice = lattice
        self._first: dict[int, int] = {}

    def origin(self, picture: Picture, number: int) -> NDArray[np.intp]:
        """Return for each cell the first frame with its window, intp (rows, columns); `number` where there was none."""
        found: Keys = keys(packed(picture.pixels), self._lattice, Place(), _ROUND)
        first = [self._first.setdefault(key, number) for key in found.ravel().tolist()]
        return np.array(first, np.intp).reshape(found.shape)


def draw(clip: Clip, preset: Preset, progress: Progress | None = None) -> ConvertedClip:
    """Convert a clip in direction to-drawing.

    Every frame is drawn whole; pieces of earlier drawings then replace those whose cells, and two round them, are as
    they were in the earlier frame. Windows without a visible cell are taken for equal.

    Raises:
        NotPixelArtError: `cell = "auto"`, and the clip is no pixel art.
        PictureError: a drawing would be too large.
    """
    cells, grid = _cells(clip, preset)
    width, height = geometry.drawing_size(cells[0].width, cells[0].height, preset.grid)
    lattice = Lattice(cells[0].width, cells[0].height, cells[0].width, cells[0].height)
    alike, pieces = clip_layout.first_alike(cells), _Pieces(lattice)
    drawings: list[Picture] = []
    for number, first in enumerate(alike):
        if first < number:
            drawing = drawings[first]
        else:
            with clip_layout.naming(clip, number):
                target = drafting.Target(width, height, None)
                drawing = drafting.drawing(drafting.draft(cells[number], target, preset))
            if "still" in preset.clip.lock:
                drawing = _patched(drawing, drawings, pieces.origin(cells[number], number))
        drawings.append(drawing)
        if progress is not None:
            progress(number + 1, len(alike))
    digest, size = sessions.get(preset.method).model_digest, (width, height)
    made = [
        Converted(
            drawing,
            size,
            None,
            facts_of(size, count_colours(drawing), digest, source, preset, grid),
            preset,
        )
        for drawing, source in zip(drawings, clip.pictures, strict=True)
    ]
    layout = _layout(clip, size, preset)
    flickers = flicker_of([resample.crop(each, layout.box) for each in clip.pictures], drawings, layout)
    return assembled(clip, made, flickers, layout)


def _cells(clip: Clip, preset: Preset) -> tuple[list[Picture], dict[str, float] | None]:
    if preset.grid.cell == "auto":
        from pixforge.engine.clip_recovered import sampled

        cells, _, grid = sampled(clip, preset)
        return cells, grid_facts(grid)
    if not preset.grid.trim:
        return list(clip.pictures), None
    box = clip_layout.union_box(clip.pictures)
    return [resample.crop(picture, box) for picture in clip.pictures], None


def _layout(clip: Clip, size: tuple[int, int], preset: Preset) -> ClipLayout:
    """How the source's pixels become the drawing's."""
    box = clip_layout.union_box(clip.pictures) if preset.grid.trim else (0, 0, clip.width, clip.height)
    return ClipLayout(box, Layout(*size, *size, 0, 0, (0, 0, box[2] - box[0], box[3] - box[1])))


def _patched(drawing: Picture, earlier: list[Picture], origin: NDArray[np.intp]) -> Picture:
    """The drawing with the pieces of earlier ones from which `origin` says that cells come."""
    number = len(earlier)
    if (origin == number).all():
        return drawing
    rows = np.arange(drawing.height) * origin.shape[0] // drawing.height
    columns = np.arange(drawing.width) * origin.shape[1] // drawing.width
    pixels = drawing.pixels.copy()
    fine = origin[rows[:, None], columns[None]]
    for frame in np.unique(origin[origin != number]).tolist():
        own = fine == frame
        pixels[own] = earlier[frame].pixels[own]
    return Picture(pixels)

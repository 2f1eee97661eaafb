"""From a picture's size and the grid options to cells, and the moves that bring the picture there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pixforge.errors import PictureError
from pixforge.pixel.options import GridOptions

if TYPE_CHECKING:
    from pixforge.image.picture import Picture
    from pixforge.pixel.draft import Draft

DEFAULT_CELLS: Final = 64
MAX_CELLS: Final = 4096
DRAWING_CELL: Final = 8.0
MAX_DRAWING: Final = 16384
_SNAP: Final = 1e-6  # a cell count this close above a whole number is that number


@dataclass(frozen=True)
class Layout:
    """How a picture of known size becomes cells.

    Attributes:
        width, height: cells of the output.
        inner_width, inner_height: cells that the method makes; the rest is transparent.
        left, top: cells of transparency before them.
        crop: pixels of the source to keep (left, top, right, bottom), before the margins.
        margins: transparent pixels to add (left, top, right, bottom), so that the aspect is that of the inner cells.
    """

    width: int
    height: int
    inner_width: int
    inner_height: int
    left: int
    top: int
    crop: tuple[int, int, int, int]
    margins: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def padded(self) -> bool:
        """Whether cells are added round those of the method."""
        return (self.width, self.height) != (self.inner_width, self.inner_height)


def layout(width: int, height: int, grid: GridOptions, fill: bool = False) -> Layout:
    """Lay out a picture of width x height pixels.

    Args:
        width: of the source, in pixels.
        height: of the source, in pixels.
        grid: the wish; not `cell = "auto"`, whose answer lies in the pixels.
        fill: make padding of pixels alone, never of cells (for pictures that get a background).

    Raises:
        PictureError: the output would have more than MAX_CELLS cells on a side.
    """
    if grid.size is not None:
        return _into(width, height, grid.size, grid, fill)
    if grid.width is not None and grid.height is not None:
        return _into(width, height, (grid.width, grid.height), grid, fill)
    if isinstance(grid.cell, float):
        return _by_cell(width, height, grid.cell)
    return _stretched(width, height, *_keep_aspect(width, height, grid))


def _keep_aspect(width: int, height: int, grid: GridOptions) -> tuple[int, int]:
    if grid.width is not None:
        return grid.width, _round(height * grid.width / width)
    if grid.height is not None:
        return _round(width * grid.height / height), grid.height
    scale = DEFAULT_CELLS / max(width, height)
    return _round(width * scale), _round(height * scale)


def _stretched(width: int, height: int, columns: int, rows: int) -> Layout:
    _check(columns, rows)
    return Layout(columns, rows, columns, rows, 0, 0, (0, 0, width, height))


def _into(width: int, height: int, size: tuple[int, int], grid: GridOptions, fill: bool) -> Layout:
    columns, rows = size
    if grid.fit == "stretch":
        return _stretched(width, height, columns, rows)
    if grid.fit == "cover":
        cell = min(width / columns, height / rows)
        x, y = (width - _round(columns * cell)) // 2, (height - _round(rows * cell)) // 2
        x, y = max(x, 0), max(y, 0)
        box = (x, y, min(x + _round(columns * cell), width), min(y + _round(rows * cell), height))
        return Layout(columns, rows, columns, rows, 0, 0, box)
    cell = max(width / columns, height / rows)
    inner = (columns, rows) if fill else (_cells(width / cell, columns), _cells(height / cell, rows))
    extra_x, extra_y = (
        max(_round(count * cell) - length, 0) for count, length in zip(inner, (width, height), strict=True)
    )
    margins = (extra_x // 2, extra_y // 2, extra_x - extra_x // 2, extra_y - extra_y // 2)
    left, top = (columns - inner[0]) // 2, (rows - inner[1]) // 2
    return Layout(columns, rows, *inner, left, top, (0, 0, width, height), margins)


def _by_cell(width: int, height: int, cell: float) -> Layout:
    """Cells of exactly `cell` pixels from the top left corner; less than half a cell at the far sides is cut off."""
    columns, rows = _round(width / cell), _round(height / cell)
    _check(columns, rows)
    right, bottom = _round(columns * cell), _round(rows * cell)
    crop = (0, 0, min(right, width), min(bottom, height))
    return Layout(columns, rows, columns, rows, 0, 0, crop, (0, 0, max(right - width, 0), max(bottom - height, 0)))


def pitch(width: int, height: int, grid: GridOptions) -> float:
    """Return how many pixels a cell has if a picture of width x height pixels is laid out and nothing is cut off."""
    wishes = grid.size or (grid.width, grid.height)
    if isinstance(grid.cell, float):
        return grid.cell
    sides = [length / count for length, count in zip((width, height), wishes, strict=True) if count is not None]
    return max(sides, default=max(width, height) / DEFAULT_CELLS)


def layout_at(width: int, height: int, grid: GridOptions, cell: float) -> Layout:
    """Lay out a picture under cells of exactly `cell` pixels, whatever it may be by itself.

    With a size (or both width and height) it stands in the middle of so many cells; else it has as many as it needs.

    Raises:
        PictureError: that are more than MAX_CELLS on a side.
    """
    both = None if grid.width is None or grid.height is None else (grid.width, grid.height)
    size = grid.size or both
    inner = (
        _cells(width / cell, size[0] if size else MAX_CELLS + 1),
        _cells(height / cell, size[1] if size else MAX_CELLS + 1),
    )
    _check(*inner)
    extra = [max(_round(count * cell) - length, 0) for count, length in zip(inner, (width, height), strict=True)]
    margins = (extra[0] // 2, extra[1] // 2, extra[0] - extra[0] // 2, extra[1] - extra[1] // 2)
    columns, rows = size or inner
    return Layout(
        columns, rows, *inner, (columns - inner[0]) // 2, (rows - inner[1]) // 2, (0, 0, width, height), margins
    )


def _cells(count: float, limit: int) -> int:
    return min(max(math.ceil(count - _SNAP), 1), limit)


def _round(value: float) -> int:
    return max(1, math.floor(value + 0.5))


def _check(columns: int, rows: int) -> None:
    if max(columns, rows) > MAX_CELLS:
        raise PictureError(
            f"the output would be {columns} x {rows} cells, more than {MAX_CELLS} on a side",
            "give a smaller size or a larger cell",
        )


def trim(picture: Picture) -> Picture:
    """Cut off the transparent border; a picture without a visible pixel stays as it is."""
    from pixforge.image import resample

    box = resample.trim_box(picture)
    return picture if box is None or box == (0, 0, picture.width, picture.height) else resample.crop(picture, box)


def fit(picture: Picture, plan: Layout) -> Picture:
    """Crop and pad the picture as the layout says."""
    from pixforge.image import resample

    if plan.crop != (0, 0, picture.width, picture.height):
        picture = resample.crop(picture, plan.crop)
    return resample.pad(picture, plan.margins) if any(plan.margins) else picture


def place(draft: Draft, plan: Layout) -> Draft:
    """Add the layout's transparent cells round a draft of the inner cells."""
    import numpy as np

    if not plan.padded:
        return draft
    rows = (plan.top, plan.height - plan.inner_height - plan.top)
    columns = (plan.left, plan.width - plan.inner_width - plan.left)
    return replace(
        draft,
        cells=np.pad(draft.cells, (rows, columns, (0, 0))),
        alpha=np.pad(draft.alpha, (rows, columns)),
        protected=None if draft.protected is None else np.pad(draft.protected, (rows, columns)),
        gradient=None if draft.gradient is None else np.pad(draft.gradient, (rows, columns)),
    )


def drawing_size(width: int, height: int, grid: GridOptions) -> tuple[int, int]:
    """Return the pixels of a drawing (direction to-drawing) of pixel art that is width x height cells.

    `cell` is pixels of the drawing a cell (default DRAWING_CELL); `size`, `width`, `height` are pixels of the drawing.

    Raises:
        PictureError: the drawing would have more than MAX_DRAWING pixels on a side.
    """
    if grid.size is not None:
        size = grid.size
    elif grid.width is not None and grid.height is not None:
        size = (grid.width, grid.height)
    elif grid.width is not None or grid.height is not None:
        size = _keep_aspect(width, height, grid)
    else:
        cell = grid.cell if isinstance(grid.cell, float) else DRAWING_CELL
        size = (_round(width * cell), _round(height * cell))
    if max(size) > MAX_DRAWING:
        raise PictureError(
            f"the drawing would be {size[0]} x {size[1]} pixels, more than {MAX_DRAWING} on a side",
            "give a smaller size or cell",
        )
    return size

"""Tiles that repeat: converted as a piece of an endless picture, so that no border is ever seen.

The picture is wrapped round on each wanted side by whole cells before any filter, network, clean-up or dither sees it,
and cropped when all is done. What depends on the picture as a whole (the order of thinning, the start of an error
diffusion or of a pattern, a network's padding) cannot tell either where the picture's border was: before all, it is
rolled to a corner that its own cells choose, and afterwards back. So converting a picture that was rolled by whole
cells gives the rolled output, whatever the method.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.engine import drafting, geometry
from pixforge.engine.geometry import Layout
from pixforge.image.picture import Picture
from pixforge.pixel.draft import Draft
from pixforge.pixel.stage import Finished
from pixforge.pixel.windows import Lattice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.pixel.options import GridOptions
    from pixforge.preset import Preset

_MARGIN: Final = 12  # cells that are wrapped round, at least


def axes(grid: GridOptions) -> tuple[bool, bool]:
    """Return whether the output repeats across and down."""
    wish = "both" if grid.seamless is True else grid.seamless
    return wish in ("x", "both"), wish in ("y", "both")


def lay_out(width: int, height: int, grid: GridOptions) -> Layout:
    """Return a layout that uses the whole picture: nothing may be cut off or added where the next tile joins.

    Raises:
        PictureError: the output would be too large.
    """
    plan = geometry.layout(width, height, grid)
    return Layout(plan.width, plan.height, plan.width, plan.height, 0, 0, (0, 0, width, height))


@dataclass(frozen=True, eq=False)
class Settled:
    """A picture that repeats, rolled to where its own cells choose to begin.

    Attributes:
        picture: it, rolled.
        corner: column and row of the cell of the original at which it begins.
    """

    picture: Picture
    corner: tuple[int, int]


def settle(picture: Picture, plan: Layout, grid: GridOptions) -> Settled:
    """Return a prepared picture in the roll that is the same for all rolls by whole cells.

    Everything that looks at the whole of it (the palette's fit too) must look at this one.
    """
    lattice = Lattice(plan.width, plan.height, picture.width, picture.height)
    column, row = _corner(picture, lattice, *axes(grid))
    back = (-round(row * lattice.pitch[1]), -round(column * lattice.pitch[0]))
    return Settled(Picture(np.roll(picture.pixels, back, (0, 1))), (column, row))


@dataclass(frozen=True, eq=False)
class Wrapped:
    """A draft of a picture that repeats, with what repeats round it.

    Attributes:
        cells: the draft with its margins.
        rows, columns: where in it the picture proper lies.
        corner: see `Settled`.
    """

    cells: Draft
    rows: slice
    columns: slice
    corner: tuple[int, int]

    @property
    def inner(self) -> Draft:
        """The draft of the picture proper: its cells and coverage."""
        return Draft(self.cells.cells[self.rows, self.columns], self.cells.alpha[self.rows, self.columns])

    def finish(self, palette: NDArray[np.uint8], preset: Preset) -> Finished:
        """Return the finished cells of the original, of a palette uint8 (K, 3)."""
        done = drafting.finish(self.cells, palette, preset, origin=(-self.columns.start, -self.rows.start))
        turn = self.corner[::-1]
        indices = np.roll(done.indices[self.rows, self.columns], turn, (0, 1))
        return Finished(indices, np.roll(done.opaque[self.rows, self.columns], turn, (0, 1)), done.palette)


def draft(settled: Settled, plan: Layout, palette: NDArray[np.uint8], preset: Preset) -> Wrapped:
    """Draft a tile.

    Args:
        settled: matched to the palette.
        plan: from `lay_out`.
        palette: uint8 (K, 3).
        preset: how.
    """
    picture, (across, down) = settled.picture, axes(preset.grid)
    margins = _margin(plan.width, picture.width) * across, _margin(plan.height, picture.height) * down
    target = drafting.Target(plan.width + 2 * margins[0], plan.height + 2 * margins[1], palette)
    drafted = drafting.draft(_wrapped(picture, plan, margins), target, preset)
    columns, rows = (slice(m, m + n) for m, n in zip(margins, (plan.width, plan.height), strict=True))
    return Wrapped(drafted, rows, columns, settled.corner)


def _wrapped(picture: Picture, plan: Layout, margins: tuple[int, int]) -> Picture:
    """The picture with margins, in cells, of what repeats there."""
    extra = margins[0] * picture.width // plan.width, margins[1] * picture.height // plan.height
    x, y = (
        np.arange(-more, length + more) % length
        for more, length in zip(extra, (picture.width, picture.height), strict=True)
    )
    return Picture(np.ascontiguousarray(picture.pixels[y[:, None], x[None]]))


def seam(pixels: NDArray[np.uint8], across: bool, down: bool) -> dict[str, float]:
    """Measure how a picture joins itself: the difference across its joint against those between its inner lines.

    Args:
        pixels: uint8 (H, W, 4).
        across: whether it repeats across.
        down: whether it repeats down.

    Returns:
        "x" and "y" for the wanted axes: the mean difference of the lines on both sides of the joint (over premultiplied
        channels), divided by the largest between neighbouring lines inside. Up to 1 the joint is no place of its own.
    """
    values = pixels.astype(np.float32)
    values[..., :3] *= values[..., 3:] / np.float32(255)
    wanted = {"x": (across, 1), "y": (down, 0)}
    return {name: _joint(values, axis) for name, (wish, axis) in wanted.items() if wish and values.shape[axis] > 1}


def _joint(values: NDArray[np.float32], axis: int) -> float:
    lines = np.moveaxis(values, axis, 0)
    steps = np.abs(lines - np.roll(lines, 1, axis=0)).reshape(len(lines), -1).mean(axis=1)
    inner = float(steps[1:].max())
    joint = float(steps[0])
    return round(joint / max(inner, 1.0), 3)


def _margin(cells: int, pixels: int) -> int:
    """Cells to wrap round: the least that are whole pixels and leave the middle undisturbed."""
    step = cells // math.gcd(cells, pixels)
    return -(-_MARGIN // step) * step


def _corner(picture: Picture, lattice: Lattice, across: bool, down: bool) -> tuple[int, int]:
    """The cell, column and row, to begin at: the same cell of the picture however it was rolled by whole cells.

    Of all cells that may begin, the one is taken whose pixels, followed by those of the cells after it, come first in
    the order of their keys. Cells of which a border falls into a pixel may not begin.
    """
    step = lattice.whole()
    ranks = _contents(picture, lattice, step)
    down_count, across_count = ranks.shape
    rows, columns = np.divmod(np.arange(ranks.size), across_count)
    able = ((rows == 0) | down) & ((columns == 0) | across)
    rows, columns = rows[able], columns[able]
    for y, x in np.ndindex(*ranks.shape):
        if len(rows) == 1:
            break
        here = ranks[(rows + y) % down_count, (columns + x) % across_count]
        first = here == here.min()
        rows, columns = rows[first], columns[first]
    return int(columns[0]) * step[0], int(rows[0]) * step[1]


def _contents(picture: Picture, lattice: Lattice, step: tuple[int, int]) -> NDArray[np.uint64]:
    """A number for what each block of `step` cells holds, uint64 (rows, columns)."""
    across, down = lattice.columns // step[0], lattice.rows // step[1]
    width, height = picture.width // across, picture.height // down
    blocks = picture.pixels.reshape(down, height, across, width, 4).swapaxes(1, 2)
    marks = [
        int.from_bytes(hashlib.blake2b(block.tobytes(), digest_size=8).digest(), "big")
        for row in blocks
        for block in row
    ]
    return np.array(marks, np.uint64).reshape(down, across)

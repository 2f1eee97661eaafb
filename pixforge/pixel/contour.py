"""Lines measured at full resolution and redrawn one cell wide.

Each cell's *mass* is how much thin dark (or light) structure it holds. Cells with mass form bands up to three cells
wide; ordered thinning leaves the cells that hold most of the line, connected as the band was.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.cells import box3, max3, neighbours
from pixforge.pixel.thinning import thin

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
_FAINTEST = 0.05  # of a cell: less is noise
_RELATIVE = 0.35  # of the strongest neighbour: less is the shoulder of a line in the next cell
_LINE_END = 0.5  # of its neighbour: an end with less is a spur
_BUMP = 0.25  # of a bump's mass that must lie where it moves to
_SHORT = 12  # cells: a separate stroke up to this long is a feature (a brow, an eye, a nostril)
_FILLED = 0.5  # of a cell: such a feature keeps the cells that it fills so far
_DOT = 0.20  # of a cell: the least that a separate dot or stroke must hold in all


def redraw(mass: Plane, solid: Mask, smooth: bool = True) -> Mask:
    """Choose the cells that carry a line.

    Args:
        mass: float32 (H, W), share of each cell covered by thin structure, 0..1.
        solid: bool (H, W), cells of thick areas in the line's colour: lines join them and they stay.
        smooth: flatten single-cell bumps.

    Returns:
        bool (H, W): lines one cell wide, without the solid cells.
    """
    touched = (mass >= _FAINTEST) & (mass >= _RELATIVE * max3(mass)) & ~solid
    lines = thin(touched | solid, mass, solid, _LINE_END) & ~solid
    lines &= _connected_mass(lines, mass) >= _DOT
    lines |= _corners(lines, mass) & touched
    body = _short(lines, solid)
    if smooth:
        lines = straighten(lines, mass, solid)
    # A brow or a pupil is a shape, not a line: it keeps the cells that it mostly fills.
    return lines | (touched & (mass >= _FILLED) & (max3(body.astype(np.float32)) > 0))


def _corners(lines: Mask, mass: Plane) -> Mask:
    """Cells that thinning cut off a right angle: they hold at least as much as both lines that meet beside them."""
    near, weight = neighbours(lines, 0), neighbours(mass, 0)
    out = np.zeros_like(lines)
    for side in (0, 2, 4, 6):
        other = (side + 2) % 8
        sharp = mass >= np.maximum(weight[side], weight[other])
        out |= near[side] & near[other] & sharp & ~near[(side + 1) % 8]
    return out & ~lines


def _short(lines: Mask, solid: Mask) -> Mask:
    """The cells of strokes that are at most `_SHORT` cells long, or half of that if they end in a solid area."""
    out = np.zeros_like(lines)
    touches = max3(solid.astype(np.float32)) > 0
    waiting = set(zip(*(axis.tolist() for axis in np.nonzero(lines)), strict=True))
    while waiting:
        stroke = _stroke(waiting)
        ys, xs = (list(axis) for axis in zip(*stroke, strict=True))
        if len(stroke) <= (_SHORT // 2 if touches[ys, xs].any() else _SHORT):
            out[ys, xs] = True
    return out


def _stroke(waiting: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take one eight-connected part out of the set."""
    stroke = [waiting.pop()]
    for y, x in stroke:
        near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & waiting
        waiting -= near
        stroke.extend(near)
    return stroke


def straighten(lines: Mask, mass: Plane, solid: Mask) -> Mask:
    """Flatten single-cell bumps: a cell whose only two neighbours lie diagonally on one side moves between them.

    It moves only where the line has mass there too, so that a drawn tooth stays. Same shapes as `redraw`.
    """
    out = lines.copy()
    for side in (0, 2, 4, 6):
        near = neighbours(out | solid, 0)
        pair = [(side - 1) % 8, (side + 1) % 8]
        bump = out & near[pair].all(0) & (near.sum(0) == 2)
        there = neighbours(mass, 0)[side]
        bump &= there >= _BUMP * mass
        dy, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[side // 2]
        ys, xs = np.nonzero(bump)
        out[ys, xs] = False
        out[ys + dy, xs + dx] = True
    return out


def _connected_mass(lines: Mask, mass: Plane) -> Plane:
    """For each line cell the mass within two cells, a local stand-in for the mass of its whole stroke."""
    around = box3(np.where(mass >= _FAINTEST, mass, 0).astype(np.float32))
    out: Plane = np.where(lines, max3(np.where(lines, around, 0).astype(np.float32)), 0).astype(np.float32)
    return out

"""Connected parts of what is not background, found on the cells that they touch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.windows import Box, Lattice, touched

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Region:
    """One part.

    Attributes:
        cells: bool (rows, columns), the cells that it touches.
        mask: bool (H, W), its pixels.
        box: left, top, right, bottom of its pixels, right and bottom exclusive.
    """

    cells: Mask
    mask: Mask
    box: Box


def find_regions(mask: Mask, lattice: Lattice) -> list[Region]:
    """Return the parts of a mask of pixels (H, W) that are apart by a whole cell or more, top ones first."""
    labels = _label(touched(mask, lattice))
    count = int(labels.max())
    if count == 1:
        return [Region(labels > 0, mask, _box(mask))]
    if count == 0:
        return []
    x = (np.arange(lattice.width) * lattice.columns) // lattice.width
    y = (np.arange(lattice.height) * lattice.rows) // lattice.height
    pixels = labels[y[:, None], x[None]]
    regions = []
    for number in range(1, count + 1):
        own = mask & (pixels == number)
        if own.any():
            regions.append(Region(labels == number, own, _box(own)))
    return regions


def grown(cells: Mask, steps: int = 1) -> Mask:
    """Return the cells and those within `steps` of them."""
    for _ in range(steps):
        padded = np.pad(cells, 1)
        rows = padded[:-2] | padded[1:-1] | padded[2:]
        cells = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    return cells


def _label(cells: Mask) -> NDArray[np.int32]:
    """Number the eight-connected parts from 1, top ones first; 0 elsewhere. Runs of a row are joined, not cells."""
    root: list[int] = []
    runs: list[tuple[int, int, int]] = []
    above: list[int] = []
    steps = np.diff(cells, axis=1, prepend=False, append=False)
    for y, row in enumerate(steps):
        edges = np.flatnonzero(row).tolist()
        here = []
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            number = len(runs)
            runs.append((y, start, end))
            root.append(number)
            here.append(number)
            for other in above:
                if runs[other][1] <= end and runs[other][2] >= start:
                    one, two = sorted((_root(root, other), _root(root, number)))
                    root[two] = one
        above = here
    labels = np.zeros(cells.shape, np.int32)
    numbers: dict[int, int] = {}
    for number, (y, start, end) in enumerate(runs):
        labels[y, start:end] = numbers.setdefault(_root(root, number), len(numbers) + 1)
    return labels


def _root(root: list[int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number


def _box(mask: Mask) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

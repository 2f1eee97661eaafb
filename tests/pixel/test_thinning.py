"""Ordered thinning keeps topology and leaves lines one cell wide."""

from __future__ import annotations

from collections import deque

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixforge.pixel.thinning import thin

EIGHT = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]
FOUR = [(-1, 0), (1, 0), (0, -1), (0, 1)]


def parts(mask: NDArray[np.bool_], steps: list[tuple[int, int]]) -> int:
    """Count connected parts by flood fill, independently of the code under test."""
    seen = np.zeros_like(mask)
    count = 0
    for start in zip(*np.nonzero(mask), strict=True):
        if seen[start]:
            continue
        count += 1
        queue = deque([start])
        seen[start] = True
        while queue:
            y, x = queue.popleft()
            for dy, dx in steps:
                near = (y + dy, x + dx)
                if 0 <= near[0] < mask.shape[0] and 0 <= near[1] < mask.shape[1] and mask[near] and not seen[near]:
                    seen[near] = True
                    queue.append(near)
    return count


masks = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@settings(max_examples=60, deadline=None)
@given(masks, st.integers(4, 14), st.floats(0.2, 0.8))
def test_thinning_never_changes_the_number_of_parts_or_holes(rng: np.random.Generator, side: int, fill: float) -> None:
    mask = rng.random((side, side)) < fill
    thinned = thin(mask, rng.random((side, side)).astype(np.float32), np.zeros_like(mask), 0.5)
    assert not (thinned & ~mask).any()
    assert parts(thinned, EIGHT) == parts(mask, EIGHT)
    assert parts(np.pad(~thinned, 1, constant_values=True), FOUR) == parts(np.pad(~mask, 1, constant_values=True), FOUR)


def test_a_thick_ring_becomes_a_closed_ring_one_cell_wide() -> None:
    y, x = np.mgrid[:21, :21] - 10
    radius = np.hypot(y, x)
    evidence = np.clip(1 - np.abs(radius - 7.3) / 2, 0, 1).astype(np.float32)
    ring = thin(evidence > 0.1, evidence, np.zeros((21, 21), bool), 0.5)
    near = sum(np.pad(ring, 1)[1 + dy : 22 + dy, 1 + dx : 22 + dx].astype(int) for dy, dx in EIGHT)
    assert parts(ring, EIGHT) == 1
    assert parts(~ring, FOUR) == 2  # inside and outside
    assert (near[ring] == 2).all()  # nowhere a spur, a branch or a second layer
    assert np.abs(radius[ring] - 7.3).max() < 0.8


def test_a_faint_line_keeps_its_ends() -> None:
    mask = np.zeros((3, 12), bool)
    mask[1, 1:11] = True
    assert thin(mask, np.full((3, 12), 0.06, np.float32), np.zeros_like(mask), 0.5).sum() == 10


def test_a_spur_goes_and_fixed_cells_stay() -> None:
    mask = np.zeros((5, 9), bool)
    mask[2, :] = True
    mask[1, 4] = True
    evidence = np.where(mask, 0.8, 0).astype(np.float32)
    evidence[1, 4] = 0.1
    assert not thin(mask, evidence, np.zeros_like(mask), 0.5)[1, 4]
    assert thin(mask, evidence, mask, 0.5).sum() == mask.sum()

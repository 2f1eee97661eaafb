"""Outlines: where a picture has dark lines one cell wide, which of their cells hold them together, and losses on both.

A line that misses one cell costs a mean over cells almost nothing and an eye a great deal. So the cells that connect
are found exactly (a cell is simple in the sense of digital topology if taking it away neither breaks nor joins what is
round it, Kong & Rosenfeld 1989) and weighed, and line maps are compared as clDice does (Shit et al. 2021): a line one
cell wide is its own skeleton.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

_LUMA: Final = (0.299, 0.587, 0.114)
_STEP: Final = 32 / 255  # darker by this than both neighbours across: a line, as `pairs.lines.line_cells` has it
_SOFT: Final = 12 / 255
_ACROSS: Final = ((0, 1), (1, 0), (1, 1), (1, -1))
_RING: Final = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))


def tone(colour: Tensor, alpha: Tensor) -> Tensor:
    """Return lightness (N, 1, H, W), 0..1, of colours as if opaque laid on white (what is transparent is no ink)."""
    weights = torch.tensor(_LUMA, device=colour.device).view(1, 3, 1, 1)
    return (colour.float() * weights).sum(dim=1, keepdim=True) * alpha.float() + (1 - alpha.float())


def line_map(light: Tensor) -> Tensor:
    """Return how much each cell is a line, 0..1: darker than both neighbours across some direction.

    Args:
        light: (N, 1, H, W), 0..1.
    """
    height, width = light.shape[2:]
    around = functional.pad(light, (1, 1, 1, 1), mode="replicate")

    def beside(dy: int, dx: int) -> Tensor:
        return around[:, :, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]

    depth = torch.stack([torch.minimum(beside(dy, dx), beside(-dy, -dx)) - light for dy, dx in _ACROSS])
    return torch.sigmoid((depth.amax(dim=0) - _STEP) / _SOFT)


def connecting(lines: Tensor) -> Tensor:
    """Return which cells (N, 1, H, W) of a bool line map break it locally when they go, or end it."""
    padded = functional.pad(lines.to(torch.int64), (1, 1, 1, 1))
    height, width = lines.shape[2:]
    code = torch.zeros_like(lines, dtype=torch.int64)
    for bit, (dy, dx) in enumerate(_RING):
        code += padded[:, :, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] << bit
    return lines & _breaks().to(lines.device)[code]


def outline_loss(answer: Tensor, logical: Tensor) -> Tensor:
    """Return how badly the answer keeps the right picture's lines, 0..about 2.

    Missed line cells count by their share, those that connect four times; dark cells beside every line count likewise,
    as in Dice.

    Args:
        answer: (N, 4, H, W), colour as if opaque and alpha logit.
        logical: (N, 4, H, W), premultiplied, alpha 0 or 1.
    """
    found = line_map(tone(answer[:, :3].clamp(0, 1), answer[:, 3:].float().sigmoid()))
    right = line_map(tone(logical[:, :3], logical[:, 3:]))
    ink = (right > 0.5) & (logical[:, 3:] > 0)
    weight = ink.float() * (1 + 3 * connecting(ink).float())
    missed = (weight * (1 - found)).sum() / weight.sum().clamp_min(1.0)
    said, meant = _clear(found), _clear(right)
    stray = (said * (1 - meant)).sum() / said.sum().clamp_min(1.0)
    return missed + stray


def contour_loss(answer: Tensor, drawing: Tensor, cell: int) -> Tensor:
    """Return how badly the answer follows the dark lines of a drawing that has no exact answer.

    A line of the drawing may become any cell it touches or one beside it; a line of the answer needs one of the
    drawing within a cell.

    Args:
        answer: (N, 4, H, W), colour as if opaque and alpha logit.
        drawing: (N, 4, cell * H, cell * W), premultiplied.
        cell: pixels of the drawing a cell.
    """
    found = line_map(tone(answer[:, :3].clamp(0, 1), answer[:, 3:].float().sigmoid()))
    wanted = _ink(drawing, cell)
    missed = (wanted * (1 - _spread(found))).sum() / wanted.sum().clamp_min(1.0)
    said = _clear(found)
    stray = (said * (1 - _spread(wanted))).sum() / said.sum().clamp_min(1.0)
    return missed + stray


def _ink(drawing: Tensor, cell: int) -> Tensor:
    """How much of a line each cell (N, 1, H, W) of a drawing holds: what closing by a cell lightens (black top-hat).

    A line's share of a cell counts from a fifth on, so that thin lines are asked for and anti-aliasing is not.
    """
    light = (drawing[:, :3] * torch.tensor(_LUMA, device=drawing.device).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    light = light + 1 - drawing[:, 3:]
    size = 2 * cell + 1
    lifted = functional.max_pool2d(light, size, 1, cell)
    closed = -functional.max_pool2d(-lifted, size, 1, cell)
    dark = torch.sigmoid((closed - light - 2 * _STEP) / _SOFT)
    share: Tensor = functional.avg_pool2d(dark, cell)
    return ((share - 0.2) / 0.2).clamp(0, 1)


def _clear(lines: Tensor) -> Tensor:
    """A line map that is 0 where nothing is darker than its surroundings: else the many flat cells drown the lines.

    Where a line is missing the map itself is used, as this one has no gradient there.
    """
    least = 1 / (1 + math.exp(_STEP / _SOFT))
    return (lines - least).clamp_min(0) / (1 - least)


def _spread(lines: Tensor) -> Tensor:
    return torch.as_tensor(functional.max_pool2d(lines, 3, 1, 1))


@cache
def _breaks() -> Tensor:
    """For each of the 256 rings: whether the cell amid it holds parts together (two or more), or ends a line (one)."""
    table = torch.zeros(256, dtype=torch.bool)
    for code in range(256):
        table[code] = _parts(code) >= 2 or code.bit_count() == 1
    return table


def _parts(code: int) -> int:
    """How many 8-connected parts the set cells of a ring have, the middle left out."""
    left = {place for bit, place in enumerate(_RING) if code >> bit & 1}
    parts = 0
    while left:
        parts += 1
        grow = [left.pop()]
        while grow:
            y, x = grow.pop()
            near = {place for place in left if max(abs(place[0] - y), abs(place[1] - x)) <= 1}
            left -= near
            grow += near
    return parts

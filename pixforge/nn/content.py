"""Losses that need no exact answer.

Content of the drawing, few decided colours, flat areas, and true pairs that agree only roughly.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

_NEAR: Final = 24 / 255  # colours nearer than this are meant to be one
_ROUNDS: Final = 3


def shown(answer: Tensor) -> Tensor:
    """Return to-pixel's answer as a premultiplied picture (N, 4, H, W) with alpha 0 or 1, as the pixel stage makes it.

    Gradients pass as if alpha were its probability (straight-through, Bengio et al. 2013).
    """
    soft = answer[:, 3:].float().sigmoid()
    alpha = (soft > 0.5).to(soft.dtype) + soft - soft.detach()
    return torch.cat([answer[:, :3].float().clamp(0, 1) * alpha, alpha], dim=1)


def low_pass(picture: Tensor) -> Tensor:
    """Return the picture (N, 4, H, W) under a 4x4 mean at half resolution: content without decisions."""
    return functional.avg_pool2d(functional.pad(picture, (1, 1, 1, 1), mode="replicate"), 4, 2)


def content_loss(picture: Tensor, drawing: Tensor, cell: int) -> Tensor:
    """Mean absolute difference of the low-pass pictures.

    Args:
        picture: (N, 4, H, W), premultiplied.
        drawing: (N, 4, cell * H, cell * W), premultiplied.
        cell: pixels of the drawing a cell.
    """
    return (low_pass(picture) - low_pass(functional.avg_pool2d(drawing, cell))).abs().mean()


def palette_loss(answer: Tensor, colours: int) -> Tensor:
    """Mean distance of each opaque cell to the nearest of the picture's own main colours (k-means, Lloyd 1982).

    The main colours are found without gradient; a cell far from all of them is left alone.

    Args:
        answer: (N, 4, H, W), colour as if opaque and alpha logit.
        colours: how many main colours a picture has.
    """
    cells = answer[:, :3].float().flatten(2).transpose(1, 2)
    weight = (answer[:, 3].flatten(1) > 0).float()
    gaps = torch.cdist(cells, _main_colours(cells.detach(), weight, colours))
    nearest = gaps.amin(dim=2).clamp_max(2 * _NEAR)
    return (nearest * weight).sum() / weight.sum().clamp_min(1.0)


def flatness_loss(picture: Tensor) -> Tensor:
    """Mean difference of neighbours that are almost alike: an area is of one colour, and a step is a step.

    Args:
        picture: (N, 4, H, W), premultiplied.
    """
    total = picture.new_zeros(())
    for axis in (2, 3):
        gap = picture.diff(dim=axis).abs().amax(dim=1)
        alike = torch.exp(-((gap.detach() / _NEAR) ** 2))
        total = total + (gap * alike).mean()
    return total


def loose_difference(picture: Tensor, logical: Tensor) -> Tensor:
    """Distance of two pictures that agree only to within a cell, both ways.

    Each cell is compared with the best of the nine cells round its place in the other (Chamfer distance of a 3x3
    neighbourhood).

    Args:
        picture: (N, 4, H, W), premultiplied.
        logical: likewise.
    """
    return _to_nearest(picture, logical) + _to_nearest(logical, picture)


def _to_nearest(picture: Tensor, other: Tensor) -> Tensor:
    height, width = picture.shape[2:]
    around = functional.pad(other, (1, 1, 1, 1), mode="replicate")
    gaps = [
        (picture - around[:, :, y : y + height, x : x + width]).abs().sum(dim=1) for y in range(3) for x in range(3)
    ]
    weight = (picture.detach()[:, 3] + other.detach()[:, 3]).clamp(0, 1)
    return (torch.stack(gaps).amin(dim=0) * weight).sum() / weight.sum().clamp_min(1.0)


@torch.no_grad()
def _main_colours(cells: Tensor, weight: Tensor, count: int) -> Tensor:
    """(N, count, 3), started at cells that are evenly spaced by lightness: the same picture gives the same colours."""
    order = (cells.mean(dim=2) + 10 * (1 - weight)).argsort(dim=1)
    last = (weight.sum(dim=1, keepdim=True) - 1).clamp_min(0)
    place = (torch.linspace(0, 1, count, device=cells.device)[None] * last).long()
    centres = cells.gather(1, order.gather(1, place)[..., None].expand(-1, -1, 3))
    for _ in range(_ROUNDS):
        label = torch.cdist(cells, centres).argmin(dim=2)
        member = functional.one_hot(label, count).float() * weight[..., None]
        size = member.sum(dim=1)[..., None]
        means = torch.bmm(member.transpose(1, 2), cells) / size.clamp_min(1.0)
        centres = torch.where(size > 0, means, centres)
    return centres

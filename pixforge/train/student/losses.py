"""The parts of the optimiser's loss (`pixforge.nn.style.losses`) for batches, in PyTorch.

The statistics of the style are asked of all canvases of a batch together, not of each: a face may stay calm where a
coat beside it has the texture.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_TINY = 1e-6


def content(features: Tensor, wanted: Tensor) -> Tensor:
    """Squared difference of features (N, C, h, w), relative to the wanted ones' mean square."""
    return (features - wanted).square().mean() / (wanted.square().mean() + _TINY)


def gram_difference(places: Tensor, wanted: Tensor) -> Tensor:
    """Squared difference of the Gram matrix of features (P, C) to (C, C), relative to the latter's mean square."""
    gram = places.T @ places / max(1, len(places))
    return (gram - wanted).square().mean() / (wanted.square().mean() + _TINY)


def sliced_distance(places: Tensor, wanted: Tensor, directions: Tensor) -> Tensor:
    """Sliced Wasserstein distance of two samples of features (P, C), relative to the spread of the second.

    Args:
        places: (P, C).
        wanted: (P, C), as many.
        directions: (C, D), of length 1.
    """
    ours = (places @ directions).sort(dim=0).values
    theirs = (wanted @ directions).sort(dim=0).values
    return (ours - theirs).square().mean() / (theirs.var(dim=0, correction=0).mean() + _TINY)


def clusters(chosen: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """Total variation of the choice of colours on the grid, weighted by how much neighbours belong together.

    Args:
        chosen: (N, K, H, W), probabilities.
        down: (N, H - 1, W), weights 0..1 of each cell and the one below it.
        across: (N, H, W - 1), of each and the one on its right.
    """
    below = (chosen[:, :, 1:] - chosen[:, :, :-1]).abs().sum(dim=1) * down
    beside = (chosen[..., 1:] - chosen[..., :-1]).abs().sum(dim=1) * across
    return (below.sum() + beside.sum()) / 2 / (down.sum() + across.sum() + 1)


def usage(chosen: Tensor, opaque: Tensor, wanted: Tensor) -> Tensor:
    """Squared Hellinger distance of how much each palette entry is used to how much it shall be.

    Args:
        chosen: (N, K, H, W), probabilities.
        opaque: (N, H, W), 0 or 1.
        wanted: (N, K), sum 1.
    """
    share = (chosen * opaque[:, None]).sum(dim=(2, 3)) / (opaque.sum(dim=(1, 2))[:, None] + _TINY)
    return ((share + _TINY).sqrt() - (wanted + _TINY).sqrt()).square().sum(dim=1).mean()


def low_pass(picture: Tensor) -> Tensor:
    """Return the mean of the 3x3 cells round each cell of (N, C, H, W), edges repeated."""
    return functional.avg_pool2d(functional.pad(picture, (1, 1, 1, 1), mode="replicate"), 3, 1)


def colour(picture: Tensor, wanted: Tensor, step: float = 0.12) -> Tensor:
    """Squared difference of low-passed pictures (N, 3, H, W), in units of `step`."""
    return ((low_pass(picture) - low_pass(wanted)) / step).square().mean()


def contour(picture: Tensor, wanted: Tensor, weight: Tensor, step: float = 0.1) -> Tensor:
    """Squared difference of what stands out from its neighbourhood, where the drawing has lines.

    Args:
        picture: (N, 3, H, W), sRGB 0..1.
        wanted: likewise, with the lines drawn.
        weight: (N, H, W), how much a cell is a line.
        step: the difference that counts 1.
    """
    gap = ((picture - low_pass(picture)) - (wanted - low_pass(wanted))) / step
    each = (gap.square().sum(dim=1) * weight).sum(dim=(1, 2)) / (weight.sum(dim=(1, 2)) + 1)
    return torch.as_tensor(each.mean())

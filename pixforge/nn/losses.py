"""Small loss functions, each a mean over what it concerns. Names follow the papers; no module state."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

_ROUND: Final = 4 / 255


def opaque_colour(answer: Tensor, logical: Tensor) -> Tensor:
    """Mean absolute difference of colour over the cells that are opaque in the right answer, rounded off near zero.

    Rounded, because most cells are flat and right: without it their sign flips drown what the hard cells say.

    The answer's colours are premultiplied by the *right* alpha, not by its own: a network that is unsure of alpha must
    not darken its colours.

    Args:
        answer: (N, 4, H, W), colour as if opaque and alpha logit.
        logical: (N, 4, H, W), premultiplied, alpha 0 or 1.
    """
    alpha = logical[:, 3:]
    gap = functional.smooth_l1_loss(answer[:, :3], logical[:, :3], reduction="none", beta=_ROUND) * alpha
    return gap.sum() / (3 * alpha.sum()).clamp_min(1.0)


def decided_colour(answer: Tensor, logical: Tensor, tolerance: float) -> Tensor:
    """Share of opaque cells whose colour is missed, made smooth: 1 - exp(-(d / tolerance)^2), d the largest difference.

    It grows no further for a cell that is wrong anyway, so the best answer is the most likely colour and not the mean.
    """
    alpha = logical[:, 3]
    gap = (answer[:, :3] - logical[:, :3]).abs().amax(dim=1)
    missed = (1.0 - torch.exp(-((gap / tolerance) ** 2))) * alpha
    return missed.sum() / alpha.sum().clamp_min(1.0)


def alpha_entropy(answer: Tensor, logical: Tensor) -> Tensor:
    """Binary cross-entropy of the alpha logit."""
    return functional.binary_cross_entropy_with_logits(answer[:, 3], logical[:, 3])


def drawing_difference(answer: Tensor, drawing: Tensor) -> Tensor:
    """Mean absolute difference of premultiplied RGBA over the pixels where either shows something."""
    shown = ((drawing[:, 3:] > 0) | (answer.detach()[:, 3:] > 1 / 255)).to(answer.dtype)
    return ((answer - drawing).abs() * shown).sum() / (4 * shown.sum()).clamp_min(1.0)


def gradient_difference(answer: Tensor, drawing: Tensor) -> Tensor:
    """Mean absolute difference of the steps between neighbouring pixels: edges as sharp as they should be."""
    down = (answer.diff(dim=2) - drawing.diff(dim=2)).abs().mean()
    across = (answer.diff(dim=3) - drawing.diff(dim=3)).abs().mean()
    return down + across

"""A student's colours as a choice of each canvas' palette that gradients pass through."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixforge.methods._style.choice import AXES, HOLD, HUE, NEAR, REACH
from pixforge.pixel.colour import LINEAR_TO_LMS, ROOTS_TO_LAB

_CERTAIN = 30.0
_GENTLE = 0.15


def choose(colour: Tensor, palette: Tensor, own: Tensor, held: Tensor) -> tuple[Tensor, Tensor]:
    """Return the log-probability of each entry, and the choice made: one-hot forwards, the probability backwards.

    Hard forwards, so that the encoder sees true cells and a student cannot answer with colours between two entries
    (straight-through, Bengio et al. 2013).

    Args:
        colour: (N, 3, H, W), sRGB 0..1.
        palette: (N, K, 3), OKLab; entries that a canvas lacks are far away from every colour.
        own: int64 (N, H, W), the entry that the drawing decides by itself.
        held: bool (N, H, W), where it stays.

    Returns:
        Both (N, K, H, W); the first is -inf for entries that a cell may not have.
    """
    axes = torch.tensor(AXES).sqrt().view(1, 3, 1, 1)
    lab, placed = palette * axes.view(1, 1, 3), to_oklab(colour) * axes
    gaps = (placed[:, None] - lab[..., None, None]).square().sum(dim=2)
    mark = torch.zeros_like(gaps).scatter_(1, own[:, None], 1.0)
    apart = palette[:, :, None] - palette[:, None]
    shades = (apart * torch.tensor(AXES)).square().sum(dim=-1) <= REACH * REACH
    shades = (shades & (apart[..., 1:].square().sum(dim=-1) <= HUE * HUE)).float()
    barred = torch.einsum("nkhw,nkj->njhw", mark, 1 - shades) > 0.5
    logits = -gaps / (2 * NEAR * NEAR) + mark * torch.where(held[:, None], _CERTAIN, HOLD)
    logits = logits.masked_fill(barred | (held[:, None] & (mark == 0)), -torch.inf)
    likely = logits.log_softmax(dim=1)
    soft = likely.exp()
    hard = torch.zeros_like(soft).scatter_(1, soft.argmax(dim=1, keepdim=True), 1.0)
    return likely, hard + soft - soft.detach()


def to_oklab(colour: Tensor) -> Tensor:
    """Return OKLab of sRGB 0..1, both (N, 3, H, W); what is outside is clipped, and can only be drawn back inside.

    Near black OKLab is so steep that a few dark cells would drown the gradient of all others: it is that of colours
    which are not quite as dark.
    """
    inside: Tensor = _Inside.apply(colour)  # type: ignore[no-untyped-call]
    gentle = _oklab(inside + (inside.clamp_min(_GENTLE) - inside).detach())
    return gentle + (_oklab(inside.detach()) - gentle).detach()


class _Inside(torch.autograd.Function):
    """Clips to 0..1. A plain clip leaves what is outside there, a gradient that passes drives it ever further out."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ANN401  # torch's own signature
        ctx.save_for_backward(x)
        return x.clamp(0.0, 1.0)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Tensor:  # noqa: ANN401
        (x,), (slope,) = ctx.saved_tensors, slopes
        outward = ((x < 0) & (slope > 0)) | ((x > 1) & (slope < 0))
        return slope.masked_fill(outward, 0.0)


def _oklab(colour: Tensor) -> Tensor:
    linear = torch.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    roots = torch.einsum("ij,njhw->nihw", _tensor(LINEAR_TO_LMS), linear).clamp_min(0) ** (1 / 3)
    return torch.einsum("ij,njhw->nihw", _tensor(ROOTS_TO_LAB), roots)


def _tensor(values: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(values.copy())

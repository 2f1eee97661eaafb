"""What the encoder learns: the same content however it is drawn, and who drew it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_TEMPERATURE = 0.1


def same_place(one: Tensor, other: Tensor, places: int, generator: torch.Generator) -> Tensor:
    """InfoNCE (van den Oord et al. 2018) over places: a place of a sprite is to be found in its drawing.

    All other sampled places, of this and every other picture, are the wrong answers. What a renderer changes (steps,
    smooth edges, shading) can then not be in these features, and what is drawn must be.

    Args:
        one: (N, C, H, W), projected features of sprites.
        other: likewise, of their drawings.
        places: sampled.
        generator: the only source of chance.
    """
    count, channels = one.shape[0], one.shape[1]
    flat = [x.float().flatten(2).transpose(1, 2).reshape(-1, channels) for x in (one, other)]
    chosen = torch.randperm(len(flat[0]), generator=generator)[: min(places, len(flat[0]) // count * count)]
    left, right = (functional.normalize(x[chosen], dim=1) for x in flat)
    likeness = left @ right.T / _TEMPERATURE
    answer = torch.arange(len(chosen))
    return (functional.cross_entropy(likeness, answer) + functional.cross_entropy(likeness.T, answer)) / 2

"""The student: a small network at one place a cell that answers with a step along the shades of the cell's colour."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pixforge.methods._style.planes import OPAQUE, OPTIONS, PLANES, RELAXED
from pixforge.train.student.recipe import StudentRecipe

_TRUST = 2.0  # how much the logits without the encoder count before anything is learnt
_TINY = 1e-5


class Student(nn.Module):
    """Dilated convolutions with shortcuts, which correct what the optimisation without its encoder says.

    Nothing is normalised over places: an answer depends on the cells near by alone, and a border of nothing adds
    nothing.

    Args:
        recipe: of the run.
    """

    def __init__(self, recipe: StudentRecipe) -> None:
        super().__init__()
        self.into = nn.Conv2d(PLANES, recipe.width, 1)
        self.blocks = nn.ModuleList([_Block(recipe.width, step, recipe.dropout) for step in recipe.dilations])
        self.norm = _Norm(recipe.width)
        self.out = nn.Conv2d(recipe.width, OPTIONS, 1)
        nn.init.zeros_(self.out.weight)
        self.trust = nn.Parameter(torch.tensor(_TRUST))
        self.drop = nn.Dropout2d(recipe.dropout / 2)

    def forward(self, planes: Tensor) -> Tensor:
        """Return logits (N, OPTIONS, H, W) of planes (N, PLANES, H, W), see `pixforge.methods._style.planes`."""
        opaque = planes[:, OPAQUE : OPAQUE + 1]
        x = self.into(self.drop(planes))
        for block in self.blocks:
            x = block(x, opaque)
        out: Tensor = self.out(self.norm(x)) + self.trust * planes[:, RELAXED]
        return out


class _Block(nn.Module):
    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = _Norm(width)
        self.spread = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)
        self.mix = nn.Conv2d(width, width, 1)
        self.drop = nn.Dropout2d(dropout)
        nn.init.zeros_(self.mix.weight)

    def forward(self, x: Tensor, opaque: Tensor) -> Tensor:
        out: Tensor = x + self.drop(self.mix(functional.gelu(self.spread(self.norm(x) * opaque))))
        return out


class _Norm(nn.Module):
    """Layer normalisation of each place's channels (Ba et al. 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(width, 1, 1)), nn.Parameter(torch.zeros(width, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = x - x.mean(dim=1, keepdim=True)
        return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + _TINY) * self.weight + self.bias

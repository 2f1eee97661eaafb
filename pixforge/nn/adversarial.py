"""Adversarial losses over the verdicts of a discriminator, and the gradient penalty that steadies it."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Verdicts = list[Tensor]
Game = Literal["hinge", "least-squares", "cross-entropy"]


def fooling(verdicts: Verdicts, game: Game) -> Tensor:
    """Return the generator's loss: small where the judges take what it made for real."""
    return torch.stack([_wanted_real(verdict.float(), game, fooled=True) for verdict in verdicts]).mean()


def judging(real: Verdicts, made: Verdicts, game: Game) -> Tensor:
    """Return the discriminator's loss over verdicts on real and on made pictures."""
    parts = [_wanted_real(verdict.float(), game) for verdict in real]
    parts += [_wanted_made(verdict.float(), game) for verdict in made]
    return torch.stack(parts).sum() / len(real)


def gradient_penalty(judge: nn.Module, real: Tensor) -> Tensor:
    """Return R1: half the mean squared gradient of the verdicts at real pictures (Mescheder et al. 2018).

    Args:
        judge: gives a list of verdicts.
        real: (N, 4, H, W).
    """
    seen = real.detach().float().requires_grad_()
    total = torch.stack([verdict.mean(dim=1).sum() for verdict in judge(seen)]).mean()
    (slope,) = torch.autograd.grad(total, seen, create_graph=True)
    return 0.5 * slope.square().sum(dim=(1, 2, 3)).mean()


def _wanted_real(verdict: Tensor, game: Game, fooled: bool = False) -> Tensor:
    if game == "hinge":
        return -verdict.mean() if fooled else functional.relu(1 - verdict).mean()
    if game == "least-squares":
        return (verdict - 1).square().mean()
    return functional.softplus(-verdict).mean()


def _wanted_made(verdict: Tensor, game: Game) -> Tensor:
    if game == "hinge":
        return functional.relu(1 + verdict).mean()
    return verdict.square().mean() if game == "least-squares" else functional.softplus(verdict).mean()

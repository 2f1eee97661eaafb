"""Exponential moving average of weights."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """A slow copy of a network; it is what validation looks at and what ships.

    Attributes:
        network: the copy.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network; faster during the first steps, so that the random start is forgotten."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for slow, fast in zip(self.network.parameters(), network.parameters(), strict=True):
            slow.lerp_(fast, 1 - decay)
        for kept, changed in zip(self.network.buffers(), network.buffers(), strict=True):
            kept.copy_(changed)

"""What one step looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import torch
from torch import Tensor


def _none() -> Tensor:
    return torch.zeros(0)


@dataclass(frozen=True)
class Batch:
    """Arrays as in `pixforge.preprocess`, stacked; S is the side of a canvas in cells. What is not wanted has length 0.

    Attributes:
        drawing: (N, 4, 4S, 4S), drawings whose pixel art is known.
        logical: (N, 4, S, S), that pixel art.
        condition: (N, 3).
        reverse_logical: (M, 4, S, S), pixel art whose drawing is known.
        reverse_drawing: (M, 4, 4S, 4S), that drawing.
        reverse_condition: (M, 3).
        real: (K, 4, 4S, 4S), real drawings.
        taught: (K, 4, S, S), what `classical` makes of them.
        real_condition: (K, 3).
        art: (A, 4, S, S), true pixel art.
        art_condition: (A, 3).
        true_drawing: (T, 4, 4S, 4S), drawings of which an artist made pixel art.
        true_logical: (T, 4, S, S), that pixel art, roughly aligned.
        true_condition: (T, 3).
        shapes: (P, 4, 4S, 4S), made-up drawings.
        shapes_condition: (P, 3).
    """

    drawing: Tensor
    logical: Tensor
    condition: Tensor
    reverse_logical: Tensor
    reverse_drawing: Tensor
    reverse_condition: Tensor
    real: Tensor = field(default_factory=_none)
    taught: Tensor = field(default_factory=_none)
    real_condition: Tensor = field(default_factory=_none)
    art: Tensor = field(default_factory=_none)
    art_condition: Tensor = field(default_factory=_none)
    true_drawing: Tensor = field(default_factory=_none)
    true_logical: Tensor = field(default_factory=_none)
    true_condition: Tensor = field(default_factory=_none)
    shapes: Tensor = field(default_factory=_none)
    shapes_condition: Tensor = field(default_factory=_none)

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device."""
        return Batch(**{name: value.to(device) for name, value in vars(self).items()})


def joined(batches: Sequence[Batch]) -> Batch:
    """Return one batch with the pictures of several."""
    if len(batches) == 1:
        return batches[0]

    def all_of(name: str) -> Tensor:
        parts = [part for part in (getattr(batch, name) for batch in batches) if len(part)]
        return torch.cat(parts) if parts else _none()

    return Batch(**{one.name: all_of(one.name) for one in fields(Batch)})

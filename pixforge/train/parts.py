"""Loss parts: each takes what a step knows and gives one number; a recipe says how much each weighs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from pixforge.nn.losses import alpha_entropy, decided_colour, drawing_difference, gradient_difference, opaque_colour
from pixforge.train.batches import Batch
from pixforge.train.recipe import LossOptions

TOLERANCE: Final = 24 / 255  # a cell nearer than this to the artist's counts as hit


@dataclass(frozen=True)
class Answers:
    """What the generators say to a batch.

    Attributes:
        pixel: (N, 4, S, S), to-pixel's answer to the drawings, colour and alpha logit; None if nothing needs it.
        drawing: (M, 4, 4S, 4S), to-drawing's answer to the reverse half; None likewise.
    """

    pixel: Tensor | None
    drawing: Tensor | None


def answer(nets: dict[str, nn.Module], batch: Batch) -> Answers:
    """Run the generators over a batch."""
    pixel = nets["to-pixel"](batch.drawing, batch.condition) if len(batch.drawing) else None
    drawing = nets["to-drawing"](batch.reverse_logical, batch.reverse_condition) if len(batch.reverse_logical) else None
    return Answers(pixel, drawing)


_PIXEL: Final[dict[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "colour": opaque_colour,
    "decided": lambda answer, logical: decided_colour(answer, logical, TOLERANCE),
    "alpha": alpha_entropy,
}
_DRAWING: Final[dict[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "drawing": drawing_difference,
    "edges": gradient_difference,
}


def losses(answers: Answers, batch: Batch, weights: LossOptions) -> dict[str, Tensor]:
    """Return the value of each part that has a weight, unweighted."""
    values: dict[str, Tensor] = {}
    if answers.pixel is not None:
        values |= {name: part(answers.pixel, batch.logical) for name, part in _PIXEL.items() if getattr(weights, name)}
    if answers.drawing is not None:
        values |= {
            name: part(answers.drawing, batch.reverse_drawing)
            for name, part in _DRAWING.items()
            if getattr(weights, name)
        }
    return values


def total(values: dict[str, Tensor], weights: LossOptions) -> Tensor:
    """Return the weighted sum."""
    return torch.stack([getattr(weights, name) * value for name, value in values.items()]).sum()

"""How much of the optimisation's loss a student takes away, on drawings that it never learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import nn

from pixforge.nn.style import weights
from pixforge.train.device import Precision
from pixforge.train.student.batches import canvases
from pixforge.train.student.lessons import Lesson
from pixforge.train.student.objective import Objective
from pixforge.train.student.recipe import StudentRecipe

_CANVASES = 12
_SEED = 77


@torch.no_grad()
def examine(
    recipe: StudentRecipe, network: nn.Module, lessons: Sequence[Lesson], precision: Precision = "auto"
) -> dict[str, float]:
    """Return the loss of the student's cells and that of the cells without a style, and their parts.

    Args:
        recipe: of the run.
        network: the student.
        lessons: held out; none: nothing is known.
        precision: of the arithmetic.
    """
    if not lessons:
        return {}
    whole = replace(recipe, seen=_CANVASES, answers=0.0)
    objective = Objective(whole, weights.load(recipe.encoder), precision)
    batch = canvases(lessons, recipe.side, recipe.colors, _CANVASES, (_SEED,))
    student = objective.decided(network, batch, torch.Generator().manual_seed(_SEED))
    plain = objective.plain(batch, torch.Generator().manual_seed(_SEED))
    found = {"loss": objective.total(student).item(), "loss without a style": objective.total(plain).item()}
    for name, part in student.items():
        found |= {name: part.item(), f"{name} without a style": plain[name].item()}
    return found

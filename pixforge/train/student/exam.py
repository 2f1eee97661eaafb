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
WITHOUT = " without a style"
OPTIMISED = " of the optimisation"


@torch.no_grad()
def examine(
    recipe: StudentRecipe, network: nn.Module, lessons: Sequence[Lesson], precision: Precision = "auto"
) -> dict[str, float]:
    """Return the loss of the student's cells and that of the cells without a style, and their parts.

    Where the lessons come with the optimisation's answers, its loss stands beside them, and which share of the cells
    that may change have its colour.

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
    shown = {"": objective.decided(network, batch), WITHOUT: batch.own}
    known = batch.answer >= 0
    if (known | ~batch.opaque).all():
        shown[OPTIMISED] = torch.where(known, batch.answer, batch.own)
    found: dict[str, float] = {}
    for words, chosen in shown.items():
        parts = objective.of_cells(chosen, batch, torch.Generator().manual_seed(_SEED))
        found[f"loss{words}"] = objective.total(parts).item()
        found |= {f"{name}{words}": part.item() for name, part in parts.items()}
        if OPTIMISED in shown and words != OPTIMISED:
            free = batch.opaque & ~batch.held
            found[f"as optimised{words}"] = (chosen == shown[OPTIMISED])[free].float().mean().item()
    return found

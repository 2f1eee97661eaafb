"""How a student answers drawings that it never learnt from, beside no style at all and the optimisation itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pixforge.methods._style.areas import shaded_of
from pixforge.methods._style.choice import shades_of
from pixforge.methods._style.planes import chosen, planes_of
from pixforge.methods._style.relax import holds_of
from pixforge.methods._style.target import tidied
from pixforge.nn.style import weights
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.train.student.lessons import Lesson
from pixforge.train.student.objective import Objective
from pixforge.train.student.recipe import StudentRecipe

WITHOUT: Final = " without a style"
OPTIMISED: Final = " of the optimisation"
_MOVED: Final = "changed as optimised"
_DRAWS: Final = 2000  # of the bootstrap
Entries = NDArray[np.intp]


@torch.no_grad()
def answer(recipe: StudentRecipe, network: nn.Module, lesson: Lesson) -> Entries:
    """Return the entries (H, W) that a student decides for a lesson's drawing, tidied as in use."""
    seen = planes_of(lesson, holds_of(vars(recipe.method)))
    logits: NDArray[np.float32] = network.eval()(torch.from_numpy(seen.array)[None])[0].numpy()
    own = lesson.own.astype(np.intp)
    shaded = shaded_of(own, shades_of(srgb_to_oklab(lesson.palette)), lesson.free)
    return tidied(chosen(logits, seen, own, lesson.free), own, lesson.free, shaded > 0.5)


def examine(recipe: StudentRecipe, network: nn.Module, lessons: Sequence[Lesson]) -> dict[str, float]:
    """Return how a student does on lessons, means over the drawings.

    The share of the cells that may change which are as the optimisation has them, the student's and those without a
    style, with the 95 % interval of the difference (bootstrap over the drawings); how many cells change, and of those
    that the optimisation changes the share that is as it has them; the loss and its parts, also of the optimisation,
    and how much of it the student saves against no style.

    Args:
        recipe: of the run.
        network: the student.
        lessons: held out; none: nothing is known.
    """
    rows = [row for row in (_of_cells(recipe, network, lesson) for lesson in lessons) if row is not None]
    if not rows:
        return {}
    known = {name: [row[0][name] for row in rows if name in row[0]] for name in sorted({*rows[0][0], _MOVED})}
    found = {name: float(np.mean(values)) for name, values in known.items() if values}
    gains = [row[0]["as optimised"] - row[0][f"as optimised{WITHOUT}"] for row in rows]
    return found | _interval("gain", gains) | _losses(recipe, [row[1] for row in rows])


def _interval(name: str, gains: Sequence[float]) -> dict[str, float]:
    """The ends of the 95 % interval of the mean (bootstrap)."""
    draws = np.random.default_rng(0).choice(gains, (_DRAWS, len(gains))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return {f"{name}, low": float(low), f"{name}, high": float(high)}


def _of_cells(
    recipe: StudentRecipe, network: nn.Module, lesson: Lesson
) -> tuple[dict[str, float], tuple[Lesson, Entries]] | None:
    """What is counted of a lesson, and the student's entries; None where no cell may change."""
    free = lesson.free
    if not free.any():
        return None
    made = answer(recipe, network, lesson)
    right, stays = made == lesson.answer, lesson.own == lesson.answer
    moved = free & ~stays
    counts = {
        "as optimised": float(right[free].mean()),
        f"as optimised{WITHOUT}": float(stays[free].mean()),
        "changed": float((made != lesson.own)[free].mean()),
        f"changed{OPTIMISED}": float(moved.sum() / free.sum()),
    }
    if moved.any():
        counts[_MOVED] = float(right[moved].mean())
    return counts, (lesson, made)


def _losses(recipe: StudentRecipe, answers: Sequence[tuple[Lesson, Entries]]) -> dict[str, float]:
    """The loss of the answers and its parts, of the drawings' own cells, and of the optimisation."""
    objective = Objective(recipe.method, weights.load(recipe.encoder))
    columns: dict[str, list[float]] = {}
    for lesson, made in answers:
        for words, entries in (("", made), (WITHOUT, lesson.own), (OPTIMISED, lesson.answer)):
            parts = objective.parts(entries, lesson)
            for name, value in {"loss": objective.total(parts), **parts}.items():
                columns.setdefault(f"{name}{words}", []).append(value)
    saved = np.subtract(columns[f"loss{WITHOUT}"], columns["loss"])
    return {name: float(np.mean(values)) for name, values in columns.items()} | _interval("loss saved", list(saved))

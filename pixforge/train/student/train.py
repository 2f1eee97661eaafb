"""Training of a student: one generator of events, one checkpoint that a killed run goes on from."""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from pixforge.errors import SettingsError
from pixforge.image.save import write_atomic
from pixforge.methods._style.relax import holds_of
from pixforge.nn.average import Average
from pixforge.train.events import Event, Finished, Pictured, Saved, StepDone
from pixforge.train.samples import write_samples
from pixforge.train.state import read_checkpoint
from pixforge.train.student.batches import NOT_ASKED, Task, canvases, task_of
from pixforge.train.student.lessons import Lesson
from pixforge.train.student.network import Student
from pixforge.train.student.recipe import StudentRecipe, recipe_of
from pixforge.train.student.sheet import sheet
from pixforge.train.trainer import TrainingError

STATE: Final = "student.pt"
RECIPE: Final = "recipe.json"
_WARM: Final = 50  # steps
_PRIME: Final = 1_000_003
_CLIP: Final = 1.0
_BARRED: Final = -1e4  # logits of an option that a cell has not


@dataclass(frozen=True)
class StudentRun:
    """How a run is carried out; none of it changes the result.

    Attributes:
        save_steps: steps between checkpoints.
        picture_steps: steps between sheets of samples.
    """

    save_steps: int = 100
    picture_steps: int = 500


@dataclass
class Progress:
    """A run at one step.

    Attributes:
        recipe: what it follows.
        network: the student.
        average: its moving average, which ships.
        optimiser: its.
        step: steps done.
    """

    recipe: StudentRecipe
    network: nn.Module
    average: Average
    optimiser: torch.optim.Optimizer
    step: int = 0


def settled_recipe(recipe: StudentRecipe, folder: Path) -> StudentRecipe:
    """Return the recipe of a run, the given one; it is written into the folder.

    Raises:
        SettingsError: the run in this folder follows another one.
    """
    if (folder / RECIPE).is_file():
        before = read_recipe(folder)
        if before != replace(recipe, steps=before.steps):
            raise SettingsError("the run in this folder follows another recipe", "give another --out", folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / RECIPE, json.dumps(recipe.as_table(), indent=1).encode())
    return recipe


def read_recipe(folder: Path) -> StudentRecipe:
    """Return the recipe that the run in a folder follows.

    Raises:
        SettingsError: there is no run.
    """
    try:
        return recipe_of(json.loads((folder / RECIPE).read_text("utf-8")))
    except FileNotFoundError as error:
        raise SettingsError("holds no run of a student", "train one: pixforge train style", folder) from error


def train_student(
    recipe: StudentRecipe,
    lessons: Sequence[Lesson],
    samples: Sequence[Lesson],
    folder: Path,
    run: StudentRun = StudentRun(),
) -> Iterator[Event]:
    """Train, or go on with the run in `folder`; yield what happens.

    Args:
        recipe: as `settled_recipe` gives it.
        lessons: to learn from.
        samples: to picture.
        folder: of the run.
        run: how.

    Raises:
        TrainingError: the numbers are no longer finite.
    """
    student = open_student(recipe, folder)
    holds = holds_of(vars(recipe.method))
    tasks = [task_of(lesson, holds) for lesson in lessons] if student.step < recipe.steps else []
    while student.step < recipe.steps:
        began = time.perf_counter()
        with _repeatable():
            found = _take_step(student, tasks)
        yield StepDone(student.step, found, time.perf_counter() - began)
        if not all(map(math.isfinite, found.values())):
            remedy = "train again at a smaller rate; the checkpoint before is whole"
            raise TrainingError(f"step {student.step}: the numbers are no longer finite", remedy, folder)
        last = student.step == recipe.steps
        if samples and (last or student.step % run.picture_steps == 0):
            picture = sheet(recipe, student.average.network, samples)
            yield Pictured(student.step, write_samples(folder, student.step, picture))
        if last or student.step % run.save_steps == 0:
            yield Saved(student.step, _save(folder, student))
    yield Finished(student.step, "all steps done")


@contextmanager
def _repeatable() -> Iterator[None]:
    """Have gathers go backwards in one order, however many threads there are: a resumed run is to be the same run."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def done_steps(folder: Path) -> int:
    """Return how many steps the run in a folder has done."""
    path = folder / STATE
    return int(read_checkpoint(path)["step"]) if path.is_file() else 0


def open_student(recipe: StudentRecipe, folder: Path) -> Progress:
    """Return the run in a folder at its checkpoint, or a new one."""
    torch.manual_seed(recipe.seed)
    network = Student(recipe)
    optimiser = torch.optim.AdamW(network.parameters(), recipe.rate, (0.9, 0.99), weight_decay=recipe.decay)
    student = Progress(recipe, network, Average(network, recipe.average), optimiser)
    if (folder / STATE).is_file():
        _restore(student, read_checkpoint(folder / STATE))
    return student


def _take_step(student: Progress, tasks: Sequence[Task]) -> dict[str, float]:
    recipe = student.recipe
    torch.manual_seed(recipe.seed * _PRIME + student.step)  # of what drops out
    planes, wanted, barred = canvases(tasks, recipe, student.step)
    logits = student.network.train()(planes).masked_fill(barred, _BARRED)
    asked = wanted != NOT_ASKED
    each = functional.cross_entropy(logits, wanted, ignore_index=NOT_ASKED, reduction="sum")
    loss = each / asked.sum().clamp_min(1)
    student.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    norm = float(nn.utils.clip_grad_norm_(student.network.parameters(), _CLIP))
    for group in student.optimiser.param_groups:
        group["lr"] = recipe.rate * _schedule(student.step, recipe.steps)
    student.optimiser.step()
    student.average.update(student.network, student.step)
    student.step += 1
    right = (logits.argmax(dim=1) == wanted)[asked].float().mean().item() if asked.any() else 1.0
    return {"loss": loss.item(), "as optimised": right, "gradient": norm}


def _schedule(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / _WARM)
    return warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def _save(folder: Path, student: Progress) -> Path:
    """Whole or not at all: a killed run goes on from the state before."""
    content = {
        "network": student.network.state_dict(),
        "average": student.average.network.state_dict(),
        "optimiser": student.optimiser.state_dict(),
        "step": student.step,
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_atomic(folder / STATE, buffer.getvalue())
    return folder / STATE


def _restore(student: Progress, content: dict[str, Any]) -> None:
    student.network.load_state_dict(content["network"])
    student.average.network.load_state_dict(content["average"])
    student.optimiser.load_state_dict(content["optimiser"])
    student.step = int(content["step"])

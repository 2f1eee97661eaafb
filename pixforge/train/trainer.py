"""The training loop: a generator of events. It prints nothing and knows no progress bar."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from pixforge.errors import PixforgeError
from pixforge.train.batches import Batches
from pixforge.train.device import Precision, precision_context
from pixforge.train.parts import answer, losses, total
from pixforge.train.recipe import Recipe
from pixforge.train.state import State, best_checkpoint, checkpoints, load_state, mark_best, new_state, save_state
from pixforge.train.validation import Exam, examine, examine_reverse, make_exam


class TrainingError(PixforgeError):
    """A run went wrong for good: it exploded again and again, even at a smaller rate."""

    exit_code = 10
    kind = "training"


@dataclass(frozen=True)
class StepDone:
    """One step: losses by part, and how long it took in seconds."""

    step: int
    losses: dict[str, float]
    seconds: float


@dataclass(frozen=True)
class Validated:
    """Scores on held-out art; `best` if they are the best so far."""

    step: int
    scores: dict[str, float]
    best: bool


@dataclass(frozen=True)
class Saved:
    """A checkpoint was written."""

    step: int
    path: Path


@dataclass(frozen=True)
class RolledBack:
    """A step gave no finite number, or exploded; the run went back to `step` at half the rate."""

    step: int
    reason: str


@dataclass(frozen=True)
class Finished:
    """The run ended: all steps done, or no better score for long."""

    step: int
    reason: str


Event = StepDone | Validated | Saved | RolledBack | Finished


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out; none of it changes the result.

    Attributes:
        device: where.
        precision: of the arithmetic of a step.
        save_seconds: time between checkpoints.
    """

    device: torch.device
    precision: Precision = "auto"
    save_seconds: float = 180.0


def train(recipe: Recipe, data: Path, folder: Path, options: RunOptions) -> Iterator[Event]:
    """Run a recipe, or go on where the newest checkpoint in `folder` is (the checkpoint's recipe then counts).

    Yields:
        What happens.

    Raises:
        TrainingError: it exploded again and again.
        SettingsError: data set or checkpoint cannot be used.
    """
    newest = checkpoints(folder)
    state = load_state(newest[-1], options.device) if newest else new_state(recipe, options.device)
    batches = Batches(state.recipe, data)
    watch, side = state.recipe.watch, state.recipe.data.side
    exam = make_exam(data, watch.canvases, side, ("validate", "held-out"), ("vector", "smooth", "scale2x", "contour"))
    saved = time.monotonic()
    while state.step < state.recipe.optimiser.steps:
        started = time.monotonic()
        values = _step(state, batches, options)
        if isinstance(values, str):
            yield _roll_back(state, folder, values, options)
            continue
        yield StepDone(state.step, values, time.monotonic() - started)
        if state.step % watch.validate == 0:
            yield from _validate(state, exam, folder)
            saved = time.monotonic()
            if watch.patience and state.step - state.best_step >= watch.patience * watch.validate:
                yield Finished(state.step, f"no better score since step {state.best_step}")
                return
        elif time.monotonic() - saved > options.save_seconds:
            yield Saved(state.step, save_state(folder, state))
            saved = time.monotonic()
    yield Saved(state.step, save_state(folder, state))
    yield Finished(state.step, "all steps done")


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the rate at a step: linear warm-up, then half a cosine to a hundredth of the highest rate."""
    options = recipe.optimiser
    if step < options.warmup:
        return options.rate * (step + 1) / options.warmup
    share = (step - options.warmup) / max(1, options.steps - options.warmup)
    return options.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


def _step(state: State, batches: Batches, options: RunOptions) -> dict[str, float] | str:
    """One step; the losses, or what is wrong (the networks are then as they were)."""
    batch = batches.batch(state.step).to(options.device)
    weights = state.recipe.loss
    with precision_context(options.device, options.precision):
        parts = losses(answer(state.networks, batch), batch, weights)
        loss = total(parts, weights)
    value = loss.item()
    if not math.isfinite(value):
        return "the loss is not finite"
    if state.step > 50 and value > state.recipe.watch.explode * state.recent_loss:
        return f"the loss jumped to {value:.3g} from about {state.recent_loss:.3g}"
    loss.backward()  # type: ignore[no-untyped-call]
    rate = learning_rate(state.recipe, state.step) * state.rate_factor
    result = {name: part.item() for name, part in parts.items()}
    norms = {name: _clipped_norm(state, name) for name in state.networks}
    if not all(map(math.isfinite, norms.values())):
        return "a gradient is not finite"
    for name, optimiser in state.optimisers.items():
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        result[f"gradient {name}"] = norms[name]
    for name, average in state.averages.items():
        average.update(state.networks[name], state.step)
    state.recent_loss = value if state.step == 0 else 0.98 * state.recent_loss + 0.02 * value
    state.step += 1
    return {"loss": value, "rate": rate} | result


def _clipped_norm(state: State, name: str) -> float:
    parameters = state.networks[name].parameters()
    return float(torch.nn.utils.clip_grad_norm_(parameters, state.recipe.optimiser.clip))


def _validate(state: State, exam: Exam, folder: Path) -> Iterator[Event]:
    scores = examine(state.averages["to-pixel"].network, exam, state.device)
    scores["reverse error"] = examine_reverse(state.averages["to-drawing"].network, exam, state.device)
    best = scores["hard"] > state.best_score
    if best:
        state.best_score, state.best_step = scores["hard"], state.step
    path = save_state(folder, state)
    if best:
        mark_best(folder, path, scores)
    yield Validated(state.step, scores, best)
    yield Saved(state.step, path)


def _roll_back(state: State, folder: Path, reason: str, options: RunOptions) -> RolledBack:
    """Take the state back to the newest checkpoint (or the start) at half the rate."""
    count, factor = state.rollbacks + 1, state.rate_factor / 2
    if count > state.recipe.watch.rollbacks:
        remedy = "lower the rate in the recipe, or look at the data"
        raise TrainingError(f"step {state.step}: {reason}, and it happened {count} times", remedy, folder)
    newest = checkpoints(folder)
    back = load_state(newest[-1], options.device) if newest else new_state(state.recipe, options.device)
    for name in vars(back):
        setattr(state, name, getattr(back, name))
    state.rollbacks, state.rate_factor = count, factor
    return RolledBack(state.step, reason)


__all__ = ["Event", "Finished", "RolledBack", "RunOptions", "Saved", "StepDone", "TrainingError", "Validated",
           "best_checkpoint", "learning_rate", "train"]  # fmt: skip

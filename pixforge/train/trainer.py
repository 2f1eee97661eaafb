"""The training loop: a generator of events. It prints nothing and knows no progress bar."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from pixforge.errors import PixforgeError
from pixforge.train.batches import make_batches
from pixforge.train.credits import credits_of, write_credits
from pixforge.train.data.manifest import read_manifest
from pixforge.train.device import Precision
from pixforge.train.events import Event, Finished, Pictured, RolledBack, Saved, StepDone, Validated
from pixforge.train.house import write_house_palette
from pixforge.train.manner import write_own_sprites
from pixforge.train.recipe import Recipe
from pixforge.train.samples import Samples, make_samples, sample_sheet, write_samples
from pixforge.train.start import Start
from pixforge.train.state import State, checkpoints, load_state, mark_best, new_state, save_state
from pixforge.train.step import take_step
from pixforge.train.validation import Exam, examine, examine_reverse, held_out_exam


class TrainingError(PixforgeError):
    """A run went wrong for good: it exploded again and again, even at a smaller rate."""

    exit_code = 10
    kind = "training"


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out; none of it changes the result.

    Attributes:
        device: where.
        precision: of the arithmetic of a step.
        save_seconds: time between checkpoints.
        picture_seconds: time between sheets of samples; 0: none.
    """

    device: torch.device
    precision: Precision = "auto"
    save_seconds: float = 180.0
    picture_seconds: float = 240.0


@dataclass(frozen=True)
class Sources:
    """What a run learns from.

    Attributes:
        data: its data set.
        replay: the data set that is replayed so that nothing is forgotten, or None.
        start: the model that it starts from, or None.
    """

    data: Path
    replay: Path | None = None
    start: Start | None = None


def train(recipe: Recipe, sources: Sources, folder: Path, options: RunOptions) -> Iterator[Event]:
    """Run a recipe, or go on where the newest checkpoint in `folder` is (the checkpoint's recipe then counts).

    Yields:
        What happens.

    Raises:
        TrainingError: it exploded again and again.
        SettingsError: data set, start or checkpoint cannot be used.
    """
    state = _resumed(folder, recipe, sources.start, options.device)
    batches = make_batches(state.recipe, sources.data, sources.replay)
    exam = held_out_exam([root for root in (sources.data, sources.replay) if root], state.recipe)
    samples = make_samples(sources.data, exam) if options.picture_seconds else None
    used = [read_manifest(root) for root in (sources.data, sources.replay) if root]
    write_credits(folder, [credit for entries in used for credit in credits_of(entries, state.recipe)])
    write_house_palette(folder, sources.data, state.recipe.data.palette)
    write_own_sprites(folder, sources.data, state.recipe.data.manner)
    watch, saved, pictured = state.recipe.watch, time.monotonic(), 0.0
    while state.step < state.recipe.optimiser.steps:
        started = time.monotonic()
        values = take_step(state, batches.batch(state.step).to(options.device), options.precision)
        if isinstance(values, str):
            yield _roll_back(state, folder, values, sources.start, options)
            continue
        now = time.monotonic()
        yield StepDone(state.step, values, now - started)
        if state.step % watch.validate == 0:
            yield from _validate(state, exam, folder)
            saved = now
            if watch.patience and state.step - state.best_step >= watch.patience * watch.validate:
                yield Finished(state.step, f"no better score since step {state.best_step}")
                return
        elif now - saved > options.save_seconds:
            yield Saved(state.step, save_state(folder, state))
            saved = now
        if samples and now - pictured > options.picture_seconds:
            yield _picture(state, samples, folder)
            pictured = now
    yield Saved(state.step, save_state(folder, state))
    if samples:
        yield _picture(state, samples, folder)
    yield Finished(state.step, "all steps done")


def _resumed(folder: Path, recipe: Recipe, start: Start | None, device: torch.device) -> State:
    newest = checkpoints(folder)
    if newest:
        return load_state(newest[-1], device)
    return new_state(start.shaped(recipe) if start else recipe, device, start)


def _validate(state: State, exam: Exam, folder: Path) -> Iterator[Event]:
    scores = examine(state.averages["to-pixel"].network, exam, state.device)
    scores["reverse error"] = examine_reverse(state.averages["to-drawing"].network, exam, state.device)
    score = scores["hard"]
    chosen = score > state.best_score - state.recipe.watch.slack
    if chosen:
        state.best_score, state.best_step = max(score, state.best_score), state.step
    path = save_state(folder, state)
    if chosen:
        mark_best(folder, path, scores)
    yield Validated(state.step, scores, chosen)
    yield Saved(state.step, path)


def _picture(state: State, samples: Samples, folder: Path) -> Pictured:
    to_pixel, to_drawing = state.averages["to-pixel"].network, state.averages["to-drawing"].network
    sheet = sample_sheet(to_pixel, to_drawing, samples, state.device)
    return Pictured(state.step, write_samples(folder, state.step, sheet))


def _roll_back(state: State, folder: Path, reason: str, start: Start | None, options: RunOptions) -> RolledBack:
    """Take the state back to the newest checkpoint (or the start) at half the rate."""
    count, factor = state.rollbacks + 1, state.rate_factor / 2
    if count > state.recipe.watch.rollbacks:
        remedy = "lower the rate in the recipe, or look at the data"
        raise TrainingError(f"step {state.step}: {reason}, and it happened {count} times", remedy, folder)
    back = _resumed(folder, state.recipe, start, options.device)
    for name in vars(back):
        setattr(state, name, getattr(back, name))
    state.rollbacks, state.rate_factor = count, factor
    return RolledBack(state.step, reason)

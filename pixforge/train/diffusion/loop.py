"""The loop that both kinds of training share: a generator of events that can be killed and started again anywhere."""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from pixforge.image.picture import Picture
from pixforge.image.save import write_atomic
from pixforge.train.diffusion.recipe import DiffusionRecipe
from pixforge.train.events import Event, Finished, Pictured, Saved, StepDone, Validated
from pixforge.train.samples import write_samples
from pixforge.train.state import checkpoints, read_checkpoint
from pixforge.train.step import learning_rate
from pixforge.train.trainer import RunOptions, TrainingError

_KEPT: Final = 3


@dataclass(frozen=True)
class Start:
    """What a run has besides its own data.

    Attributes:
        base: the model to start from, as for --model; None: from nothing.
        config: where the configurations of a base that is a single file come from.
        replay: a data set a share of whose pictures is shown beside, so that the base keeps what it could do (prior
            preservation, Ruiz et al. 2023, with art in place of the base's own pictures).
    """

    base: str | None = None
    config: Path | None = None
    replay: Path | None = None


class Course(Protocol):
    """A run of either kind.

    Attributes:
        recipe: what it follows.
        trained: the parameters that learn, by name, in one order for good.
    """

    recipe: DiffusionRecipe
    trained: dict[str, nn.Parameter]

    def loss(self, step: int) -> Iterator[Tensor]:
        """Yield the loss of each pass of a step; a function of recipe, data and step alone."""
        ...

    def sheet(self) -> Picture:
        """Return a sheet of fixed samples, made with the weights as they are."""
        ...

    def scores(self) -> dict[str, float]:
        """Return how well held-out pairs come out with the weights as they are."""
        ...

    def ship(self, folder: Path, step: int) -> None:
        """Write the model of these weights into a run's folder."""
        ...


class Averaged:
    """The moving average of what learns.

    Args:
        trained: the parameters.
        decay: of the average; 0 is the parameters themselves.
    """

    def __init__(self, trained: dict[str, nn.Parameter], decay: float) -> None:
        self._trained = trained
        self._decay = decay
        self.slow = {name: value.detach().clone() for name, value in trained.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move towards the parameters; faster at first, so that the start is forgotten."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in self._trained.items():
            self.slow[name].lerp_(value, 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange average and parameters; twice changes nothing."""
        for name, value in self._trained.items():
            kept = value.detach().clone()
            value.copy_(self.slow[name])
            self.slow[name] = kept


def run(course: Course, folder: Path, options: RunOptions) -> Iterator[Event]:
    """Train, or go on where the newest checkpoint in `folder` is.

    Yields:
        What happens.

    Raises:
        TrainingError: a loss is not finite.
        SettingsError: the checkpoint cannot be used.
    """
    optimiser_options = course.recipe.optimiser
    optimiser = torch.optim.AdamW(
        course.trained.values(), optimiser_options.rate, optimiser_options.betas, weight_decay=optimiser_options.decay
    )
    average, step = Averaged(course.trained, optimiser_options.average), 0
    newest = checkpoints(folder)
    if newest:
        step = _restore(read_checkpoint(newest[-1]), course, optimiser, average)
    saved, pictured = time.monotonic(), 0.0
    while step < optimiser_options.steps:
        started = time.monotonic()
        losses = _take_step(course, optimiser, step)
        step += 1
        average.update(step)
        now = time.monotonic()
        yield StepDone(step, losses, now - started)
        if course.recipe.validate and step % course.recipe.validate == 0:
            average.swap()
            scores = course.scores()
            average.swap()
            yield Validated(step, scores, best=False)  # the last weights are shipped: the rate has fallen to nothing
        if now - saved > options.save_seconds:
            yield Saved(step, _save(folder, course, optimiser, average, step))
            saved = now
        if options.picture_seconds and now - pictured > options.picture_seconds:
            yield _picture(folder, course, average, step)
            pictured = now
    yield Saved(step, _save(folder, course, optimiser, average, step))
    if options.picture_seconds:
        yield _picture(folder, course, average, step)
    average.swap()
    course.ship(folder, step)
    average.swap()
    yield Finished(step, "all steps done")


def chance(seed: int, *place: int) -> torch.Generator:
    """Return the source of all chance of one place in a run; the CPU's, so that it is the same on every device."""
    return torch.Generator().manual_seed(int(np.random.default_rng((seed, *place)).integers(2**63 - 1)))


def _take_step(course: Course, optimiser: torch.optim.Optimizer, step: int) -> dict[str, float]:
    losses = []
    for loss in course.loss(step):
        loss.backward()  # type: ignore[no-untyped-call]
        losses.append(loss.item())
    value = sum(losses)
    gradient = float(nn.utils.clip_grad_norm_(course.trained.values(), course.recipe.optimiser.clip))
    if not (math.isfinite(value) and math.isfinite(gradient)):
        raise TrainingError(f"step {step}: the loss is not finite", "lower the rate in the recipe, or use float32")
    rate = learning_rate(course.recipe.plain, step)
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return {"loss": value, "gradient": gradient, "rate": rate}


def _save(folder: Path, course: Course, optimiser: torch.optim.Optimizer, average: Averaged, step: int) -> Path:
    content = {
        "recipe": json.dumps(course.recipe.as_table()),
        "trained": {name: value.detach() for name, value in course.trained.items()},
        "average": average.slow,
        "optimiser": optimiser.state_dict(),
        "step": step,
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    path = folder / f"step-{step:07d}.pt"
    write_atomic(path, buffer.getvalue())
    for old in checkpoints(folder)[:-_KEPT]:
        old.unlink()
    return path


@torch.no_grad()
def _restore(content: dict[str, Any], course: Course, optimiser: torch.optim.Optimizer, average: Averaged) -> int:
    for name, value in course.trained.items():
        value.copy_(content["trained"][name])
        average.slow[name].copy_(content["average"][name])
    optimiser.load_state_dict(content["optimiser"])
    return int(content["step"])


def _picture(folder: Path, course: Course, average: Averaged, step: int) -> Pictured:
    average.swap()
    sheet = course.sheet()
    average.swap()
    return Pictured(step, write_samples(folder, step, sheet))

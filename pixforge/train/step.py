"""One step: the generators learn from the loss parts and the judges, then the judges from what was made."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn

from pixforge.nn.adversarial import fooling, gradient_penalty, judging
from pixforge.nn.augment import augmented
from pixforge.nn.generators import DIRECTIONS
from pixforge.train.batch import Batch
from pixforge.train.device import Precision, precision_context
from pixforge.train.parts import Asked, Scene, ask, total
from pixforge.train.recipe import AdversaryOptions, Recipe
from pixforge.train.report import ask_report
from pixforge.train.state import JUDGE, State

_SETTLED: Final = 50  # steps before an explosion can be told from a start
_PRIME: Final = 1_000_003


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the generators' rate: linear warm-up, then half a cosine to a hundredth of the highest rate."""
    options = recipe.optimiser
    if step < options.warmup:
        return options.rate * (step + 1) / options.warmup
    share = (step - options.warmup) / max(1, options.steps - options.warmup)
    return options.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


def adversarial_share(options: AdversaryOptions, step: int) -> float:
    """Return by how much the adversarial weights are multiplied: 0 while the judges learn alone, then a ramp to 1."""
    return min(max((step - options.start) / max(1, options.ramp), 0.0), 1.0)


def take_step(state: State, batch: Batch, precision: Precision) -> dict[str, float] | str:
    """Do one step; return the losses, or what is wrong (the state must then be rolled back)."""
    chance = torch.Generator().manual_seed(state.recipe.seed * _PRIME + state.step)
    nets: dict[str, nn.Module] = {name: state.networks[name] for name in DIRECTIONS}
    with precision_context(state.device, precision):
        report = state.recipe.objective == "report"
        asked = ask_report(nets, batch) if report else ask(nets, state.frozen, batch, state.recipe)
    fault, values = _generators_learn(state, asked, precision, chance)
    if fault:
        return fault
    for side, scene in asked.scenes.items():
        found = _judge_learns(state, side, scene, precision, chance)
        if not all(map(math.isfinite, found.values())):
            return f"the judge of {side} gives no finite number"
        values |= found
    for name, average in state.averages.items():
        average.update(state.networks[name], state.step)
    state.step += 1
    return values


def _generators_learn(
    state: State, asked: Asked, precision: Precision, chance: torch.Generator
) -> tuple[str, dict[str, float]]:
    """What is wrong, or nothing, and the losses."""
    recipe = state.recipe
    if recipe.objective == "report":
        loss = torch.stack(list(asked.values.values())).sum()
    else:
        loss = total(asked.values, recipe.loss)
    value = loss.item()  # without the judges' part, whose size says nothing
    if not math.isfinite(value):
        return "the loss is not finite", {}
    if state.step > _SETTLED and value > recipe.watch.explode * state.recent_loss:
        return f"the loss jumped to {value:.3g} from about {state.recent_loss:.3g}", {}
    result = {"loss": value} | {name: part.item() for name, part in asked.values.items()}
    for side, scene in asked.scenes.items():
        share = adversarial_share(recipe.adversary, state.step) * _weight(recipe, side)
        if share:
            fooled = _fooling(state, side, scene.made, precision, chance)
            result[f"adversarial_{side}"] = fooled.item()
            loss = loss + share * fooled
    loss.backward()  # type: ignore[no-untyped-call]
    rate = learning_rate(recipe, state.step) * state.rate_factor
    norms = {name: _clipped_norm(state, name) for name in DIRECTIONS}
    if not all(map(math.isfinite, norms.values())):
        return "a gradient is not finite", {}
    for name in DIRECTIONS:
        _update(state.optimisers[name], rate)
        result[f"gradient {name}"] = norms[name]
    state.recent_loss = value if state.step == 0 else 0.98 * state.recent_loss + 0.02 * value
    return "", result | {"rate": rate}


def _weight(recipe: Recipe, side: str) -> float:
    if recipe.objective == "report":
        return 1.0
    weight: float = getattr(recipe.loss, f"adversarial_{side}")
    return weight


def _fooling(state: State, side: str, made: Tensor, precision: Precision, chance: torch.Generator) -> Tensor:
    """What the judge says against the generator; its own weights stay as they are."""
    judge, options = state.networks[JUDGE + side].requires_grad_(requires_grad=False), state.recipe.adversary
    with precision_context(state.device, precision):
        return fooling(judge(_seen(made, options, chance)), options.game)


def _judge_learns(
    state: State, side: str, scene: Scene, precision: Precision, chance: torch.Generator
) -> dict[str, float]:
    name, options = JUDGE + side, state.recipe.adversary
    judge = state.networks[name].requires_grad_(requires_grad=True)
    real, made = (_seen(part.detach().float(), options, chance) for part in (scene.real, scene.made))
    with precision_context(state.device, precision):
        loss = judging(judge(real), judge(made), options.game)
    result = {f"judge {side}": loss.item()}
    if options.penalty and state.step % options.penalty_every == 0:  # lazy, as in Karras et al. 2020
        loss = loss + options.penalty * options.penalty_every * gradient_penalty(judge, real)
    loss.backward()  # type: ignore[no-untyped-call]
    result[f"gradient judge {side}"] = _clipped_norm(state, name)
    _update(state.optimisers[name], options.rate * state.rate_factor)
    return result


def _seen(pictures: Tensor, options: AdversaryOptions, chance: torch.Generator) -> Tensor:
    """What a judge sees of pictures: changed at random, and under noise that hides what no eye sees."""
    pictures = augmented(pictures, options.changes, chance)
    if not options.noise:
        return pictures
    return pictures + options.noise * torch.randn(pictures.shape, generator=chance).to(pictures.device, pictures.dtype)


def _clipped_norm(state: State, name: str) -> float:
    parameters = state.networks[name].parameters()
    return float(nn.utils.clip_grad_norm_(parameters, state.recipe.optimiser.clip))


def _update(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)

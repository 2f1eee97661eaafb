"""Everything that a run is at one step, and its way to disk and back."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from pixforge.errors import SettingsError
from pixforge.image.save import write_atomic
from pixforge.nn.average import Average
from pixforge.nn.discriminators import build_judge
from pixforge.nn.generators import DIRECTIONS, build_generator
from pixforge.train.recipe import Recipe, recipe_of
from pixforge.train.start import NOTHING, Origin, Start, origin_of

JUDGE: Final = "judge-"  # and its side: pixel, drawing
_KEPT: Final = 3
_BEST: Final = "best.json"


@dataclass
class State:
    """A run.

    Attributes:
        recipe: what it follows.
        networks: the networks being trained, by name: the generators by direction, the judges by side.
        frozen: the generators that the run started from, if the recipe wants them remembered.
        origin: what the run started from.
        averages: the moving average of each generator.
        optimisers: one a network.
        step: steps done.
        rate_factor: learning rates are multiplied by it (halved at each roll-back).
        rollbacks: how many there were.
        best_score: of the best validation so far, and its step.
        best_step: see there.
        recent_loss: running mean, to notice an explosion; 0 at the start.
    """

    recipe: Recipe
    networks: dict[str, nn.Module]
    averages: dict[str, Average]
    optimisers: dict[str, torch.optim.Optimizer]
    frozen: dict[str, nn.Module] = field(default_factory=dict)
    origin: Origin = NOTHING
    step: int = 0
    rate_factor: float = 1.0
    rollbacks: int = 0
    best_score: float = -1.0
    best_step: int = 0
    recent_loss: float = 0.0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


_NUMBERS: Final = ("step", "rate_factor", "rollbacks", "best_score", "best_step", "recent_loss")


def new_state(recipe: Recipe, device: torch.device, start: Start | None = None) -> State:
    """Return a run at step 0: weights from the recipe's seed, or those of a start.

    Args:
        recipe: what it follows; its generators have the shape of the start's, if there is one.
        device: where it computes.
        start: a model or run to start from.

    Raises:
        SettingsError: the recipe remembers a start, and there is none.
    """
    if recipe.loss.remember and start is None:
        raise SettingsError(f'recipe "{recipe.name}" fine-tunes a model', "name one with --from")
    state = _built(recipe, device)
    if start is not None:
        state.origin = start.origin
        for name in DIRECTIONS:
            state.networks[name].load_state_dict(start.weights[name])
            state.averages[name].network.load_state_dict(start.weights[name])
            if name in state.frozen:
                state.frozen[name].load_state_dict(start.weights[name])
    return state


def judged_sides(recipe: Recipe) -> tuple[str, ...]:
    """Return which sides have a judge: pixel, drawing."""
    if recipe.objective == "report":
        return ("pixel", "drawing")
    return tuple(side for side in ("pixel", "drawing") if getattr(recipe.loss, f"adversarial_{side}"))


def _built(recipe: Recipe, device: torch.device) -> State:
    """All networks of a recipe with random weights. Generators come first: judges change nothing about their start."""
    torch.manual_seed(recipe.seed)
    wanted = {"to-pixel": recipe.to_pixel, "to-drawing": recipe.to_drawing}
    networks: dict[str, nn.Module] = {
        name: build_generator(options, name).to(device, memory_format=torch.channels_last)  # type: ignore[arg-type, call-overload]
        for name, options in wanted.items()
    }
    options, adversary = recipe.optimiser, recipe.adversary
    optimisers: dict[str, torch.optim.Optimizer] = {
        name: torch.optim.AdamW(network.parameters(), options.rate, options.betas, weight_decay=options.decay)
        for name, network in networks.items()
    }
    averages: dict[str, Average] = {name: Average(networks[name], options.average) for name in DIRECTIONS}
    frozen: dict[str, nn.Module] = {}
    if recipe.loss.remember:
        frozen = {name: Average(networks[name], 1.0).network for name in DIRECTIONS}
    for side in judged_sides(recipe):
        judge = build_judge(getattr(adversary, side)).to(device)
        networks[JUDGE + side] = judge
        optimisers[JUDGE + side] = torch.optim.Adam(judge.parameters(), adversary.rate, adversary.betas)
    return State(recipe, networks, averages, optimisers, frozen, device=device)


def state_bytes(state: State) -> bytes:
    """Return the run as the bytes of a checkpoint."""
    content = {
        "recipe": json.dumps(state.recipe.as_table()),
        "networks": {name: network.state_dict() for name, network in state.networks.items()},
        "averages": {name: average.network.state_dict() for name, average in state.averages.items()},
        "optimisers": {name: optimiser.state_dict() for name, optimiser in state.optimisers.items()},
        "frozen": {name: network.state_dict() for name, network in state.frozen.items()},
        "origin": json.dumps(asdict(state.origin)),
        "numbers": {name: getattr(state, name) for name in _NUMBERS},
        "random": torch.get_rng_state(),
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def load_state(path: Path, device: torch.device) -> State:
    """Return the run that a checkpoint holds; torch's random state becomes the checkpoint's.

    Raises:
        SettingsError: the file is no checkpoint of this version.
    """
    content = read_checkpoint(path)
    state = _built(recipe_of(json.loads(content["recipe"])), device)
    state.origin = origin_of(json.loads(content.get("origin", "{}")))  # absent in runs of the first recipe
    for name, network in state.networks.items():
        network.load_state_dict(content["networks"][name])
        state.optimisers[name].load_state_dict(content["optimisers"][name])
    for name, average in state.averages.items():
        average.network.load_state_dict(content["averages"][name])
    for name, network in state.frozen.items():
        network.load_state_dict(content["frozen"][name])
    for name in _NUMBERS:
        setattr(state, name, content["numbers"][name])
    torch.set_rng_state(content["random"].cpu())
    return state


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return the plain values and tensors of a checkpoint (nothing in it is executed)."""
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise SettingsError("is not a checkpoint", "give a checkpoint of pixforge train", path) from error
    return content


def checkpoints(folder: Path) -> list[Path]:
    """Return the numbered checkpoints of a run, oldest first."""
    return sorted(folder.glob("step-*.pt"))


def save_state(folder: Path, state: State) -> Path:
    """Write a numbered checkpoint; keep the newest three and the best."""
    path = folder / f"step-{state.step:07d}.pt"
    write_atomic(path, state_bytes(state))
    best = best_checkpoint(folder)
    for old in checkpoints(folder)[:-_KEPT]:
        if old != best:
            old.unlink()
    return path


def mark_best(folder: Path, path: Path, scores: dict[str, float]) -> None:
    """Remember which checkpoint validation chose."""
    text = json.dumps({"checkpoint": path.name, "scores": scores}, indent=1)
    write_atomic(folder / _BEST, text.encode())


def best_checkpoint(folder: Path) -> Path | None:
    """Return the checkpoint that validation chose, if there is one."""
    try:
        content = json.loads((folder / _BEST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return folder / str(content["checkpoint"])


def chosen_checkpoint(run: Path) -> Path:
    """Return the checkpoint of a run that validation chose, before the first validation its newest.

    Args:
        run: a run's folder, or one checkpoint (it is returned).

    Raises:
        SettingsError: there is none.
    """
    if run.is_file():
        return run
    newest = checkpoints(run)
    chosen = best_checkpoint(run) or (newest[-1] if newest else None)
    if chosen is None:
        raise SettingsError("holds no checkpoint", "give the folder of a run, or a file step-*.pt", run)
    return chosen

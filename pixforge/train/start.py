"""What a run may start from: a model (bundled, by name, folder or zip), a run, or one checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from torch import Tensor

from pixforge.errors import SettingsError
from pixforge.nn.card import Credit
from pixforge.nn.generators import DIRECTIONS, GeneratorOptions
from pixforge.nn.store import Model, find, open_model
from pixforge.nn.weights import read_weights
from pixforge.train.recipe import Recipe, recipe_of

METHOD: Final = "cyclegan"


@dataclass(frozen=True)
class Origin:
    """Where a run's first weights come from; it stays with the run and goes into the card of its model.

    Attributes:
        name: of the model or run.
        digest: of the model; empty for a run.
        credits: of the pictures that it was trained on.
    """

    name: str = ""
    digest: str = ""
    credits: tuple[Credit, ...] = ()


NOTHING: Final = Origin()


@dataclass(frozen=True)
class Start:
    """Weights to start from.

    Attributes:
        weights: of each generator, by direction.
        to_pixel: its shape.
        to_drawing: likewise.
        origin: where they come from.
    """

    weights: Mapping[str, Mapping[str, Tensor]]
    to_pixel: GeneratorOptions
    to_drawing: GeneratorOptions
    origin: Origin

    def shaped(self, recipe: Recipe) -> Recipe:
        """Return the recipe with this start's generators."""
        return replace(recipe, to_pixel=self.to_pixel, to_drawing=self.to_drawing)


def find_start(name: str) -> Start:
    """Return the weights of a model, a run (its chosen checkpoint, else its newest), or a checkpoint file.

    Args:
        name: "bundled", a name in the model store, or a path.

    Raises:
        MissingDependencyError: there is no such model.
        SettingsError: it carries no weights to go on from.
    """
    path = Path(name)
    if path.suffix == ".pt" or any(path.glob("step-*.pt")):
        return _of_run(path)
    return _of_model(open_model(find(name, METHOD)))


def origin_of(table: Mapping[str, Any]) -> Origin:
    """Return what a checkpoint says about its origin."""
    lines = tuple(Credit(**credit) for credit in table.get("credits", ()))
    return Origin(table.get("name", ""), table.get("digest", ""), lines)


def _of_run(path: Path) -> Start:
    from pixforge.train.credits import read_credits
    from pixforge.train.state import chosen_checkpoint, read_checkpoint

    chosen = chosen_checkpoint(path)
    content = read_checkpoint(chosen)
    recipe = recipe_of(json.loads(content["recipe"]))
    before = origin_of(json.loads(content.get("origin", "{}")))
    lines = dict.fromkeys((*before.credits, *read_credits(chosen.parent)))
    origin = Origin(f"{chosen.parent.name} step {content['numbers']['step']}", "", tuple(lines))
    return Start(content["averages"], recipe.to_pixel, recipe.to_drawing, origin)


def _of_model(model: Model) -> Start:
    card = model.card
    missing = [way for way in DIRECTIONS if way not in card.networks or not card.networks[way].weights]
    if missing or not card.recipe:
        cause = f'model "{card.name}" carries no weights to train on'
        raise SettingsError(cause, "export it again with: pixforge models export", model.path)
    recipe = recipe_of(card.recipe)
    weights: dict[str, Mapping[str, Tensor]] = {way: read_weights(model.weights(way)) for way in DIRECTIONS}
    return Start(weights, recipe.to_pixel, recipe.to_drawing, Origin(card.name, card.digest, card.credits))

"""From a recipe to a run that can begin, or go on."""

from __future__ import annotations

import json
from pathlib import Path

from pixforge.errors import SettingsError
from pixforge.train.diffusion.instruct import InstructCourse
from pixforge.train.diffusion.joint import JointCourse
from pixforge.train.diffusion.loop import Course, Start
from pixforge.train.diffusion.recipe import DiffusionRecipe, recipe_of
from pixforge.train.state import checkpoints, read_checkpoint
from pixforge.train.trainer import RunOptions


def open_course(
    recipe: DiffusionRecipe,
    data: Path,
    folder: Path,
    options: RunOptions,
    start: Start,
) -> Course:
    """Return a run of either kind; where `folder` has a checkpoint, its recipe counts.

    Raises:
        SettingsError: the recipe needs a base and none is named, or base or data cannot be used.
        MissingDependencyError: there is no such base.
    """
    newest = checkpoints(folder)
    if newest:
        recipe = recipe_of(json.loads(read_checkpoint(newest[-1])["recipe"]))
    folder.mkdir(parents=True, exist_ok=True)
    if recipe.kind == "joint":
        return JointCourse(recipe, data, folder, options, start)
    if start.base is None:
        remedy = "name one with --base: a folder, a .safetensors file, or OWNER/NAME on the hub"
        raise SettingsError(f'recipe "{recipe.name}" starts from a checkpoint of Stable Diffusion', remedy)
    return InstructCourse(recipe, data, folder, options, start)

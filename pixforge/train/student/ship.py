"""A student as a model folder: ONNX to use it, and a card with credits and recipe."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import onnx
import torch
from torch import nn

from pixforge.methods._style.light import light_of
from pixforge.methods._style.pictures import style_art
from pixforge.methods._style.planes import PLANES, VERSION
from pixforge.nn.card import Card, Credit, NetworkFile
from pixforge.nn.export import halve, traced
from pixforge.nn.store import open_model, write_model
from pixforge.nn.style import library, weights
from pixforge.preprocess import SPECIFICATION
from pixforge.train.credits import credits_of
from pixforge.train.data.manifest import read_manifest
from pixforge.train.recipe import Recipe
from pixforge.train.student.recipe import StudentRecipe
from pixforge.train.student.train import open_student, read_recipe


def exported(network: nn.Module) -> bytes:
    """Return a student as ONNX.

    Input: planes (N, PLANES, H, W) float32, of any size; output: out (N, OPTIONS, H, W), logits. Large weights are
    stored in half precision.
    """
    free = {0: "batch", 2: "height", 3: "width"}
    graph = traced(network.cpu(), (torch.zeros(1, PLANES, 16, 16),), {"planes": free, "out": free})
    halve(graph)
    onnx.checker.check_model(graph)
    return bytes(graph.SerializeToString())


def ship_student(
    folder: Path, data: Path, path: Path, name: str, version: str, scores: Mapping[str, float] | None = None
) -> Card:
    """Write the student of a run as a model of method `style`.

    Args:
        folder: of the run.
        data: the data set that it learnt from, for the credits.
        path: folder or zip to write.
        name: of the model.
        version: of pixforge.
        scores: what was measured.

    Raises:
        SettingsError: there is no run.
        OutputError: the model is there already or cannot be written.
    """
    recipe = read_recipe(folder)
    student = open_student(recipe, folder)
    graph = exported(student.average.network)
    file = NetworkFile("to-pixel.onnx", hashlib.sha256(graph).hexdigest(), sum(recipe.dilations))
    style = library.find(recipe.method.style)
    light = light_of(style_art(recipe.method.style)) * recipe.method.light
    words = {"command": _command(recipe), "style_digest": style.digest, "planes": VERSION}
    words |= {"light": [float(part) for part in light]}
    card = Card(
        name=name,
        networks={"to-pixel": file},
        preprocessing=SPECIFICATION,
        description=f'Style "{style.name}" at once: a student of the optimisation',
        method="style",
        version=version,
        steps=student.step,
        scores=dict(scores or {}),
        credits=_credits(recipe, data),
        recipe=words | _portable(recipe).as_table(),
    )
    write_model(path, card, {"to-pixel": graph})
    return card


def _command(recipe: StudentRecipe) -> str:
    """The command line of a run, as far as the command can say its recipe."""
    usual = StudentRecipe()
    given = {"style": Path(recipe.method.style).name, "data": "DIR", "out": "RUN"}
    for name in ("colours", "strength"):
        if getattr(recipe.method, name) != getattr(usual.method, name):
            given[name] = str(getattr(recipe.method, name))
    for name in ("pictures", "steps"):
        if getattr(recipe, name) != getattr(usual, name):
            given[name] = str(getattr(recipe, name))
    return " ".join(["pixforge train style", *(f"--{name} {value}" for name, value in given.items())])


def _credits(recipe: StudentRecipe, data: Path) -> tuple[Credit, ...]:
    """Whose pictures are in it: those of the style, of the data set, of the encoder."""
    lines = [library.credit(library.find(recipe.method.style))]
    lines += credits_of([entry for entry in read_manifest(data) if entry.kind == "drawing"], Recipe("style"))
    encoder = weights.find(recipe.encoder)
    if encoder is not None and (encoder.is_dir() or encoder.suffix == ".zip"):
        lines += open_model(encoder).card.credits
    return tuple(dict.fromkeys(lines))


def _portable(recipe: StudentRecipe) -> StudentRecipe:
    """The recipe without the paths of the machine that it was followed on."""
    method = replace(recipe.method, style=Path(recipe.method.style).name, trace="")
    return replace(recipe, method=method, encoder=Path(recipe.encoder).name)

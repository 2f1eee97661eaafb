"""A training run's weights as a model: ONNX files and a card with recipe, scores and the credits of the data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import torch

from pixforge.nn.card import Card, Credit, NetworkFile
from pixforge.nn.export import export_generator
from pixforge.nn.generators import DIRECTIONS
from pixforge.nn.store import write_model
from pixforge.nn.weights import weight_bytes
from pixforge.preprocess import SPECIFICATION
from pixforge.train.credits import credits_of, read_credits
from pixforge.train.data.manifest import read_manifest
from pixforge.train.house import read_house_palette
from pixforge.train.manner import manner_of_run
from pixforge.train.state import State, chosen_checkpoint, load_state


def ship(run: Path, data: Path | None, path: Path, name: str, version: str) -> Card:
    """Write the model of a run: ONNX to use it, safetensors to train on, and its card.

    Args:
        run: a run's folder (its best checkpoint is taken, before the first validation its newest), or one checkpoint.
        data: the data set that it was trained on, for the credits; None: those that the run kept.
        path: folder or zip to write.
        name: of the model.
        version: of pixforge.

    Raises:
        SettingsError: there is no checkpoint, or no such data set.
        OutputError: the model is there already or cannot be written.
    """
    chosen = chosen_checkpoint(run)
    state = load_state(chosen, torch.device("cpu"))
    shapes = {"to-pixel": state.recipe.to_pixel, "to-drawing": state.recipe.to_drawing}
    averages = {way: state.averages[way].network for way in DIRECTIONS}
    networks: dict[str, bytes] = {way: export_generator(averages[way], way) for way in DIRECTIONS}
    weights: dict[str, bytes] = {way: weight_bytes(averages[way]) for way in DIRECTIONS}
    files: dict[str, NetworkFile] = {
        way: NetworkFile(
            f"{way}.onnx", _sha256(networks[way]), shapes[way].reach, f"{way}.safetensors", _sha256(weights[way])
        )
        for way in DIRECTIONS
    }
    card = Card(
        name=name,
        networks=files,
        preprocessing=SPECIFICATION,
        description=state.recipe.description,
        version=version,
        steps=state.step,
        scores=_scores(chosen),
        credits=_credits(state, chosen.parent, data),
        recipe=state.recipe.as_table(),
        palette=read_house_palette(chosen.parent),
    )
    card = replace(card, manner=manner_of_run(chosen.parent, card, networks))
    write_model(path, card, networks, weights)
    return card


def _credits(state: State, folder: Path, data: Path | None) -> tuple[Credit, ...]:
    """Those of the model that the run started from, and its own."""
    own = credits_of(read_manifest(data), state.recipe) if data else read_credits(folder)
    return tuple(dict.fromkeys((*state.origin.credits, *own)))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _scores(chosen: Path) -> dict[str, float]:
    """What validation measured at this checkpoint, if it is the one that it chose."""
    best = chosen.parent / "best.json"
    if not best.is_file():
        return {}
    content = json.loads(best.read_text("utf-8"))
    return (
        {name: float(value) for name, value in content["scores"].items()}
        if content["checkpoint"] == chosen.name
        else {}
    )

"""A training run's weights as a model: ONNX files and a card with recipe, scores and the credits of the data."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch

from pixforge.errors import SettingsError
from pixforge.nn.card import Card, Credit, NetworkFile
from pixforge.nn.export import export_generator
from pixforge.nn.store import write_model
from pixforge.preprocess import SPECIFICATION
from pixforge.train.data.manifest import Entry, read_manifest
from pixforge.train.recipe import Recipe
from pixforge.train.state import DIRECTIONS, best_checkpoint, checkpoints, load_state


def ship(run: Path, data: Path | None, path: Path, name: str, version: str) -> Card:
    """Write the model of a run.

    Args:
        run: a run's folder (its best checkpoint is taken, before the first validation its newest), or one checkpoint.
        data: the data set that it was trained on, for the credits; None: the card names none.
        path: folder or zip to write.
        name: of the model.
        version: of pixforge.

    Raises:
        SettingsError: there is no checkpoint, or no such data set.
        OutputError: the model is there already or cannot be written.
    """
    chosen = _checkpoint(run)
    state = load_state(chosen, torch.device("cpu"))
    shapes = {"to-pixel": state.recipe.to_pixel, "to-drawing": state.recipe.to_drawing}
    networks: dict[str, bytes] = {way: export_generator(state.averages[way].network, way) for way in DIRECTIONS}
    files: dict[str, NetworkFile] = {
        way: NetworkFile(f"{way}.onnx", hashlib.sha256(content).hexdigest(), shapes[way].trunk.reach)
        for way, content in networks.items()
    }
    card = Card(
        name=name,
        networks=files,
        preprocessing=SPECIFICATION,
        description=state.recipe.description,
        version=version,
        steps=state.step,
        scores=_scores(chosen),
        credits=credits_of(read_manifest(data), state.recipe) if data else (),
        recipe=state.recipe.as_table(),
    )
    write_model(path, card, networks)
    return card


def credits_of(entries: Iterable[Entry], recipe: Recipe) -> tuple[Credit, ...]:
    """Return whom the pictures come from that a recipe learns from, a line for each source, author and licence."""
    learnt = [entry for entry in entries if entry.split == "train" and recipe.data.weights.get(entry.source, 1.0) > 0]
    counts = Counter((entry.source, entry.author, entry.licence, entry.note) for entry in learnt)
    return tuple(
        Credit(source, author, licence, count, note)
        for (source, author, licence, note), count in sorted(counts.items())
    )


def _checkpoint(run: Path) -> Path:
    if run.is_file():
        return run
    newest = checkpoints(run)
    chosen = best_checkpoint(run) or (newest[-1] if newest else None)
    if chosen is None:
        raise SettingsError("holds no checkpoint", "give the folder of a run, or a file step-*.pt", run)
    return chosen


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

"""A trained encoder as a model folder: safetensors in half precision, and a card with its marks and its credits."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import torch

from pixforge.errors import SettingsError
from pixforge.nn.card import Card, Credit, NetworkFile
from pixforge.nn.store import write_model
from pixforge.nn.style.layout import OWN
from pixforge.nn.style.weights import write_own
from pixforge.preprocess import SPECIFICATION
from pixforge.train.credits import credits_of
from pixforge.train.data.manifest import read_manifest
from pixforge.train.encoder.exam import examine
from pixforge.train.encoder.network import CONTENT_LAYERS, STYLE_LAYERS, Encoder
from pixforge.train.encoder.train import STATE, EncoderRecipe
from pixforge.train.recipe import Recipe

_FILE: Final = "encoder.safetensors"
_REACH: Final = 12  # cells from which a feature of the last layer sees anything


def ship_encoder(run: Path, data: Path, recipe: EncoderRecipe, path: Path, version: str) -> Card:
    """Write the encoder of a run as a model of method `style`.

    Args:
        run: its folder.
        data: the data set that it learnt from, for the credits.
        recipe: of the run.
        path: folder or zip to write.
        version: of pixforge.

    Raises:
        SettingsError: there is no run, or its weights are not finite.
        OutputError: the model is there already or cannot be written.
    """
    if not (run / STATE).is_file():
        raise SettingsError("holds no trained encoder", "train one: pixforge train encoder", run)
    state = torch.load(run / STATE, weights_only=True)
    arrays = {}
    for name in OWN.names:
        kernel = state["network"][f"convolutions.{name}.weight"].float().numpy().transpose(2, 3, 1, 0)
        arrays[name] = (np.ascontiguousarray(kernel), state["network"][f"convolutions.{name}.bias"].float().numpy())
        if not (np.isfinite(kernel).all() and np.isfinite(arrays[name][1]).all()):
            raise SettingsError(f"layer {name} holds numbers that are not finite", "train again", run / STATE)
    data_bytes = write_own(arrays)
    file = NetworkFile(_FILE, hashlib.sha256(data_bytes).hexdigest(), _REACH)
    card = Card(
        name=path.stem,
        networks={"to-pixel": file, "to-drawing": file},
        preprocessing=SPECIFICATION,
        description="Encoder of sprites and drawings for style transfer",
        method="style",
        version=version,
        steps=int(state["step"]),
        credits=_credits(data),
        scores=_scores(state["network"], data, recipe.side),
        recipe={"command": _command(recipe), **asdict(recipe)},
    )
    write_model(path, card, {"to-pixel": data_bytes, "to-drawing": data_bytes})
    return card


def _command(recipe: EncoderRecipe) -> str:
    """The command line of a run."""
    words = f"pixforge train encoder --data DIR --out RUN --steps {recipe.steps}"
    usual = EncoderRecipe()
    given = [name for name in ("pairs", "others", "places") if getattr(recipe, name) != getattr(usual, name)]
    return " ".join([words, *(f"--{name} {getattr(recipe, name)}" for name in given)])


def _scores(weights: dict[str, torch.Tensor], data: Path, side: int) -> dict[str, float]:
    """Its marks; none where the data set has nothing that the encoder did not learn from."""
    network = Encoder()
    network.load_state_dict(weights)
    try:
        marks = examine(network, data, CONTENT_LAYERS, STYLE_LAYERS, side)
    except SettingsError:
        return {}
    return {
        "place": round(marks.place, 4),
        "collection": round(marks.collection, 4),
        "collections": float(marks.collections),
    }


def _credits(data: Path) -> tuple[Credit, ...]:
    return credits_of(read_manifest(data), Recipe(name="encoder"))

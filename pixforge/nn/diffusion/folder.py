"""A model in the layout of diffusers: whether it is whole, before gigabytes of it are loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pixforge.errors import SettingsError
from pixforge.nn.diffusion.tensors import PICKLES, SUFFIX, read_head

INDEX: Final = "model_index.json"
_WITHOUT_WEIGHTS: Final = ("scheduler", "tokenizer", "tokenizer_2", "feature_extractor")
_NOT_LOADED: Final = ("safety_checker", "feature_extractor", "image_encoder")


def read_index(folder: Path) -> dict[str, Any]:
    """Return the table model_index.json of a model.

    Raises:
        SettingsError: there is none, or it is damaged.
    """
    return _table(folder / INDEX)


def check_whole(folder: Path) -> None:
    """Make sure that every part which the index names is there, whole, and no pickle.

    Raises:
        SettingsError: naming the first part that is not.
    """
    table = read_index(folder)
    half = next(folder.rglob("*.incomplete"), None)
    if half is not None:
        raise SettingsError("is half a download", "download the model again: it goes on where it stopped", half)
    for name, value in table.items():
        if name.startswith("_") or name in _NOT_LOADED or not isinstance(value, list) or value[0] is None:
            continue
        if not (folder / name).is_dir():
            raise _incomplete(folder / name)
        if name not in _WITHOUT_WEIGHTS:
            check_part(folder / name)


def check_part(folder: Path) -> None:
    """Make sure that a network's folder has its configuration and whole weights, in one file or in shards.

    Raises:
        SettingsError: it has not.
    """
    if not (folder / "config.json").is_file():
        raise _incomplete(folder / "config.json")
    found = sorted(folder.glob(f"*{SUFFIX}"))
    if not found:
        pickles = [path for path in folder.iterdir() if path.suffix in PICKLES]
        if pickles:
            raise SettingsError(
                f"has its weights only as a pickle ({pickles[0].name}), which pixforge does not read",
                "get the model with .safetensors files, or save it again with safe_serialization=True",
                folder,
            )
        raise _incomplete(folder / f"*{SUFFIX}")
    for path in found:
        read_head(path)
    for index in folder.glob(f"*{SUFFIX}.index.json"):
        for shard in set(_table(index).get("weight_map", {}).values()):
            if not (folder / shard).is_file():
                raise _incomplete(folder / shard)


def weight_files(folder: Path) -> Iterator[Path]:
    """The files that decide what a model answers: weights, configurations, vocabularies."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (SUFFIX, ".json", ".txt", ".onnx") and ".cache" not in path.parts:
            yield path


def _table(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise _incomplete(path) from error
    except (OSError, ValueError) as error:
        raise SettingsError("cannot be read as JSON", "download the model again", path) from error
    if not isinstance(found, dict):
        raise SettingsError("is no table", "download the model again", path)
    return found


def _incomplete(path: Path) -> SettingsError:
    remedy = "download the model again: it goes on where it stopped"
    return SettingsError("is missing: the model is not complete", remedy, path)

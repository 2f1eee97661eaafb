"""LoRA files for models at logical resolution (Hu et al. 2021), read and added without a framework.

A file holds, in the layout of diffusers, two small matrices for each weight that was trained: what is added to the
weight is their product. Here they are multiplied out, so that a model with a LoRA costs nothing more to run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.nn.diffusion.tensors import read_head
from pixforge.preprocess import Array

PALETTE: Final = "pixforge.palette"  # in the metadata of our files; the colours of the style, "#rrggbb" each
JOINT: Final = "joint"  # the value of `lora.MARK` in the metadata of our files for these models
DOWN, UP = ".lora_A.weight", ".lora_B.weight"
OWNER: Final = "unet."
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_TYPES: Final = {"F16": "<f2", "F32": "<f4"}


def read_arrays(path: Path, names: frozenset[str] | None = None) -> dict[str, NDArray[np.floating]]:
    """Return the arrays of a safetensors file as it has them, float16 or float32, by name.

    Args:
        path: of the file.
        names: those that are wanted; None: all.

    Raises:
        SettingsError: it is a pickle, damaged, not there, or holds other numbers than half and single precision.
    """
    read_head(path)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        table = json.loads(file.read(length))
        table.pop("__metadata__", None)
        found = {}
        for name, part in table.items():
            if names is not None and name not in names:
                continue
            if part["dtype"] not in _TYPES:
                remedy = "save it in half or single precision"
                raise SettingsError(f"holds numbers of type {part['dtype']}", remedy, path)
            begin, end = part["data_offsets"]
            file.seek(8 + length + begin)
            stored = np.frombuffer(file.read(end - begin), _TYPES[part["dtype"]])
            found[name] = stored.reshape(part["shape"])
    return found


def read_palette(file: Path) -> tuple[str, ...]:
    """Return the colours of the style that a LoRA carries, "#rrggbb" each; most carry none.

    Raises:
        SettingsError: it is a pickle, damaged, or not there.
    """
    return tuple(_COLOUR.findall(read_head(file).metadata.get(PALETTE, "")))


def read_changes(file: Path, scale: float, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Return what a LoRA adds to the weights of a model at logical resolution, float32, by the weight's name.

    Args:
        file: the LoRA.
        scale: its share.
        shapes: of the model's weights, by name.

    Raises:
        SettingsError: it is a pickle, damaged, no LoRA, or one for another model.
    """
    arrays = read_arrays(file)
    downs = {name.removeprefix(OWNER).removesuffix(DOWN): array for name, array in arrays.items() if DOWN in name}
    if not downs:
        raise SettingsError("is no LoRA", "a whole model belongs into --model", file)
    changes = {}
    for name, down in downs.items():
        up, shape = arrays.get(f"{OWNER}{name}{UP}"), shapes.get(f"{name}.weight")
        if up is None or shape is None or (up.shape[0], *down.shape[1:]) != shape or up.shape[1] != down.shape[0]:
            remedy = "use it with the base that it was trained on"
            raise SettingsError("is a LoRA for another model", remedy, file)
        left, right = (matrix.reshape(len(matrix), -1).astype(np.float32) for matrix in (up, down))
        changes[f"{name}.weight"] = np.float32(scale) * (left @ right).reshape(shape)
    return changes


def changed_weights(weights: Path, files: tuple[Path, ...], scale: float) -> dict[str, NDArray[np.floating]]:
    """Return those weights of a model that LoRA files change, as they become, in the types that they have there.

    Args:
        weights: the model's safetensors file.
        files: LoRA files, added one after the other.
        scale: their share.

    Raises:
        SettingsError: one cannot be used with this model.
    """
    shapes = read_head(weights).shapes
    every = [read_changes(file, scale, shapes) for file in files]
    changed = read_arrays(weights, frozenset(name for changes in every for name in changes))
    for changes in every:
        for name, change in changes.items():
            changed[name] = (changed[name] + change).astype(changed[name].dtype)
    return changed

"""Graphs of a model at logical resolution for ONNX Runtime, with the weights where the diffusers model has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnx import TensorProto
from onnx.external_data_helper import set_external_data

from pixforge.image.save import write_atomic
from pixforge.nn.diffusion.flow import DRAWING, LOGICAL
from pixforge.nn.diffusion.joint import Clean
from pixforge.nn.diffusion.onnx_flow import STORED, WEIGHTS, graph_file
from pixforge.nn.diffusion.small_lora import OWNER
from pixforge.nn.export import traced
from pixforge.nn.generators import DIRECTIONS, Direction

_KINDS: Final = {"F16": TensorProto.FLOAT16, "F32": TensorProto.FLOAT}


def write_graphs(unet: Any, folder: Path) -> None:  # noqa: ANN401  # a UNet2DModel
    """Write `to-pixel.onnx` and `to-drawing.onnx` beside a saved model.

    Args:
        unet: of the model; only its shape counts, the numbers are those of the file.
        folder: of the model, saved in one safetensors file.
    """
    stored = _stretches(folder / WEIGHTS)
    for direction in DIRECTIONS:
        graph = _graph(unet, direction)
        _point_at(graph, stored)
        write_atomic(graph_file(folder, direction), graph.SerializeToString())


def _graph(unet: Any, direction: Direction) -> onnx.ModelProto:  # noqa: ANN401  # a UNet2DModel
    known, made = (DRAWING, LOGICAL) if direction == "to-pixel" else (LOGICAL, DRAWING)
    inputs = (torch.zeros(1, known, 8, 8), torch.zeros(1, made, 8, 8), torch.ones(1), torch.zeros(1, dtype=torch.int64))
    free = {0: "batch", 2: "height", 3: "width"}
    axes = {"known": free, "x": free, "sigma": {0: "batch"}, "labels": {0: "batch"}, "clean": free}
    return traced(Clean(unet, direction).float(), inputs, axes, fold=False)


def _point_at(model: onnx.ModelProto, stored: dict[str, tuple[int, int, int, list[int]]]) -> None:
    """Replace the weights of a graph by stretches of the file, widened when the model is loaded."""
    casts, weights = [], []
    for weight in list(model.graph.initializer):
        name = weight.name.removeprefix(OWNER)
        if name not in stored:
            continue
        kind, offset, length, shape = stored[name]
        pointer = TensorProto(name=f"{weight.name}{STORED}", data_type=kind, dims=shape, raw_data=b"\0")
        set_external_data(pointer, WEIGHTS, offset, length)
        pointer.ClearField("raw_data")
        casts.append(onnx.helper.make_node("Cast", [pointer.name], [weight.name], to=TensorProto.FLOAT))
        weights.append(pointer)
        model.graph.initializer.remove(weight)
    model.graph.initializer.extend(weights)
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)


def _stretches(path: Path) -> dict[str, tuple[int, int, int, list[int]]]:
    """Type, offset and length in bytes, and shape of each tensor of a safetensors file."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        head = json.loads(file.read(length))
    head.pop("__metadata__", None)
    return {
        name: (_KINDS[entry["dtype"]], 8 + length + begin, end - begin, entry["shape"])
        for name, entry in head.items()
        for begin, end in [entry["data_offsets"]]
    }

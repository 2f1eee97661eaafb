"""A generator as an ONNX file: sizes free, weights in half precision, alpha as a probability."""

from __future__ import annotations

import io
import logging
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn

from pixforge.nn.generators import Direction
from pixforge.preprocess import CELL, CONDITIONS

OPSET = 17


class _Shipped(nn.Module):
    """A generator whose alpha is a probability, and whose inputs have the names of the model file."""

    def __init__(self, network: nn.Module, direction: Direction) -> None:
        super().__init__()
        self.network = network
        self.logit = direction == "to-pixel"

    def forward(self, picture: Tensor, condition: Tensor) -> Tensor:
        out: Tensor = self.network(picture, condition)
        return torch.cat([out[:, :3], out[:, 3:].sigmoid()], dim=1) if self.logit else out


def export_generator(network: nn.Module, direction: Direction, half: bool = True) -> bytes:
    """Return an ONNX model.

    Inputs: picture (N, 4, 4H, 4W) or (N, 4, H, W) float32 and condition (N, 3) float32; output: picture (N, 4, H, W) or
    (N, 4, 4H, 4W) float32. Any size whose cells are a multiple of `pixforge.preprocess.SPECIFICATION.multiple`.

    Args:
        network: a generator (its moving average).
        direction: which one it is.
        half: store weights as float16 (they are widened when the model is loaded; the arithmetic stays float32).
    """
    side = 16 * (CELL if direction == "to-pixel" else 1)
    inputs = (torch.zeros(1, 4, side, side), torch.zeros(1, CONDITIONS))
    free = {0: "batch", 2: "height", 3: "width"}
    axes = {"picture": free, "condition": {0: "batch"}, "out": free}
    model = traced(_Shipped(network, direction).cpu(), inputs, axes)
    if half:
        halve(model)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def traced(
    network: nn.Module, inputs: tuple[Tensor, ...], axes: dict[str, dict[int, str]], fold: bool = True
) -> onnx.ModelProto:
    """Return the graph of a network with one output.

    Args:
        network: to be traced.
        inputs: an example of each input.
        axes: the names of the inputs in order and of the output, with those of their axes whose length is free.
        fold: compute constants beforehand; weights may then be stored transposed and under other names.
    """
    *names, out = axes
    buffer = io.BytesIO()
    with warnings.catch_warnings(), _silenced("torch.onnx"):
        warnings.simplefilter("ignore")  # the exporter warns about its own future, not about the model
        torch.onnx.export(
            network.eval(),
            inputs,
            buffer,  # type: ignore[arg-type]  # a stream is taken, the annotation lags behind
            input_names=names,
            output_names=[out],
            dynamic_axes=axes,
            opset_version=OPSET,
            do_constant_folding=fold,
            dynamo=False,
        )
    return onnx.load_model_from_string(buffer.getvalue())


def halve(model: onnx.ModelProto) -> None:
    """Store large weights as float16, each followed by a Cast that ONNX Runtime folds away when it loads the model."""
    graph = model.graph
    casts = []
    for weight in list(graph.initializer):
        if weight.data_type != TensorProto.FLOAT or len(weight.raw_data) < 4096:
            continue
        array = numpy_helper.to_array(weight)
        stored = numpy_helper.from_array(array.astype(np.float16), f"{weight.name}.half")
        casts.append(onnx.helper.make_node("Cast", [stored.name], [weight.name], to=TensorProto.FLOAT))
        graph.initializer.remove(weight)
        graph.initializer.append(stored)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)


class _silenced:  # noqa: N801  # reads as a condition
    """Keep a logger quiet for a while."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def __enter__(self) -> None:
        self._level = self._logger.level
        self._logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        self._logger.setLevel(self._level)

"""Weights of a network as safetensors: what a model file carries beside ONNX, so that it can be trained on."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from pixforge.errors import SettingsError


def weight_bytes(network: nn.Module) -> bytes:
    """Return the weights in half precision: training goes on from there, and rounding is far below its steps."""
    return bytes(save({name: value.detach().cpu().half().contiguous() for name, value in network.state_dict().items()}))


def read_weights(data: bytes) -> Mapping[str, Tensor]:
    """Return weights as float32, by name.

    Raises:
        SettingsError: the bytes are no safetensors file.
    """
    try:
        return {name: value.to(torch.float32) for name, value in load(data).items()}
    except SafetensorError as error:
        raise SettingsError(f"the weights cannot be read: {error}", "add the model again") from error

"""Models at logical resolution in ONNX Runtime: no deep-learning framework, and the weights of the diffusers model.

Beside the folders of diffusers lie `to-pixel.onnx` and `to-drawing.onnx`: graphs whose weights are stretches of the
model's one safetensors file, so that it is stored once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.nn.card import Direction
from pixforge.nn.diffusion.flow import Labels
from pixforge.nn.diffusion.small_lora import OWNER, changed_weights
from pixforge.nn.onnx_session import open_graph, thread_count
from pixforge.preprocess import Array

if TYPE_CHECKING:
    import onnxruntime


WEIGHTS: Final = "unet/diffusion_pytorch_model.safetensors"
STORED: Final = ".stored"  # behind the name of a weight of the file in a graph, whose names begin with `OWNER`


def graph_file(folder: Path, direction: Direction) -> Path:
    """Return where a model's graph of a direction lies, if it has one."""
    return folder / f"{direction}.onnx"


class OnnxNetwork:
    """A `pixforge.nn.diffusion.flow.Network` that ONNX Runtime computes; a direction is loaded when it is first asked.

    Args:
        folder: of a model with graphs.
        threads: to compute with; None: `pixforge.nn.onnx_session.thread_count()`.
        lora: LoRA files that are added to its weights.
        lora_scale: their share.

    Raises:
        SettingsError: a LoRA cannot be used with this model.
    """

    def __init__(
        self, folder: Path, threads: int | None = None, lora: tuple[Path, ...] = (), lora_scale: float = 1.0
    ) -> None:
        self._folder = folder
        changed = changed_weights(folder / WEIGHTS, lora, lora_scale) if lora else {}
        self._changed = {f"{OWNER}{name}{STORED}": array for name, array in changed.items()}
        self._threads = threads or thread_count()
        self._sessions: dict[Direction, onnxruntime.InferenceSession] = {}

    def clean(self, direction: Direction, known: Array, x: Array, sigma: float, labels: Labels) -> Array:
        """See `pixforge.nn.diffusion.flow.Network`.

        Raises:
            SettingsError: ONNX Runtime cannot load the model.
        """
        if direction not in self._sessions:
            self._sessions[direction] = open_graph(graph_file(self._folder, direction), self._threads, self._changed)
        noise = np.full(len(x), sigma, np.float32)
        feed = {"known": known, "x": x, "sigma": noise, "labels": labels}
        feed = {name: np.ascontiguousarray(value) for name, value in feed.items()}
        out: Array = self._sessions[direction].run(["clean"], feed)[0]
        return out

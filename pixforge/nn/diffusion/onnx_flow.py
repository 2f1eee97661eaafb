"""Models at logical resolution in ONNX Runtime: no deep-learning framework, and the weights of the diffusers model.

Beside the folders of diffusers lie `to-pixel.onnx` and `to-drawing.onnx`: graphs whose weights are stretches of the
model's one safetensors file, so that it is stored once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pixforge.nn.card import Direction
from pixforge.nn.diffusion.flow import Labels
from pixforge.nn.onnx_session import open_graph, thread_count
from pixforge.preprocess import Array

if TYPE_CHECKING:
    import onnxruntime


def graph_file(folder: Path, direction: Direction) -> Path:
    """Return where a model's graph of a direction lies, if it has one."""
    return folder / f"{direction}.onnx"


class OnnxNetwork:
    """A `pixforge.nn.diffusion.flow.Network` that ONNX Runtime computes; a direction is loaded when it is first asked.

    Args:
        folder: of a model with graphs.
        threads: to compute with; None: `pixforge.nn.onnx_session.thread_count()`.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads or thread_count()
        self._sessions: dict[Direction, onnxruntime.InferenceSession] = {}

    def clean(self, direction: Direction, known: Array, x: Array, sigma: float, labels: Labels) -> Array:
        """See `pixforge.nn.diffusion.flow.Network`.

        Raises:
            SettingsError: ONNX Runtime cannot load the model.
        """
        if direction not in self._sessions:
            self._sessions[direction] = open_graph(graph_file(self._folder, direction), self._threads)
        noise = np.full(len(x), sigma, np.float32)
        feed = {"known": known, "x": x, "sigma": noise, "labels": labels}
        feed = {name: np.ascontiguousarray(value) for name, value in feed.items()}
        out: Array = self._sessions[direction].run(["clean"], feed)[0]
        return out

"""An encoder in TensorFlow: plain convolutions over a layout, whoever trained them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from pixforge.nn.style.layout import Layout
from pixforge.nn.style.weights import Weights

Tensor = Any  # tf.Tensor; TensorFlow ships no usable types


@dataclass(frozen=True, eq=False)
class Encoder:
    """Weights that are ready to run.

    Attributes:
        layout: of its layers.
        kernels: by layer the kernel (3, 3, in, out) and the bias (out,).
        digest: SHA-256 (hex) of the weights.
    """

    layout: Layout
    kernels: Mapping[str, tuple[Tensor, Tensor]]
    digest: str

    def features(self, picture: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """Return the activations of the named layers, after their ReLU, as float32.

        Args:
            picture: (N, H, W, 3), sRGB 0..1, of at least 16 by 16 pixels for the deepest stage.
            names: layers; nothing behind the last of them is computed.
        """
        wanted = set(names)
        kind = next(iter(self.kernels.values()))[0].dtype
        x = picture[..., ::-1] if self.layout.reverse else picture
        x = tf.cast(x * self.layout.scale - tf.constant(self.layout.mean, tf.float32), kind)
        found: dict[str, Tensor] = {}
        pool = tf.nn.max_pool2d if self.layout.pool == "max" else tf.nn.avg_pool2d
        for number, stage in enumerate(self.layout.stages):
            if number:
                x = pool(x, 2, 2, "VALID")
            for name in stage.names:
                kernel, bias = self.kernels[name]
                x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
                if name in wanted:
                    found[name] = tf.cast(x, tf.float32)
                    if len(found) == len(wanted):
                        return found
        return found


def build(weights: Weights, half: bool) -> Encoder:
    """Return the encoder of these weights; `half` computes in bfloat16, several times faster on some processors."""
    kind = tf.bfloat16 if half else tf.float32
    kernels = {
        name: (tf.constant(kernel, kind), tf.constant(bias, kind)) for name, (kernel, bias) in weights.arrays.items()
    }
    return Encoder(weights.layout, kernels, weights.digest)

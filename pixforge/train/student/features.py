"""The encoder of method `style` in PyTorch, frozen: the losses of a student go through it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pixforge.nn.style.weights import Weights


class Features(nn.Module):
    """Convolutions of a layout with given weights, as `pixforge.nn.style.encoder` runs them in TensorFlow.

    Args:
        weights: of an encoder, or of VGG.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._layout = weights.layout
        for name, (kernel, bias) in weights.arrays.items():
            turned = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
            self.register_buffer(f"{name}_kernel", torch.from_numpy(turned).to(memory_format=torch.channels_last))
            self.register_buffer(f"{name}_bias", torch.from_numpy(np.array(bias)))
        mean = torch.tensor(weights.layout.mean, dtype=torch.float32)
        self.register_buffer("mean", mean.view(1, 3, 1, 1))

    def forward(self, pictures: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """Return the named layers' activations after their ReLU, float32 (N, C, h, w).

        Args:
            pictures: (N, 3, H, W), sRGB 0..1.
            names: layers; nothing behind the last of them is computed.
        """
        wanted = set(names)
        x = pictures.flip(1) if self._layout.reverse else pictures
        x = (x * self._layout.scale - self.get_buffer("mean")).contiguous(memory_format=torch.channels_last)
        found: dict[str, Tensor] = {}
        pool = functional.max_pool2d if self._layout.pool == "max" else functional.avg_pool2d
        for number, stage in enumerate(self._layout.stages):
            if number:
                x = pool(x, 2)
            for name in stage.names:
                kernel, bias = self.get_buffer(f"{name}_kernel"), self.get_buffer(f"{name}_bias")
                x = functional.relu(functional.conv2d(x, kernel, bias, padding=1))
                if name in wanted:
                    found[name] = x.float()
                    if len(found) == len(wanted):
                        return found
        return found

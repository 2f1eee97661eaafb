"""The encoder while it learns, with the heads that teach it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pixforge.nn.style.layout import OWN, Layout

PROJECTED = 64
CONTENT_LAYERS = ("conv3_2", "conv4_1")
STYLE_LAYERS = ("conv1_2", "conv2_2", "conv3_2")


class Encoder(nn.Module):
    """Convolutions of a layout, as `pixforge.nn.style.encoder` runs them."""

    def __init__(self, layout: Layout = OWN) -> None:
        super().__init__()
        self.layout = layout
        self.convolutions = nn.ModuleDict()
        inputs = 3
        for stage in layout.stages:
            for name in stage.names:
                convolution = nn.Conv2d(inputs, stage.channels, 3, padding=1)
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
                self.convolutions[name] = convolution
                inputs = stage.channels

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Return the features of every layer, after its ReLU.

        Args:
            pictures: (N, 3, H, W), sRGB 0..1.
        """
        x = pictures * self.layout.scale - torch.tensor(self.layout.mean).view(1, 3, 1, 1)
        features: dict[str, Tensor] = {}
        for number, stage in enumerate(self.layout.stages):
            if number:
                x = functional.avg_pool2d(x, 2)
            for name in stage.names:
                x = functional.relu(self.convolutions[name](x))
                features[name] = x
        return features


class Heads(nn.Module):
    """What is asked of the features; thrown away when the encoder ships.

    Args:
        channels: of each layer.
        sources: how many collections of art there are to tell apart.
    """

    def __init__(self, channels: dict[str, int], sources: int) -> None:
        super().__init__()
        self.content = nn.ModuleDict({name: nn.Conv2d(channels[name], PROJECTED, 1) for name in CONTENT_LAYERS})
        self.cells = nn.Conv2d(channels["conv3_2"], 3, 1)
        wide = sum(2 * channels[name] for name in STYLE_LAYERS)
        self.normal = nn.LayerNorm(wide)
        self.source = nn.Linear(wide, sources)

    def style(self, features: dict[str, Tensor]) -> Tensor:
        """Return (N, sources): logits of the collection, told by mean and deviation of features alone."""
        parts = []
        for name in STYLE_LAYERS:
            flat = features[name].float().flatten(2)
            parts += [flat.mean(dim=2), (flat.var(dim=2) + 1e-4).sqrt()]
        return torch.as_tensor(self.source(self.normal(torch.cat(parts, dim=1))))

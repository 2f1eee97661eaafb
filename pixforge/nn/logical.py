"""The generators at logical resolution: drawing -> pixel art and pixel art -> drawing.

Both choose before they invent: a cell's colour is first a weighted choice among the drawing's own pixels near it (as
in kernel-predicting networks, Bako et al. 2017), a drawing's pixel one among the cells round it; a small correction
comes on top. The choice makes decisions crisp where a plain regression answers with the grey between two colours.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pixforge.nn.blocks import edge_convolution
from pixforge.nn.trunk import Trunk, TrunkOptions
from pixforge.preprocess import CELL

_RING: Final = 1  # drawing pixels beyond the cell that may be chosen, each side
_WINDOW: Final = CELL + 2 * _RING
_SHARP: Final = 8.0  # slope of the alpha logit over coverage
_LEAST: Final = 1 / 8  # coverage below which a chosen colour is not divided any further


class ToPixel(nn.Module):
    """Drawing at four pixels a cell -> the logical picture.

    Output: (N, 4, H, W), the colour that the cell has if it is opaque, about 0..1, and the *logit* of alpha.
    """

    def __init__(self, options: TrunkOptions) -> None:
        super().__init__()
        width = options.channels[0]
        self.stem = edge_convolution(4 * CELL * CELL, width, 3)
        self.trunk = Trunk(options)
        self.choice = nn.Conv2d(width, _WINDOW * _WINDOW, 1)
        self.correction = nn.Conv2d(width, 4, 1)
        self.register_buffer("windows", torch.eye(_WINDOW * _WINDOW).reshape(-1, 1, _WINDOW, _WINDOW), persistent=False)
        with torch.no_grad():
            ring = torch.full((_WINDOW, _WINDOW), -4.0)
            ring[_RING:-_RING, _RING:-_RING] = 0.0
            self.choice.weight.mul_(0.1)
            self.choice.bias.copy_(ring.flatten())  # type: ignore[union-attr]  # the layer has a bias
            self.correction.weight.zero_()
            self.correction.bias.zero_()  # type: ignore[union-attr]

    def forward(self, drawing: Tensor, condition: Tensor) -> Tensor:
        """(N, 4, 4H, 4W) premultiplied and (N, 3) -> (N, 4, H, W)."""
        features = self.trunk(self.stem(functional.pixel_unshuffle(drawing - 0.5, CELL)), condition)
        weights = self.choice(features).float().softmax(dim=1)
        chosen = (self._near(drawing) * weights[:, None]).sum(dim=2)
        correction = self.correction(features).float()
        colour = chosen[:, :3] / chosen[:, 3:].clamp_min(_LEAST) + correction[:, :3]
        coverage = functional.avg_pool2d(drawing[:, 3:], CELL)
        alpha = _SHARP * (coverage - 0.5) + correction[:, 3:]
        return torch.cat([colour, alpha], dim=1)

    def _near(self, drawing: Tensor) -> Tensor:
        """The drawing's pixels near each cell, (N, 4, 36, H, W)."""
        count, _, height, width = drawing.shape
        padded = functional.pad(drawing, (_RING, _RING, _RING, _RING), mode="replicate")
        planes = padded.reshape(count * 4, 1, height + 2 * _RING, width + 2 * _RING)
        near = functional.conv2d(planes, self.windows, stride=CELL)  # type: ignore[arg-type]  # a buffer is a tensor
        return near.reshape(count, 4, _WINDOW * _WINDOW, height // CELL, width // CELL)


class ToDrawing(nn.Module):
    """Logical picture -> drawing at four pixels a cell, (N, 4, 4H, 4W), premultiplied RGBA about 0..1."""

    def __init__(self, options: TrunkOptions) -> None:
        super().__init__()
        width = options.channels[0]
        fine = CELL * CELL
        self.stem = edge_convolution(4, width, 3)
        self.trunk = Trunk(options)
        self.choice = nn.Conv2d(width, 9 * fine, 1)
        self.correction = nn.Conv2d(width, 4 * fine, 1)
        self.register_buffer("windows", torch.eye(9).reshape(9, 1, 3, 3), persistent=False)
        with torch.no_grad():
            start = torch.full((9, fine), -4.0)
            start[4] = 0.0
            self.choice.weight.mul_(0.1)
            self.choice.bias.copy_(start.flatten())  # type: ignore[union-attr]
            self.correction.weight.zero_()
            self.correction.bias.zero_()  # type: ignore[union-attr]

    def forward(self, logical: Tensor, condition: Tensor) -> Tensor:
        """(N, 4, H, W) premultiplied and (N, 3) -> (N, 4, 4H, 4W)."""
        count, _, height, width = logical.shape
        features = self.trunk(self.stem(logical - 0.5), condition)
        weights = self.choice(features).float().reshape(count, 9, CELL * CELL, height, width).softmax(dim=1)
        planes = functional.pad(logical, (1, 1, 1, 1), mode="replicate").reshape(count * 4, 1, height + 2, width + 2)
        near = functional.conv2d(planes, self.windows).reshape(count, 4, 9, 1, height, width)  # type: ignore[arg-type]
        chosen = (near * weights[:, None]).sum(dim=2).reshape(count, 4 * CELL * CELL, height, width)
        return functional.pixel_shuffle(chosen + self.correction(features).float(), CELL)

"""A second judge of a studio's style, built otherwise than the first: a small network that looks at the cells.

The first (`benchmarks.studio_style`) counts arrangements of cells, and so does a model's manner; that alone would be a
judge who is asked about his own words. This one is three convolutions under mean and largest value, three times from
other random weights, and their mean. It learns from the same pictures (every second one) under random mirrors, moves
and tints. It sees colours too, and tells a style's sprites from their own conversions less surely: how surely is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pixforge.evaluate.critic.model import area_under_curve
from pixforge.image.picture import Rgba
from pixforge.pixel.ground import groundless

Values = NDArray[np.float64]
_SIDE: Final = 24  # cells
_WIDTH: Final = 32
_JUDGES: Final = 3
_STEPS: Final = 600
_REAL, _OTHER = 24, 8  # pictures a step: of the style, and of each other kind
_TINT: Final = 0.12  # standard deviation of the entries of a linear map of RGB


@dataclass(frozen=True, eq=False)
class NetworkJudge:
    """A judge of one style.

    Attributes:
        networks: whose verdicts are averaged.
        told: AUC of the style's sprites against each other kind of picture, all unseen in training.
        scores: mean score, 0..1, of each kind.
    """

    networks: tuple[nn.Module, ...]
    told: Mapping[str, float]
    scores: Mapping[str, float]

    @torch.no_grad()
    def logits(self, pictures: Sequence[Rgba]) -> Values:
        """Return the logit (N,) of each picture."""
        return _mean(self.networks, _stacked(pictures))


def network_judge(kinds: Mapping[str, Sequence[Rgba]]) -> NetworkJudge:
    """Return the judge that learned to tell the first kind, sprites of the style, from all others.

    Args:
        kinds: pictures by what they are; every second one of each is learnt from, the rest tells how sure it is.
    """
    learnt = [_stacked(some[::2]) for some in kinds.values()]
    networks = tuple(_trained(learnt, seed) for seed in range(_JUDGES))
    with torch.no_grad():
        logits = {name: _mean(networks, _stacked(some[1::2])) for name, some in kinds.items()}
    own, *others = kinds
    told = {name: area_under_curve(logits[own], logits[name]) for name in others}
    return NetworkJudge(
        networks, told, {name: float((1 / (1 + np.exp(-some))).mean()) for name, some in logits.items()}
    )


class _Judge(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        sizes = (5, _WIDTH, _WIDTH, 2 * _WIDTH)
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]
        self.features = nn.Sequential(*layers, nn.Dropout2d(0.2))
        self.verdict = nn.Linear(4 * _WIDTH, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 4, H, W), premultiplied -> (N,)."""
        tone, shown = pictures[:, :3].mean(dim=1, keepdim=True), pictures[:, 3:]
        features = self.features(torch.cat([pictures, tone], dim=1)) * shown
        mean = features.sum(dim=(2, 3)) / shown.sum(dim=(2, 3)).clamp_min(1.0)
        out: Tensor = self.verdict(torch.cat([mean, features.amax(dim=(2, 3))], dim=1))
        return out[:, 0]


def _trained(kinds: Sequence[Tensor], seed: int) -> nn.Module:
    torch.manual_seed(seed)
    chance = torch.Generator().manual_seed(seed)
    network = _Judge()
    optimiser = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=0.05)
    counts = [_REAL] + [_OTHER] * (len(kinds) - 1)
    right = torch.cat([torch.full((count,), float(place == 0)) for place, count in enumerate(counts)])
    for _ in range(_STEPS):
        drawn = [
            some[torch.randint(0, len(some), (n,), generator=chance)] for some, n in zip(kinds, counts, strict=True)
        ]
        loss = functional.binary_cross_entropy_with_logits(network(_changed(torch.cat(drawn), chance)), right)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return network.eval()


def _changed(pictures: Tensor, chance: torch.Generator) -> Tensor:
    if torch.rand(1, generator=chance) < 0.5:
        pictures = pictures.flip(3)
    down, across = (torch.randint(-1, 2, (2,), generator=chance)).tolist()
    pictures = torch.roll(pictures, (down, across), (2, 3))
    tints = torch.eye(3) + _TINT * torch.randn(len(pictures), 3, 3, generator=chance)
    return torch.cat([torch.einsum("nij,njhw->nihw", tints, pictures[:, :3]), pictures[:, 3:]], dim=1)


def _mean(networks: Sequence[nn.Module], pictures: Tensor) -> Values:
    verdicts: Values = torch.stack([network(pictures) for network in networks]).mean(dim=0).double().numpy()
    return verdicts


def _stacked(pictures: Sequence[Rgba]) -> Tensor:
    return torch.from_numpy(np.stack([_planes(groundless(cells)) for cells in pictures]))


def _planes(cells: Rgba) -> NDArray[np.float32]:
    """(4, side, side), premultiplied 0..1; what is larger is cut."""
    cells = cells[:_SIDE, :_SIDE]
    out = np.zeros((4, _SIDE, _SIDE), np.float32)
    share = cells.astype(np.float32) / 255
    share[..., :3] *= share[..., 3:]
    out[:, : cells.shape[0], : cells.shape[1]] = share.transpose(2, 0, 1)
    return out

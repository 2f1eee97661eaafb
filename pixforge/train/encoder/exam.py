"""What an encoder is worth on pictures that it never learnt from; any encoder, ours or a VGG, is asked the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from pixforge.train.encoder.pairs import EncoderBatch, EncoderData

Features = Callable[[Tensor], dict[str, Tensor]]
_PAIRS: Final = 6
_BATCHES: Final = 12
_PLACES: Final = 96  # of a layer, a canvas
_SEED: Final = 11


@dataclass(frozen=True)
class Marks:
    """What came out.

    Attributes:
        place: share of places of held-out sprites, on contours and details, whose nearest features in the drawings made
            of all sprites of a batch lie at the same place, mean over the layers.
        collection: share of pictures, of collections it knows but not seen in training, whose collection is told by
            the nearest mean of feature statistics of other such pictures.
        collections: how many there are to tell apart.
    """

    place: float
    collection: float
    collections: int


def examine(features: Features, root: Path, content: tuple[str, ...], style: tuple[str, ...], side: int = 32) -> Marks:
    """Examine an encoder.

    Args:
        features: pictures (N, 3, H, W), sRGB 0..1, to the activations (N, C, h, w) of each layer.
        root: the data set; its held-out sources and its validation split are used.
        content: layers in which places are looked for.
        style: layers of which the statistics are taken.
        side: cells across and down of a canvas.

    Raises:
        SettingsError: the data set has no such pictures.
    """
    with torch.inference_mode():
        held = _batches(EncoderData(root, side, _SEED, "held-out"), _BATCHES // 2)
        places = [_place(features, batch, content) for batch in held]
        known = EncoderData(root, side, _SEED, "validate")
        found = [_statistics(features, batch, style) for batch in _batches(known, 2 * _BATCHES)]
    vectors, labels = torch.cat([one for one, _ in found]), torch.cat([one for _, one in found])
    return Marks(sum(places) / len(places), _told(vectors, labels), len(set(labels.tolist())))


def _batches(data: EncoderData, count: int) -> Iterator[EncoderBatch]:
    return (data.batch(step, _PAIRS, _PAIRS) for step in range(count))


def _place(features: Features, batch: EncoderBatch, layers: tuple[str, ...]) -> float:
    one, other = features(batch.sprites), features(batch.drawings)
    cells = batch.cells
    steps = [(cells - cells.roll(1, dims=axis)).abs().amax(dim=1, keepdim=True) for axis in (2, 3)]
    busy = torch.maximum(*steps) > 0.1  # on plain ground every place is like every other
    shares = []
    for layer in layers:
        near = functional.adaptive_max_pool2d(busy.float(), one[layer].shape[2:]).flatten() > 0
        chance = torch.Generator().manual_seed(_SEED)
        asked = near.nonzero().flatten()
        asked = asked[torch.randperm(len(asked), generator=chance)[: _PLACES * len(cells)]]
        left, right = (_standard(value[layer].permute(0, 2, 3, 1).flatten(0, 2)[asked]) for value in (one, other))
        shares.append(float(((left @ right.T).argmax(dim=1) == torch.arange(len(asked))).float().mean()))
    return sum(shares) / len(shares)


def _standard(places: Tensor) -> Tensor:
    """Of length 1 about their mean, each channel counting alike: an untrained scale shall not decide."""
    centred = (places - places.mean(dim=0)) / (places.std(dim=0) + 1e-4)
    return functional.normalize(centred, dim=1)


def _statistics(features: Features, batch: EncoderBatch, layers: tuple[str, ...]) -> tuple[Tensor, Tensor]:
    found = features(torch.cat([batch.sprites, batch.others]))
    flat = [found[layer].flatten(2) for layer in layers]
    return torch.cat([part for one in flat for part in (one.mean(dim=2), one.std(dim=2))], dim=1), batch.sources


def _told(vectors: Tensor, labels: Tensor) -> float:
    """Every second picture is asked, the others teach the means."""
    teach, ask = slice(0, None, 2), slice(1, None, 2)
    vectors = (vectors - vectors[teach].mean(dim=0)) / (vectors[teach].std(dim=0) + 1e-4)
    known = torch.tensor(sorted(set(labels[teach].tolist())))
    means = torch.stack([vectors[teach][labels[teach] == one].mean(dim=0) for one in known])
    nearest = known[torch.cdist(vectors[ask], means).argmin(dim=1)]
    return float((nearest == labels[ask]).float().mean())

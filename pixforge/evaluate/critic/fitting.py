"""Trains a critic, and says how well it tells sources that it never saw."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.critic.model import Card, area_under_curve
from pixforge.evaluate.critic.planes import CHANNELS, MARGIN, VERSION, framed, planes
from pixforge.evaluate.critic.samples import LARGEST, METHODS, Sample

if TYPE_CHECKING:
    from pixforge.nn.card import Credit
    from pixforge.nn.critic import CriticNetwork, CriticOptions

Generator = np.random.Generator
Progress = Callable[[int, float], None]

SIDE: Final = 32  # cells across and down of what a step looks at
_GROUND: Final = 0.3  # how often a picture lies on a flat ground instead of nothing
_BATCH: Final = 18  # real sprites in a step, as many downscales of sprites, half as many of drawings


@dataclass(frozen=True)
class Told:
    """How well a critic tells a source of sprites from algorithmic downscales.

    Attributes:
        auc: against all downscales: of the same sprites and of drawings, neither seen in training.
        paired: against the downscales of the same sprites alone.
        real: sprites judged.
        made: downscales judged.
    """

    auc: float
    paired: float
    real: int
    made: int


def train_critic(samples: Sequence[Sample], options: CriticOptions, progress: Progress) -> CriticNetwork:
    """Return a critic trained on the samples.

    Args:
        samples: of several sources, real and made.
        options: how.
        progress: is told the step and its loss.
    """
    from pixforge.nn.critic import fit_critic

    for done in fit_critic(_Pool(samples).batch, CHANNELS, options):
        progress(done.step, done.loss)
    return done.network


def tell(network: CriticNetwork, samples: Sequence[Sample], sources: Collection[str]) -> dict[str, Told]:
    """Return for each of these sources of sprites how well the network tells it.

    Args:
        network: a critic.
        samples: pictures that it did not learn from.
        sources: of sprites; the made pictures of sources that have no sprites are those of drawings.
    """
    from pixforge.nn.critic import judged

    side = LARGEST + 2 * MARGIN
    stack = np.stack([framed(sample.cells, side) for sample in samples])
    logits = np.concatenate([judged(network, planes(stack[at : at + 64]))[0] for at in range(0, len(stack), 64)])
    real = np.array([sample.real for sample in samples])
    where = np.array([sample.source for sample in samples])
    drawn = ~np.isin(where, np.unique(where[real]))
    found: dict[str, Told] = {}
    for source in sources:
        own, shown = (where == source) & ~real, logits[(where == source) & real]
        paired, every = logits[own], logits[own | drawn]
        aucs = (area_under_curve(shown, every), area_under_curve(shown, paired))
        found[source] = Told(round(aucs[0], 3), round(aucs[1], 3), len(shown), len(every))
    return found


def card_of(
    content: bytes,
    options: CriticOptions,
    samples: Sequence[Sample],
    told: Mapping[str, Mapping[str, Told]],
    credit: Sequence[Credit],
) -> Card:
    """Return the card of a critic.

    Args:
        content: its ONNX file.
        options: how it was trained.
        samples: what on.
        told: how well it tells sources, by what was left out.
        credit: of the pictures.
    """
    real = sum(sample.real for sample in samples)
    return Card(
        sha256=hashlib.sha256(content).hexdigest(),
        planes=VERSION,
        about={
            "real": f"{real} sprites at one pixel a cell, cut to {LARGEST} cells",
            "made": f"{len(samples) - real} downscales ({', '.join(METHODS)}; few colours) of the same sprites made "
            "drawings, and of real drawings",
            **{words: {source: asdict(one) for source, one in found.items()} for words, found in told.items()},
            "options": asdict(options),
        },
        credits=tuple(asdict(one) for one in credit),
    )


class _Pool:
    """Draws batches in which every source of sprites counts alike, and each brings real and made pictures."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples
        self._real: dict[str, list[int]] = {}
        self._made: dict[str, list[int]] = {}
        for index, sample in enumerate(samples):
            (self._real if sample.real else self._made).setdefault(sample.source, []).append(index)
        self._sprites = sorted(set(self._real) & set(self._made))
        self._drawings = sorted(set(self._made) - set(self._real))

    def batch(self, rng: Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        chosen: list[int] = []
        for number in range(_BATCH):
            source = self._sprites[int(rng.integers(len(self._sprites)))]
            chosen += [self._one(self._real[source], rng), self._one(self._made[source], rng)]
            if self._drawings and number % 2:
                chosen.append(self._one(self._made[self._drawings[int(rng.integers(len(self._drawings)))]], rng))
        stack = np.stack([_turned(self._samples[index].cells, rng) for index in chosen])
        return planes(stack), np.array([self._samples[index].real for index in chosen], np.float32)

    @staticmethod
    def _one(places: list[int], rng: Generator) -> int:
        return places[int(rng.integers(len(places)))]


def _turned(cells: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """A random cut of SIDE cells of the picture in its frame, turned and mirrored, now and then on a ground."""
    shown = cells
    if rng.random() < _GROUND:
        shown = np.where(cells[..., 3:] > 0, cells, np.array([*rng.integers(0, 256, 3), 255], np.uint8))
    whole = framed(shown, max(SIDE, *(length + 2 * MARGIN for length in cells.shape[:2])))
    room = whole.shape[0] - SIDE
    y, x = (int(rng.integers(room + 1)) for _ in range(2))
    cut = np.rot90(whole[y : y + SIDE, x : x + SIDE], int(rng.integers(4)))
    return np.asarray(cut[:, ::-1] if rng.random() < 0.5 else cut)

"""Which layers an encoder has, free of frameworks: what the trainer builds is what the method runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Pool = Literal["max", "mean"]


@dataclass(frozen=True)
class Stage:
    """Convolutions at one resolution; a pool halves it before the next stage.

    Attributes:
        names: of the convolutions, each 3x3, zero padded, followed by a ReLU.
        channels: of each.
    """

    names: tuple[str, ...]
    channels: int


@dataclass(frozen=True)
class Layout:
    """An encoder without its weights.

    Attributes:
        stages: from fine to coarse.
        pool: of 2x2 pixels.
        scale: a channel of sRGB in 0..1 is multiplied by it ...
        mean: ... and this subtracted, in the order that the first convolution takes.
        reverse: whether that order is blue, green, red.
        cell: pixels a cell that suit it.
    """

    stages: tuple[Stage, ...]
    pool: Pool
    scale: float
    mean: tuple[float, float, float]
    reverse: bool
    cell: int

    @property
    def names(self) -> tuple[str, ...]:
        """Every convolution, in order."""
        return tuple(name for stage in self.stages for name in stage.names)


def _stages(counts: Sequence[tuple[int, int]], pattern: str) -> tuple[Stage, ...]:
    return tuple(
        Stage(tuple(pattern.format(block=block, number=number + 1) for number in range(count)), channels)
        for block, (count, channels) in enumerate(counts, start=1)
    )


# Simonyan & Zisserman 2015, configurations E and D, with the names and the preprocessing of keras.applications.
_CAFFE_MEAN: Final = (103.939, 116.779, 123.68)
_KERAS: Final = "block{block}_conv{number}"
VGG19: Final = Layout(
    _stages([(2, 64), (2, 128), (4, 256), (4, 512), (4, 512)], _KERAS), "max", 255.0, _CAFFE_MEAN, reverse=True, cell=4
)
VGG16: Final = Layout(
    _stages([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], _KERAS), "max", 255.0, _CAFFE_MEAN, reverse=True, cell=4
)
# Our own: at four pixels a cell its third stage sees one cell a position, its fourth two by two.
OWN: Final = Layout(
    _stages([(2, 32), (2, 64), (2, 128), (1, 128)], "conv{block}_{number}"),
    "mean",
    4.0,
    (2.0, 2.0, 2.0),
    reverse=False,
    cell=4,
)

"""Perceptual hashes: near-duplicates, also mirrored and recoloured ones, from small pictures alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture

_SIDE: Final = 8
_BACKGROUND: Final = 128.0
_FLAT: Final = 6.0  # standard deviation of luma below which a picture says too little


@dataclass(frozen=True, eq=False)
class Look:
    """What a picture looks like from far away.

    Attributes:
        small: float32 (9, 9), luma on a middle grey ground, block averages.
    """

    small: NDArray[np.float32]

    @property
    def hash(self) -> int:
        """128 bits: is a block lighter than its right neighbour, than the one below (dHash, Krawetz 2013)."""
        across = self.small[:_SIDE, :-1] > self.small[:_SIDE, 1:] + 0.5
        down = self.small[:-1, :_SIDE] > self.small[1:, :_SIDE] + 0.5
        return int.from_bytes(np.packbits(np.stack([across, down])).tobytes(), "big")

    @property
    def flat(self) -> bool:
        """Whether the picture is so even that its hash means nothing."""
        return bool(self.small.std() < _FLAT)

    def mirrored(self) -> Look:
        """Return the look of the picture mirrored left to right."""
        return Look(np.ascontiguousarray(self.small[:, ::-1]))

    @property
    def direction(self) -> NDArray[np.float32]:
        """The small picture as a unit vector without its mean: dot products are correlations."""
        flat = self.small.ravel() - self.small.mean()
        return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-6), np.float32)


def look(picture: Picture) -> Look:
    """Return how a picture looks from far away."""
    from PIL import Image

    rgba = picture.pixels.astype(np.float32)
    alpha = rgba[..., 3] / 255
    luma = rgba[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    plane = (luma * alpha + _BACKGROUND * (1 - alpha)).astype(np.float32)
    return Look(np.asarray(Image.fromarray(plane).resize((_SIDE + 1, _SIDE + 1), Image.Resampling.BOX)))


def distance(first: int, second: int) -> int:
    """Return how many bits of two hashes differ."""
    return (first ^ second).bit_count()

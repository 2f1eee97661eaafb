"""What a style is to the solver: Gram matrices and samples of features, computed once for each style."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
SAMPLES: Final = 4096  # places of all pictures together whose features are kept
_VERSION: Final = 1  # raised when the numbers change for the same pictures


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """Of one layer.

    Attributes:
        gram: (C, C).
        samples: (SAMPLES, C), at random places; repeated where the style has fewer.
    """

    gram: Array
    samples: Array


@dataclass(frozen=True, eq=False)
class StylePicture:
    """A picture of a style, as the encoder shall see it.

    Attributes:
        pixels: float32 (H, W, 3), with its margin.
        inside: by stride (pixels a place) bool (H / stride, W / stride): places that count.
    """

    pixels: Array
    inside: Callable[[int, tuple[int, int]], NDArray[np.bool_]]


def measure(
    encode: Callable[[Array], dict[str, Any]], strides: dict[str, int], pictures: Sequence[StylePicture], seed: int
) -> dict[str, LayerStatistics]:
    """Return the statistics of all pictures together, each place counting alike.

    Args:
        encode: (1, H, W, 3) to features (1, h, w, C) by layer.
        strides: pixels a place, by layer.
        pictures: of the style.
        seed: of the samples.
    """
    sums: dict[str, Array] = {}
    counts = dict.fromkeys(strides, 0)
    kept: dict[str, list[Array]] = {name: [] for name in strides}
    rng = np.random.default_rng(seed)
    share = -(-2 * SAMPLES // len(pictures))
    for picture in pictures:
        for name, value in encode(picture.pixels[None]).items():
            features = np.asarray(value[0], np.float32)
            places = features[picture.inside(strides[name], features.shape[:2])]
            if len(places):
                sums[name] = sums.get(name, np.float32(0)) + places.T @ places
                counts[name] += len(places)
                kept[name].append(places[rng.permutation(len(places))[:share]])
    out = {}
    for name, total in sums.items():
        pool = np.concatenate(kept[name])
        chosen = rng.permutation(len(pool)) if len(pool) >= SAMPLES else rng.integers(0, len(pool), SAMPLES)
        out[name] = LayerStatistics((total / counts[name]).astype(np.float32), pool[chosen[:SAMPLES]])
    return out


def key_of(*parts: str) -> str:
    """Return the name under which statistics are kept: a digest of all that they depend on."""
    return hashlib.sha256("\n".join((str(_VERSION), *parts)).encode()).hexdigest()


def encode(statistics: dict[str, LayerStatistics]) -> bytes:
    """Return statistics as the bytes of an npz file."""
    buffer = io.BytesIO()
    flat: dict[str, Any] = {}
    for name, layer in statistics.items():
        flat[f"{name}.gram"], flat[f"{name}.samples"] = layer.gram, layer.samples
    np.savez(buffer, **flat)
    return buffer.getvalue()


def read(path: Path, names: Sequence[str]) -> dict[str, LayerStatistics] | None:
    """Return the statistics that a file keeps; None if it is absent, damaged, or of other layers."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return {name: LayerStatistics(stored[f"{name}.gram"], stored[f"{name}.samples"]) for name in names}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None

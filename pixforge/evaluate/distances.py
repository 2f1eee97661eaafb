"""How far a set of pictures is from a set of real sprites: Frechet and kernel distances of their features.

The features are the critic's own (principal components of its statistics), not those of a network of photographs: small
numbers mean "the same little patterns of cells", not "the same subjects". Both distances are therefore only comparable
between pictures judged by the same critic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating]

FEWEST: Final = 8  # pictures on either side
_SAMPLES: Final = 1000


@dataclass(frozen=True)
class Distance:
    """A distance and its 95 % interval (bootstrap over the pictures of both sets)."""

    value: float
    low: float
    high: float


def kernel_distance(made: Features, real: Features) -> Distance:
    """Return the squared maximum mean discrepancy under the kernel (x . y / F + 1)^3, without bias: it may be below 0.

    Source: Binkowski et al. 2018, "Demystifying MMD GANs" (KID). The interval draws pictures with replacement and
    leaves out the pairs of a picture with itself, also where it was drawn twice, so that it stays without bias.

    Args:
        made: (N, F).
        real: (M, F).
    """
    kernels = _kernel(made, made), _kernel(real, real), _kernel(made, real)
    rng = np.random.default_rng(0)
    drawn = [_discrepancy(*kernels, _counts(len(made), rng), _counts(len(real), rng)) for _ in range(_SAMPLES)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    value = _discrepancy(*kernels, np.ones(len(made)), np.ones(len(real)))
    return Distance(value, float(low), float(high))


def kernel_gap(before: Features, after: Features, real: Features) -> Distance:
    """Return how much further from real pictures some got: `kernel_distance` of `after` less that of `before`.

    The interval is of the difference: each draw takes the same pictures before and after, and the same real ones.

    Args:
        before: (N, F).
        after: (N, F), of the same pictures in the same order.
        real: (M, F).
    """
    inner = _kernel(real, real)
    sides = [(_kernel(made, made), inner, _kernel(made, real)) for made in (before, after)]

    def gap(x: Features, y: Features) -> float:
        first, second = (_discrepancy(*kernels, x, y) for kernels in sides)
        return second - first

    rng = np.random.default_rng(0)
    drawn = [gap(_counts(len(before), rng), _counts(len(real), rng)) for _ in range(_SAMPLES)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Distance(gap(np.ones(len(before)), np.ones(len(real))), float(low), float(high))


def frechet_distance(made: Features, real: Features) -> float:
    """Return the squared Frechet distance of two normal distributions fitted to the sets.

    Source: Heusel et al. 2017 (FID). It is biased upwards, by the more the fewer pictures there are: compare only sets
    of equal size, and with fewer pictures than features read the kernel distance instead.
    """
    means = made.mean(axis=0), real.mean(axis=0)
    spreads = _covariance(made), _covariance(real)
    root = _root(spreads[0])
    common = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ spreads[1] @ root), 0)).sum()
    gap = float(((means[0] - means[1]) ** 2).sum())
    return gap + float(np.trace(spreads[0]) + np.trace(spreads[1]) - 2 * common)


def _kernel(x: Features, y: Features) -> NDArray[np.float64]:
    return np.asarray((x.astype(np.float64) @ y.T.astype(np.float64) / x.shape[1] + 1) ** 3)


def _discrepancy(
    xx: NDArray[np.float64], yy: NDArray[np.float64], xy: NDArray[np.float64], x: Features, y: Features
) -> float:
    """The distance where picture i of either set counts x[i] or y[i] times."""
    inner = [
        (weight @ kernel @ weight - (weight * weight) @ kernel.diagonal()) / (weight.sum() ** 2 - (weight**2).sum())
        for kernel, weight in ((xx, x), (yy, y))
    ]
    return float(inner[0] + inner[1] - 2 * (x @ xy @ y) / (x.sum() * y.sum()))


def _counts(number: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return np.bincount(rng.integers(0, number, number), minlength=number).astype(np.float64)


def _covariance(features: Features) -> NDArray[np.float64]:
    return np.atleast_2d(np.cov(features.astype(np.float64), rowvar=False))


def _root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)

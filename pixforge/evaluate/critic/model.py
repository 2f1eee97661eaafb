"""The critic itself: a logistic regression, fitted by Newton's method."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.evaluate.critic.features import VERSION, Values, features
from pixforge.image.picture import Rgba

_BUNDLED: Final = Path(__file__).parent / "critic.json"
_ROUNDS: Final = 30
_LEAST: Final = 40  # opaque cells of a picture that can be judged


@dataclass(frozen=True, eq=False)
class Critic:
    """Weights over standardised features.

    Attributes:
        mean: (F,).
        scale: (F,), standard deviations.
        weights: (F,).
        bias: of the logit.
        about: what it was fitted to and how well it tells sources that it never saw, as plain values.
    """

    mean: Values
    scale: Values
    weights: Values
    bias: float
    about: dict[str, object]

    def logits(self, rows: Values) -> Values:
        """(N, F) -> (N,), above 0: rather real."""
        standard = np.clip((rows - self.mean) / self.scale, -6, 6)
        return np.asarray(standard @ self.weights + self.bias)

    def realness(self, cells: Rgba) -> float | None:
        """Return how real a picture (H, W, 4) looks, 0..1; None where too little of it is opaque to tell."""
        if (cells[..., 3] > 0).sum() < _LEAST:
            return None
        return float(1 / (1 + np.exp(-self.logits(features(cells)[None])[0])))

    def encode(self) -> bytes:
        """Return it as JSON."""
        arrays = {name: [round(float(x), 6) for x in getattr(self, name)] for name in ("mean", "scale", "weights")}
        table = {"features": VERSION, "about": self.about, "bias": round(self.bias, 6), **arrays}
        return (json.dumps(table, indent=1) + "\n").encode()


def fit(rows: Values, real: NDArray[np.bool_], weight: Values, ridge: float, about: dict[str, object]) -> Critic:
    """Fit a critic.

    Args:
        rows: (N, F), features.
        real: (N,), which pictures are.
        weight: (N,), how much each counts; the sum over real ones and over the others should be equal.
        ridge: strength of the penalty on the squared weights.
        about: kept in the critic.
    """
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    standard = np.clip((rows - mean) / scale, -6, 6)
    design = np.column_stack([standard, np.ones(len(rows))])
    penalty = np.append(np.full(rows.shape[1], ridge), 1e-6)
    beta = np.zeros(design.shape[1])
    share = weight / weight.sum()
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-design @ beta))
        slope = design.T @ (share * (chance - real)) + penalty * beta
        curve = design.T @ (design * (share * chance * (1 - chance))[:, None]) + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        beta -= step
        if np.abs(step).max() < 1e-7:
            break
    return Critic(mean, scale, beta[:-1], float(beta[-1]), about)


def area_under_curve(real: Values, made: Values) -> float:
    """Chance that a real picture gets the higher logit than one that is not, ties counting half (AUC)."""
    order = np.sort(made)
    below = np.searchsorted(order, real, "left") + np.searchsorted(order, real, "right")
    return float(below.mean() / (2 * len(made)))


@cache
def bundled() -> Critic:
    """Return the critic that comes with pixforge."""
    return read_critic(_BUNDLED)


def read_critic(path: Path) -> Critic:
    """Return a critic from its file.

    Raises:
        SettingsError: it cannot be read, or was fitted to other features than this version's.
    """
    try:
        table = json.loads(path.read_bytes())
        if table["features"] != VERSION:
            raise ValueError("it was fitted to other features")
        mean, scale, weights = (np.array(table[name], np.float64) for name in ("mean", "scale", "weights"))
        return Critic(mean, scale, weights, float(table["bias"]), dict(table["about"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"is not a critic: {error}", "fit it again", path) from error

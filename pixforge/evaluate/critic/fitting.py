"""Fits a critic, and says how well it tells sources of sprites that it never saw."""

from __future__ import annotations

from typing import Final

import numpy as np

from pixforge.evaluate.critic.model import Critic, area_under_curve, fit
from pixforge.evaluate.critic.samples import Samples, balanced

RIDGE: Final = 0.05
_FOLDS: Final = 5


def fit_critic(samples: Samples) -> Critic:
    """Return a critic of all samples, whose `about` tells the AUC on unseen sources and what it was fitted to."""
    unseen = unseen_sources(samples)
    about: dict[str, object] = {
        "auc on unseen sources, mean": round(float(np.mean(list(unseen.values()))), 3),
        "auc on each source when it is left out": {source: round(auc, 3) for source, auc in unseen.items()},
        "real pictures": int(samples.real.sum()),
        "made pictures": int((~samples.real).sum()),
        "real": "sprites at one pixel a cell, cut to 48 cells",
        "made": "nearest, area and k-centroid downscales of drawings, and of sprites made drawings, few colours",
    }
    return fit(samples.rows, samples.real, balanced(samples), RIDGE, about)


def unseen_sources(samples: Samples) -> dict[str, float]:
    """Return, for each source of sprites, the AUC of a critic that saw neither it nor the drawings it is judged beside.

    The made pictures of the test are those of the left-out sprites and of a fifth of the sources of drawings.
    """
    sprites = np.unique(samples.sources[samples.real])
    drawings = np.setdiff1d(np.unique(samples.sources), sprites)
    found: dict[str, float] = {}
    for number, source in enumerate(sprites):
        apart = (samples.sources == source) | np.isin(samples.sources, drawings[number % _FOLDS :: _FOLDS])
        seen = Samples(samples.rows[~apart], samples.real[~apart], samples.sources[~apart])
        critic = fit(seen.rows, seen.real, balanced(seen), RIDGE, {})
        real, made = (critic.logits(samples.rows[apart & (samples.real == kind)]) for kind in (True, False))
        found[str(source)] = area_under_curve(real, made)
    return found

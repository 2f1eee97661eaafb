"""The report's procedure runs as the report describes it, and lowers its own loss."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pixforge.nn.style import weights
from pixforge.nn.style.encoder import build
from pixforge.nn.style.full import ReportSettings, report_style
from pixforge.nn.style.layout import VGG19


def test_the_loss_of_style_falls_and_the_picture_stays_in_range(random_weights: Callable) -> None:
    encoder = build(weights.of_arrays(VGG19, random_weights(VGG19), "random"), half=False)
    rng, losses = np.random.default_rng(0), []
    content, style = (rng.random((32, 32, 3), np.float32) for _ in range(2))
    # Without the content it starts from, whose loss is nothing there and can only rise at first.
    for steps in (1, 12):
        settings = ReportSettings(steps=steps, content=0.0, variation=0.0)
        made = report_style(encoder, content, style, settings, lambda _, parts: losses.append(parts["total"]))
        assert made.shape == content.shape
        assert 0 <= made.min() <= made.max() <= 1
    assert losses[1] < losses[0]


def test_the_settings_are_the_reports() -> None:
    settings = ReportSettings()
    assert (settings.steps, settings.content, settings.style, settings.variation) == (1000, 1e4, 1e-2, 30.0)
    assert (settings.rate, settings.beta, settings.epsilon) == (0.02, 0.99, 0.1)

"""The critic tells hand-placed cells from averaged ones, and its parts do what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixforge.errors import SettingsError
from pixforge.evaluate.critic.features import features, pattern_classes
from pixforge.evaluate.critic.fitting import fit_critic
from pixforge.evaluate.critic.model import area_under_curve, bundled, fit, read_critic
from pixforge.evaluate.critic.samples import Samples, balanced
from pixforge.evaluate.methods import downscaled
from pixforge.image.picture import Picture

Sprite = Callable[..., np.ndarray]


def test_turned_and_mirrored_patterns_are_one_class() -> None:
    """There are 51 ways to colour the eight neighbours of a cell up to the symmetries of the square (Burnside)."""
    assert len(np.unique(pattern_classes())) == 51


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_features_do_not_see_which_way_is_up(turn: int, sprite: Sprite) -> None:
    cells = sprite(2)
    for other in (np.rot90(cells, turn), cells[:, ::-1]):
        np.testing.assert_allclose(features(np.ascontiguousarray(other)), features(cells), atol=1e-9)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_features_are_finite_for_any_picture(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    cells[..., 3] = np.where(rng.random((height, width)) < 0.5, 255, 0)
    cells[0, 0, 3] = 255
    cells[cells[..., 3] == 0] = 0
    assert np.isfinite(features(cells)).all()


def test_the_curve_of_known_numbers() -> None:
    assert area_under_curve(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1.0
    assert area_under_curve(np.array([1.0]), np.array([1.0])) == 0.5
    assert area_under_curve(np.array([0.0, 2.0]), np.array([1.0])) == 0.5


def test_the_fit_finds_the_feature_that_tells() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 3))
    real = rows[:, 1] + 0.3 * rng.normal(size=400) > 0
    critic = fit(rows, real, np.ones(400), 0.01, {})
    assert abs(critic.weights[1]) > 5 * max(abs(critic.weights[0]), abs(critic.weights[2]))
    assert area_under_curve(critic.logits(rows[real]), critic.logits(rows[~real])) > 0.95


def test_a_critic_survives_its_file(tmp_path: Path, sprite: Sprite) -> None:
    path = tmp_path / "critic.json"
    path.write_bytes(bundled().encode())
    assert read_critic(path).realness(sprite()) == pytest.approx(bundled().realness(sprite()))


@pytest.mark.parametrize("text", ["", "{}", '{"features": 999}', "[1]"])
def test_rubbish_is_no_critic(text: str, tmp_path: Path) -> None:
    (tmp_path / "critic.json").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="not a critic"):
        read_critic(tmp_path / "critic.json")


def test_the_bundled_critic_prefers_sprites_to_their_averages_and_says_how_well_it_does(sprite: Sprite) -> None:
    real, made = [], []
    for seed in range(8):
        cells = sprite(seed, 24)
        real.append(bundled().realness(cells))
        drawing = Picture(np.roll(cells.repeat(8, 0).repeat(8, 1), (3, 3), (0, 1)))
        made.append(bundled().realness(downscaled("area", drawing, 24, 24, 16)))
    assert area_under_curve(np.array(real), np.array(made)) > 0.55
    assert 0.5 < float(str(bundled().about["auc on unseen sources, mean"])) < 1


def test_too_little_to_judge_is_not_judged(sprite: Sprite) -> None:
    assert bundled().realness(sprite()[:3, :3].copy()) is None


def test_sources_that_are_left_out_are_not_learnt_from() -> None:
    """A source whose features contradict the others is told badly when it is left out, and well when it is not."""
    rng = np.random.default_rng(1)
    rows, real, sources = [], [], []
    for number, source in enumerate(["a", "b", "odd"]):
        for kind in (True, False):
            centre = np.zeros(4)
            centre[0 if number < 2 else 1] = 3.0 if kind == (number < 2) else 0.0
            rows.append(rng.normal(size=(60, 4)) + centre * (1 if number < 2 else -1) * (1 if kind else -1))
            real += [kind] * 60
            sources += [source] * 60
    samples = Samples(np.concatenate(rows), np.array(real), np.array(sources))
    weight = balanced(samples)
    assert weight[samples.real].sum() == pytest.approx(weight[~samples.real].sum())
    told = fit_critic(samples).about["auc on each source when it is left out"]
    assert isinstance(told, dict)
    assert told["odd"] < 0.7 < told["a"]

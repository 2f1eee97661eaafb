"""The critic tells hand-placed cells from algorithmic ones, and its parts do what they say."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixforge.errors import SettingsError
from pixforge.evaluate.critic import fitting
from pixforge.evaluate.critic import model as critic_model
from pixforge.evaluate.critic.model import Critic, area_under_curve, bundled
from pixforge.evaluate.critic.planes import CHANNELS, framed, planes
from pixforge.evaluate.critic.samples import Sample, gather, made
from pixforge.evaluate.examine import cut
from pixforge.image.load import load
from pixforge.train.data.manifest import read_manifest
from pixforge.train.pairs.make import PairOptions, make_pair

Sprite = Callable[..., np.ndarray]


def test_planes_see_equal_colours_to_the_last_bit() -> None:
    """Two reds that differ by one are two colours; transparency is no colour at all."""
    cells = np.zeros((1, 2, 3, 4), np.uint8)
    cells[0, 0] = [(200, 0, 0, 255), (200, 0, 0, 255), (201, 0, 0, 255)]
    found = planes(cells)[0]
    assert found.shape == (CHANNELS, 2, 3)
    assert found[4, 0].tolist() == [1, 0, 0]
    assert found[5:8].sum() == 0
    np.testing.assert_allclose(found[8, 0] * 8, [1, 1, 0])
    assert found[3].tolist() == [[1, 1, 1], [0, 0, 0]]
    assert not found[:, 1].any()


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_planes_are_finite_and_empty_where_the_picture_is(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 4, (1, height, width, 4), dtype=np.uint8) * 80
    cells[..., 3] = np.where(rng.random((height, width)) < 0.5, 255, 0)
    cells[cells[..., 3] == 0] = 0
    found = planes(cells)
    assert np.isfinite(found).all()
    assert abs(found).max() <= 1.3
    assert not found.transpose(0, 2, 3, 1)[cells[..., 3] == 0].any()


@given(st.integers(1, 48), st.integers(1, 48))
def test_a_frame_is_even_and_keeps_the_picture(height: int, width: int) -> None:
    cells = np.full((height, width, 4), 255, np.uint8)
    for out in (framed(cells), framed(cells, 56)):
        assert out.shape[0] % 2 == out.shape[1] % 2 == 0
        assert int((out[..., 3] > 0).sum()) == height * width
        assert not out[0].any()


def test_the_curve_of_known_numbers() -> None:
    assert area_under_curve(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1.0
    assert area_under_curve(np.array([1.0]), np.array([1.0])) == 0.5
    assert area_under_curve(np.array([0.0, 2.0]), np.array([1.0])) == 0.5


def test_the_bundled_critic_is_small_and_says_what_it_knows() -> None:
    path = Path(critic_model.__file__).parent / "critic.onnx"
    assert path.stat().st_size < 1_000_000
    about = bundled().card.about
    unseen = about["auc on sources held out, of this file"]
    assert len(unseen) >= 3
    assert all(0.5 < source["auc"] < 1 for source in unseen.values())
    learnt = {credit["source"] for credit in bundled().card.credits}
    assert len(learnt) > 10
    assert not learnt & set(unseen)
    assert all(credit["licence"] and credit["author"] for credit in bundled().card.credits)


def test_the_bundled_critic_is_better_than_chance_on_real_sprites() -> None:
    """Nine sprites of three sources against four downscales of each; the card says how well it does on many."""
    real, fake = [], []
    options = PairOptions(enlargers={"smooth": 0.5, "vector": 0.5}, scales={"4": 1.0})
    for number, path in enumerate(sorted((Path(__file__).parents[1] / "grid" / "data" / "sprites").glob("*.png"))):
        cells = cut(load(path).pixels)[:48, :48].copy()
        real.append(bundled().realness(cells))
        for turn in range(4):
            rng = np.random.default_rng((number, turn))
            drawing = make_pair(cells, options, rng).drawing
            fake.append(bundled().realness(made(drawing, cells.shape[1], cells.shape[0], 12, rng)))
    told = [np.array([value for value in values if value is not None]) for values in (real, fake)]
    assert len(told[0]) > 5
    assert area_under_curve(*told) > 0.6


def test_too_little_to_judge_is_not_judged(sprite: Sprite) -> None:
    assert bundled().realness(sprite()[:3, :3].copy()) is None


def test_realness_does_not_depend_on_the_empty_frame(sprite: Sprite) -> None:
    cells = sprite(2, 20)
    wide = np.pad(cells, ((6, 6), (6, 6), (0, 0)))
    assert bundled().realness(wide) == pytest.approx(bundled().realness(cells), abs=0.02)


def test_a_critic_that_is_not_the_one_of_its_card_is_refused(tmp_path: Path) -> None:
    folder = Path(critic_model.__file__).parent
    for name in ("critic.onnx", "critic.json"):
        shutil.copy(folder / name, tmp_path / name)
    assert Critic(tmp_path / "critic.onnx").card == bundled().card
    data = bytearray((tmp_path / "critic.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "critic.onnx").write_bytes(bytes(data))
    with pytest.raises(SettingsError, match="not the one that its card describes"):
        Critic(tmp_path / "critic.onnx")


@pytest.mark.parametrize("text", ["", "{}", '{"sha256": "0", "planes": 999, "about": {}, "credits": []}', "[1]"])
def test_rubbish_is_no_critic(text: str, tmp_path: Path) -> None:
    (tmp_path / "critic.json").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="not a critic"):
        Critic(tmp_path / "critic.onnx")


def _noise(seed: int, real: bool, source: str) -> Sample:
    """Real: blocks of two by two cells. Made: single cells. Any critic must learn to tell these."""
    rng = np.random.default_rng(seed)
    side = 8 if real else 16
    colours = rng.integers(0, 256, (4, 3))[rng.integers(0, 4, (side, side))]
    cells = np.concatenate([colours, np.full((side, side, 1), 255)], axis=-1).astype(np.uint8)
    return Sample(cells.repeat(2, 0).repeat(2, 1) if real else cells, real, source, "")


def test_training_learns_what_tells_and_what_ships_is_what_was_trained(tmp_path: Path) -> None:
    """A few steps on noise tell blocks from single cells of a source left out; ONNX gives the network's own numbers."""
    pytest.importorskip("torch")
    from pixforge.nn.critic import CriticOptions, export_critic, judged

    samples = [_noise(seed, seed % 2 == 0, "ab"[seed // 2 % 2]) for seed in range(80)]
    unseen = [_noise(1000 + seed, seed % 2 == 0, "c") for seed in range(30)]
    options = CriticOptions(widths=(8, 12), features=12, steps=40, half=False)
    seen: list[int] = []
    network = fitting.train_critic(samples, options, lambda step, _loss: seen.append(step))
    assert seen == list(range(1, 41))
    told = fitting.tell(network, unseen, ["c"])["c"]
    assert told.auc > 0.95
    assert (told.real, told.made) == (15, 15)
    content = export_critic(network, CHANNELS)
    (tmp_path / "c.onnx").write_bytes(content)
    (tmp_path / "c.json").write_bytes(fitting.card_of(content, options, samples, {"x": {"c": told}}, []).encode())
    critic = Critic(tmp_path / "c.onnx")
    cells = unseen[0].cells
    logits, features = judged(network, planes(framed(cells)[None]))
    found = critic.judge(cells)
    assert found is not None
    assert found[0] == pytest.approx(1 / (1 + np.exp(-logits[0])), abs=1e-4)
    np.testing.assert_allclose(found[1], features[0], atol=1e-4)


def test_samples_are_paired_and_the_same_on_every_call(dataset: Path) -> None:
    """Each source of sprites brings real and made pictures; a downscale that changed nothing is not called made."""
    first, second = gather(dataset, 3), gather(dataset, 3)
    assert len(first) == len(second)
    assert all(np.array_equal(a.cells, b.cells) for a, b in zip(first, second, strict=True))
    kinds = {(sample.source, sample.real) for sample in first}
    sprites = {entry.source for entry in read_manifest(dataset) if entry.kind == "pixel"}
    assert {(source, real) for source in sprites for real in (True, False)} <= kinds
    assert ("drawn", False) in kinds
    assert ("drawn", True) not in kinds
    assert not gather(dataset, 3, lambda entry: entry.source == "none")

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
from pixforge.evaluate.critic.colours import mixtures
from pixforge.evaluate.critic.model import Critic, area_under_curve, bundled
from pixforge.evaluate.critic.samples import Sample, gather, made
from pixforge.evaluate.critic.statistics import pattern_classes, statistics
from pixforge.evaluate.examine import cut
from pixforge.image.load import load
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.ground import groundless, labels, packed
from pixforge.train.data.manifest import read_manifest
from pixforge.train.pairs.make import PairOptions, make_pair

Sprite = Callable[..., np.ndarray]


def picture(seed: int, height: int, width: int, colours: int = 3) -> np.ndarray:
    """Random cells of a few colours, some transparent, at least one opaque."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, colours, (height, width, 4), dtype=np.uint8) * 80
    cells[..., 3] = np.where(rng.random((height, width)) < 0.7, 255, 0)
    cells[0, 0, 3] = 255
    cells[cells[..., 3] == 0] = 0
    return cells


@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(1, 20))
def test_statistics_are_finite_and_the_same_turned_mirrored_and_in_a_frame(seed: int, height: int, width: int) -> None:
    cells = picture(seed, height, width)
    found = statistics(cells)
    assert np.isfinite(found).all()
    for other in (np.rot90(cells), cells[::-1], cells[:, ::-1], np.pad(cells, ((3, 1), (0, 5), (0, 0)))):
        np.testing.assert_allclose(statistics(np.ascontiguousarray(other)), found, atol=1e-9)


def test_statistics_see_equal_colours_to_the_last_bit() -> None:
    """A field of one red and one in which every second red is another by one have nothing in common."""
    flat = np.full((8, 8, 4), (200, 0, 0, 255), np.uint8)
    mixed = flat.copy()
    mixed[np.indices((8, 8)).sum(axis=0) % 2 == 0, 0] = 201
    assert np.abs(statistics(flat) - statistics(mixed)).max() > 0.9


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12))
def test_clusters_are_those_of_a_flood_fill(seed: int, height: int, width: int) -> None:
    cells = picture(seed, height, width, 2)
    cells[..., 1:3] = 0
    code = packed(cells)
    left, sizes = {(int(y), int(x)) for y, x in np.argwhere(code >= 0)}, []
    while left:
        todo, count = [left.pop()], 0
        while todo:
            y, x = todo.pop()
            count += 1
            near = {(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)} & left
            near = {place for place in near if code[place] == code[y, x]}
            left -= near
            todo += near
        sizes.append(count)
    label = labels(code)[code >= 0]
    assert sorted(np.unique(label, return_counts=True)[1].tolist()) == sorted(sizes)


def test_the_256_patterns_of_neighbours_fall_into_51_classes() -> None:
    """As many as there are ways to colour the sides and corners of a square under turns and mirrors (Burnside)."""
    assert len(np.unique(pattern_classes())) == 51


def test_an_average_of_two_colours_is_a_mixture_and_a_third_colour_is_none() -> None:
    cells = np.zeros((6, 6, 4), np.uint8)
    cells[:, :3], cells[:, 3:] = (250, 250, 250, 255), (20, 20, 20, 255)
    shares = []
    for colour in ((128, 128, 128), (200, 40, 40)):
        cells[2, 2, :3] = colour
        shares.append(mixtures(packed(cells), srgb_to_oklab(cells[..., :3]).astype(np.float64))[-2])
    assert shares == [pytest.approx(1 / 3), 0]


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
    assert all(0.75 < source["auc"] < 1 for source in unseen.values())
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
    assert bundled().realness(wide) == bundled().realness(cells)


@pytest.mark.parametrize("ground", [(255, 255, 255), (160, 160, 160), (30, 90, 60)])
def test_realness_does_not_depend_on_a_flat_ground(ground: tuple[int, int, int], sprite: Sprite) -> None:
    cells = np.pad(sprite(3, 20), ((2, 1), (1, 2), (0, 0)))
    opaque = np.where(cells[..., 3:] > 0, cells, np.array([*ground, 255], np.uint8))
    assert bundled().realness(opaque) == bundled().realness(cells)


def test_what_covers_the_edge_of_a_picture_is_no_ground(sprite: Sprite) -> None:
    """A tile, a picture that is nothing but ground, and one with holes are looked at as they are."""
    tile = picture(5, 12, 12)
    tile[..., 3] = 255
    flat = np.full((9, 9, 4), (7, 8, 9, 255), np.uint8)
    for cells in (tile, flat, sprite()):
        assert groundless(cells) is cells


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


@pytest.mark.parametrize("text", ["", "{}", '{"sha256": "0", "statistics": 999, "about": {}, "credits": []}', "[1]"])
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


def test_fitting_learns_what_tells_and_what_ships_is_what_was_fitted(tmp_path: Path) -> None:
    """Noise tells blocks from single cells of a source left out; ONNX gives the critic's own numbers."""
    pytest.importorskip("onnx")
    samples = [_noise(seed, seed % 2 == 0, "ab"[seed // 2 % 2]) for seed in range(80)]
    unseen = fitting.tabulate([_noise(1000 + seed, seed % 2 == 0, "c") for seed in range(30)])
    options, seen = fitting.CriticOptions(features=12), []
    table = fitting.tabulate(samples, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (80, 80)
    fitted = fitting.fit_critic(table, options)
    told = fitting.tell(fitted, unseen, ["c"])["c"]
    assert told.auc > 0.95
    assert (told.real, told.made) == (15, 15)
    content = fitting.export_critic(fitted)
    (tmp_path / "c.onnx").write_bytes(content)
    (tmp_path / "c.json").write_bytes(fitting.card_of(content, options, table, {"x": {"c": told}}, []).encode())
    critic = Critic(tmp_path / "c.onnx")
    for sample in samples[:4]:
        found = critic.judge(sample.cells)
        assert found is not None
        right = 1 / (1 + np.exp(-fitted.judged(statistics(sample.cells)[None])[0]))
        assert found[0] == pytest.approx(right, abs=1e-4)
        assert found[1].shape == (12,)


def test_what_a_source_has_in_common_says_nothing() -> None:
    """Colours alone tell source a, nearly all real, from b, nearly all made: within a source they tell nothing."""

    def flat(colours: int, real: bool, source: str, seed: int) -> Sample:
        cells = np.zeros((12, 12, 4), np.uint8)
        cells[..., 0] = np.random.default_rng(seed).integers(0, colours, (12, 12)) * 10
        cells[..., 3] = 255
        return Sample(cells, real, source, "")

    samples = [flat(2, seed % 20 != 0, "a", seed) for seed in range(60)]
    samples += [flat(12, seed % 20 == 0, "b", seed) for seed in range(60, 120)]
    table = fitting.tabulate(samples)
    own, none = (fitting.CriticOptions(level=level) for level in (1e-6, 1e6))
    spread = [np.ptp(fitting.fit_critic(table, how).judged(table.values)) for how in (own, none)]
    assert spread[0] < spread[1]


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

"""`pixforge train encoder` learns, goes on after a kill, and ships a model that method style runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import pixforge
from pixforge.cli.boundary import run
from pixforge.errors import SettingsError
from pixforge.nn.store import open_model
from pixforge.train.data.manifest import Entry, write_manifest
from pixforge.train.encoder import exam
from pixforge.train.encoder.losses import same_place
from pixforge.train.encoder.pairs import EncoderBatch, EncoderData
from pixforge.train.encoder.train import EncoderRecipe, train_encoder
from pixforge.train.events import StepDone

SMALL = EncoderRecipe(steps=4, pairs=2, others=1, side=16, places=32, seed=3)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two collections of random sprites, and drawings."""
    root = tmp_path_factory.mktemp("data")
    (root / "pictures").mkdir()
    rng, entries = np.random.default_rng(5), []
    for number in range(9):
        kind, source = ("pixel", "ab"[number % 2]) if number < 6 else ("drawing", "c")
        side = 12 if kind == "pixel" else 40
        pixels = rng.integers(0, 256, (side, side, 4), np.uint8)
        pixels[..., 3] = 255
        Image.fromarray(pixels).save(root / f"pictures/{number}.png")
        size = (side, side, 1.0, 9, "", "opaque", "0")
        entries.append(Entry(f"pictures/{number}.png", kind, source, "me", "CC0-1.0", f"{number}", f"{number}", *size))
    write_manifest(root, entries)
    return root


def test_a_run_that_was_cut_gives_the_weights_of_one_that_was_not(data: Path, tmp_path: Path) -> None:
    pictures = EncoderData(data, SMALL.side, SMALL.seed)
    events = list(train_encoder(SMALL, pictures, tmp_path / "whole", "float32"))
    assert [event.step for event in events if isinstance(event, StepDone)] == [1, 2, 3, 4]
    cut = train_encoder(SMALL, pictures, tmp_path / "cut", "float32")
    next(cut)
    cut.close()  # nothing was saved yet: the run begins again, and ends the same
    list(train_encoder(SMALL, pictures, tmp_path / "cut", "float32"))
    whole, again = (torch.load(tmp_path / name / "encoder.pt", weights_only=True) for name in ("whole", "cut"))
    for name, value in whole["network"].items():
        torch.testing.assert_close(again["network"][name], value)
    assert next(train_encoder(SMALL, pictures, tmp_path / "whole", "float32")).step == 4  # done already


def test_a_place_that_is_found_again_costs_less_than_one_that_is_not() -> None:
    features = torch.randn(2, 8, 4, 4, generator=torch.Generator().manual_seed(1))
    chance = torch.Generator().manual_seed(2)
    found = same_place(features, features + 0.01, 16, chance)
    mixed = same_place(features, features.flip(3), 16, torch.Generator().manual_seed(2))
    assert float(found) < 0.2 < float(mixed)


def test_the_examination_knows_features_that_find_their_place_from_features_that_do_not() -> None:
    chance = torch.Generator().manual_seed(4)
    cells = torch.rand((2, 3, 16, 16), generator=chance)
    sprites = cells.repeat_interleave(4, 2).repeat_interleave(4, 3)
    batch = EncoderBatch(sprites, sprites, cells, sprites, torch.zeros(4, dtype=torch.int64))

    def sees(pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"one": torch.nn.functional.avg_pool2d(pictures, 4)}

    def guesses(pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"one": torch.rand((len(pictures), 3, 16, 16), generator=chance)}

    assert exam._place(sees, batch, ("one",)) > 0.99
    assert exam._place(guesses, batch, ("one",)) < 0.1


def test_a_collection_is_told_by_the_nearest_mean_and_chance_tells_none() -> None:
    chance = torch.Generator().manual_seed(5)
    labels = torch.arange(4).repeat(20)
    labels = labels[torch.randperm(80, generator=chance)]
    noise = torch.randn((80, 6), generator=chance)
    apart = noise + 8 * torch.nn.functional.one_hot(labels, 6)
    assert exam._told(apart, labels) == 1
    assert exam._told(noise, labels) < 0.6


def test_a_batch_is_a_function_of_its_step_and_the_sprite_is_blocks(data: Path) -> None:
    pictures = EncoderData(data, 16, 1)
    one, two, other = (pictures.batch(step, 2, 1) for step in (0, 0, 1))
    assert torch.equal(one.drawings, two.drawings)
    assert not torch.equal(one.drawings, other.drawings)
    assert torch.equal(one.sprites[:, :, ::4, ::4], one.cells)


def test_the_command_writes_a_model_that_converts(
    data: Path, tmp_path: Path, style_art: Path, draw: Callable[..., np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "encoder", "--data", str(data), "--out", str(tmp_path / "run"), "--steps", "1", "--json"]
    assert run([*command, "--pairs", "3"]) == 0
    made = json.loads(capsys.readouterr().out)["model"]
    card = open_model(Path(made["path"])).card
    assert card.method == "style"
    assert card.recipe["command"] == "pixforge train encoder --data DIR --out RUN --steps 1 --pairs 3"
    assert {credit.source for credit in card.credits} == {"a", "b", "c"}
    chosen = {"method.style.steps": 2}
    result = pixforge.convert(
        draw(), height=12, method="style", model=made["path"], style=str(style_art), settings=chosen
    )
    result.converted.encode()


def test_a_data_set_without_sprites_is_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, [])
    with pytest.raises(SettingsError, match="no sprites or no drawings"):
        EncoderData(tmp_path, 16, 0)

"""The manner of a data set's sprites in a model: by the command, and out of a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pixforge
from pixforge.cli.boundary import run
from pixforge.errors import SettingsError
from pixforge.nn.card import read_card
from pixforge.nn.store import find, open_model
from pixforge.pixel.manner import SIZE
from pixforge.train.manner import manner_of_run, own_sprites, with_manner, write_own_sprites


def bundled_card() -> tuple[Path, bytes]:
    path = find("bundled", "cyclegan")
    return path, (path / "card.json").read_bytes()


def test_the_command_gives_the_bundled_model_a_manner_and_leaves_its_networks(
    data_set: Callable[[], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model written has all odds, the same networks, its new credits, and another digest; the same each time."""
    root, out = data_set(), tmp_path / "mine"
    capsys.readouterr()
    assert run(["train", "manner", "--data", str(root), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    path, before = bundled_card()
    old, new = read_card(before, path), open_model(out).card
    assert told["model"] == {"name": "mine", "path": str(out), "digest": new.digest}
    assert (len(new.manner), new.networks, new.name) == (SIZE, old.networks, "mine")
    assert new.digest != old.digest
    assert {each.author for each in new.credits} - {each.author for each in old.credits} == {"somebody"}
    assert run(["models", "info", str(out)]) == 0
    assert "carries the manner of its style" in capsys.readouterr().out
    again = with_manner(open_model(path), root, tmp_path / "again.zip", "mine")
    assert again == new
    assert bundled_card() == (path, before)


def test_a_picture_is_laid_together_in_the_manner_as_far_as_is_wished(
    data_set: Callable[[], Path], tmp_path: Path
) -> None:
    """At 0 it is the picture of the model without a manner; a manner that wants lone edges gone changes cells."""
    card = with_manner(open_model(bundled_card()[0]), data_set(), tmp_path / "mine", "mine")
    odds = np.zeros(SIZE)
    odds[:8] = -3.0
    (tmp_path / "mine" / "card.json").write_bytes(replace(card, manner=tuple(odds.tolist())).encode())
    rng = np.random.default_rng(3)
    blobs = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8).repeat(7, 0).repeat(7, 1)

    def cells(**options: object) -> np.ndarray:
        table = {f"method.cyclegan.{name}": value for name, value in options.items()}
        made = pixforge.convert(blobs, size=(24, 24), method="cyclegan", model=str(tmp_path / "mine"), settings=table)
        return np.asarray(made.picture.pixels)

    plain = pixforge.convert(blobs, size=(24, 24), method="cyclegan").picture.pixels
    assert np.array_equal(cells(manner=0.0), plain)
    assert not np.array_equal(
        cells(manner=4.0, protect=False, lines=False), cells(manner=0.0, protect=False, lines=False)
    )


def test_a_manner_of_another_version_is_refused(data_set: Callable[[], Path], tmp_path: Path) -> None:
    card = with_manner(open_model(bundled_card()[0]), data_set(), tmp_path / "mine", "mine")
    (tmp_path / "mine" / "card.json").write_bytes(replace(card, manner=(0.5,) * 7).encode())
    with pytest.raises(SettingsError, match="another version"):
        pixforge.convert(np.zeros((32, 32, 3), np.uint8), size=(8, 8), method="cyclegan", model=str(tmp_path / "mine"))


def test_a_data_set_without_sprites_that_stand_free_is_refused_with_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tiles that fill their square say nothing of things; nothing is written then."""
    tile = np.random.default_rng(1).integers(0, 4, (16, 16, 1), dtype=np.uint8) * np.array([60, 50, 40], np.uint8)
    Image.fromarray(tile).save(tmp_path / "tile.png")
    words = ["--kind", "pixel", "--source", "own", "--author", "x", "--license", "CC0-1.0", "--logical"]
    root = tmp_path / "set"
    assert run(["data", "add", str(root), str(tmp_path / "tile.png"), *words]) == 0
    assert run(["data", "split", str(root)]) == 0
    capsys.readouterr()
    assert run(["train", "manner", "--data", str(root), "--out", str(tmp_path / "mine")]) != 0
    assert "stand free" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_a_run_keeps_its_sprites_and_its_model_learns_their_manner(
    data_set: Callable[[], Path], tmp_path: Path
) -> None:
    """Kept once, whatever the data set becomes; the odds are those of the command with the same networks."""
    root, (path, data) = data_set(), bundled_card()
    write_own_sprites(tmp_path, root, 240)
    stored = (tmp_path / "sprites.npz").read_bytes()
    write_own_sprites(tmp_path, tmp_path / "gone", 240)
    assert (tmp_path / "sprites.npz").read_bytes() == stored
    card = read_card(data, path)
    networks = {way: (path / card.networks[way].file).read_bytes() for way in card.networks}
    found = manner_of_run(tmp_path, card, networks)
    assert found == with_manner(open_model(path), root, tmp_path / "mine", "mine").manner
    assert manner_of_run(tmp_path / "other", card, networks) == ()


def test_sprites_are_those_of_the_split_train_and_at_most_as_many_as_asked_for(data_set: Callable[[], Path]) -> None:
    root = data_set()
    sprites, thanks = own_sprites(root, 4)
    assert len(sprites) == 4
    assert sum(each.pictures for each in thanks) == 4
    assert {each.source for each in thanks} == {"even"}

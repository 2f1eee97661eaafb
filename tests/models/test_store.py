"""Models are found, checked, copied whole and refused when they are not what their card says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pixforge.errors import MissingDependencyError, OutputError, SettingsError
from pixforge.nn import store as models
from pixforge.nn.card import Card, read_card

MakeModel = Callable[..., Path]


@pytest.mark.parametrize("name", ["hero", "hero.zip"])
def test_what_is_written_is_what_is_read(name: str, make_model: MakeModel, files: dict[str, bytes], card: Card) -> None:
    model = models.open_model(make_model(name))
    assert model.card == card
    assert {way: model.network(way) for way in model.card.networks} == files  # type: ignore[arg-type]


def test_a_zip_of_the_same_model_is_the_same_bytes(make_model: MakeModel) -> None:
    assert make_model("a.zip").read_bytes() == make_model("b.zip").read_bytes()


def test_the_card_survives_json(card: Card) -> None:
    assert read_card(card.encode(), Path("card.json")) == card


def test_the_digest_tells_weights_apart_and_nothing_else(card: Card) -> None:
    file = card.networks["to-pixel"]
    other = {**card.networks, "to-pixel": replace(file, sha256="0" * 64)}
    assert replace(card, name="other", description="x", scores={}).digest == card.digest
    assert replace(card, networks=other).digest != card.digest


def test_changed_weights_are_refused(make_model: MakeModel) -> None:
    path = make_model()
    data = bytearray((path / "to-pixel.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (path / "to-pixel.onnx").write_bytes(data)
    model = models.open_model(path)
    assert model.network("to-drawing")
    with pytest.raises(SettingsError, match="damaged"):
        model.network("to-pixel")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 99}, "another format"),
        ({"networks": {}}, "no network"),
        ({"name": "../up"}, "plain name"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_wrong_card_is_refused(change: dict[str, object], words: str, card: Card) -> None:
    table = json.loads(card.encode()) | change
    with pytest.raises(SettingsError, match=words):
        read_card(json.dumps(table).encode(), Path("card.json"))


def test_a_file_outside_the_folder_is_refused(card: Card) -> None:
    table = json.loads(card.encode())
    table["networks"]["to-pixel"]["file"] = "../../secret"
    with pytest.raises(SettingsError, match="plain name"):
        read_card(json.dumps(table).encode(), Path("card.json"))


def test_another_preprocessing_is_refused(card: Card) -> None:
    table = json.loads(card.encode())
    table["preprocessing"]["enlarge"] = "bicubic"
    with pytest.raises(SettingsError, match="another preprocessing"):
        read_card(json.dumps(table).encode(), Path("card.json"))


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe", b"{}"])
def test_rubbish_is_no_card(data: bytes) -> None:
    with pytest.raises(SettingsError):
        read_card(data, Path("card.json"))


def test_a_direction_that_is_missing_is_named(make_model: MakeModel) -> None:
    model = models.open_model(make_model())
    half = models.Model(model.path, replace(model.card, networks={"to-pixel": model.card.networks["to-pixel"]}))
    with pytest.raises(SettingsError, match="converts only to-pixel"):
        half.network("to-drawing")


def test_the_users_models_come_before_the_bundled_ones(
    store: Path, make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "bundled_folder", lambda: tmp_path / "bundled")
    mine = models.open_model(make_model())
    models.copy_model(mine, tmp_path / "bundled" / "cyclegan")
    models.copy_model(mine, store / "cyclegan")
    assert models.find("cyclegan", "cyclegan") == store / "cyclegan"
    assert models.find("bundled", "cyclegan") == tmp_path / "bundled" / "cyclegan"
    assert [(found.name, found.origin, found.shadowed) for found in models.search()] == [
        ("cyclegan", "user", False),
        ("cyclegan", "bundled", True),
    ]


def test_an_unknown_name_gets_a_suggestion(store: Path, make_model: MakeModel) -> None:
    models.copy_model(models.open_model(make_model()), store / "forest")
    with pytest.raises(MissingDependencyError, match='did you mean "forest"'):
        models.find("forrest", "cyclegan")


def test_a_path_is_taken_as_it_is(make_model: MakeModel, tmp_path: Path) -> None:
    path = make_model("x.zip")
    assert models.find(str(path), "cyclegan") == path
    with pytest.raises(MissingDependencyError, match="holds no model"):
        models.find(str(tmp_path / "nothing"), "cyclegan")


def test_a_model_is_never_overwritten(make_model: MakeModel) -> None:
    path = make_model()
    with pytest.raises(OutputError, match="is there already"):
        models.copy_model(models.open_model(path), path)


def test_a_place_that_cannot_be_written_is_reported(make_model: MakeModel, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be written"):
        models.copy_model(models.open_model(make_model()), tmp_path / "file" / "x")

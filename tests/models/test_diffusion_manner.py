"""The manner of the small diffusion model: specks go, and what the drawing bears out stays."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import pixforge
from pixforge.image.picture import Picture
from pixforge.methods import diffusion
from pixforge.methods._diffusion.proposed import borne_out, odds_of
from pixforge.methods.contract import Request
from pixforge.nn.card import read_card
from pixforge.nn.diffusion.checkpoint import Source
from pixforge.nn.store import Model, copy_model, find, open_model
from pixforge.pixel.draft import Draft
from pixforge.pixel.manner import SIZE
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions
from pixforge.preprocess import drawing_array
from pixforge.train import manner as taught


def drawing() -> np.ndarray:
    """A face of flat colours with two dark eyes of one cell each."""
    pixels = np.full((128, 128, 3), (250, 220, 120), np.uint8)
    y, x = np.mgrid[:128, :128]
    pixels[np.hypot(y - 64, x - 64) > 60] = (60, 90, 160)
    for middle in (40, 80):
        pixels[48:56, middle : middle + 8] = (30, 20, 40)
    return pixels


def cells(model: str, **options: object) -> np.ndarray:
    table = {f"method.diffusion.{name}": value for name, value in options.items()}
    made = pixforge.convert(drawing(), size=(16, 16), method="diffusion", model=model, settings=table)
    return np.asarray(made.picture.pixels)


def test_the_bundled_model_carries_a_manner_that_counts_as_far_as_is_wished(tmp_path: Path) -> None:
    """At 0 it is a model without one; the digest knows; the card of the bundled model has all odds."""
    path = find("bundled", "diffusion")
    card = open_model(path).card
    assert len(card.manner) == SIZE
    copy_model(Model(path, replace(card, manner=())), tmp_path / "bare")
    bare = str(tmp_path / "bare")
    assert np.array_equal(cells("bundled", manner=0.0), cells(bare))
    without, full = diffusion.Options(manner=0.0), diffusion.Options()
    assert diffusion.model_digest(without, bare) == diffusion.model_digest(full, bare)
    assert diffusion.model_digest(full, "bundled") != diffusion.model_digest(without, "bundled")


def test_only_a_model_at_logical_resolution_is_asked_for_a_manner(tmp_path: Path) -> None:
    """A checkpoint of Stable Diffusion may have a card.json of whatever kind beside it."""
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    (tmp_path / "card.json").write_text('{"by": "somebody else"}')
    assert odds_of(Source("theirs", "folder", tmp_path)) == ()


def test_what_the_drawing_bears_out_is_protected_and_specks_are_not() -> None:
    """Of four dark cells on a face the two that the drawing has there stay: an eye, and a piece of a line."""
    fine = np.full((32, 32, 4), (250, 220, 120, 255), np.uint8)
    fine[8:12, 8:12] = fine[20:24, 4:28] = (30, 20, 40, 255)
    shown = np.full((8, 8, 3), (250, 220, 120), np.float32)
    for cell in ((2, 2), (5, 3), (2, 5), (6, 6)):
        shown[cell] = (30, 20, 40)
    draft, array = Draft(shown, np.ones((8, 8), np.float32)), drawing_array(Picture(fine), 8, 8)
    palette = np.array([[30, 20, 40], [250, 220, 120]], np.uint8)
    options = AlphaOptions(), OutlineOptions(), CleanupOptions()
    kept = borne_out(draft, array, Request(Picture(fine), 8, 8, palette, "to-pixel", *options))
    assert {tuple(map(int, cell + 1)) for cell in np.argwhere(kept[1:-1, 1:-1])} == {(2, 2), (5, 3)}


def test_the_command_gives_the_small_diffusion_model_another_manner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its networks and files stay; a method that goes by no manner is refused."""
    from PIL import Image

    from pixforge.cli.boundary import run
    from pixforge.errors import SettingsError

    y, x = np.mgrid[:12, :12] - 5.5
    for index in range(4):
        sprite = np.zeros((12, 12, 4), np.uint8)
        for limit, colour in ((5.6, (40, 30, 50)), (4.2, (200, 80 + 20 * index, 60)), (2.0, (250, 220, 180))):
            sprite[np.hypot(y, x * (1 + index / 9)) < limit] = (*colour, 255)
        Image.fromarray(sprite).save(tmp_path / f"{index}.png")
    root, files = str(tmp_path / "set"), [str(tmp_path / f"{index}.png") for index in range(4)]
    words = ["--kind", "pixel", "--source", "own", "--author", "x", "--license", "CC0-1.0", "--logical"]
    assert run(["data", "add", root, *files, *words]) == 0
    assert run(["data", "split", root, "--validate", "0"]) == 0
    monkeypatch.setattr(taught, "SPRITES", 4)
    capsys.readouterr()
    out = tmp_path / "mine"
    assert run(["train", "manner", "--method", "diffusion", "--data", root, "--out", str(out), "--json"]) == 0
    path = find("bundled", "diffusion")
    old, new = (read_card((each / "card.json").read_bytes(), each) for each in (path, out))
    assert json.loads(capsys.readouterr().out)["model"]["digest"] == new.digest
    assert (new.networks, new.files) == (old.networks, old.files)
    assert new.manner != old.manner
    style = Model(path, replace(old, method="style"))
    with pytest.raises(SettingsError, match="go by no manner"):
        taught.with_manner(style, Path(root), tmp_path / "other", "other")

"""The method cyclegan keeps the contract in both directions, and sees what the trainer saw."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import pixforge
from pixforge.image.picture import Picture
from pixforge.methods import cyclegan
from pixforge.methods.contract import Request
from pixforge.nn.card import read_card
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions
from pixforge.preprocess import conditions, drawing_array

MakeModel = Callable[..., Path]
SIZES = st.tuples(st.integers(1, 120), st.integers(1, 120))
SLOW_FIXTURE = [HealthCheck.function_scoped_fixture]


def drawing(height: int, width: int, seed: int = 1) -> np.ndarray:
    """A flat disc with a dark outline on nothing, and a lighter spot."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    rng = np.random.default_rng(seed)
    away = np.hypot((y - height / 2) / height, (x - width / 2) / width)
    out = np.zeros((height, width, 4), np.uint8)
    out[away < 0.45] = (20, 16, 24, 255)
    out[away < 0.38] = (*rng.integers(60, 256, 3), 255)
    out[away < 0.1] = (250, 240, 230, 255)
    return out


def request(picture: Picture, width: int, height: int, direction: str = "to-pixel") -> Request:
    palette = np.array([[0, 0, 0], [255, 255, 255], [200, 60, 40]], np.uint8) if direction == "to-pixel" else None
    options = (AlphaOptions(), OutlineOptions(), CleanupOptions())
    return Request(picture, width, height, palette, direction, *options)  # type: ignore[arg-type]


@settings(max_examples=12, suppress_health_check=SLOW_FIXTURE)
@given(SIZES, st.tuples(st.integers(1, 40), st.integers(1, 40)), st.integers(2, 32))
def test_the_contract_holds_for_every_size(
    make_model: MakeModel, tmp_path: Path, source: tuple[int, int], size: tuple[int, int], colours: int
) -> None:
    path = tmp_path / "models" / "random"
    model = str(path if path.exists() else make_model())
    result = pixforge.convert(drawing(*source), size=size, colors=colours, method="cyclegan", model=model)
    pixels = result.picture.pixels
    assert pixels.shape == (size[1], size[0], 4)
    assert set(np.unique(pixels[..., 3])) <= {0, 255}
    assert not pixels[pixels[..., 3] == 0].any()
    assert {tuple(map(int, c)) for c in pixels[pixels[..., 3] > 0][:, :3]} <= set(result.palette)
    assert len(result.palette) <= colours


def test_the_reverse_has_exactly_the_size_and_no_colour_under_nothing(make_model: MakeModel) -> None:
    sprite = drawing(24, 20)
    result = pixforge.convert(
        sprite, method="cyclegan", model=str(make_model()), settings={"direction": "to-drawing", "grid.cell": 6.0}
    )
    pixels = result.picture.pixels
    assert pixels.shape == (144, 120, 4)
    assert not pixels[pixels[..., 3] == 0].any()


def test_inference_gives_the_trainers_answer(make_model: MakeModel, networks: dict[str, torch.nn.Module]) -> None:
    """One preprocessing: the road of training, in PyTorch, and that of conversion give the same cells."""
    from pixforge.train.pairs.make import Pair
    from pixforge.train.validation import network_answer

    source, size = Picture(drawing(96, 64)), (16, 24)
    pair = Pair(source, Picture(np.zeros((24, 16, 4), np.uint8)), 4)
    trained = network_answer(networks["to-pixel"], pair, torch.device("cpu"))
    options = cyclegan.Options(tell_colors=False, lines=False)
    draft = cyclegan.open_session(options, str(make_model())).convert(request(source, *size))
    opaque = trained[..., 3] > 0
    settled = (draft.alpha > 0) & (draft.alpha < 1)
    assert np.array_equal((draft.alpha >= 0.5)[settled], opaque[settled])
    both = opaque & (draft.alpha >= 0.5)
    assert both.sum() > 50
    assert np.abs(draft.cells[both] - trained[both][:, :3]).max() <= 0.51


def test_a_model_that_carries_a_palette_draws_with_it_as_far_as_it_may(make_model: MakeModel) -> None:
    """Near colours give way to the style's, at 1 all do; a preset's own palette overrules; the digest knows."""
    path = make_model()
    plain = {name(colour) for colour in pixforge.convert(drawing(64, 64), size=(16, 16), method="cyclegan").palette}
    card = read_card((path / "card.json").read_bytes(), path)
    house = ("#16121a", "#ff00ff", "#0000ff", "#00ffff", "#00ff00")  # the first is near the drawing's outline
    styled = replace(card, palette=house)
    assert styled.digest != card.digest
    (path / "card.json").write_bytes(styled.encode())
    assert read_card((path / "card.json").read_bytes(), path) == styled

    def colours(**settings: object) -> set[str]:
        table = {key.replace("__", "."): value for key, value in settings.items()}
        made = pixforge.convert(drawing(64, 64), size=(16, 16), method="cyclegan", model=str(path), settings=table)
        return {name(colour) for colour in made.palette}

    assert colours() & set(house) == {"#16121a"}
    assert len(colours()) == len(plain)
    assert colours(palette__reserve=["#141018"]) & {"#141018", "#16121a"} == {"#141018"}
    assert colours(method__cyclegan__palette=1.0) == set(house)
    assert len(colours(method__cyclegan__palette=1.0, palette__colors=3)) == 3
    assert not colours(method__cyclegan__palette=0.0) & set(house)
    assert not colours(palette__source="gameboy") & set(house)


def name(colour: tuple[int, int, int]) -> str:
    return f"#{bytes(colour).hex()}"


def test_strength_nought_is_the_mean_of_the_cell(make_model: MakeModel) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    session = cyclegan.open_session(cyclegan.Options(strength=0.0, lines=False), str(make_model()))
    draft = session.convert(request(Picture(pixels), 16, 16))
    means = pixels[..., :3].reshape(16, 4, 16, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(draft.cells, means, atol=0.01)


def test_alpha_is_certain_far_from_the_silhouette(make_model: MakeModel) -> None:
    source = Picture(drawing(160, 160))
    draft = cyclegan.open_session(cyclegan.Options(), str(make_model())).convert(request(source, 40, 40))
    assert (draft.alpha[17:23, 17:23] == 1).all()
    assert (draft.alpha[:2, :2] == 0).all()


def test_the_digest_is_told_without_loading_a_network(make_model: MakeModel) -> None:
    path = make_model()
    told = cyclegan.model_digest(cyclegan.Options(), str(path))
    assert told == cyclegan.open_session(cyclegan.Options(), str(path)).model_digest
    (path / "to-pixel.onnx").unlink()
    assert cyclegan.model_digest(cyclegan.Options(), str(path)) == told


def test_the_command_starts_without_a_framework_and_names_the_model(make_model: MakeModel, tmp_path: Path) -> None:
    path = make_model()
    source, out = tmp_path / "in.png", tmp_path / "out.png"
    Image.fromarray(drawing(64, 64)).save(source)
    args = ["convert", str(source), "-o", str(out), "--method", "cyclegan", "--model", str(path), "--size", "16x16"]
    script = (
        "import sys, json\nfrom pixforge.cli.boundary import run\n"
        f"code = run({args!r})\nprint(json.dumps([code, sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, held = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    assert not {"torch", "onnx", "tensorflow", "scipy"} & set(held)
    with Image.open(out) as image:
        text = json.dumps(image.info, default=str)
    assert cyclegan.model_digest(cyclegan.Options(), str(path)) in text


def test_conditions_tell_the_size_of_a_cell_and_the_colours(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    session = cyclegan.open_session(cyclegan.Options(), str(make_model()))
    network = session._network("to-pixel")
    run = network.run
    monkeypatch.setattr(
        network, "run", lambda array, condition: seen.append((array, condition)) or run(array, condition)
    )
    source = Picture(drawing(128, 128))
    session.convert(request(source, 16, 16))
    array, condition = seen[0]
    assert np.array_equal(condition, conditions(8.0, 3))
    assert np.array_equal(array, drawing_array(source, 16, 16))

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pixforge.nn.card import Card, Direction, NetworkFile
from pixforge.nn.export import export_generator
from pixforge.nn.generators import GeneratorOptions, build_generator
from pixforge.nn.store import write_model
from pixforge.nn.trunk import TrunkOptions
from pixforge.preprocess import SPECIFICATION

SHAPE = TrunkOptions((16, 24, 32), (1, 1, 1), (3, 3, 3))
DIRECTIONS: tuple[Direction, ...] = ("to-pixel", "to-drawing")


@pytest.fixture(scope="session")
def shape() -> TrunkOptions:
    """Of the random networks."""
    return SHAPE


@pytest.fixture(scope="session")
def networks() -> dict[Direction, torch.nn.Module]:
    """Small networks with random weights, strong enough that every cell of their reach counts."""
    torch.manual_seed(3)
    made: dict[Direction, torch.nn.Module] = {}
    for direction in DIRECTIONS:
        network = build_generator(GeneratorOptions(trunk=SHAPE), direction).eval()
        with torch.no_grad():
            network.correction.weight.normal_(0, 0.05)
            network.choice.weight.mul_(10)
        made[direction] = network
    return made


@pytest.fixture(scope="session")
def files(networks: dict[Direction, torch.nn.Module]) -> dict[Direction, bytes]:
    """Their ONNX files, with whole weights, so that they can be compared with PyTorch's answer."""
    return {direction: export_generator(network, direction, half=False) for direction, network in networks.items()}


@pytest.fixture(scope="session")
def card(files: dict[Direction, bytes]) -> Card:
    """The card of these files."""
    entries = {
        str(way): NetworkFile(f"{way}.onnx", hashlib.sha256(data).hexdigest(), SHAPE.reach)
        for way, data in files.items()
    }
    return Card(
        "random", entries, SPECIFICATION, "Random weights", scores={"exact": 0.5}, recipe={"seed": 3, "x": None}
    )


@pytest.fixture
def make_model(tmp_path: Path, files: dict[Direction, bytes], card: Card) -> Callable[[str], Path]:
    """Write the random model to a new folder or zip: make_model("name") or make_model("name.zip")."""

    def make(name: str = "random") -> Path:
        path = tmp_path / "models" / name
        write_model(path, card, {str(way): data for way, data in files.items()})
        return path

    return make


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user's store."""
    for name in ("XDG_DATA_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    from pixforge.nn.store import user_folder

    return user_folder()

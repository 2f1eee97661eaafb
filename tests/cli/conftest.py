from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pixforge.cli import boundary


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on stdout."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        assert document["exit_code"] == self.code
        return document


class Runner:
    """Runs the command line in this process, errors and exit code included."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: object) -> Ran:
        self._capsys.readouterr()
        code = boundary.run([str(arg) for arg in args])
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)


@pytest.fixture
def pixforge(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and no preset of the person who runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def _draw(path: Path, size: tuple[int, int] = (64, 48), seed: int = 1) -> Path:
    """Write a small drawing: a few flat shapes on transparency."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    for _ in range(6):
        x, y = rng.integers(0, size[0] - 8), rng.integers(0, size[1] - 8)
        pixels[y : y + 20, x : x + 24] = (*rng.integers(0, 256, 3), 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def draw() -> Callable[..., Path]:
    """Write a small drawing: draw(path, size=(64, 48), seed=1)."""
    return _draw


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Return every file below a folder: tree(folder)."""
    return _tree


@pytest.fixture
def hero(work: Path) -> Path:
    """A drawing of 64 x 48 pixels, hero.png."""
    return _draw(work / "hero.png")


def _tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its relative name, but the batch's own state."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".pixforge" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

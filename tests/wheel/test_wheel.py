"""The wheel carries presets, palettes, models and integrations, and works where no checkout is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]
Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by pip as a user's would be, but for the network: with the build tools that are here."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", *options, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("pixforge-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds and nothing else, as an installer leaves it."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def call(installed: Path, tmp_path: Path) -> Call:
    """Run the installed package from elsewhere; the checkout is neither on the path nor near."""

    def run(*args: object) -> subprocess.CompletedProcess[str]:
        code = (
            f"import sys; sys.path[:] = [{str(installed)!r}, *(p for p in sys.path if p)]; import pixforge;"
            f"assert pixforge.__file__.startswith({str(installed)!r}), pixforge.__file__;"
            "from pixforge.cli import main; main()"
        )
        variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, args)], cwd=tmp_path, env=variables, capture_output=True, text=True,
            check=True,
        )  # fmt: skip

    return run


def _shipped(folder: Path) -> set[str]:
    """The files of a folder that git would keep."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if said.returncode:
        pytest.skip("no git checkout")
    return {name for name in said.stdout.split("\0") if name and (ROOT / name).is_file()}


@pytest.mark.parametrize("folder", ["presets", "integrations"])
def test_what_lies_beside_the_package_travels_inside_it(wheel: Path, folder: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith(f"pixforge/{folder}/")}
    assert {name.removeprefix("pixforge/") for name in held} == _shipped(ROOT / folder)


def test_the_data_of_the_package_travels(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    data = {name for name in _shipped(ROOT / "pixforge") if not name.endswith(".py")}
    assert {name.rpartition(".")[2] for name in data} >= {"hex", "npy", "typed"}
    assert data <= held


def test_it_converts_by_a_shipped_preset_and_a_built_in_palette(call: Call, tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (200, 60, 40, 255)).save(tmp_path / "a.png")
    call("convert", "a.png", "-o", "b.png", "-p", "item-16", "--palette", "pico-8")
    with Image.open(tmp_path / "b.png") as made:
        assert made.size == (16, 16)
    assert json.loads(call("doctor", "--json").stdout)["presets"]["shipped"] == len(list((ROOT / "presets").glob("*")))


def test_it_puts_the_add_ons_in_place(call: Call, tmp_path: Path) -> None:
    (tmp_path / "game").mkdir()
    (tmp_path / "game" / "project.godot").write_text("config_version=5\n")
    call("integrations", "install", "godot", "game", "--enable")
    assert (tmp_path / "game" / "addons" / "pixforge" / "plugin.cfg").is_file()
    (tmp_path / "aseprite" / "extensions").mkdir(parents=True)
    call("integrations", "install", "aseprite", "aseprite")
    assert (tmp_path / "aseprite" / "extensions" / "pixforge" / "package.json").is_file()

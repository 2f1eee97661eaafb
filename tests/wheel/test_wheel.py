"""The wheel carries presets, palettes, models and integrations, and works where no checkout is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from PIL import Image, ImageDraw

from pixforge import __version__

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
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment into which pip put the wheel; it holds what the wheel says it needs, and no more."""
    folder = tmp_path_factory.mktemp("clean") / "environment"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder), "install"]
    options = ["--no-deps", "--no-index", "--no-compile", "--quiet"]
    done = subprocess.run([*pip, *options, str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (site,) = folder.rglob("site-packages")
    (info,) = site.glob("pixforge-*.dist-info")
    _lend(site, _needed(metadata.Distribution.at(info)))
    return folder


def _needed(package: metadata.Distribution) -> dict[str, metadata.Distribution]:
    """What a package needs without extras, and what that needs, by their names."""
    found: dict[str, metadata.Distribution] = {}
    open_ = [package]
    while open_:
        for text in open_.pop().requires or ():
            wish = Requirement(text)
            if wish.name not in found and (wish.marker is None or wish.marker.evaluate({"extra": ""})):
                found[wish.name] = metadata.distribution(wish.name)
                open_.append(found[wish.name])
    return found


def _lend(site: Path, packages: dict[str, metadata.Distribution]) -> None:
    """Lend packages of the environment that the tests run in to another one, by links."""
    for package in packages.values():
        for name in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
            if not (site / name).exists():
                try:
                    (site / name).symlink_to(str(package.locate_file(name)))
                except OSError:
                    pytest.skip("links are not allowed here")


@pytest.fixture
def call(environment: Path, tmp_path: Path) -> Call:
    """Run the installed command in an empty folder; the checkout is neither on the path nor near."""
    program = environment / ("Scripts/pixforge.exe" if os.name == "nt" else "bin/pixforge")
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    variables = {name: value for name, value in os.environ.items() if name not in ours}

    def run(*args: object) -> subprocess.CompletedProcess[str]:
        command = [str(program), *map(str, args)]
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done

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


def test_a_clean_environment_has_all_that_the_base_install_promises(call: Call, tmp_path: Path) -> None:
    """Version, presets and models are told, and the bundled networks convert, with no package but those it needs."""
    assert __version__ in call("--version").stdout
    presets = {each["name"] for each in json.loads(call("presets", "list", "--json").stdout)["presets"]}
    assert presets == {path.stem for path in (ROOT / "presets").glob("*.toml")}
    assert "cyclegan" in call("models", "list").stdout
    drawing = Image.new("RGBA", (128, 128))
    ImageDraw.Draw(drawing).ellipse((8, 8, 120, 120), (200, 60, 40, 255), (20, 10, 30, 255), 6)
    drawing.save(tmp_path / "a.png")
    call("convert", "a.png", "-o", "b.png", "-m", "cyclegan", "--size", "32x32", "--colors", "6")
    with Image.open(tmp_path / "b.png") as made:
        assert made.size == (32, 32)
        assert len(made.convert("RGBA").getcolors() or ()) <= 7


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

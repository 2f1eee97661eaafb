"""The built program keeps every promise of the package, for people who have no Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pixforge.cli.app import COMMANDS
from pixforge.exporters import registry as exporters
from pixforge.methods import registry as methods
from pixforge.palettes import registry as palettes
from pixforge.preset import store

pytestmark = [pytest.mark.executable, pytest.mark.slow, pytest.mark.xdist_group("executable")]

MOST_BYTES = 165_000_000  # the diffusion model has 16 million
FRAMEWORKS = {"torch", "tensorflow", "keras", "diffusers", "transformers", "scipy", "matplotlib", "tkinter", "dask"}
Draw = Callable[..., Path]
Run = Callable[..., Any]


def test_it_is_small_and_holds_no_framework(folder: Path) -> None:
    assert sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) < MOST_BYTES
    assert {path.name for path in (folder / "_internal").iterdir()} & FRAMEWORKS == set()


def test_every_registry_is_whole(program: Run, tmp_path: Path) -> None:
    """Methods, targets, palettes and presets are found by looking into folders, which a frozen program lacks."""
    found = program("doctor", "--json", cwd=tmp_path).json
    assert [row["name"] for row in found["methods"]] == list(methods.names())
    working = {row["name"] for row in found["methods"] if row["works"]}
    assert working >= {"classical", "cyclegan", "diffusion", "identity"}
    assert all(row["version"] for row in found["packages"] if row["needed_by"] == "base")
    assert found["palettes"] == len(palettes.builtin_names())
    listed = program("presets", "list", "--json", cwd=tmp_path).json["presets"]
    assert {row["name"] for row in listed} == {path.stem for path in store.shipped_folder().glob("*.toml")}
    targets = program("sheet", "--target", "list").out
    assert {line.split()[0] for line in targets.splitlines()} == set(exporters.names())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_there(program: Run, command: str) -> None:
    assert f"Usage: pixforge {command}" in program(command, "--help").out


def test_every_palette_format_is_there(program: Run, tmp_path: Path) -> None:
    for name in palettes.format_names():
        ending = palettes.format_module(name).EXTENSIONS[0]
        program("palette", "convert", "pico-8", tmp_path / f"{name}{ending}", "--format", name, cwd=tmp_path)
        assert len(palettes.load(tmp_path / f"{name}{ending}").colors) == 16


def test_a_picture_comes_out_as_from_the_package(program: Run, draw: Draw, tmp_path: Path) -> None:
    source = draw(tmp_path / "zoë's $HOME.png")
    program("convert", source, "-o", tmp_path / "by executable.png")
    package = [sys.executable, "-m", "pixforge", "convert", str(source), "-o", str(tmp_path / "by package.png")]
    subprocess.run(package, check=True, capture_output=True)
    assert (tmp_path / "by executable.png").read_bytes() == (tmp_path / "by package.png").read_bytes()


def test_pictures_of_every_kind_are_read(program: Run, draw: Draw, tmp_path: Path) -> None:
    drawing = Image.open(draw(tmp_path / "drawing.png"))
    for ending in ("webp", "gif", "bmp", "tiff", "jpg"):
        (drawing.convert("RGB") if ending == "jpg" else drawing).save(tmp_path / f"{ending}.{ending}")
    (tmp_path / "svg.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="30"/></svg>'
    )
    sources = sorted(path for path in tmp_path.iterdir() if path.suffix != ".png")
    out = tmp_path / "out"
    found = program("convert", *sources, "-o", f"{out}/", "--size", "16x16", "--json").json
    assert [row["status"] for row in found["outcomes"]] == ["written"] * 6


def test_a_clip_becomes_sheets_for_every_target(program: Run, draw: Draw, tmp_path: Path) -> None:
    frames = [Image.open(draw(tmp_path / f"{shift}.png", shift)).resize((32, 32)) for shift in (0, 40, 80)]
    frames[0].save(tmp_path / "walk.gif", save_all=True, append_images=frames[1:], duration=[100, 50, 200], disposal=2)
    targets = [word for name in exporters.names() for word in ("--target", name)]
    program("sheet", tmp_path / "walk.gif", "-o", tmp_path / "out" / "walk", *targets)
    endings = {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {".png", ".json", ".aseprite", ".gif", ".tres", ".tsx", ".webp"} <= endings


def test_the_second_program_takes_the_calls_of_aseprite(
    aseprite: Run, program: Run, draw: Draw, tmp_path: Path
) -> None:
    program("sheet", draw(tmp_path / "a.png"), "-o", tmp_path / "a", "--target", "aseprite")
    words = ("-b", tmp_path / "a.aseprite", "--sheet", tmp_path / "s.png", "--data", tmp_path / "s.json", "--trim")
    aseprite(*words, "--format", "json-array")
    assert (tmp_path / "s.png").stat().st_size
    assert '"frames"' in (tmp_path / "s.json").read_text(encoding="utf-8")


def test_a_batch_uses_worker_processes(program: Run, draw: Draw, tmp_path: Path) -> None:
    for number in range(6):
        draw(tmp_path / "art" / f"{number}.png", number)
    found = program("batch", tmp_path / "art", tmp_path / "out", "-j", 2, "--json").json
    assert found["workers"] == 2
    assert found["summary"]["written"] == 6
    assert program("batch", tmp_path / "art", tmp_path / "out", "-j", 2, "--json").json["summary"]["unchanged"] == 6


def test_a_method_of_a_framework_says_where_to_find_it(program: Run, draw: Draw, tmp_path: Path) -> None:
    draw(tmp_path / "art" / "a.png")
    done = program("batch", tmp_path / "art", tmp_path / "out", "--cluster", "tcp://localhost:1", code=6)
    assert "dask" in done.err


@pytest.fixture
def watched(folder: Path, draw: Draw, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A watch that has gone through its folder, and the folder."""
    (tmp_path / "art").mkdir()
    draw(tmp_path / "art" / "first.png")
    process = subprocess.Popen(
        [folder / "pixforge", "watch", tmp_path / "art", tmp_path / "out", "-j", "2", "--settle", "0.1"],
        env={"PATH": ""}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, encoding="utf-8",
    )  # fmt: skip
    _until(process, "gone through")
    yield process, tmp_path
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


def _until(process: subprocess.Popen[str], words: str) -> str:
    """Read what it says up to a line with these words."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended without saying {words!r}:\n{said}")


@pytest.mark.skipif(os.name != "posix", reason="ends it by SIGTERM")
def test_a_dropped_picture_is_converted_and_sigterm_ends_the_watch(
    watched: tuple[subprocess.Popen[str], Path], draw: Draw
) -> None:
    process, place = watched
    draw(place / "elsewhere.png", 30).rename(place / "art" / "dropped.png")
    _until(process, "dropped.png from")
    with Image.open(place / "out" / "dropped.png") as made:
        assert max(made.size) == 64
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_neither_the_watch_nor_its_workers_load_a_python_of_the_system(
    watched: tuple[subprocess.Popen[str], Path], folder: Path, draw: Draw
) -> None:
    process, place = watched
    draw(place / "elsewhere.png", 30).rename(place / "art" / "dropped.png")
    _until(process, "dropped.png from")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children, "no worker process"
    for pid in (str(process.pid), *children):
        maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
        mapped = {line.split(maxsplit=5)[5] for line in maps if "/" in line}
        python = {name for name in mapped if "python" in name.lower() or "site-packages" in name}
        assert python, "its own libpython at least"
        assert all(Path(name).is_relative_to(folder) for name in python), python


def test_it_needs_nothing_of_the_system_but_the_c_library(bare: tuple[Run, Path], draw: Draw) -> None:
    """In a file system of its own, without any interpreter, shell, home folder or /proc."""
    program, root = bare
    assert not [path for path in root.rglob("*") if path.name in {"python", "python3", "sh", "env"}]
    for number in range(4):
        draw(root / "desk" / "art" / f"{number}.png", number)
    program("convert", "/desk/art/0.png", "-o", "/desk/one.png")
    found = program("batch", "/desk/art", "/desk/out", "-j", 2, "--json").json
    assert found["summary"]["written"] == 4
    assert (root / "desk" / "one.png").read_bytes() == (root / "desk" / "out" / "0.png").read_bytes()

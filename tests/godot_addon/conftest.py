"""A Godot project with the add-on, and what happens to it from its first import to its export."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixforge.exporters.registry import export
from pixforge.exporters.target import Asset
from pixforge.image.picture import Frame, Picture
from pixforge.image.save import write_atomic
from pixforge.sheet.atlas import build
from pixforge.sheet.clip import Clip, Tag
from pixforge.sheet.options import SheetOptions

HERE = Path(__file__).parent
ADDON = HERE.parents[1] / "integrations" / "godot" / "addons" / "pixforge"
PIXFORGE = Path(sys.executable).with_name("pixforge")
ODD = "art/odd 'name' $HOME `x` & ; 字 ü.png"
PROJECT = """config_version=5
[application]
config/name="test"
config/features=PackedStringArray("4.6")
[rendering]
textures/canvas_textures/default_texture_filter=0
[editor_plugins]
enabled=PackedStringArray("res://addons/pixforge/plugin.cfg", "res://addons/probe/plugin.cfg")
"""
PRESETS = """[preset.0]
name="Linux"
platform="Linux"
runnable=true
export_filter="all_resources"
include_filter=""
exclude_filter=""
export_path=""
[preset.0.options]
binary_format/embed_pck=false
"""
OWN = """direction = "to-pixel"
[grid]
height = {height}
[palette]
source = "own.hex"
"""
COLORS = ("ff0040", "10d0a0", "202020", "f0f0f0")
NEW_COLORS = ("8000ff", "10d0a0", "202020", "f0f0f0")


@dataclass(frozen=True)
class Ran:
    """One run of Godot: exit code, what it printed, and the files whose import was written anew."""

    code: int
    printed: str
    imported: frozenset[str]


@dataclass(frozen=True)
class Story:
    """The runs of one project, in their order, and what a script found in between.

    Attributes:
        first: the import of the clean project.
        again: an import with nothing changed.
        palette: after another palette file, and after the broken source was mended.
        nowhere: an import after another preset, without the program.
        stopped: exports of the stale project, by the ending of the file.
        left: files of those exports that are there.
        opened: the editor after that: what it printed, and what the probe in it found (see probe.gd).
        exported: an export at the end.
        packed: the names in its file.
        odd: the path of the source with the odd name.
    """

    folder: Path
    first: Ran
    found: dict[str, Any]
    leftovers: list[str]
    again: Ran
    palette: Ran
    found_palette: dict[str, Any]
    nowhere: Ran
    stopped: dict[str, Ran]
    left: list[str]
    opened: Ran
    probed: dict[str, Any]
    exported: Ran
    packed: list[str]
    odd: str = f"res://{ODD}"


@pytest.fixture(scope="session")
def run_godot(godot_program: Path) -> Callable[..., Ran]:
    """Run Godot in a project: run_godot(folder, *arguments, **environment)."""

    def run(project: Path, *args: str, **environment: str) -> Ran:
        before = times(project)
        command = [str(godot_program), "--headless", "--path", str(project), *args]
        settings = {**os.environ, "PIXFORGE": str(PIXFORGE), **environment}
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=settings)
        after = times(project)
        changed = frozenset(path for path in after if after[path] != before.get(path))
        return Ran(done.returncode, done.stdout + done.stderr, changed)

    return run


def times(project: Path) -> dict[str, int]:
    """When each source was imported last: the add-on's records."""
    records = (project / ".godot/pixforge/records").glob("*.json")
    return {json.loads(path.read_text())["source"]: path.stat().st_mtime_ns for path in records}


def result(ran: Ran) -> dict[str, Any]:
    """What a script printed."""
    lines = [line for line in ran.printed.splitlines() if line.startswith("RESULT ")]
    assert lines, ran.printed
    found: dict[str, Any] = json.loads(lines[0][7:])
    return found


@pytest.fixture(scope="session")
def drawn() -> list[Picture]:
    """The frames that were drawn into every clip."""
    return list(drawn_clip().pictures)


@pytest.fixture(scope="module")
def story(run_godot: Callable[..., Ran], tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One project through its life; each start of Godot takes a second or more."""
    project = tmp_path_factory.mktemp("project")
    make_project(project)
    first = run_godot(project, "--import")
    found = result(run_godot(project, "--script", "res://check.gd"))
    leftovers = sorted(str(path.relative_to(project)) for path in (project / ".godot/pixforge").iterdir())
    again = run_godot(project, "--import")
    (project / "presets/own.hex").write_text("\n".join(NEW_COLORS))
    shutil.copy(project / "art/walk.gif", project / "art/bad.gif")
    palette = run_godot(project, "--import")
    found_palette = result(run_godot(project, "--script", "res://check.gd"))
    (project / "presets/own.toml").write_text(OWN.format(height=12))
    nowhere = run_godot(project, "--import", PIXFORGE="/nowhere/pixforge")
    out = tmp_path_factory.mktemp("export")
    stopped = {
        ending: run_godot(project, "--export-pack", "Linux", str(out / f"game.{ending}")) for ending in ("pck", "zip")
    }
    left = sorted(path.name for path in out.iterdir())
    (project / "art/worse.gif").write_text("no picture")
    opened = run_godot(project, "--editor", PROBE="1")
    for path in project.glob("art/worse.gif*"):
        path.unlink()
    exported = run_godot(project, "--export-pack", "Linux", str(out / "game.zip"))
    with zipfile.ZipFile(out / "game.zip") as archive:
        packed = archive.namelist()
    return Story(
        project, first, found, leftovers, again, palette, found_palette, nowhere, stopped, left, opened,
        result(opened), exported, packed,
    )  # fmt: skip


def make_project(project: Path) -> None:
    """A clean project: sources, two of them with their import settings, a preset with its palette file."""
    shutil.copytree(ADDON, project / "addons/pixforge")
    (project / "addons/probe").mkdir()
    shutil.copy(HERE / "probe.gd", project / "addons/probe/probe.gd")
    shutil.copy(HERE / "probe_plugin.cfg", project / "addons/probe/plugin.cfg")
    shutil.copy(HERE / "check.gd", project / "check.gd")
    (project / "project.godot").write_text(PROJECT)
    (project / "export_presets.cfg").write_text(PRESETS)
    (project / "presets").mkdir()
    (project / "presets/own.toml").write_text(OWN.format(height=16))
    (project / "presets/own.hex").write_text("\n".join(COLORS))
    (project / "art").mkdir()
    clip = drawn_clip()
    write_clip(project / "art/walk.gif", clip, "gif")
    write_clip(project / "art/fight.aseprite", clip, "aseprite")
    write_clip(project / "art/done.aseprite", clip, "aseprite")
    for name in ("art/hero.pix.png", ODD, "art/plain.png", "art/ground.tiles.png"):
        write_clip(project / name, Clip(clip.frames[:1]), "png")
    (project / "art/bad.gif").write_text("no picture")
    choose(project / "art/walk.gif", "sprite_frames", preset="own")
    choose(project / ODD, "texture", preset="own")
    choose(project / "art/fight.aseprite", "sprite_frames", preset="pico-8", **{"size/height": 20})


def choose(source: Path, importer: str, **options: str | int) -> None:
    """Write import settings as a version-controlled project has them."""
    lines = [f'[remap]\nimporter="pixforge.{importer}"\n[params]']
    lines += [f"{name}={json.dumps(value)}" for name, value in options.items()]
    source.with_name(source.name + ".import").write_text("\n".join(lines) + "\n")


def drawn_clip() -> Clip:
    """Three frames of 64 x 48: a disc with an outline that moves on a clear ground, and two tags."""
    rows, columns = np.mgrid[:48, :64]
    frames = []
    for number, duration in enumerate((80, 120, 250)):
        pixels = np.zeros((48, 64, 4), np.uint8)
        distance = np.hypot(rows - 24, columns - 20 - 8 * number)
        pixels[distance < 18] = (20, 20, 20, 255)
        pixels[distance < 15] = (250, 10, 60, 255)
        frames.append(Frame(Picture(pixels), duration))
    return Clip(tuple(frames), (Tag("idle", 0, 0), Tag("hit", 0, 2, "pingpong")))


def write_clip(path: Path, clip: Clip, target: str) -> None:
    """Write a clip, or the one frame of it, in a format that is one file."""
    untrimmed = SheetOptions("horizontal", trim=False)
    (file, *_others) = export(Asset("clip", clip, build(clip, untrimmed)), [target])
    write_atomic(path, file.data)

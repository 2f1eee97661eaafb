"""A real Godot imports what is exported, and finds in it what the clip held."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixforge.exporters.godot import uid
from pixforge.exporters.options import TargetOptions
from pixforge.exporters.registry import export, export_tiles
from pixforge.exporters.target import Asset, File, TileAsset
from pixforge.image.picture import Picture
from pixforge.sheet.atlas import build
from pixforge.sheet.clip import Clip
from pixforge.sheet.options import SheetOptions
from pixforge.sheet.tags import is_loop, play_order
from pixforge.sheet.tiles import cut, lay_out_tiles

# One process for all of them (where tests are spread by group): each imports the project only once.
pytestmark = pytest.mark.xdist_group("godot")

HERE = Path(__file__).parent
PROJECT = """config_version=5
[application]
config/name="test"
config/features=PackedStringArray("4.6")
[rendering]
textures/canvas_textures/default_texture_filter=0
"""
IN_PROJECT = TargetOptions(godot_folder="res://art")
LAYOUTS = {
    "packed": SheetOptions(spacing=1, extrude=1),
    "rows": SheetOptions("rows", columns=3, border=2, inner=1, power_of_two=True),
    "grid": SheetOptions("grid", trim=False),
    "pages": SheetOptions("packed", max_size=16, merge=False),
}


@dataclass(frozen=True)
class Imported:
    """A project after Godot has imported it: what a script found, what it printed, what lay there before."""

    folder: Path
    found: Any
    printed: str
    before: dict[Path, bytes]


@pytest.fixture(scope="module")
def imported(clip: Clip, godot: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """One import of everything, as a start of Godot takes seconds."""
    project = tmp_path_factory.mktemp("godot")
    (project / "project.godot").write_text(PROJECT)
    (project / "check.gd").write_text((HERE / "check.gd").read_text())
    for name, sheet in LAYOUTS.items():
        place = TargetOptions(godot_folder=f"res://clips/{name}")
        _write(project / "clips" / name, export(Asset("hero", clip, build(clip, sheet), place), ["godot"]))
    _write(project / "clips/relative", export(Asset("hero", clip, build(clip, SheetOptions())), ["godot"]))
    for extrude in (0, 1):
        tiles = cut(_level(), (8, 8))
        place = TargetOptions(godot_folder=f"res://tiles/extrude{extrude}")
        asset = TileAsset("hero", tiles, lay_out_tiles(tiles, extrude=extrude), place)
        _write(project / "tiles" / f"extrude{extrude}", export_tiles(asset, ["godot"]))
    before = _contents(project)
    printed = godot(project, "--import") + godot(project, "--script", "res://check.gd")
    result = next((line for line in printed.splitlines() if line.startswith("RESULT ")), "RESULT {}")
    return Imported(project, json.loads(result[7:]), printed, before)


def _write(folder: Path, files: Sequence[File]) -> None:
    folder.mkdir(parents=True)
    for file in files:
        (folder / file.path).write_bytes(file.data)


def _contents(project: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for room in ("clips", "tiles") for path in project.glob(f"{room}/*/*")}


@pytest.mark.godot
def test_godot_imports_everything_without_an_error(imported: Imported) -> None:
    assert "ERROR" not in imported.printed, imported.printed
    settings = list(imported.folder.glob("*/*/*.import"))
    assert len(settings) > 7
    assert [path for path in settings if "valid=false" in path.read_text()] == []


@pytest.mark.godot
@pytest.mark.parametrize("name", [*LAYOUTS, "relative"])
def test_godot_reads_back_animations_times_loops_sizes_and_pixels(name: str, clip: Clip, imported: Imported) -> None:
    found = imported.found[name]["animations"]
    assert set(found) == {tag.name for tag in clip.tags}
    for tag in clip.tags:
        animation = found[tag.name]
        order = play_order(tag)
        assert animation["loop"] == is_loop(tag)
        assert len(animation["frames"]) == len(order)
        for frame, number in zip(animation["frames"], order, strict=True):
            assert frame["seconds"] == pytest.approx(clip.durations[number] / 1000, rel=1e-6)
            assert frame["size"] == [clip.width, clip.height]
            assert frame["pixels"] == clip.pictures[number].pixels.tobytes().hex()


@pytest.mark.godot
@pytest.mark.parametrize("name", [*LAYOUTS, "relative"])
def test_the_scene_plays_the_first_animation_unfiltered_and_stands_on_its_pivot(name: str, imported: Imported) -> None:
    assert imported.found[name]["scene"] == {
        "autoplay": "walk",
        "filter": 1,
        "centered": False,
        "offset": [-8, -13],
        "frames": True,
        "name": "hero",
    }


@pytest.mark.godot
def test_a_small_page_size_gave_several_pages(imported: Imported) -> None:
    assert len(list(imported.folder.glob("clips/pages/*.png"))) > 1


@pytest.mark.godot
def test_an_import_changes_no_file_whose_place_is_known(imported: Imported) -> None:
    """Godot finds nothing to complete or to correct, so version control sees no change."""
    after = _contents(imported.folder)
    changed = [path for path, data in imported.before.items() if after[path] != data]
    assert [str(path.relative_to(imported.folder)) for path in changed] == ["clips/relative/hero.png.import"]
    assert "process/fix_alpha_border=false" in changed[0].read_text()


@pytest.mark.godot
def test_godot_knows_the_resources_by_our_identifiers(imported: Imported) -> None:
    assert imported.found["packed"]["uid"] == uid("hero.tres", "res://clips/packed")


@pytest.mark.godot
@pytest.mark.parametrize("name", ["extrude0", "extrude1"])
def test_godot_reads_back_tiles_and_their_map(name: str, imported: Imported) -> None:
    picture, found = _level(), imported.found[name]
    assert (found["size"], len(found["tiles"])) == ([8, 8], 2)
    canvas = np.zeros_like(picture.pixels)
    for x, y, place, mirrored, upside_down, transposed in found["cells"]:
        tile = np.frombuffer(bytes.fromhex(found["tiles"][place]), np.uint8).reshape(8, 8, 4)
        tile = tile.swapaxes(0, 1) if transposed else tile
        tile = tile[:, ::-1] if mirrored else tile
        canvas[y * 8 : y * 8 + 8, x * 8 : x * 8 + 8] = tile[::-1] if upside_down else tile
    assert np.array_equal(canvas, picture.pixels)


def _level() -> Picture:
    """Four by three cells of one tile in all eight positions, one other tile, and empty cells."""
    rng = np.random.default_rng(5)
    tile = np.full((8, 8, 4), 255, np.uint8)
    tile[..., :3] = rng.integers(0, 255, (8, 8, 3))
    other = np.full((8, 8, 4), 255, np.uint8)
    other[..., 0] = 7
    ways = [tile, tile[:, ::-1], tile[::-1], tile[::-1, ::-1]]
    ways += [way.swapaxes(0, 1) for way in ways]
    cells = [*ways, other, np.zeros_like(tile), other, tile]
    return Picture(np.vstack([np.hstack(cells[row * 4 : row * 4 + 4]) for row in range(3)]))


def test_the_same_clip_gives_the_same_bytes_and_identifiers(clip: Clip) -> None:
    asset = Asset("hero", clip, build(clip, SheetOptions()), IN_PROJECT)
    assert export(asset, ["godot"]) == export(asset, ["godot"])


def test_scenes_and_import_settings_are_left_alone_once_they_are_there(clip: Clip) -> None:
    files = export(Asset("hero", clip, build(clip, SheetOptions())), ["godot"])
    assert {file.path for file in files if file.keep} == {"hero.tscn", "hero.png.import"}


@pytest.mark.parametrize(("path", "folder"), [("hero.tres", "res://"), ("hero.tres", "res://art"), ("a.png", None)])
def test_identifiers_are_in_godots_digits_and_differ_by_place(path: str, folder: str | None) -> None:
    assert set(uid(path, folder).removeprefix("uid://")) <= set("abcdefghijklmnopqrstuvwxy012345678")
    assert uid(path, folder) != uid(path, "res://elsewhere")


def test_an_uneven_time_is_exact_in_duration_over_speed(clip: Clip) -> None:
    text = next(f for f in export(Asset("hero", clip, build(clip, SheetOptions())), ["godot"]) if f.path == "hero.tres")
    assert '"speed": 1000.0' in text.data.decode()
    assert '"duration": 83.0' in text.data.decode()

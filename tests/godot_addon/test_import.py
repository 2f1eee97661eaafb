"""A real Godot with the add-on: first import, re-import of exactly what depends on a change, stale exports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pixforge.image.picture import Picture

# One process for all of them (where tests are spread by group): the project's life is lived only once.
pytestmark = [pytest.mark.godot, pytest.mark.xdist_group("godot_addon")]

Story = Any  # of conftest.py
BROKEN = "res://art/bad.gif"
SOURCES = {"hero.pix.png", "ground.tiles.png", "walk.gif", "fight.aseprite", "done.aseprite", "bad.gif"}


def converted(story: Story, source: str, preset: str, **keys: object) -> NDArray[np.uint8]:
    """What pixforge itself makes of a source, frames side by side: uint8 (H, W, 4)."""
    out = story.folder.parent / "expected"
    out.mkdir(exist_ok=True)
    keys = {"sheet.trim": False, "sheet.layout": "horizontal", **keys}
    job = {
        "version": 1,
        "sources": [str(story.folder / source)],
        "out": f"{out}/",
        "name": "x",
        "preset": str(story.folder / preset) if preset.endswith(".toml") else preset,
        "targets": ["png"],
        "set": keys,
        "overwrite": True,
    }
    program = Path(sys.executable).with_name("pixforge")
    subprocess.run([program, "job", "-"], input=json.dumps(job), text=True, check=True, stdout=subprocess.DEVNULL)
    with Image.open(out / "x.png") as image:
        return np.asarray(image.convert("RGBA"))


def pixels(found: dict[str, Any]) -> NDArray[np.uint8]:
    """The picture that check.gd read: uint8 (H, W, 4)."""
    width, height = found["size"]
    return np.frombuffer(bytes.fromhex(found["pixels"]), np.uint8).reshape(height, width, 4)


def strip(animation: dict[str, Any], count: int) -> NDArray[np.uint8]:
    """The first frames of an animation side by side."""
    return np.hstack([pixels(frame) for frame in animation["frames"][:count]])


def test_a_clean_project_imports_everything_but_the_broken_source(story: Story) -> None:
    assert story.first.code == 0
    assert story.first.imported == {f"res://art/{name}" for name in SOURCES} | {story.odd}
    assert [path for path, resource in story.found.items() if resource is None] == [BROKEN]
    assert "SCRIPT ERROR" not in story.first.printed, story.first.printed


def test_a_broken_source_gives_a_readable_error_and_the_others_are_imported(story: Story) -> None:
    errors = [line for line in story.first.printed.splitlines() if line.startswith("ERROR")]
    ours, godots = errors
    assert ours.startswith(f"ERROR: Pixforge: {BROKEN}: this is a text file, not a picture. To do: give a PNG, ")
    assert godots == f"ERROR: Error importing '{BROKEN}'."


def test_a_drawing_becomes_a_lossless_texture_of_exactly_the_converted_pixels(story: Story) -> None:
    found = story.found["res://art/hero.pix.png"]
    assert (found["type"], found["mipmaps"], found["size"]) == ("PortableCompressedTexture2D", False, [64, 48])
    assert np.array_equal(pixels(found), converted(story, "art/hero.pix.png", "sprite-64"))


def test_a_picture_without_our_ending_stays_with_godots_own_importer(story: Story) -> None:
    assert story.found["res://art/plain.png"]["type"] == "CompressedTexture2D"


def test_a_clip_becomes_animations_with_exact_times_in_the_preset_of_the_project(story: Story) -> None:
    (animation,) = story.found["res://art/walk.gif"]["animations"].values()
    assert animation["loop"]
    assert [frame["seconds"] for frame in animation["frames"]] == pytest.approx([0.08, 0.12, 0.25], rel=1e-6)
    assert [frame["size"] for frame in animation["frames"]] == [[21, 16]] * 3
    allowed = {(0xFF, 0, 0x40), (0x10, 0xD0, 0xA0), (0x20, 0x20, 0x20), (0xF0, 0xF0, 0xF0)}
    assert colours(animation) <= allowed


def colours(animation: dict[str, Any]) -> set[tuple[int, ...]]:
    """The colours of all opaque pixels."""
    shown = strip(animation, len(animation["frames"]))
    return {tuple(map(int, colour)) for colour in shown[shown[..., 3] == 255][:, :3]}


def test_an_aseprite_file_keeps_its_tags_and_play_order_under_a_preset(story: Story) -> None:
    animations = story.found["res://art/fight.aseprite"]["animations"]
    assert set(animations) == {"idle", "hit"}
    times = [frame["seconds"] for frame in animations["hit"]["frames"]]
    assert times == pytest.approx([0.08, 0.12, 0.25, 0.12], rel=1e-6)
    expected = converted(story, "art/fight.aseprite", "pico-8", **{"grid.height": 20})
    assert np.array_equal(strip(animations["hit"], 3), expected)


def test_an_aseprite_file_without_a_preset_is_taken_as_it_is(story: Story, drawn: list[Picture]) -> None:
    animations = story.found["res://art/done.aseprite"]["animations"]
    assert np.array_equal(strip(animations["hit"], 3), np.hstack([each.pixels for each in drawn]))


def test_a_picture_becomes_a_tile_set_without_its_empty_tiles(story: Story) -> None:
    found = story.found["res://art/ground.tiles.png"]
    picture = converted(story, "art/ground.tiles.png", "sprite-64")
    cells = {
        f"{x},{y}": picture[y * 16 : y * 16 + 16, x * 16 : x * 16 + 16].tobytes().hex()
        for y in range(3)
        for x in range(4)
        if picture[y * 16 : y * 16 + 16, x * 16 : x * 16 + 16, 3].any()
    }
    assert found["size"] == [16, 16]
    assert 0 < len(cells) < 12
    assert found["tiles"] == cells


def test_an_odd_name_reaches_pixforge_as_it_is(story: Story) -> None:
    assert story.found[story.odd]["size"] == [21, 16]


def test_nothing_is_left_beside_the_records(story: Story) -> None:
    assert story.leftovers == [".godot/pixforge/program.json", ".godot/pixforge/records"]
    assert {path.suffix for path in story.folder.glob("art/*")} == {".png", ".gif", ".aseprite", ".import"}


def test_with_nothing_changed_only_the_failed_import_is_tried_again(story: Story) -> None:
    assert story.again.imported == {BROKEN}
    assert "Pixforge: res://art/bad.gif: this is a text file" in story.again.printed


def test_a_changed_palette_imports_exactly_what_depends_on_it_and_a_mended_source_heals(story: Story) -> None:
    assert story.palette.code == 0
    assert story.palette.imported == {"res://art/walk.gif", story.odd, BROKEN}
    (animation,) = story.found_palette["res://art/walk.gif"]["animations"].values()
    assert (0x80, 0, 0xFF) in colours(animation)
    assert (0xFF, 0, 0x40) not in colours(animation)
    assert story.found_palette[BROKEN]["type"] == "SpriteFrames"


@pytest.mark.parametrize("ending", ["pck", "zip"])
def test_a_stale_project_is_not_exported_and_says_what_to_do(story: Story, ending: str) -> None:
    ran = story.stopped[ending]
    assert ran.code != 0
    assert f"{ending}" not in {Path(name).suffix[1:] for name in story.left}
    for source in ("res://art/walk.gif", story.odd):
        assert f"Pixforge: {source} is stale: {story.folder}/presets/own.toml has changed" in ran.printed
    assert "res://art/hero.pix.png is stale" not in ran.printed
    assert "run godot --headless --import, then export again" in ran.printed


def test_without_the_program_nothing_is_lost_and_the_message_says_where_to_set_it(story: Story) -> None:
    assert story.nowhere.code == 0
    assert story.nowhere.imported == frozenset()
    assert 'the environment variable PIXFORGE names "/nowhere/pixforge", and there is no such file' in (
        story.nowhere.printed
    )
    assert "Editor > Editor Settings > Pixforge > Executable" in story.nowhere.printed


def test_an_editor_that_opens_imports_exactly_what_depends_on_a_changed_preset(story: Story) -> None:
    assert renewed(story)[0] == {"res://art/walk.gif", story.odd}
    assert story.stopped["pck"].imported | story.stopped["zip"].imported == set()


def renewed(story: Story) -> list[set[str]]:
    """What the open editor imported again, at its start and after a preset had changed on the disk."""
    start = "Pixforge: imported again, as what they are made of has changed: "
    lines = [line for line in story.opened.printed.splitlines() if line.startswith(start)]
    return [set(line.removeprefix(start).split(", ")) for line in lines]


def test_an_open_editor_sees_a_changed_preset_by_itself(story: Story) -> None:
    depending = {"res://art/walk.gif", "res://art/plain.png", story.odd}
    assert renewed(story)[1:] == [depending]
    assert set(story.probed["imported"]) == depending


def test_the_dock_offers_the_projects_presets_and_those_of_pixforge(story: Story) -> None:
    presets = story.probed["presets"]
    assert presets[:2] == ["sprite-64", "own"]
    assert {"game-boy", "character-64", "none"} <= set(presets)


def test_the_dock_previews_without_a_change_and_converts_what_is_selected(story: Story) -> None:
    assert (story.probed["before"], story.probed["after"]) == ([64, 48], [16, 12])
    assert story.probed["untouched"] == "CompressedTexture2D"
    assert story.probed["converted"] == "PortableCompressedTexture2D"


def test_the_dock_lists_what_went_wrong_and_what_to_do(story: Story) -> None:
    assert story.probed["problems"] == ["res://art/worse.gif"]
    assert "To do: give a PNG, JPEG, WebP, GIF" in story.probed["details"]


def test_every_control_of_the_dock_is_on_the_way_of_the_tab_key(story: Story) -> None:
    assert set(story.probed["focus"]) >= {"OptionButton", "Button", "HSlider", "ItemList"}


def test_fresh_art_is_exported(story: Story) -> None:
    assert story.exported.code == 0, story.exported.printed
    assert "is stale" not in story.exported.printed
    assert any(name.startswith(".godot/imported/walk.gif-") for name in story.packed)

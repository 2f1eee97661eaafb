"""The JSON targets: key order, names, and what PixiJS makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pixforge.errors import SettingsError
from pixforge.exporters.naming import distinct, frame_name
from pixforge.exporters.options import TargetOptions
from pixforge.image.load import load
from pixforge.sheet.clip import Clip, Tag
from pixforge.sheet.options import SheetOptions
from pixforge.sheet.tags import play_order


def test_aseprites_keys_are_in_aseprites_order(clip: Clip, write: Callable[..., Path]) -> None:
    table = json.loads((write(clip, "aseprite-json", options=TargetOptions("array")) / "hero.json").read_text())
    keys = ["filename", "frame", "rotated", "trimmed", "spriteSourceSize", "sourceSize", "duration"]
    assert all(list(frame) == keys for frame in table["frames"])
    assert [frame["filename"] for frame in table["frames"]][:2] == ["hero 0.aseprite", "hero 1.aseprite"]
    assert list(table["meta"])[:6] == ["app", "version", "image", "format", "size", "scale"]
    assert table["meta"]["scale"] == "1"
    assert table["meta"]["frameTags"][0] == {
        "name": "walk", "from": 0, "to": 2, "direction": "forward", "color": "#ff0000ff",
    }  # fmt: skip
    assert table["meta"]["frameTags"][2]["repeat"] == "1"
    assert table["meta"]["slices"][0]["keys"][0]["pivot"] == {"x": 4, "y": 3}


def test_the_pattern_of_names_is_the_users(clip: Clip, write: Callable[..., Path]) -> None:
    options = TargetOptions(frame_names="{title}-{tag}-{tagframe001}")
    table = json.loads((write(clip, "aseprite-json", options=options) / "hero.json").read_text())
    assert list(table["frames"])[:4] == ["hero-walk-001", "hero-walk-002", "hero-walk-003", "hero-turn-002"]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{title} {frame}.{extension}", "hero 12.ase"),
        ("{frame000}", "012"),
        ("{frame001}", "013"),
        ("{tag}/{tagframe}/{outertag}", "in/2/out"),
        ("{name}|{fullname}|{path}", "hero.ase|art/hero.ase|art"),
        ("{layer}+{group}", "arm+body"),
        ("{unknown}", "{unknown}"),
    ],
)
def test_frame_names_follow_aseprites_patterns(pattern: str, name: str) -> None:
    tags = (Tag("out", 5, 20), Tag("in", 10, 13))
    assert frame_name(pattern, "art/hero.ase", 12, tags, layer="arm", group="body") == name


def test_names_are_made_distinct() -> None:
    assert distinct(["a", "a", "", "a", "a_2"], "x") == ["a", "a_2", "x", "a_3", "a_2_2"]


@pytest.mark.parametrize("target", ["aseprite-json", "phaser"])
def test_a_target_of_one_page_refuses_several(target: str, clip: Clip, write: Callable[..., Path]) -> None:
    with pytest.raises(SettingsError, match="pages"):
        write(clip, target, sheet=SheetOptions(max_size=16))


def test_pixi_finds_every_frame_in_its_place_and_every_animation(
    clip: Clip, write: Callable[..., Path], node: Callable[..., str]
) -> None:
    folder = write(clip, "texturepacker", sheet=SheetOptions(extrude=1, spacing=1))
    found = json.loads(node("pixi.cjs", folder / "hero.atlas.json"))
    page = load(folder / "hero.png").pixels
    for number, picture in enumerate(clip.pictures):
        texture = found["textures"][f"hero_{number}"]
        x, y, width, height = texture["frame"]
        left, top, _, _ = texture["trim"]
        canvas = np.zeros_like(picture.pixels)
        canvas[top : top + height, left : left + width] = page[y : y + height, x : x + width]
        assert np.array_equal(canvas, picture.pixels)
        assert texture["orig"] == [0, 0, clip.width, clip.height]
        assert texture["anchor"] == [(clip.pivot_at(number) or (0, 0))[0] / 20, 13 / 16]
    assert found["animations"] == {tag.name: [f"hero_{number}" for number in play_order(tag)] for tag in clip.tags}


def test_each_page_of_texturepacker_names_the_others(clip: Clip, write: Callable[..., Path]) -> None:
    folder = write(clip, "texturepacker", sheet=SheetOptions(max_size=16))
    tables = {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.atlas.json"))}
    assert len(tables) > 1
    for name, table in tables.items():
        assert set(table["meta"]["related_multi_packs"]) == set(tables) - {name}
    assert sum(len(table["frames"]) for table in tables.values()) == len(clip.frames)


def test_phaser_finds_frames_by_number_and_plays_each_direction(clip: Clip, write: Callable[..., Path]) -> None:
    """As its createFromAseprite does it: names are numbers, of directions it knows forward, reverse and pingpong."""
    table = json.loads((write(clip, "phaser") / "hero.phaser.json").read_text())
    names = [frame["filename"] for frame in table["frames"]]
    assert names == [str(number) for number in range(len(names))]
    for entry, tag in zip(table["meta"]["frameTags"], clip.tags, strict=True):
        played = [table["frames"][number] for number in range(entry["from"], entry["to"] + 1)]
        order = list(range(tag.first, tag.last + 1))
        if tag.direction == "pingpong_reverse":
            assert entry["direction"] == "forward"
            order = list(play_order(tag))
        else:
            assert entry["direction"] == tag.direction
        assert [frame["duration"] for frame in played] == [clip.durations[number] for number in order]
        assert [frame["frame"] for frame in played] == [table["frames"][number]["frame"] for number in order]

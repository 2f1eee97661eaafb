"""Clips out of files: numbered pictures, folders, sheets by grid and by JSON; bad input, each with its own words."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.errors import LimitError, PictureError, SettingsError
from pixforge.exporters.options import JsonForm, TargetOptions
from pixforge.exporters.registry import export
from pixforge.exporters.target import Asset
from pixforge.image.encode import encode_png
from pixforge.image.limits import Limits
from pixforge.image.picture import Frame, Picture
from pixforge.sheet.atlas import build
from pixforge.sheet.clip import Clip, Slice, SliceKey, Tag
from pixforge.sheet.data import parse
from pixforge.sheet.numbered import natural_key, runs, sequence
from pixforge.sheet.options import Layout, SheetOptions
from pixforge.sheet.sources import Grid, cut_grid, read, read_sheet


def _save(path: Path, picture: Picture) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(picture, None, {}))
    return path


def _same(first: Clip, second: Clip) -> bool:
    return first.durations == second.durations and all(
        np.array_equal(a.pixels, b.pixels) for a, b in zip(first.pictures, second.pictures, strict=True)
    )


def test_numbers_count_as_numbers() -> None:
    paths = [Path(f"walk{number}.png") for number in (10, 9, 1, 2)]
    assert [path.stem for path in sequence(paths)] == ["walk1", "walk2", "walk9", "walk10"]
    assert sequence([Path("b.png"), Path("a.png")]) == [Path("b.png"), Path("a.png")]


@given(st.lists(st.text("ab12 _", max_size=6), max_size=6))
def test_natural_order_does_not_depend_on_the_order_before(texts: list[str]) -> None:
    ordered = sorted(texts, key=natural_key)
    assert [natural_key(text) for text in ordered] == sorted(natural_key(text) for text in reversed(texts))


def test_runs_of_numbered_files_are_animations() -> None:
    assert runs(["idle_0", "idle_1", "walk-1", "walk-2"]) == [("idle", 0, 1), ("walk", 2, 3)]
    assert runs(["walk1", "walk2"]) == []
    assert runs(["sword", "shield"]) == []
    assert runs(["a1", "b1", "a2"]) == []


def test_a_folder_of_numbered_files_is_a_clip_with_its_animations(clip: Clip, tmp_path: Path) -> None:
    for number, frame in enumerate(clip.pictures):
        name = f"walk_{number + 8}" if number < 4 else f"idle_{number}"
        _save(tmp_path / f"{name}.png", frame)
    (tmp_path / ".hidden.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no picture")
    found = read([tmp_path])
    assert [(tag.name, tag.first, tag.last) for tag in found.tags] == [("idle", 0, 1), ("walk", 2, 5)]
    assert found.names[2:] == ("walk_8", "walk_9", "walk_10", "walk_11")
    assert np.array_equal(found.pictures[2].pixels, clip.pictures[0].pixels)


def test_animations_become_tags_of_their_names(clip: Clip, tmp_path: Path) -> None:
    for name in ("jump", "run"):
        files = export(Asset(name, clip, build(clip, SheetOptions())), ["apng"])
        (tmp_path / f"{name}.apng").write_bytes(files[0].data)
    found = read([tmp_path / "run.apng", tmp_path / "jump.apng"])
    assert [(tag.name, tag.first, tag.last) for tag in found.tags] == [("run", 0, 5), ("jump", 6, 11)]
    assert found.durations == clip.durations * 2


def test_smaller_frames_are_refused_or_padded_where_asked(tmp_path: Path, picture: Callable[..., Picture]) -> None:
    paths = [
        _save(tmp_path / "a.png", picture(4, 4, (0, 0, 4, 4))),
        _save(tmp_path / "b.png", picture(8, 6, (0, 0, 8, 6))),
    ]
    with pytest.raises(PictureError, match='"b" is 8 x 6 pixels, but "a" is 4 x 4'):
        read(paths)
    padded = read(paths, pad="bottom").pictures[0].pixels
    assert padded.shape == (6, 8, 4)
    assert np.argwhere(padded[..., 3])[0].tolist() == [2, 2]


def test_an_empty_folder_and_no_paths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="no pictures"):
        read([tmp_path])
    with pytest.raises(PictureError, match="no frames"):
        read([])


def test_five_thousand_files_are_refused_by_their_number_unless_the_limit_is_raised(
    tmp_path: Path, picture: Callable[..., Picture]
) -> None:
    path = _save(tmp_path / "dot.png", picture(1, 1, (0, 0, 1, 1)))
    with pytest.raises(LimitError, match="5000 frames"):
        read([path] * 5000)
    assert len(read([path] * 2100, Limits(max_frames=5000)).frames) == 2100


@pytest.mark.parametrize("layout", ["rows", "grid"])
def test_a_sheet_cut_by_its_grid_gives_its_frames(clip: Clip, layout: Layout) -> None:
    sheet = build(clip, SheetOptions(layout, columns=4, trim=False, merge=False, border=3, spacing=2))
    found = cut_grid(sheet.pages[0], Grid(12, 10, margin=3, spacing=2, count=6))
    assert _same(found, clip)


def test_cells_after_the_last_picture_are_no_frames(picture: Callable[..., Picture]) -> None:
    assert len(cut_grid(picture(12, 8, (4, 0, 4, 4)), Grid(4, 4)).frames) == 2
    assert len(cut_grid(picture(12, 8, (4, 0, 4, 4)), Grid(4, 4, count=5)).frames) == 5


@pytest.mark.parametrize("grid", [Grid(20, 4), Grid(0, 4), Grid(4, 4, count=99), Grid(4, 4, margin=-1)])
def test_a_grid_that_does_not_fit_is_refused(grid: Grid, picture: Callable[..., Picture]) -> None:
    with pytest.raises(SettingsError):
        cut_grid(picture(12, 8, (0, 0, 4, 4)), grid)


def test_a_sheet_of_nothing_is_refused(picture: Callable[..., Picture]) -> None:
    with pytest.raises(PictureError, match="empty"):
        cut_grid(picture(12, 8, (0, 0, 0, 0)), Grid(4, 4))


@pytest.mark.parametrize("form", ["hash", "array"])
@pytest.mark.parametrize("layout", ["packed", "rows"])
def test_a_sheet_comes_back_by_its_aseprite_json(clip: Clip, tmp_path: Path, form: JsonForm, layout: Layout) -> None:
    tags = (Tag("a", 0, 2, "pingpong", 3, (1, 2, 3)), Tag("b", 3, 5))
    keys = (SliceKey(0, (1, 2, 3, 4), (1, 1, 1, 1), (0, 1)),)
    full = Clip(clip.frames, tags, (Slice("hit", keys, (9, 9, 9), "note"),))
    sheet = build(full, SheetOptions(layout, extrude=1, inner=1))
    for file in export(Asset("hero", full, sheet, TargetOptions(form)), ["aseprite-json"]):
        (tmp_path / file.path).write_bytes(file.data)
    found = read([tmp_path / "hero.json"])
    assert _same(found, full)
    assert (found.tags, found.slices) == (full.tags, full.slices)


def test_a_sheet_comes_back_by_its_texturepacker_json(clip: Clip, tmp_path: Path) -> None:
    full = Clip(clip.frames, (Tag("a", 0, 2), Tag("b", 3, 5, "pingpong")))
    for file in export(Asset("hero", full, build(full, SheetOptions())), ["texturepacker"]):
        (tmp_path / file.path).write_bytes(file.data)
    found = read_sheet(tmp_path / "hero.atlas.json")
    assert [(tag.name, tag.first, tag.last) for tag in found.tags] == [("a", 0, 2), ("b", 3, 6)]
    assert np.array_equal(found.pictures[6].pixels, clip.pictures[4].pixels)


def test_a_turned_and_trimmed_frame_of_texturepacker_stands_upright_again(tmp_path: Path) -> None:
    upright = np.zeros((4, 3, 4), np.uint8)
    upright[..., 3] = 255
    upright[..., 0] = np.arange(12).reshape(4, 3)
    page = np.zeros((8, 8, 4), np.uint8)
    page[1:4, 2:6] = np.rot90(upright, -1)  # clockwise, as TexturePacker turns
    _save(tmp_path / "page.png", Picture(page))
    entry = {
        "frame": {"x": 2, "y": 1, "w": 3, "h": 4},
        "rotated": True,
        "trimmed": True,
        "spriteSourceSize": {"x": 1, "y": 2, "w": 3, "h": 4},
        "sourceSize": {"w": 6, "h": 7},
    }
    (tmp_path / "s.json").write_text(json.dumps({"frames": {"a": entry}, "meta": {"image": "page.png"}}))
    found = read_sheet(tmp_path / "s.json").pictures[0].pixels
    assert found.shape == (7, 6, 4)
    assert np.array_equal(found[2:6, 1:4], upright)


GOOD = {
    "frames": [
        {"filename": "a", "frame": {"x": 0, "y": 0, "w": 2, "h": 2}, "duration": 100},
        {"filename": "b", "frame": {"x": 2, "y": 0, "w": 2, "h": 2}, "duration": 100},
    ],
    "meta": {"image": "x.png"},
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "the file must be an object"),
        ('{"frames": []}', "no frames"),
        ('{"frames": 3}', "frames must be an object or a list"),
        ('{"frames": [3]}', r"frames\[0\] must be an object"),
        ('{"frames": {"a": {}}}', r'frames\["a"\].frame must be an object'),
        ('{"frames": {"a": {"frame": {"x": 0, "y": 0, "w": 1}}}}', "h must be a whole number"),
        ('{"frames": {"a": {"frame": {"x": 0.5, "y": 0, "w": 1, "h": 1}}}}', "x must be a whole number"),
        ('{"frames": {"a": {"frame": {"x": NaN, "y": 0, "w": 1, "h": 1}}}}', "x must be a whole number"),
        ('{"frames": {"a": {"frame": {"x": 1e999, "y": 0, "w": 1, "h": 1}}}}', "x must be a whole number"),
        ('{"frames": {"a": {"frame": {"x": -1, "y": 0, "w": 1, "h": 1}}}}', "inside its source size"),
        (json.dumps({**GOOD, "meta": {"frameTags": [{"name": "t", "from": 0, "to": 2}]}}), "not 0 to 2"),
        (json.dumps({**GOOD, "meta": {"frameTags": [{"from": 0, "to": 1, "direction": "up"}]}}), "one of forward"),
        (json.dumps({**GOOD, "meta": {"slices": [{"keys": [{}]}]}}), "bounds must be an object"),
        (json.dumps({**GOOD, "animations": {"walk": ["a", "z"]}}), 'none called "z"'),
    ],
)
def test_broken_json_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        parse(text)


KEYS = ("frames", "frame", "meta", "x", "y", "w", "h", "frameTags", "animations", "textures", "slices", "keys", "from")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
)


@settings(max_examples=25)
@given(ANY_JSON)
def test_no_json_whatever_makes_it_crash(value: object) -> None:
    with suppress(PictureError):
        parse(json.dumps({"frames": value, "meta": value}))


def test_a_frame_outside_its_page_and_a_missing_page_are_refused(
    tmp_path: Path, picture: Callable[..., Picture]
) -> None:
    (tmp_path / "x.json").write_text(json.dumps(GOOD))
    with pytest.raises(PictureError, match=r"x\.png"):
        read_sheet(tmp_path / "x.json")
    _save(tmp_path / "x.png", picture(3, 3, (0, 0, 1, 1)))
    with pytest.raises(PictureError, match=r'x\.json: frame "b" lies outside the page of 3 x 3'):
        read_sheet(tmp_path / "x.json")
    with pytest.raises(PictureError, match="cannot be read"):
        read_sheet(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PictureError, match="UTF-8"):
        read_sheet(tmp_path / "binary.json")


def test_a_still_picture_is_a_clip_of_one_frame(tmp_path: Path, picture: Callable[..., Picture]) -> None:
    found = read([_save(tmp_path / "one.png", picture(3, 3, (0, 0, 1, 1)))])
    assert found.frames[0].duration == Frame(found.pictures[0], 100).duration

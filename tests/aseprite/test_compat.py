"""pixforge-aseprite takes Aseprite's arguments and gives what Aseprite gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixforge.cli.aseprite_compat import run
from pixforge.image.aseprite import Cel, Document, Layer, LayerKind, Moment, Slice, SliceKey, Tag, encode
from pixforge.image.encode import encode_png
from pixforge.image.load import load, load_frames
from pixforge.image.picture import Picture

W, H = 8, 6


def _block(value: int, width: int = 3, height: int = 2) -> np.ndarray:
    return np.full((height, width, 4), (value, 0, 0, 255), np.uint8)


@pytest.fixture
def hero(tmp_path: Path) -> Path:
    """Three frames; layers body/skin, body/shirt, and a hidden one; the last frame is empty."""
    layers = (
        Layer("body", LayerKind.GROUP),
        Layer("skin", level=1),
        Layer("shirt", level=1, opacity=200),
        Layer("notes", visible=False),
    )
    note = Cel(3, 0, 0, _block(9, W, H))
    moments = (
        Moment(100, (Cel(1, 1, 1, _block(50)), Cel(2, 4, 3, _block(60)), note)),
        Moment(83, (Cel(1, 2, 2, _block(50)), note)),
        Moment(40, (note,)),
    )
    tags = (Tag("walk", 0, 1, "pingpong", 2, (1, 2, 3)), Tag("end", 2, 2))
    slices = (Slice("hit", (SliceKey(0, (1, 1, 2, 2), pivot=(1, 0)),)),)
    path = tmp_path / "hero.aseprite"
    path.write_bytes(encode(Document(W, H, 32, moments, layers, tags, slices)))
    return path


@pytest.fixture
def sheet(hero: Path, tmp_path: Path) -> Callable[..., Any]:
    """Run with a sheet and its JSON; returns the JSON and the page."""

    def made(*args: str, before: tuple[str, ...] = ()) -> Any:  # noqa: ANN401  # JSON
        page, data = tmp_path / "out/s.png", tmp_path / "out/s.json"
        assert run(["-b", *before, str(hero), "--sheet", str(page), "--data", str(data), *args]) == 0
        return json.loads(data.read_text()), load(page).pixels

    return made


def test_frames_lie_in_one_row_under_aseprites_names(sheet: Callable[..., Any]) -> None:
    table, page = sheet()
    assert list(table["frames"]) == ["hero 0.aseprite", "hero 1.aseprite", "hero 2.aseprite"]
    assert [frame["frame"]["x"] for frame in table["frames"].values()] == [0, W, 2 * W]
    assert [frame["duration"] for frame in table["frames"].values()] == [100, 83, 40]
    assert page.shape == (H, 3 * W, 4)
    assert table["meta"]["image"] == "s.png"
    assert page[1, 1].tolist() == [50, 0, 0, 255]
    assert page[3, 5].tolist() == [60, 0, 0, 200]
    assert "frameTags" not in table["meta"]


def test_lists_come_into_the_json_where_they_are_asked_for(sheet: Callable[..., Any]) -> None:
    meta = sheet("--list-tags", "--list-layers", "--list-slices", "--format", "json-array")[0]["meta"]
    assert meta["frameTags"][0] == {
        "name": "walk", "from": 0, "to": 1, "direction": "pingpong", "repeat": "2", "color": "#010203ff",
    }  # fmt: skip
    assert meta["layers"] == [
        {"name": "body"},
        {"name": "skin", "group": "body", "opacity": 255, "blendMode": "normal"},
        {"name": "shirt", "group": "body", "opacity": 200, "blendMode": "normal"},
    ]
    assert meta["slices"] == [
        {
            "name": "hit",
            "keys": [{"frame": 0, "bounds": {"x": 1, "y": 1, "w": 2, "h": 2}, "pivot": {"x": 1, "y": 0}}],
        }
    ]


@pytest.mark.parametrize("dashes", ["-", "--"])
def test_one_dash_and_two_mean_the_same_and_values_may_follow_an_equals_sign(
    dashes: str, sheet: Callable[..., Any]
) -> None:
    table, _ = sheet(f"{dashes}format=json-array", f"{dashes}list-tags")
    assert isinstance(table["frames"], list)
    assert len(table["meta"]["frameTags"]) == 2


def test_trimmed_frames_keep_their_offsets_and_padding_is_as_in_aseprite(sheet: Callable[..., Any]) -> None:
    table, page = sheet("--trim", "--extrude", "--inner-padding", "1", "--border-padding", "2", "--shape-padding", "3")
    first, second, empty = table["frames"].values()
    assert first["spriteSourceSize"] == {"x": 1, "y": 1, "w": 6, "h": 4}
    assert first["trimmed"]
    # Aseprite counts inner padding as part of the frame, but not the extruded edge.
    assert first["frame"] == {"x": 3, "y": 3, "w": 8, "h": 6}
    assert second["frame"]["x"] == 2 + 10 + 3 + 1
    assert page[4, 4].tolist() == [50, 0, 0, 255]
    assert page[3, 4].tolist() == [50, 0, 0, 255]
    assert (empty["spriteSourceSize"]["w"], empty["sourceSize"]) == (1, {"w": W, "h": H})


def test_layers_split_into_rows_of_their_own(sheet: Callable[..., Any]) -> None:
    table, page = sheet("--filename-format", "{group}-{layer}-{frame}", before=("--split-layers",))
    assert list(table["frames"]) == [f"body-{layer}-{frame}" for layer in ("skin", "shirt") for frame in range(3)]
    assert page.shape == (2 * H, 3 * W, 4)
    assert page[H + 3, 5].tolist() == [60, 0, 0, 200]


def test_tags_split_into_rows_and_equal_frames_merge(sheet: Callable[..., Any]) -> None:
    table, page = sheet(before=("--split-tags",))
    assert list(table["frames"]) == ["hero #walk 0.aseprite", "hero #walk 1.aseprite", "hero #end.aseprite"]
    assert page.shape == (2 * H, 2 * W, 4)
    merged, page = sheet("--merge-duplicates", "--list-tags", before=("--layer", "notes"))
    assert page.shape == (H, W, 4)
    assert len(merged["frames"]) == 3


@pytest.mark.parametrize(
    ("before", "values"),
    [
        (("--layer", "skin"), [50, 0]),
        (("--layer", "body/shirt"), [0, 60]),
        (("--layer", "body"), [50, 60]),
        (("--layer", "*/s*"), [50, 60]),
        (("--layer", "notes"), [9, 9]),
        (("--ignore-layer", "skin"), [0, 60]),
        (("--all-layers",), [9, 9]),
        (("--all-layers", "--ignore-layer", "notes"), [50, 60]),
    ],
)
def test_layers_are_chosen_by_name_path_and_group(
    before: tuple[str, ...], values: list[int], sheet: Callable[..., Any]
) -> None:
    _, page = sheet(before=before)
    assert [int(page[1, 1, 0]), int(page[3, 5, 0])] == values


def test_frames_are_chosen_by_tag_and_range(sheet: Callable[..., Any]) -> None:
    by_tag, _ = sheet(before=("--tag", "walk"))
    by_range, _ = sheet(before=("--frame-range", "1,2"))
    assert [frame["duration"] for frame in by_tag["frames"].values()] == [100, 83]
    assert [frame["duration"] for frame in by_range["frames"].values()] == [83, 40]


def test_left_out_empty_frames_move_the_tags(sheet: Callable[..., Any]) -> None:
    table, _ = sheet("--ignore-empty", "--list-tags")
    assert len(table["frames"]) == 2
    assert [(tag["from"], tag["to"]) for tag in table["meta"]["frameTags"]] == [(0, 1), (2, 1)]


@pytest.mark.parametrize("kind", ["horizontal", "vertical", "rows", "columns", "packed"])
def test_every_type_of_sheet_holds_every_frame(kind: str, sheet: Callable[..., Any]) -> None:
    plain, _ = sheet()
    table, page = sheet("--sheet-type", kind, "--format", "json-hash")
    assert list(table["frames"]) == list(plain["frames"])
    for frame in table["frames"].values():
        box = frame["frame"]
        assert page[box["y"] : box["y"] + box["h"], box["x"] : box["x"] + box["w"]].shape == (H, W, 4)


def test_columns_wrap_the_rows(sheet: Callable[..., Any]) -> None:
    assert sheet("--sheet-type", "rows", "--sheet-columns", "2")[1].shape == (2 * H, 2 * W, 4)


def test_without_a_name_the_json_goes_to_stdout(hero: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-b", str(hero), "--sheet", str(tmp_path / "s.png"), "--list-tags"]) == 0
    assert len(json.loads(capsys.readouterr().out)["frames"]) == 3


def test_without_a_sheet_lists_are_printed_line_by_line(hero: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-b", "--list-layers", "--list-tags", "--list-slices", str(hero)]) == 0
    assert capsys.readouterr().out.splitlines() == ["skin", "shirt", "body", "walk", "end", "hit"]
    assert run(["-b", "--all-layers", "--list-layer-hierarchy", str(hero)]) == 0
    assert capsys.readouterr().out.splitlines() == ["body/", "body/skin", "body/shirt", "notes"]


def test_several_files_share_a_sheet_and_name_their_tags(hero: Path, tmp_path: Path, sheet: Callable[..., Any]) -> None:
    other = tmp_path / "dot.png"
    other.write_bytes(encode_png(Picture(_block(7)), None, {}))
    table, page = sheet("--list-tags", "--tagname-format", "{title}-{tag}", before=(str(other),))
    assert next(iter(table["frames"])) == "dot.png"
    assert page.shape == (2 + H, 3 * W, 4)
    assert [tag["name"] for tag in table["meta"]["frameTags"]] == ["hero-walk", "hero-end"]
    assert hero.exists()


def test_a_file_is_saved_as_pictures_and_animations(hero: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    save = ["--save-as", f"{out}/f.png", "--save-as", f"{out}/f.gif", "--save-as", f"{out}/f.aseprite"]
    assert run(["-b", "--layer", "skin", str(hero), *save]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["f.aseprite", "f.gif", "f1.png", "f2.png", "f3.png"]
    assert load(out / "f2.png").pixels[2, 2].tolist() == [50, 0, 0, 255]
    assert [frame.duration for frame in load_frames(out / "f.gif")] == [100, 80, 40]
    assert run(["-b", str(hero), "--scale", "2", "--trim", "--save-as", f"{out}/{{layer}}-{{frame00}}.png"]) == 0
    assert load(out / "shirt-00.png").pixels.shape == (4, 6, 4)


def test_a_preview_writes_nothing(hero: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-b", "-p", str(hero), "--sheet", str(tmp_path / "s.png"), "--data", str(tmp_path / "s.json")]) == 0
    assert "would write" in capsys.readouterr().out
    assert not (tmp_path / "s.png").exists()


def test_an_indexed_sprite_gives_an_indexed_sheet(sample: Path, tmp_path: Path) -> None:
    page, data = tmp_path / "s.png", tmp_path / "s.json"
    assert run(["-b", str(sample), "--sheet", str(page), "--data", str(data)]) == 0
    assert json.loads(data.read_text())["meta"]["format"] == "I8"
    assert page.read_bytes()[25] == 3


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--nope", "HERO"), 2, "--nope is not known"),
        (("HERO", "--sheet"), 2, "--sheet needs a value"),
        (("HERO", "--sheet", "x.png", "--shape-padding", "-1"), 2, "whole number"),
        (("HERO", "--sheet", "x.png", "--sheet-type", "spiral"), 2, "use horizontal"),
        (("HERO", "--data", "x.json", "--format", "xml"), 2, "json-hash"),
        (("--tag", "run", "HERO", "--data", "x.json"), 2, 'no tag "run"'),
        (("--layer", "nothing", "--split-layers", "HERO", "--data", "x.json"), 2, "no frames"),
        (("--frame-range", "1", "HERO"), 2, "FROM,TO"),
        (("--save-as", "x.png"), 2, "before any file"),
        (("HERO", "--save-as", "x.xcf"), 2, "cannot be saved as .xcf"),
        (("-b",), 2, "no file"),
        (("HERO", "--script-param", "a=b", "--script", "x.lua"), 6, "needs Aseprite"),
        (("missing.aseprite", "--data", "x.json"), 4, "no such file"),
        (("HERO", "--sheet", "HERO"), 5, "overwrite a source"),
    ],
)
def test_what_is_wrong_ends_with_a_code_and_words(
    args: tuple[str, ...], code: int, words: str, hero: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([str(hero) if arg == "HERO" else arg for arg in args]) == code
    assert words in capsys.readouterr().err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["--help"], ["-?"], []):
        assert run(args) == 0
        assert "--merge-duplicates" in capsys.readouterr().out
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("Aseprite")

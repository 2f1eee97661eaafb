"""pixforge sheet and pixforge split."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixforge.cli.boundary import run
from pixforge.image.encode import encode_png
from pixforge.image.load import load
from pixforge.image.picture import Picture
from pixforge.sheet.clip import Clip
from pixforge.sheet.sources import read


@pytest.fixture
def frames(clip: Clip, tmp_path: Path) -> list[str]:
    paths = []
    for number, picture in enumerate(clip.pictures):
        path = tmp_path / f"walk_{number + 7}.png"
        path.write_bytes(encode_png(picture, None, {}))
        paths.append(str(path))
    return paths[::-1]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run with --json and return exit code and document."""

    def called(*args: str) -> Any:  # noqa: ANN401  # JSON
        code = run([*args, "--json"])
        document = json.loads(capsys.readouterr().out)
        assert document["exit_code"] == code
        return document

    return called


def test_frames_become_a_sheet_for_several_targets(
    frames: list[str], clip: Clip, tmp_path: Path, report: Callable[..., Any]
) -> None:
    targets = ["-t", "aseprite", "-t", "godot", "-t", "gif"]
    options = ["--tag", "walk:0-3:pingpong", "--tag", "die:4-5:forward:1", "--duration", "83", "--pivot", "6x10"]
    found = report("sheet", *frames, "-o", str(tmp_path / "out/hero"), *targets, *options)
    assert (found["frames"], found["size"], found["name"]) == (6, [12, 10], "hero")
    assert {Path(file["path"]).name for file in found["files"]} == {
        "hero.aseprite", "hero.png", "hero.png.import", "hero.tres", "hero.tscn", "hero.gif",
    }  # fmt: skip
    back = read([tmp_path / "out/hero.aseprite"])
    assert back.durations == (83,) * 6
    assert [(tag.name, tag.direction, tag.repeat) for tag in back.tags] == [
        ("walk", "pingpong", 0),
        ("die", "forward", 1),
    ]
    for ours, theirs in zip(clip.pictures, back.pictures, strict=True):
        assert np.array_equal(ours.pixels, theirs.pixels)
    assert "offset = Vector2(-6, -10)" in (tmp_path / "out/hero.tscn").read_text()


def test_a_second_run_changes_nothing(frames: list[str], tmp_path: Path, report: Callable[..., Any]) -> None:
    args = ("sheet", *frames, "-o", str(tmp_path / "out/hero"), "-t", "godot")
    report(*args)
    assert {file["status"] for file in report(*args)["files"]} == {"unchanged", "kept"}


def test_a_dry_run_writes_nothing(frames: list[str], tmp_path: Path, report: Callable[..., Any]) -> None:
    found = report("sheet", *frames, "-o", str(tmp_path / "out/hero"), "-n")
    assert {file["status"] for file in found["files"]} == {"planned"}
    assert not (tmp_path / "out").exists()


def test_files_in_a_godot_project_know_their_place(frames: list[str], tmp_path: Path) -> None:
    (tmp_path / "game").mkdir()
    (tmp_path / "game/project.godot").touch()
    assert run(["sheet", *frames, "-o", str(tmp_path / "game/art/hero"), "-t", "godot"]) == 0
    assert 'path="res://art/hero.png"' in (tmp_path / "game/art/hero.tres").read_text()
    assert 'source_file="res://art/hero.png"' in (tmp_path / "game/art/hero.png.import").read_text()


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, "give FRAMES"),
        (("missing.png", "-o", "x"), 4, "no such file"),
        (("FRAMES", "-o", "x/y", "-t", "gdot"), 5, 'did you mean "godot"'),
        (("FRAMES", "-o", "x/y", "--tag", "walk:0-9"), 5, "the frames are 0 to 5"),
        (("FRAMES", "-o", "x/y", "--tag", "walk:0-1:up"), 5, "use one of forward"),
        (("FRAMES", "-o", "x/y", "--tag", "walk"), 2, "is not a tag such as"),
        (("FRAMES", "-o", "x/y", "--max-size", "4"), 5, "more than a page of 4 x 4"),
        (("FRAMES", "-o", "x/y", "--max-frames", "5"), 4, "more than the limit of 5"),
        (("FRAMES", "-o", "x/y", "--cut", "4x4"), 2, "--cut takes one sheet"),
        (("FRAMES", "-o", "x/y", "--godot-folder", "art"), 2, "res://art"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    args: tuple[str, ...],
    code: int,
    words: str,
    *,
    frames: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    expanded = [part for arg in args for part in (frames if arg == "FRAMES" else [arg])]
    assert run(["sheet", *expanded]) == code
    said = capsys.readouterr().err
    assert words in said
    assert not (tmp_path / "x").exists()


def test_the_output_never_replaces_a_frame(
    frames: list[str], clip: Clip, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sheet", *frames, "-o", str(tmp_path / "walk_7"), "-t", "png", "--overwrite"]) == 8
    assert "overwrite a source" in capsys.readouterr().err
    assert np.array_equal(load(tmp_path / "walk_7.png").pixels, clip.pictures[0].pixels)


def test_targets_are_listed(report: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert "godot" in report("sheet", "-t", "list")["targets"]
    assert run(["split", "--target", "list"]) == 0
    assert "Godot 4" in capsys.readouterr().out


def test_a_sheet_is_split_by_its_grid_and_by_its_json(
    frames: list[str], clip: Clip, tmp_path: Path, report: Callable[..., Any]
) -> None:
    place = str(tmp_path / "s/hero")
    report("sheet", *frames, "-o", place, "--layout", "rows", "--columns", "3", "--no-trim", "--no-merge")
    by_json = report("split", f"{place}.png", "-o", str(tmp_path / "json"))
    by_grid = report("split", f"{place}.png", "-o", str(tmp_path / "grid"), "--grid", "12x10", "--name", "a")
    assert (by_json["frames"], by_grid["frames"], by_grid["name"]) == (6, 6, "a")
    for number, picture in enumerate(clip.pictures):
        for path in (tmp_path / f"json/hero_{number:03}.png", tmp_path / f"grid/a_{number:03}.png"):
            assert np.array_equal(load(path).pixels, picture.pixels)


def test_a_picture_without_grid_or_json_is_refused(frames: list[str], tmp_path: Path) -> None:
    assert run(["split", frames[0], "-o", str(tmp_path / "x")]) == 2
    assert run(["split"]) == 2


def test_a_picture_is_cut_into_tiles(tmp_path: Path, report: Callable[..., Any]) -> None:
    tile = np.full((4, 4, 4), 255, np.uint8)
    tile[0, 0, :3] = 0
    (tmp_path / "level.png").write_bytes(encode_png(Picture(np.hstack([tile, tile[:, ::-1], tile])), None, {}))
    found = report(
        "split",
        str(tmp_path / "level.png"),
        "-o",
        str(tmp_path / "out"),
        "--tiles",
        "4x4",
        "-t",
        "tiled",
        "-t",
        "godot",
    )
    assert (found["tiles"], found["map"]) == (1, [3, 1])
    assert "1,2147483649,1" in (tmp_path / "out/level.tmx").read_text()
    none = report("split", str(tmp_path / "level.png"), "-o", str(tmp_path / "o"), "--tiles", "4x4", "--no-mirror")
    assert none["tiles"] == 2

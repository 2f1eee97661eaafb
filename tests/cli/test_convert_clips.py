"""pixforge convert on animations, frames, casts and sheets, and with targets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Runner = Callable[..., Any]
Draw = Callable[..., Path]
Tree = Callable[[Path], dict[str, bytes]]
FAST = ("-m", "identity", "--cell", "8")


def frames_of(path: Path) -> tuple[int, tuple[int, int]]:
    with Image.open(path) as image:
        return int(getattr(image, "n_frames", 1)), image.size


@pytest.fixture
def frames(work: Path, draw: Draw) -> Path:
    """A folder with three numbered frames."""
    for number in (1, 2, 3):
        draw(work / "walk" / f"walk_{number}.png", seed=number)
    return work / "walk"


@pytest.fixture
def walk(work: Path, frames: Path) -> Path:
    """An animated GIF of them."""
    first, *others = (Image.open(path) for path in sorted(frames.iterdir()))
    first.save(work / "walk.gif", save_all=True, append_images=others, duration=[100, 200, 300], disposal=2)
    return work / "walk.gif"


def test_an_animation_to_a_folder_is_a_sheet_and_its_json(pixforge: Runner, walk: Path, work: Path, tree: Tree) -> None:
    ran = pixforge("convert", walk, "-o", "out/", *FAST)
    assert ran.code == 0
    assert "(+ walk.json)" in ran.out
    assert "3 frames, flicker" in ran.out
    assert list(tree(work / "out")) == ["walk.json", "walk.png"]


@pytest.mark.parametrize("flags", [["--clip"], ["--clip", "--duration", "40"]])
def test_a_folder_of_frames_is_one_clip_where_that_is_asked_for(
    pixforge: Runner, frames: Path, work: Path, tree: Tree, flags: list[str]
) -> None:
    assert pixforge("convert", frames, "-o", "w.gif", *flags, *FAST).code == 0
    assert frames_of(work / "w.gif") == (3, (8, 6))
    refused = pixforge("convert", frames, "-o", "x.png", *FAST)
    assert refused.code == 4
    assert "--clip" in refused.err
    assert "x.png" not in tree(work)


def test_numbered_files_are_one_clip_or_a_picture_each(pixforge: Runner, frames: Path, work: Path, tree: Tree) -> None:
    files = sorted(frames.iterdir())
    assert pixforge("convert", *files, "--clip", "-o", "clip/", "-t", "aseprite", *FAST).code == 0
    assert list(tree(work / "clip")) == ["walk.aseprite"]
    assert pixforge("convert", *files, "-o", "each/", *FAST).code == 0
    assert list(tree(work / "each")) == ["walk_1.png", "walk_2.png", "walk_3.png"]


def test_a_cast_goes_to_a_folder_with_a_file_each(pixforge: Runner, work: Path, draw: Draw, tree: Tree) -> None:
    draw(work / "a.png", size=(64, 48), seed=1)
    draw(work / "b.png", size=(40, 64), seed=2)
    document = pixforge("convert", "a.png", "b.png", "--cast", "-o", "out", *FAST, "--json").json
    (outcome,) = document["outcomes"]
    assert [Path(file["path"]).name for file in outcome["files"]] == ["a.png", "b.png"]
    assert outcome["facts"]["frames"] == 2
    assert [frames_of(work / "out" / name)[1] for name in ("a.png", "b.png")] == [(8, 6), (5, 8)]
    assert list(tree(work / "out")) == ["a.png", "b.png"]


def test_a_sheet_is_cut_first(pixforge: Runner, work: Path, draw: Draw) -> None:
    draw(work / "sheet.png", size=(64, 48))
    assert pixforge("convert", "sheet.png", "--cut", "32x48", "-o", "s.gif", *FAST).code == 0
    assert frames_of(work / "s.gif")[1] == (4, 6)
    assert pixforge("convert", "sheet.png", "--cut", "32x48", "--clip", "-o", "s.gif", *FAST).code == 2


def test_the_json_of_a_sheet_is_a_clip_and_its_page_is_never_written_over(
    pixforge: Runner, walk: Path, work: Path, tree: Tree
) -> None:
    assert pixforge("convert", walk, "-o", "first/", *FAST).code == 0
    assert pixforge("convert", "first/walk.json", "-o", "again.gif", "-m", "identity", "--cell", "1").code == 0
    assert frames_of(work / "again.gif") == (3, (8, 6))
    before = tree(work / "first")
    ran = pixforge("convert", "first/walk.json", "-o", "first/", *FAST, "--overwrite")
    assert ran.code == 8
    assert "overwrite the source" in ran.err
    assert tree(work / "first") == before


def test_a_dry_run_names_the_files_of_the_targets(pixforge: Runner, hero: Path, work: Path, tree: Tree) -> None:
    before = tree(work)
    document = pixforge("convert", hero, "-o", "out/", "-t", "godot", "-t", "gif", "-n", "--json").json
    (outcome,) = document["outcomes"]
    assert [(file["path"], file["status"]) for file in outcome["files"]] == [
        (f"out/hero{ending}", "planned") for ending in (".tres", ".tscn", ".png", ".gif")
    ]
    assert tree(work) == before


def test_a_wrong_target_is_refused_with_the_closest_name(pixforge: Runner, hero: Path) -> None:
    ran = pixforge("convert", hero, "-o", "out/", "-t", "asprite")
    assert ran.code == 5
    assert 'did you mean "aseprite"?' in ran.err
    assert "given as an option" in ran.err


@pytest.mark.parametrize(("out", "said"), [("hero.gif", "does not end as a file of"), ("hero.v2", "does not end")])
def test_an_output_that_no_target_writes_is_refused(pixforge: Runner, hero: Path, out: str, said: str) -> None:
    ran = pixforge("convert", hero, "-o", out, "-t", "godot", *FAST)
    assert ran.code == 8
    assert said in ran.err
    assert ".tres" in ran.err


def test_the_options_of_sheets_and_targets_are_keys_of_the_preset(pixforge: Runner, walk: Path, work: Path) -> None:
    args = ("--set", "sheet.layout=horizontal", "--set", "sheet.trim=false", "--set", "export.json=array")
    assert pixforge("convert", walk, "-o", "out/", *FAST, *args).code == 0
    assert frames_of(work / "out" / "walk.png")[1] == (24, 6)
    assert '"frames": [' in (work / "out" / "walk.json").read_text()
    refused = pixforge("convert", walk, "-o", "out/", "--set", "sheet.extrud=1")
    assert refused.code == 5
    assert 'did you mean "extrude"?' in refused.err


def test_batch_takes_folders_of_frames_by_a_flag(pixforge: Runner, frames: Path, work: Path, tree: Tree) -> None:
    flags = ("--clips", "folder", "-t", "gif", "-j", 1)
    assert pixforge("batch", frames.parent, "out", *FAST, *flags, "--ignore", "out").code == 0
    assert list(tree(work / "out")) == ["walk.gif"]
    again = pixforge("batch", frames.parent, "out", *FAST, *flags, "--ignore", "out", "--json").json
    assert again["summary"]["unchanged"] == again["jobs"] == 1
    assert pixforge("batch", "--clips", "folder").code == 2

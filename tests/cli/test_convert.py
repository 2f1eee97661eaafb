"""pixforge convert: flags, outputs, and what never happens to a source."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Runner = Callable[..., Any]
Draw = Callable[..., Path]
Tree = Callable[[Path], dict[str, bytes]]
FAST = ("-m", "identity")


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_one_picture_to_one_file(pixforge: Runner, hero: Path) -> None:
    ran = pixforge("convert", hero, "-o", "out.png", *FAST)
    assert ran.code == 0
    assert "out.png  64 x 48" in ran.out
    assert size_of(Path("out.png")) == (64, 48)


def test_several_pictures_to_a_folder(pixforge: Runner, hero: Path, work: Path, draw: Draw, tree: Tree) -> None:
    other = draw(work / "npc" / "other.webp")
    assert pixforge("convert", hero, other, "-o", "out", *FAST, "--width", 8).code == 0
    assert list(tree(work / "out")) == ["hero.png", "other.png"]


@pytest.mark.parametrize("out", ["new/", "there"])
def test_one_picture_to_a_folder(pixforge: Runner, hero: Path, work: Path, out: str) -> None:
    (work / "there").mkdir()
    assert pixforge("convert", hero, "-o", out, *FAST).code == 0
    assert (work / out / "hero.png").is_file()


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--size", "20x30"], (20, 30)),
        (["--size", "20X30"], (20, 30)),
        (["--width", "32"], (32, 24)),
        (["--height", "12"], (16, 12)),
        (["--width", "9", "--height", "7"], (9, 7)),
        (["--cell", "4"], (16, 12)),
        (["--set", "grid.width=16"], (16, 12)),
        (["--set", "grid.size=[10, 11]"], (10, 11)),
        (["--set", "grid.width=16", "--height", "24"], (16, 24)),
        (["-p", "item-16"], (16, 16)),
        (["-p", "item-16", "--cell", "8"], (7, 6)),
    ],
)
def test_the_size_that_was_asked_for(pixforge: Runner, hero: Path, flags: list[str], expected: tuple[int, int]) -> None:
    assert pixforge("convert", hero, "-o", "out.png", *FAST, *flags).code == 0
    width, height = size_of(Path("out.png"))
    if "--cell" in flags and "-p" in flags:  # the preset trims the border first
        assert (width, height) != (16, 16)
        assert width <= 8
        assert height <= 6
    else:
        assert (width, height) == expected


def test_flags_override_the_preset(pixforge: Runner, hero: Path, work: Path) -> None:
    (work / "own.hex").write_text("000000\nffffff\nff0000\n")
    args = ("convert", hero, "-o", "out.png", *FAST, "-p", "pico-8", "--palette", "own.hex", "--preview", "3", "--json")
    (outcome,) = pixforge(*args).json["outcomes"]
    assert outcome["facts"]["colors"] <= 3
    with Image.open("out.png") as image:
        pixels = np.asarray(image.convert("RGBA"))
    used = {tuple(colour) for colour in pixels[pixels[..., 3] > 0][:, :3].tolist()}
    assert used <= {(0, 0, 0), (255, 255, 255), (255, 0, 0)}
    assert size_of(Path("out@3x.png")) == (192, 144)


def test_every_field_of_a_preset_can_be_set(pixforge: Runner, hero: Path) -> None:
    settings = (
        "alpha.mode=opaque", 'alpha.background="#123456"', "palette.reserve=['#123456']", "outline.inner=false",
        "cleanup.orphans=false", "export.indexed=false", "grid.fit=stretch", "method.seed=7", "description=mine",
    )  # fmt: skip
    args = [part for setting in settings for part in ("--set", setting)]
    assert pixforge("convert", hero, "-o", "out.png", *FAST, "--width", 8, *args).code == 0
    with Image.open("out.png") as image:
        assert image.mode == "RGBA"
        assert (0x12, 0x34, 0x56, 255) in {tuple(pixel) for pixel in np.asarray(image).reshape(-1, 4).tolist()}


@pytest.mark.parametrize("setting", ["outline.mode", "=3", "outline..mode=3", ".x=1"])
def test_a_set_that_is_no_assignment_is_refused(pixforge: Runner, hero: Path, setting: str) -> None:
    ran = pixforge("convert", hero, "-o", "out.png", "--set", setting)
    assert ran.code == 5
    assert "table.key=value" in ran.err


def test_a_wrong_flag_value_and_a_wrong_set_are_named_together(pixforge: Runner, hero: Path) -> None:
    ran = pixforge("convert", hero, "-o", "out.png", "--colors", 1, "-m", "clasical", "--set", "outline.mdoe=black")
    assert ran.code == 5
    for part in ("colors: expected a whole number from 2 to 256, found 1", '"classical"', 'did you mean "mode"?'):
        assert part in ran.err
    assert ran.err.count("given as an option") == 3


def test_the_source_is_never_touched(pixforge: Runner, hero: Path, work: Path, tree: Tree) -> None:
    before = tree(work)
    for out in ("hero.png", ".", "./", str(work / "hero.png")):
        ran = pixforge("convert", hero, "-o", out, *FAST, "--overwrite")
        assert ran.code == 8
        assert "would overwrite the source" in ran.err
    assert tree(work) == before


def test_two_sources_of_one_name_are_refused_before_anything_is_written(
    pixforge: Runner, work: Path, draw: Draw
) -> None:
    first, second = draw(work / "a" / "x.png"), draw(work / "b" / "x.png")
    ran = pixforge("convert", first, second, "-o", "out", *FAST)
    assert ran.code == 8
    assert str(first) in ran.err
    assert str(second) in ran.err
    assert not (work / "out").exists()


def test_a_dry_run_writes_nothing(pixforge: Runner, hero: Path, work: Path, tree: Tree) -> None:
    before = tree(work)
    ran = pixforge("convert", hero, "-o", "out/", "--preview", 4, "--dry-run", "--json")
    (outcome,) = ran.json["outcomes"]
    assert (outcome["status"], outcome["destination"], outcome["preview"]) == (
        "planned",
        "out/hero.png",
        "out/hero@4x.png",
    )
    assert tree(work) == before


def test_what_happens_to_files_that_are_there(pixforge: Runner, hero: Path, work: Path, draw: Draw) -> None:
    args = ("convert", hero, "-o", "out.png", *FAST, "--json")
    assert pixforge(*args).json["summary"]["written"] == 1
    assert pixforge(*args).json["summary"]["unchanged"] == 1
    assert pixforge(*args, "--colors", 2).json["summary"]["written"] == 1
    assert pixforge(*args, "--no-overwrite").json["summary"]["skipped"] == 1
    draw(work / "out.png", seed=5)
    ran = pixforge(*args)
    assert ran.code == 8
    assert "not made by pixforge" in ran.json["outcomes"][0]["error"]["cause"]
    assert pixforge(*args, "--overwrite").json["summary"]["written"] == 1


def test_with_several_pictures_one_failure_is_a_partial_one(pixforge: Runner, hero: Path, work: Path) -> None:
    (work / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    ran = pixforge("convert", "bad.png", hero, "-o", "out", *FAST, "--json")
    assert ran.code == 3
    assert [outcome["status"] for outcome in ran.json["outcomes"]] == ["failed", "written"]
    assert "bad.png" in ran.err


def test_the_json_document_has_every_key_whatever_happens(pixforge: Runner, hero: Path, work: Path) -> None:
    (work / "bad.png").write_bytes(b"")
    document = pixforge("convert", hero, "bad.png", "-o", "out", *FAST, "--json").json
    assert set(document) == {
        "schema", "version", "command", "exit_code", "error", "preset", "outcomes", "summary", "seconds"
    }  # fmt: skip
    assert set(document["preset"]) == {"name", "path", "digest"}
    assert set(document["summary"]) == {"written", "unchanged", "skipped", "planned", "failed"}
    good, bad = document["outcomes"]
    assert set(good) == set(bad) == {
        "source", "destination", "preview", "status", "seconds", "facts", "files", "error"
    }  # fmt: skip
    assert set(good["facts"]) == {
        "width", "height", "colors", "source_width", "source_height", "direction", "method", "model_digest", "preset",
        "preset_digest", "version", "grid", "frames", "pages", "milliseconds", "flicker", "seam",
    }  # fmt: skip
    assert set(bad["error"]) == {"kind", "exit_code", "path", "cause", "remedy"}
    assert good["facts"]["preset_digest"] == document["preset"]["digest"]


def test_a_traceback_is_only_shown_when_asked_for(pixforge: Runner, work: Path) -> None:
    (work / "bad.png").write_bytes(b"")
    assert "Traceback" not in pixforge("convert", "bad.png", "-o", "out.png").err
    assert "Traceback" in pixforge("convert", "bad.png", "-o", "out.png", "-v").err
    assert "Traceback" in pixforge("-v", "convert", "bad.png", "-o", "out.png", "-p", "nope").err


def test_the_default_method_in_a_process_of_its_own(hero: Path, work: Path) -> None:
    command = [sys.executable, "-m", "pixforge", "convert", str(hero), "-o", "out.png"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    first = (work / "out.png").read_bytes()
    subprocess.run([*command[:-1], "again.png"], capture_output=True, check=True)
    assert (work / "again.png").read_bytes() == first


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have such names")
def test_a_file_name_that_is_no_text_is_converted_and_shown(hero: Path, work: Path) -> None:
    strange = Path(os.fsdecode(b"h\xff.png"))
    hero.rename(work / strange)
    command = [sys.executable, "-m", "pixforge", "convert", str(strange), "-o", "out/", *FAST]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"h\\udcff.png" in done.stdout
    assert (work / "out" / strange).is_file()

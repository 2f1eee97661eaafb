"""`pixforge batch --check` says whether anything would change, and changes nothing: with a ledger and without one."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

Runner = Callable[..., Any]
Draw = Callable[..., Path]
Tree = Callable[[Path], dict[str, bytes]]
FAST = ("-m", "identity", "--width", "8")
CHECK = ("batch", "art", "out", *FAST, "--check")


@pytest.fixture(params=[True, False], ids=["with a ledger", "in a fresh clone"])
def converted(request: pytest.FixtureRequest, pixforge: Runner, work: Path, draw: Draw) -> Path:
    """Three converted pictures."""
    for number in range(3):
        draw(work / "art" / f"{number}.png", seed=number)
    assert pixforge("batch", "art", "out", *FAST).code == 0
    if not request.param:
        shutil.rmtree(work / "out" / ".pixforge")
    return work


def test_what_is_up_to_date_passes_and_nothing_is_written(pixforge: Runner, converted: Path, tree: Tree) -> None:
    before = {path: path.stat().st_mtime_ns for path in converted.rglob("*") if path.is_file()}
    ran = pixforge(*CHECK)
    assert ran.code == 0, ran.err
    assert {
        path: path.stat().st_mtime_ns for path in converted.rglob("*") if path.suffix == ".png"
    }.items() <= before.items()
    assert tree(converted / "out").keys() == {"0.png", "1.png", "2.png"}


def test_a_changed_source_and_a_missing_output_are_told(
    pixforge: Runner, converted: Path, draw: Draw, tree: Tree
) -> None:
    draw(converted / "art" / "0.png", seed=99)
    (converted / "out" / "2.png").unlink()
    before = tree(converted)
    ran = pixforge(*CHECK, "--json", "--junit", "report.xml")
    assert ran.code == 11
    errors = {Path(row["source"]).name: row["error"] for row in ran.json["outcomes"]}
    assert errors["1.png"] is None
    assert (errors["0.png"]["kind"], errors["0.png"]["cause"]) == ("stale", "is out of date")
    assert errors["2.png"]["cause"] == "is missing"
    failed = [case.get("name") for case in ET.parse("report.xml").iter("testcase") if case.find("failure") is not None]
    assert failed == ["0.png", "2.png"]
    assert {name: data for name, data in tree(converted).items() if name != "report.xml"} == before


def test_another_preset_makes_all_of_it_stale(pixforge: Runner, converted: Path) -> None:
    assert converted.is_dir()
    assert pixforge("batch", "art", "out", "-m", "identity", "--width", "9", "--check").code == 11


def test_what_the_run_then_writes_passes(pixforge: Runner, converted: Path, draw: Draw) -> None:
    draw(converted / "art" / "new.png", seed=5)
    assert pixforge(*CHECK, "-j", 2).code == 11
    assert pixforge("batch", "art", "out", *FAST).code == 0
    assert pixforge(*CHECK, "-j", 2).code == 0


def test_a_picture_that_cannot_be_converted_is_a_failure_not_stale(pixforge: Runner, converted: Path) -> None:
    (converted / "art" / "bad.png").write_text("no picture")
    assert pixforge(*CHECK).code == 3


def test_another_compression_is_the_same_picture(pixforge: Runner, work: Path, draw: Draw) -> None:
    """Two systems may have two releases of zlib; another colour or another preset is told all the same."""
    draw(work / "art" / "a.png")
    pixforge("batch", "art", "out", *FAST)
    shutil.rmtree(work / "out" / ".pixforge")
    path = work / "out" / "a.png"
    before = path.read_bytes()
    with Image.open(path) as picture:
        assert isinstance(picture, PngImagePlugin.PngImageFile)
        text = PngImagePlugin.PngInfo()
        for key, value in picture.text.items():
            text.add_text(key, value)
        picture.load()
        picture.save(path, compress_level=0, pnginfo=text)
        assert path.read_bytes() != before
        assert pixforge(*CHECK).code == 0
        picture.save(path, compress_level=0)
    assert pixforge(*CHECK).code == 11, "it no longer says what made it"


def test_an_output_without_its_source_counts_with_prune(pixforge: Runner, work: Path, draw: Draw) -> None:
    draw(work / "art" / "a.png")
    draw(work / "art" / "b.png", seed=2)
    pixforge("batch", "art", "out", *FAST)
    (work / "art" / "b.png").unlink()
    assert pixforge(*CHECK).code == 0
    ran = pixforge(*CHECK, "--prune")
    assert ran.code == 11
    assert "b.png  would be removed" in ran.out
    assert (work / "out" / "b.png").is_file()


def test_hooks_do_not_run_and_a_dry_run_is_something_else(pixforge: Runner, work: Path, draw: Draw) -> None:
    draw(work / "art" / "a.png")
    assert pixforge(*CHECK, "--hook", "before-run=touch hooked").code == 11
    assert not (work / "hooked").exists()
    assert pixforge(*CHECK, "--dry-run").code == 2

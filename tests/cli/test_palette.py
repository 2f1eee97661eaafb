"""pixforge palette: extract, convert, show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pixforge.palettes import registry

Runner = Callable[..., Any]


@pytest.fixture
def flag(work: Path) -> Path:
    """A picture of three flat colours."""
    pixels = np.repeat(np.array([[[0, 0, 255], [255, 255, 255], [255, 0, 0]]], np.uint8), 9, 1).repeat(20, 0)
    Image.fromarray(pixels).save(work / "flag.png")
    return work / "flag.png"


def test_extract_writes_the_colours_of_the_pictures(pixforge: Runner, flag: Path) -> None:
    assert set(pixforge("palette", "extract", flag).out.split()) == {"#0000ff", "#ffffff", "#ff0000"}
    ran = pixforge("palette", "extract", flag, "-o", "flag.gpl", "--reserve", "#123456", "--colors", 3, "--json")
    document = ran.json
    assert document["status"] == "written"
    assert document["palette"]["colors"][0] == "#123456"
    assert len(document["palette"]["colors"]) == 3
    assert registry.load("flag.gpl").hex_colors == tuple(document["palette"]["colors"])


@pytest.mark.parametrize("ending", [".gpl", ".hex", ".aco", ".ase", ".act", ".pal", ".png"])
def test_convert_keeps_the_colours(pixforge: Runner, work: Path, ending: str) -> None:
    assert pixforge("palette", "convert", "pico-8", f"p{ending}").code == 0
    assert registry.load(str(work / f"p{ending}")).colors == registry.builtin("pico-8").colors


def test_a_file_with_other_content_is_kept_unless_told_otherwise(pixforge: Runner, work: Path) -> None:
    assert pixforge("palette", "convert", "pico-8", "p.hex").code == 0
    assert pixforge("palette", "convert", "pico-8", "p.hex", "--json").json["status"] == "unchanged"
    before = (work / "p.hex").read_bytes()
    ran = pixforge("palette", "convert", "db16", "p.hex")
    assert ran.code == 8
    assert (work / "p.hex").read_bytes() == before
    assert pixforge("palette", "convert", "db16", "p.hex", "--overwrite").code == 0
    assert pixforge("palette", "convert", "p.hex", "p.hex", "--overwrite").code == 8


def test_show_lists_names_that_can_be_shown(pixforge: Runner) -> None:
    rows = pixforge("palette", "show", "--json").json["palettes"]
    assert len(rows) >= 12
    for row in rows:
        assert len(pixforge("palette", "show", row["name"], "--json").json["palette"]["colors"]) == row["count"]
    assert "#ff004d" in pixforge("palette", "show", "pico-8").out.lower()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("show", "pico8"), 5, 'did you mean "pico-8"?'),
        (("convert", "pico-8", "p.xyz"), 5, ".xyz"),
        (("convert", "missing.gpl", "p.hex"), 5, "no such palette file"),
        (("convert", "pico-8", "p.pal", "--format", "riff"), 5, 'did you mean "riff_pal"?'),
        (("extract", "missing.png"), 4, "missing.png"),
        (("extract", "flag.png", "--reserve", "pink"), 2, '"pink" is not a colour'),
    ],
)
def test_mistakes_are_explained(
    pixforge: Runner, flag: Path, work: Path, args: tuple[str, ...], code: int, said: str
) -> None:
    ran = pixforge("palette", *args)
    assert ran.code == code
    assert said in ran.err
    assert [path.name for path in work.iterdir()] == [flag.name]

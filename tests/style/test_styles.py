"""`pixforge styles` keeps a library, and --style reaches it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from pixforge.cli.boundary import run
from pixforge.nn.style import library
from pixforge.preset.flags import overrides_from_flags


@pytest.fixture(autouse=True)
def _own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "user"))


def test_a_style_is_added_listed_shown_and_found_by_its_name(
    style_art: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["styles", "add", str(style_art), "--name", "greens", "--json"]) == 0
    added = json.loads(capsys.readouterr().out)["style"]
    assert added["pictures"] == 2
    assert run(["styles", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["styles"]}
    assert rows["greens"]["origin"] == "user"
    assert {"dungeon", "dawnlike", "adventure"} <= set(rows)
    assert run(["styles", "show", "greens", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["style"]
    assert [(row["width"], row["colours"], row["error"]) for row in shown["files"]] == [(16, 4, None)] * 2
    assert shown["digest"] == library.find(str(style_art)).digest
    assert library.find("greens").path == tmp_path / "user" / "pixforge" / "styles" / "greens"


def test_a_name_that_is_taken_or_no_name_and_a_folder_without_pictures_are_refused(
    style_art: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["styles", "add", str(style_art)]) == 0
    assert run(["styles", "add", str(style_art)]) == 8
    assert run(["styles", "add", str(style_art), "--name", "a/b"]) == 5
    (tmp_path / "none").mkdir()
    assert run(["styles", "add", str(tmp_path / "none")]) == 5
    assert "holds no picture" in capsys.readouterr().err


def test_every_bundled_style_has_credits_and_is_pixel_art_or_the_drawings_for_direction_to_drawing() -> None:
    from pixforge.errors import NotPixelArtError
    from pixforge.methods._style.drawing import DRAWN
    from pixforge.methods._style.pictures import style_art as read
    from pixforge.methods._style.pictures import style_drawings

    bundled = [style for style in library.search() if style.origin == "bundled"]
    named = (library.bundled_styles() / library.CREDITS).read_text("utf-8")
    assert len(bundled) >= 3
    for style in bundled:
        assert f"`{style.name}`" in named
        if style.name != DRAWN:
            assert read(str(style.path))
    assert len(style_drawings(DRAWN)) == 7
    with pytest.raises(NotPixelArtError, match="direction to-drawing"):
        read(DRAWN)


def test_the_flag_chooses_the_method_unless_another_is_named() -> None:
    assert overrides_from_flags({"style": "dungeon"}) == {"method.style.style": "dungeon", "method.name": "style"}
    assert overrides_from_flags({"style": "x", "method": "classical"})["method.name"] == "classical"


def test_a_large_folder_is_taken_evenly(tmp_path: Path) -> None:
    for number in range(600):
        Image.new("RGB", (1, 1)).save(tmp_path / f"{number:03}.png")
    files = library.find(str(tmp_path)).files
    assert len(files) == 512
    assert files[-1].name == "598.png"

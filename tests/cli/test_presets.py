"""pixforge presets: list, show, check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixforge import preset
from pixforge.preset.store import shipped_folder, user_folder

Runner = Callable[..., Any]


@pytest.fixture
def own(work: Path) -> Path:
    """A preset of the project and one of the user."""
    (work / "presets").mkdir()
    (work / "presets" / "hero.toml").write_text('direction = "to-pixel"\ndescription = "ours"\n[grid]\nheight = 48\n')
    user_folder().mkdir(parents=True)
    (user_folder() / "sprite-64.toml").write_text('direction = "to-pixel"\ndescription = "mine"\n')
    return work / "presets" / "hero.toml"


def test_list_shows_all_that_a_name_reaches_and_where_it_is(pixforge: Runner, own: Path) -> None:
    document = pixforge("presets", "list", "--json").json
    rows = {(row["name"], row["origin"]): row for row in document["presets"]}
    assert rows["hero", "project"]["description"] == "ours"
    assert rows["sprite-64", "user"]["shadowed"] is False
    assert rows["sprite-64", "shipped"]["shadowed"] is True
    assert len(rows) == 2 + len(list(shipped_folder().glob("*.toml")))
    assert document["places"]["project"] == [str(own.parent)]
    out = pixforge("presets", "list").out
    assert "hero" in out
    assert str(user_folder()) in out


def test_list_goes_on_past_a_preset_with_mistakes(pixforge: Runner, own: Path) -> None:
    own.write_text("direction = 3\n")
    ran = pixforge("presets", "list", "--json")
    assert ran.code == 0
    (row,) = [row for row in ran.json["presets"] if row["name"] == "hero"]
    assert row["error"]["problems"][0]["key"] == "direction"
    assert "has mistakes" in pixforge("presets", "list").out


@pytest.mark.usefixtures("own")
def test_show_writes_a_preset_that_reads_back_the_same(pixforge: Runner, work: Path) -> None:
    (work / "copy.toml").write_text(pixforge("presets", "show", "hero").out)
    assert preset.load("copy.toml").digest == preset.load("hero").digest
    document = pixforge("presets", "show", "hero", "--json").json
    assert document["preset"]["values"]["grid"]["height"] == 48
    assert document["preset"]["digest"] == preset.load("hero").digest


def test_check_reports_every_mistake_of_every_file(pixforge: Runner, own: Path) -> None:
    assert pixforge("presets", "check").code == 0
    own.write_text('direction = "to-pixel"\n[gird]\n[palette]\ncolors = 0\n')
    (own.parent / "second.toml").write_text("not toml")
    ran = pixforge("presets", "check", own.parent, "nes", "--json")
    assert ran.code == 5
    checked = {row["name"]: row for row in ran.json["checked"]}
    assert {name: row["ok"] for name, row in checked.items()} == {"hero": False, "second": False, "nes": True}
    assert len(checked["hero"]["error"]["problems"]) == 2
    assert "hero.toml" in ran.err
    assert "second.toml" in ran.err
    assert "1 in order, 2 with mistakes" in pixforge("presets", "check", own.parent, "nes").out


def test_an_unknown_name_is_suggested(pixforge: Runner) -> None:
    ran = pixforge("presets", "show", "gameboy")
    assert ran.code == 5
    assert 'did you mean "game-boy"?' in ran.err

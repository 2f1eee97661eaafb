"""`pixforge integrations`: add-ons arrive whole, come up to date by the same command, and replace nothing of others."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixforge.cli import addons

Runner = Callable[..., Any]
PLUGIN = "res://addons/pixforge/plugin.cfg"
Tree = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def game(work: Path) -> Path:
    """A Godot project."""
    folder = work / "my game"
    folder.mkdir()
    (folder / "project.godot").write_text('config_version=5\n\n[application]\n\nconfig/name="Game"\n')
    return folder


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small stand-in for the add-ons, which a test may change as a new version would."""
    root = tmp_path / "integrations"
    for name, text in (
        ("godot/addons/pixforge/plugin.cfg", '[plugin]\nversion="1.0"\n'),
        ("godot/addons/pixforge/dock/dock.gd", "extends Control\n"),
        ("aseprite/package.json", '{"name": "pixforge", "version": "1.0"}'),
        ("aseprite/__pycache__/x.pyc", ""),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    monkeypatch.setattr(addons, "shipped_folder", lambda: root)
    return root


@pytest.mark.parametrize("name", addons.NAMES)
def test_what_comes_with_pixforge_has_a_head_and_a_version(name: addons.Name) -> None:
    files = addons.files_of(name)
    assert list(files)[-1] in {"plugin.cfg", "package.json"}, "hosts look for it: it comes when all else is there"
    assert addons.shipped_version(name)


def test_the_add_on_arrives_in_a_project_and_is_switched_on(pixforge: Runner, game: Path, tree: Tree) -> None:
    before = (game / "project.godot").read_text()
    document = pixforge("integrations", "install", "godot", game, "--enable", "--json").json
    assert document["enabled"]
    here = tree(game / "addons" / "pixforge")
    assert {key: here[key] for key in addons.files_of("godot")} == addons.files_of("godot")
    after = (game / "project.godot").read_text()
    assert after == f'{before}\n[editor_plugins]\n\nenabled=PackedStringArray("{PLUGIN}")\n'
    again = pixforge("integrations", "install", "godot", game, "--enable", "--json").json
    assert {row["action"] for row in again["files"]} == {"keep"}


def test_a_dry_run_touches_nothing(pixforge: Runner, game: Path, tree: Tree) -> None:
    before = tree(game)
    document = pixforge("integrations", "install", "godot", game, "--enable", "--dry-run", "--json").json
    assert {row["action"] for row in document["files"]} == {"write"}
    assert tree(game) == before


@pytest.mark.usefixtures("shipped")
def test_a_folder_inside_the_project_is_enough(pixforge: Runner, game: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (game / "art").mkdir()
    monkeypatch.chdir(game / "art")
    assert pixforge("integrations", "install", "godot").code == 0
    assert (game / "addons" / "pixforge" / "plugin.cfg").is_file()


def test_a_folder_that_is_no_project_is_refused(pixforge: Runner, work: Path) -> None:
    ran = pixforge("integrations", "install", "godot", work)
    assert ran.code == 5
    assert "project.godot" in ran.err


def test_a_new_version_replaces_the_old_and_takes_away_what_it_dropped(
    pixforge: Runner, game: Path, shipped: Path
) -> None:
    pixforge("integrations", "install", "godot", game)
    addon = shipped / "godot" / "addons" / "pixforge"
    (addon / "plugin.cfg").write_text('[plugin]\nversion="2.0"\n')
    (addon / "dock" / "dock.gd").unlink()
    assert pixforge("integrations", "install", "godot", game).code == 0
    assert addons.version_in("godot", game / "addons" / "pixforge") == "2.0"
    assert not (game / "addons" / "pixforge" / "dock" / "dock.gd").exists()


@pytest.mark.parametrize("installed", [False, True], ids=["somebody's", "changed by hand"])
def test_files_of_others_and_hand_made_changes_stay(
    pixforge: Runner, game: Path, shipped: Path, installed: bool, tree: Tree
) -> None:
    if installed:
        pixforge("integrations", "install", "godot", game)
    mine = game / "addons" / "pixforge" / "dock" / "dock.gd"
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")
    (shipped / "godot" / "addons" / "pixforge" / "plugin.cfg").write_text('[plugin]\nversion="2.0"\n')
    before = tree(game)
    ran = pixforge("integrations", "install", "godot", game)
    assert ran.code == 8
    assert "dock.gd" in ran.err
    assert tree(game) == before, "nothing at all was begun"
    assert pixforge("integrations", "install", "godot", game, "--overwrite").code == 0
    assert mine.read_text() == "extends Control\n"


@pytest.mark.usefixtures("shipped")
def test_an_install_that_was_cut_short_is_gone_on_with(game: Path) -> None:
    target = addons.target_of("godot", game)
    planned = addons.changes("godot", target)
    for cut in range(len(planned)):
        addons.apply(planned[:cut])
        assert (target / "plugin.cfg").is_file() == (cut >= len(planned) - 1), "Godot sees all of it or nothing"
        addons.changes("godot", target)  # no refusal
    addons.apply(planned)
    assert {change.action for change in addons.changes("godot", target)} == {"keep"}


@pytest.mark.parametrize(
    ("section", "wanted"),
    [
        ("", f'[editor_plugins]\n\nenabled=PackedStringArray("{PLUGIN}")\n'),
        ("[editor_plugins]\n", f'[editor_plugins]\n\nenabled=PackedStringArray("{PLUGIN}")\n'),
        ("[editor_plugins]\n\nenabled=PackedStringArray()\n",
         f'[editor_plugins]\n\nenabled=PackedStringArray("{PLUGIN}")\n'),
        ('[editor_plugins]\n\nenabled=PackedStringArray("res://addons/a/plugin.cfg")\n\n[rendering]\n',
         f'[editor_plugins]\n\nenabled=PackedStringArray("res://addons/a/plugin.cfg", "{PLUGIN}")\n\n[rendering]\n'),
        (f'[editor_plugins]\n\nenabled=PackedStringArray("{PLUGIN}")\n',
         f'[editor_plugins]\n\nenabled=PackedStringArray("{PLUGIN}")\n'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_the_project_file_gains_one_entry_and_nothing_else(section: str, wanted: str, line: str) -> None:
    head = "; a comment\nconfig_version=5\n\n"
    before, after = ((head + text).replace("\n", line).encode() for text in (section, wanted))
    assert addons.with_plugin(before, PLUGIN) == after
    assert addons.with_plugin(after, PLUGIN) == after


@pytest.mark.usefixtures("shipped")
def test_aseprite_is_found_where_its_manual_says(
    pixforge: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASEPRITE_USER_FOLDER", raising=False)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path / "AppData" / "Roaming"))
    usual = {"win32": "AppData/Roaming/Aseprite", "darwin": "Library/Application Support/Aseprite"}
    folder = tmp_path / usual.get(sys.platform, ".config/aseprite")
    assert pixforge("integrations", "install", "aseprite").code == 5
    folder.mkdir(parents=True)
    (folder / "aseprite.ini").touch()
    assert pixforge("integrations", "install", "aseprite").code == 0
    own = folder / "extensions" / "pixforge"
    assert json.loads((own / "package.json").read_text())["name"] == "pixforge"
    listed = set(json.loads((own / "__info.json").read_text())["installedFiles"])
    assert listed == {path.name for path in own.iterdir()} - {"__info.json"}, "what Aseprite's Uninstall removes"
    row = next(
        row for row in pixforge("integrations", "list", "--json").json["integrations"] if row["name"] == "aseprite"
    )
    assert row["installed"] == row["version"] == "1.0"


@pytest.mark.usefixtures("shipped")
def test_the_folder_that_aseprite_itself_is_told_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own" / "extensions").mkdir(parents=True)
    monkeypatch.setenv("ASEPRITE_USER_FOLDER", os.fspath(tmp_path / "own"))
    assert addons.target_of("aseprite", None) == tmp_path / "own" / "extensions" / "pixforge"


@pytest.mark.usefixtures("shipped")
def test_a_record_cannot_lead_out_of_the_folder(game: Path) -> None:
    """A record that somebody forged must not make an install remove files elsewhere."""
    target = addons.target_of("godot", game)
    target.mkdir(parents=True)
    digest = addons._hash((game / "project.godot").read_bytes())
    (target / addons.RECORD).write_text(json.dumps({"files": {"../../project.godot": digest}}))
    assert all(change.action != "remove" for change in addons.changes("godot", target))

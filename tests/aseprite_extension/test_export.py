"""Exports for engines: by the dialog, as last time, and whenever a sprite is saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from pixforge.sheet import sources

Lua: TypeAlias = Any
App = Callable[..., Any]


def export_to(folder: Path, name: str, **values: Lua) -> Callable[[Lua], None]:
    """A user who sets the dialog and presses Export."""

    def act(window: Lua) -> None:
        window.data["file"] = str(folder / name).encode().decode("latin-1")
        for key, value in values.items():
            window.data[key] = value
        window.click("confirm")

    return act


def test_godot_gets_the_pixels_as_they_are(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [export_to(tmp_path / "game" / "größe", "hero", targets="godot, aseprite")]
    app.command("PixforgeExportGodot")
    (alert,) = app.alerts
    made = sorted(path.name for path in (tmp_path / "game" / "größe").iterdir() if path.suffix != ".import")
    assert made == ["hero.aseprite", "hero.png", "hero.tres", "hero.tscn"]
    for name in made:
        assert str(tmp_path / "game" / "größe" / name) in alert
    ours, theirs = sources.read([tmp_path / "game" / "größe" / "hero.aseprite"]), sources.read([walk])
    assert ours.durations == theirs.durations
    assert ours.tags == theirs.tags
    for one, other in zip(ours.pictures, theirs.pictures, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
    assert "speed" in (tmp_path / "game" / "größe" / "hero.tres").read_text()


def test_an_export_can_convert(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [export_to(tmp_path / "game", "hero", targets="aseprite", preset="item-16")]
    app.command("PixforgeExportGodot")
    assert app.alerts[0].startswith("Exported:")
    assert sources.read([tmp_path / "game" / "hero.aseprite"]).height == 16


def test_the_last_export_is_repeated_without_a_dialog(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [export_to(tmp_path / "game", "hero", targets="aseprite")]
    app.command("PixforgeExportGodot")
    (tmp_path / "game" / "hero.aseprite").unlink()
    app.command("PixforgeExportAgain")
    assert (tmp_path / "game" / "hero.aseprite").is_file()
    assert len(app.alerts) == 2


def test_another_sprite_is_exported_as_the_last_one_under_its_own_name(
    aseprite_app: App, walk: Path, sprite: Callable[..., Path], tmp_path: Path
) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [export_to(tmp_path / "game", "hero", targets="aseprite", on_save=True)]
    app.command("PixforgeExportGodot")
    app.open(sprite(tmp_path / "art" / "npc.aseprite"))
    app.command("PixforgeExportAgain")
    assert (tmp_path / "game" / "npc.aseprite").is_file()
    (tmp_path / "game" / "npc.aseprite").unlink()
    app.save_sprite()
    assert not (tmp_path / "game" / "npc.aseprite").exists()  # only the sprite that was asked for


def test_saving_exports_silently_if_that_was_asked_for(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [export_to(tmp_path / "game", "hero", targets="aseprite", on_save=True)]
    app.command("PixforgeExportGodot")
    made = tmp_path / "game" / "hero.aseprite"
    made.unlink()
    before = len(app.commands)
    app.save_sprite()
    assert made.is_file()
    assert len(app.alerts) == 1
    assert len(app.commands) == before + 1  # the copy that is saved on the way does not export again

    app.command("PixforgeExportOnSave")
    made.unlink()
    app.save_sprite()
    assert not made.exists()

    app.command("PixforgeExportOnSave")
    app.stop()
    app.save_sprite()
    assert not made.exists()  # the extension is off


def test_the_menu_shows_whether_saving_exports(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app()
    checked = app.stub["plugin"]["commands"]["PixforgeExportOnSave"]["onchecked"]
    assert not checked()
    app.open(walk)
    app.users = [export_to(tmp_path / "game", "hero", targets="aseprite", on_save=True)]
    app.command("PixforgeExportGodot")
    assert checked()


def test_a_failing_export_on_save_is_shown(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [export_to(tmp_path / "game", "hero", targets="aseprite", on_save=True)]
    app.command("PixforgeExportGodot")
    made = tmp_path / "game" / "hero.aseprite"
    made.unlink()
    made.mkdir()
    app.save_sprite()
    assert len(app.alerts) == 2
    assert "folder" in app.alerts[1]


def test_an_unknown_target_is_said_and_asked_again(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app()
    app.open(walk)

    def leave(window: Lua) -> None:
        assert window.data["targets"] == "godt"  # or "god": what was typed
        window.click("cancel")

    app.users = [export_to(tmp_path / "game", "hero", targets="godt"), lambda window: window.click("cancel")]
    app.command("PixforgeExportGodot")
    assert 'did you mean "godot"?' in app.alerts[0]


def test_a_sprite_without_a_file_is_told_to_be_saved_first(aseprite_app: App) -> None:
    app = aseprite_app()
    app.lua.execute("Sprite(4, 4)")
    app.command("PixforgeExportGodot")
    assert "Save it first" in app.alerts[0]


@pytest.mark.parametrize("extra", [{}, {"targets": "godot"}])
def test_batch_converts_files_without_a_window(
    aseprite_app: App, walk: Path, tmp_path: Path, program: Path, extra: dict[str, str]
) -> None:
    params = {"in": str(walk), "out": "made/", "set": "grid.height=16;method.name=identity", "name": "hero", **extra}
    app = aseprite_app(ui=False, params={**params, "program": str(program)})
    app.run_script()
    names = {path.name for path in (tmp_path / "made").iterdir()}
    assert names >= ({"hero.tres", "hero.png"} if extra else {"hero.png", "hero.json"})
    assert any(line.startswith("written ") for line in app.printed)


def test_batch_converts_the_sprite_that_aseprite_opened(
    aseprite_app: App, walk: Path, tmp_path: Path, program: Path
) -> None:
    app = aseprite_app(ui=False, params={"out": "made/", "targets": "aseprite", "program": str(program)})
    app.open(walk)
    app.run_script()
    assert [path.name for path in (tmp_path / "made").iterdir()] == [walk.name]


@pytest.mark.parametrize(("params", "said"), [
    ({"out": "made/", "in": "nothing.png"}, "there is no such file"),
    ({"out": "made/"}, "no picture to convert"),
    ({"in": "a.png"}, "Where the result goes is missing"),
    ({"in": "a.png", "out": "b/", "pallete": "x"}, 'no parameter "pallete"'),
    ({"in": "a.png", "out": "b/", "set": "nonsense"}, "is no setting"),
])  # fmt: skip
def test_batch_says_what_is_wrong_and_ends_with_an_error(
    aseprite_app: App, program: Path, params: dict[str, str], said: str
) -> None:
    app = aseprite_app(ui=False, params={**params, "program": str(program)})
    with pytest.raises(Exception, match="nothing was converted"):
        app.run_script()
    assert said in app.printed[-1]

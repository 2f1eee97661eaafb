"""Names reach presets of the project, of the user and of the package, in this order."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pixforge import folders
from pixforge.errors import SettingsError
from pixforge.nn import store as models
from pixforge.nn.style import library
from pixforge.preset import store


def place(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text('direction = "to-pixel"\n')
    return path


def test_the_project_comes_before_the_user_and_the_user_before_the_package(tmp_path: Path) -> None:
    project, user = tmp_path / "work", store.user_folder()
    assert store.find("sprite-64").parent == store.shipped_folder()
    mine = place(user, "sprite-64")
    assert store.find("sprite-64") == mine
    ours = place(project / "presets", "sprite-64")
    assert store.find("sprite-64") == ours
    ordered = [(found.origin, found.shadowed) for found in store.search() if found.name == "sprite-64"]
    assert ordered == [("project", False), ("user", True), ("shipped", True)]


def test_folders_above_count_up_to_the_root_of_the_project(tmp_path: Path) -> None:
    deep = tmp_path / "game" / "art" / "npc"
    deep.mkdir(parents=True)
    place(tmp_path / "presets", "outside")
    root = place(tmp_path / "game" / "presets", "hero")
    near = place(tmp_path / "game" / "art" / "presets", "hero")
    assert store.project_folders(deep) == ()
    (tmp_path / "game" / "pixforge.toml").write_text("")
    assert store.find("hero", deep) == near
    assert store.project_folders(deep) == (near.parent, root.parent)


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = place(tmp_path / "any", "hero")
    assert store.find(str(path)) == path
    with pytest.raises(SettingsError, match="no such preset file"):
        store.find("any/missing.toml")


def test_an_unknown_name_suggests_the_closest() -> None:
    with pytest.raises(SettingsError) as caught:
        store.find("sprit-64")
    assert 'did you mean "sprite-64"?' in caught.value.remedy


@pytest.mark.parametrize(
    ("platform", "variable", "presets", "kept"),
    [
        ("linux", None, "home/.config/pixforge/presets", "home/.local/share/pixforge/models"),
        ("linux", "XDG_CONFIG_HOME", "base/pixforge/presets", "home/.local/share/pixforge/models"),
        ("linux", "XDG_DATA_HOME", "home/.config/pixforge/presets", "base/pixforge/models"),
        ("win32", None, "home/AppData/Roaming/pixforge/presets", "home/AppData/Roaming/pixforge/models"),
        ("win32", "APPDATA", "base/pixforge/presets", "base/pixforge/models"),
        (
            "darwin",
            None,
            "home/Library/Application Support/pixforge/presets",
            "home/Library/Application Support/pixforge/models",
        ),
    ],
)
def test_the_users_folders_are_where_the_system_keeps_settings_and_data(
    monkeypatch: pytest.MonkeyPatch, platform: str, variable: str | None, presets: str, kept: str
) -> None:
    """Styles lie beside models."""
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    if variable is not None:
        monkeypatch.setenv(variable, "base")
    assert store.user_folder() == Path(presets)
    assert models.user_folder() == Path(kept)
    assert library.user_styles() == Path(kept).parent / "styles"


@pytest.mark.parametrize(
    ("platform", "variable", "kept"),
    [
        ("linux", None, "home/.cache/pixforge"),
        ("linux", "XDG_CACHE_HOME", "base/pixforge"),
        ("win32", None, "home/AppData/Local/pixforge"),
        ("win32", "LOCALAPPDATA", "base/pixforge"),
        ("darwin", None, "home/Library/Caches/pixforge"),
    ],
)
def test_what_is_kept_for_speed_lies_where_the_system_keeps_caches(
    monkeypatch: pytest.MonkeyPatch, platform: str, variable: str | None, kept: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    if variable is not None:
        monkeypatch.setenv(variable, "base")
    assert folders.of_user("cache") == Path(kept)


def test_a_user_without_a_home_folder_has_no_presets_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run under a number that no user has, and with no HOME."""

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert not folders.of_user("cache").exists()
    assert {found.origin for found in store.search()} >= {"shipped"}
    assert {found.origin for found in models.search()} <= {"bundled"}

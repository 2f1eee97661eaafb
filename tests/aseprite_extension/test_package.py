"""The packed extension: whole, the same every time, and Lua that compiles."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixforge import __version__

lua = pytest.importorskip("lupa.lua54")

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "integrations" / "aseprite"
SOURCES = sorted(path.relative_to(EXTENSION).as_posix() for path in EXTENSION.rglob("*.lua"))


def build(folder: Path) -> bytes:
    subprocess.run([sys.executable, ROOT / "integrations" / "build.py", folder], check=True, capture_output=True)
    return (folder / "pixforge.aseprite-extension").read_bytes()


def test_the_extension_holds_all_files_and_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    first = build(tmp_path / "one")
    copy = tmp_path / "integrations"
    shutil.copytree(ROOT / "integrations", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in copy.rglob("*.lua"):
        os.utime(path, (1, 1))
        path.chmod(0o755)
    subprocess.run([sys.executable, copy / "build.py", tmp_path / "two"], check=True, capture_output=True)
    assert (tmp_path / "two" / "pixforge.aseprite-extension").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "one" / "pixforge.aseprite-extension") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted([*SOURCES, "package.json", "README.md"])


def test_the_package_file_is_what_aseprite_reads() -> None:
    package = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == __version__
    assert re.fullmatch("[a-z]+", package["name"])  # require() looks modules up as NAME/MODULE
    assert package["categories"] == ["Scripts"]
    for script in package["contributes"]["scripts"]:
        assert (EXTENSION / script["path"]).is_file()


@pytest.mark.parametrize("name", SOURCES)
def test_every_file_compiles_as_lua_54(name: str) -> None:
    load = lua.LuaRuntime(encoding="latin-1").eval("function(text) return load(text, 'x', 't') ~= nil end")
    assert load((EXTENSION / name).read_bytes().decode("latin-1"))


GUARDED = re.compile(
    r"\b(?:io|os)\.(?:open|popen|lines|execute|remove|rename|getenv)\(|:saveCopyAs\(|:saveAs\b|\bfromFile\b|\bapp\.open\(|"
    r"\bapp\.fs\.(?:make\w+|remove\w+)\("
)


@pytest.mark.parametrize("name", SOURCES)
def test_only_one_file_touches_files_and_programs(name: str) -> None:
    """Aseprite asks for permission once for every file that does."""
    text = (EXTENSION / name).read_text(encoding="utf-8")
    assert bool(GUARDED.search(text)) == (name == "lib/host.lua")
    assert not re.search(
        r"return (?:io|os)\.(?!getenv)|return Sprite|return app\.fs\.(?:make|remove)", text
    )  # no tail calls


def test_modules_are_loaded_at_the_start(aseprite_app: Callable[..., Any]) -> None:
    """`require` finds an extension's modules only while Aseprite loads it, so none may be left for later."""
    app = aseprite_app()
    loaded = set(
        app.lua.eval(
            "(function() local n = {} for k in pairs(package.loaded) do n[#n+1] = k end return n end)()"
        ).values()
    )
    wanted = {name.removesuffix(".lua") for name in SOURCES if name.startswith("lib/")} - {"lib/batch"}
    assert wanted <= loaded


def test_the_commands_are_in_menus_that_aseprite_has(aseprite_app: Callable[..., Any]) -> None:
    app = aseprite_app()
    titles = {command["title"] for command in app.stub["plugin"]["commands"].values()}
    assert titles >= {
        "Convert sprite...",
        "Convert cel...",
        "Restore to drawing...",
        "Export to Godot...",
        "Export with last preset",
        "Export on save",
        "Settings...",
    }
    assert app.stub["plugin"]["menus"]["pixforge_menu"]["title"] == "Pixforge"


@pytest.mark.parametrize(
    "code",
    [
        "app.sprites2 = 1",
        "app.spriet()",
        "app.alert(3)",
        "Sprite('a')",
        "Sprite(3, 3):saveCopyAs(3)",
        "Sprite(3, 3).widht = 4",
        "Sprite(3, 3).filename = 4",
        "Sprite(3, 3):newCel(1, 1)",
        "Dialog():button { txt = 'x' }",
        "Dialog():combobox { option = 'a' }",
        "app.fs.isFolder('x')",
        "os.tmpname()",
        "Sprite(3, 3).frames = {}",
        "Palette(2):getColor(2)",
        "app.events:on('save', print)",
        "Image(3, 3).bytes = 'abc'",
        "Rectangle(1, 2, 3)",
        "app.command.ChangePixelFormat('rgb')",
    ],
)
def test_the_stand_in_refuses_what_the_api_does_not_have(aseprite_app: Callable[..., Any], code: str) -> None:
    app = aseprite_app()
    with pytest.raises(lua.LuaError) as caught:
        app.lua.execute(code)
    assert "near" not in str(caught.value)  # not for its grammar

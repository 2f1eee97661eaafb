"""Finding the program, starting it through a shell, and reading its answer."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

lua = pytest.importorskip("lupa.lua54")

Lua: TypeAlias = Any
App = Callable[..., Any]
Cmd = Callable[[str, dict[str, str]], tuple[list[str], list[str]]]
EXTENSION = Path(__file__).parents[2] / "integrations" / "aseprite"
TRAPS = [
    "a b",
    "it's",
    '"q"',
    "$HOME",
    "`id`",
    "%TEMP%",
    "a&b",
    "a;b|c>d<e",
    "größe 絵",
    "-rf",
    "a\\b",
    "*?[x]",
    "!x^y",
    "\t",
]
WINDOWS_NAMES = ["C:\\a b\\pixforge.exe", "C:\\it's & so\\p (x86).exe", "C:\\a^b\\$HOME\\`x`;,=.exe", "D:\\p.exe"]


def shell_module() -> Lua:
    runtime = lua.LuaRuntime(encoding="utf-8", unpack_returned_tuples=True)
    runtime.globals()["package"]["path"] = f"{EXTENSION}/?.lua"
    return runtime.eval('(require("lib/shell"))')


SHELL = shell_module()


def heard(command: str, folder: Path) -> list[str]:
    """What a program gets from /bin/sh for a command."""
    subprocess.run(["/bin/sh", "-c", command], cwd=folder, check=True, timeout=30)
    return (folder / "log").read_bytes().decode().split("\x01")[:-1]


@pytest.fixture
def echo(tmp_path: Path) -> Callable[[str], Path]:
    """A program with a name that prints its arguments."""

    def make(name: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('#!/bin/sh\nfor each in "$0" "$@"; do printf "%s\\001" "$each"; done\n')
        path.chmod(0o755)
        return path

    return make


@pytest.mark.skipif(shutil.which("/bin/sh") is None, reason="no POSIX shell")
@pytest.mark.parametrize("name", TRAPS)
def test_posix_names_reach_the_program_as_they_are(echo: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    program = echo(name)
    job = str(tmp_path / name / "job.json")
    command = SHELL.posix(str(program), job, "log")
    assert heard(command, tmp_path) == [str(program), "job", job]


@pytest.mark.skipif(shutil.which("/bin/sh") is None, reason="no POSIX shell")
@given(name=st.text(st.characters(exclude_characters="\0\x01", exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_posix_quoting_holds_for_every_text(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "every"
    folder.mkdir(exist_ok=True)
    program = folder / "echo"
    if not program.exists():
        program.write_text('#!/bin/sh\nfor each in "$@"; do printf "%s\\001" "$each"; done\n')
        program.chmod(0o755)
    assert heard(SHELL.posix(str(program), name, "log"), folder) == ["job", name]


@pytest.mark.parametrize("program", WINDOWS_NAMES)
def test_windows_names_reach_the_program_as_they_are(cmd: Cmd, program: str) -> None:
    job, log = "C:\\Users\\A B & c\\Temp\\job.json", "C:\\Users\\A B & c\\Temp\\log.txt"
    command = SHELL.windows(program, job, log, None)
    assert cmd(command, {"TEMP": "wrong", "HOME": "wrong"}) == ([program, "job", job], [log, "&1"])


def test_windows_gets_the_users_folder_filled_in_by_cmd(cmd: Cmd) -> None:
    profile = "C:\\Users\\Jörg & Söhne"
    program = profile + "\\AppData\\Local\\Programs\\pixforge\\pixforge.exe"
    command = SHELL.windows(program, "C:\\t\\job.json", "C:\\t\\log.txt", profile)
    assert command.isascii()
    assert cmd(command, {"USERPROFILE": profile})[0][0] == program


@pytest.mark.parametrize("program", ["C:\\100%\\p.exe", "C:\\%TEMP%\\p.exe", "D:\\größe\\p.exe", 'C:\\"\\p.exe'])
def test_windows_names_that_cmd_would_change_are_refused(program: str) -> None:
    command, path = SHELL.windows(program, "C:\\job.json", "C:\\log.txt", "C:\\Users\\me")
    assert command is None
    assert path == program


@given(name=st.text(st.sampled_from("abc &^()'$`;,=!-_.~[]{}+@#"), min_size=1, max_size=20))
def test_windows_quoting_holds_for_every_ascii_name_but_percent_and_quote(cmd: Cmd, name: str) -> None:
    program = f"C:\\{name}.exe"
    assert cmd(SHELL.windows(program, "C:\\j", "C:\\l", None), {})[0] == [program, "job", "C:\\j"]


def as_lua(text: str) -> str:
    return text.encode().decode("latin-1")


def test_the_real_program_runs_through_the_shell(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    """From the menu through /bin/sh and a process of its own, from paths with every trap, to the changed sprite."""
    app = aseprite_app(real=True, temp=tmp_path / "it's $HOME `x` %TEMP% & tmp größe")
    app.open(walk)

    def act(window: Lua) -> None:
        window.data["height"] = 16
        window.data["way"] = "New sprite"
        window.click("confirm")

    app.users = [act]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    made = app.document()
    assert (made.width, made.height, len(made.frames)) == (24, 16, 3)
    assert list(app.temp.iterdir()) == []


def make_program(path: Path, body: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "place",
    [
        "chosen/pixforge",
        "extension/pixforge",
        "extension/pixforge/pixforge",
        "path/pixforge",
        "home/.local/bin/pixforge",
    ],
)
def test_the_program_is_found(aseprite_app: App, tmp_path: Path, place: str) -> None:
    program = make_program(tmp_path / place)
    chosen = program if place.startswith("chosen") else None
    environment = {"PATH": f"/nowhere:{tmp_path / 'path'}", "HOME": str(tmp_path / "home")}
    app = aseprite_app(program=chosen, extension=tmp_path / "extension", environment=environment)
    assert app.call("convert", "program") == str(program)


def test_a_missing_program_is_explained_with_the_place_to_set_it(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app(program=None, extension=tmp_path, environment={"PATH": "/nowhere", "HOME": str(tmp_path)})
    app.open(walk)
    app.command("PixforgeConvertSprite")
    (alert,) = app.alerts
    assert "was not found" in alert
    assert "Sprite > Pixforge > Settings..." in alert


def test_a_chosen_program_that_is_gone_is_named(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    app = aseprite_app(program=tmp_path / "gone")
    app.open(walk)
    app.command("PixforgeConvertSprite")
    assert str(tmp_path / "gone") in app.alerts[0]
    assert "Settings" in app.alerts[0]


@pytest.mark.parametrize("body", ["echo 'no such library' >&2; exit 1", "exit 0", "sleep 0; echo '{' "])
def test_a_program_that_gives_no_answer_is_shown_with_its_words(
    aseprite_app: App, walk: Path, tmp_path: Path, body: str
) -> None:
    app = aseprite_app(program=make_program(tmp_path / "bad", body), real=True)
    app.open(walk)
    app.command("PixforgeConvertSprite")
    assert "gave no answer" in app.alerts[0]
    assert ("no such library" in app.alerts[0]) == ("library" in body)


def test_settings_keep_a_program_that_answers(aseprite_app: App, program: Path) -> None:
    app = aseprite_app(program=None)

    def act(window: Lua) -> None:
        window.data["program"] = as_lua(str(program))
        window.click("confirm")

    app.users = [act]
    app.command("PixforgeSettings")
    assert "answers" in app.alerts[0]
    assert app.preferences["program"] == as_lua(str(program))


def test_settings_refuse_a_program_that_does_not_answer(aseprite_app: App, program: Path, tmp_path: Path) -> None:
    app = aseprite_app(program=program)

    def act(window: Lua) -> None:
        window.data["program"] = as_lua(str(tmp_path / "nothing"))
        window.click("confirm")

    app.users = [act]
    app.command("PixforgeSettings")
    assert "not there" in app.alerts[0]
    assert app.preferences["program"] == as_lua(str(program))


def test_on_windows_the_temporary_folder_is_one_that_lua_can_open(aseprite_app: App, tmp_path: Path) -> None:
    """Lua opens files by names in the system's code page there: below C:\\Users\\Jörg that fails."""
    public = tmp_path / "public"
    public.mkdir()
    environment = {"PUBLIC": str(public), "PATH": "", "USERPROFILE": ""}
    app = aseprite_app(temp=tmp_path / "Jörg", path_separator="\\", environment=environment)
    used = []
    app.call("workplace", "with", lambda folder: used.append(PurePosixPath(folder).parent))
    assert used == [PurePosixPath(public)]
    assert list(public.iterdir()) == []


def test_a_failure_on_the_way_removes_the_temporary_folder(aseprite_app: App) -> None:
    app = aseprite_app()
    with pytest.raises(Exception, match="on purpose"):
        app.lua.execute('require("lib/workplace").with(function() error("on purpose") end)')
    assert list(app.temp.iterdir()) == []


def test_all_of_it_runs_by_the_rules_of_windows(aseprite_app: App, walk: Path, tmp_path: Path) -> None:
    """cmd.exe and CommandLineToArgvW are played; the path of the program has what they mind, as far as it may."""
    program = make_program(tmp_path / "it's a & b (x86)" / "pixforge.exe")
    environment = {"PATH": f"C:/nowhere;{program.parent}", "TEMP": "wrong"}
    app = aseprite_app(program=None, path_separator="\\", environment=environment)
    app.open(walk)

    def act(window: Lua) -> None:
        window.data["method"] = "identity"
        window.data["height"] = 16
        window.data["way"] = "New sprite"
        window.click("confirm")

    app.users = [act]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    assert app.document().height == 16
    assert list(app.temp.iterdir()) == []


def test_on_windows_a_program_that_cannot_be_started_is_explained(aseprite_app: App, walk: Path, program: Path) -> None:
    app = aseprite_app(program=program, path_separator="\\")
    app.open(walk)
    app.command("PixforgeConvertSprite")
    assert "percent signs and letters beyond ASCII" in app.alerts[0]
    assert str(program) in app.alerts[0]

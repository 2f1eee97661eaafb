"""A stand-in for Aseprite that runs the extension's Lua in a real Lua 5.4 (see aseprite.lua)."""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from PIL import Image

from pixforge.cli import boundary
from pixforge.image import aseprite
from pixforge.image.aseprite.model import GREY, INDEXED, RGBA

lua = pytest.importorskip("lupa.lua54")

Lua: TypeAlias = Any  # what lives in Lua has no type here
HERE = Path(__file__).parent
EXTENSION = HERE.parents[1] / "integrations" / "aseprite"
MODES = {RGBA: 0, GREY: 1, INDEXED: 2}
DEPTHS = {mode: depth for depth, mode in MODES.items()}


def to_lua(text: str) -> str:
    """UTF-8 bytes as Lua holds them, one character a byte (the runtime's encoding is Latin-1)."""
    return text.encode().decode("latin-1")


def to_python(text: str) -> str:
    return text.encode("latin-1").decode()


def cmd_arguments(command: str, environment: dict[str, str]) -> tuple[list[str], list[str]]:
    """What a program gets from `cmd.exe /c COMMAND`: its arguments, and where its outputs go.

    By the documented rules. `cmd /?`: where the command starts with a quote and has more than two quotes, the first and
    the last quote go. %NAME% is expanded everywhere, between quotes too, if NAME is set. Between quotes & | < > ^ ( )
    are plain; outside, > starts a redirection. The program then splits by the rules of CommandLineToArgvW.
    """
    assert command.startswith('"')
    assert command.count('"') > 2
    last = command.rindex('"')
    text = command[1:last] + command[last + 1 :]
    for name, value in environment.items():
        text = text.replace(f"%{name}%", value)
    parts = re.split(r"""\s\d?>(&\d|"[^"]*")""", text)  # as far as quotes are closed before, which is checked
    line, targets = parts[0], [part.strip('"') for part in parts[1::2]]
    assert line.count('"') % 2 == 0
    assert not "".join(parts[2::2]).strip()
    outside = re.sub(r'"[^"]*"', "", line)
    assert not set(outside) & set("&|<>^()%"), "cmd would take this apart"
    return argv(line), targets


def argv(text: str) -> list[str]:
    """Split a command line by the rules of CommandLineToArgvW (no escaped quotes: paths have none)."""
    found: list[str] = []
    current, quoted, slashes = "", False, 0
    started = False
    for char in text:
        if char == "\\":
            slashes += 1
            continue
        if char == '"':
            current += "\\" * (slashes // 2)
            assert slashes % 2 == 0, "an escaped quote"
            quoted, started, slashes = not quoted, True, 0
            continue
        current += "\\" * slashes
        slashes = 0
        if char == " " and not quoted:
            if started or current:
                found.append(current)
            current, started = "", False
            continue
        current += char
    current += "\\" * slashes
    return [*found, current] if started or current else found


class Window:
    """What the user of a dialog sees and does.

    Attributes:
        data: what the widgets hold; assign to it to play the user.
    """

    def __init__(self, raw: Lua) -> None:
        self.raw = raw
        self.data = raw["data"]
        self.title = raw["title"]

    def widget(self, name: str) -> Lua:
        """The arguments of the widget with an id, or of the button with a text."""
        for entry in self.raw["widgets"].values():
            named = entry["named"]
            if named["id"] == name or (entry["kind"] == "button" and named["text"] == name):
                return named
        raise AssertionError(f"no widget {name}")

    def options(self, name: str) -> list[str]:
        return list(self.widget(name)["options"].values())

    def click(self, name: str) -> None:
        """Press a button: its function, or the closing of the dialog."""
        button = self.widget(name)
        if button["onclick"]:
            button["onclick"]()
        else:
            self.data[button["id"]] = True


class Aseprite:
    """Aseprite with the extension installed.

    Attributes:
        alerts: what was shown to the user.
        commands: what was given to the shell.
        users: functions that get a Window, one for each dialog that is shown, in order.
    """

    def __init__(self, folder: Path, **settings: Lua) -> None:
        self.folder = folder
        self.temp = settings.pop("temp", folder / "temp")
        self.temp.mkdir(parents=True, exist_ok=True)
        self.alerts: list[str] = []
        self.printed: list[str] = []
        self.commands: list[str] = []
        self.users: list[Callable[[Window], None]] = []
        self.extension = settings.pop("extension", EXTENSION)
        self.environment: dict[str, str] = settings.pop("environment", {})
        self.windows = settings.get("path_separator") == "\\"
        self.real = settings.pop("real", False)
        self.lua = lua.LuaRuntime(encoding="latin-1", unpack_returned_tuples=True)
        self._globals = self.lua.globals()
        self._globals["package"]["path"] = to_lua(f"{EXTENSION}/?.lua")
        self._globals["print"] = lambda *words: self.printed.append(" ".join(to_python(str(word)) for word in words))
        program = settings.pop("program", None)
        self.preferences = self._table({"program": to_lua(str(program))} if program else {})
        config = {
            "api": settings.pop("api", 33),
            "ui": settings.pop("ui", True),
            "separator": settings.pop("separator", "/"),
            "extension": to_lua(str(self.extension)),
            "preferences": self.preferences,
            "params": self._table({key: to_lua(value) for key, value in settings.pop("params", {}).items()}),
            "environment": self._table(self.environment or None),
            "paths": self._table({
                "pathSeparator": settings.pop("path_separator", "/"),
                "tempPath": to_lua(str(self.temp)),
                "currentPath": to_lua(str(folder)),
                "userConfigPath": to_lua(settings.pop("config_path", str(folder / "config"))),
                "appPath": "", "userDocsPath": "",
            }),
        }  # fmt: skip
        assert not settings, settings
        api = self._run(HERE / "api.lua")
        self.stub = self._run(HERE / "aseprite.lua", api, self._python(), self._table(config), self._part)

    def _table(self, values: Lua) -> Lua:
        return None if values is None else self.lua.table_from(values)

    def _load_chunk(self, path: Path) -> Lua:
        load = self.lua.eval("function(text, name) return assert(load(text, name)) end")
        return load(path.read_bytes().decode("latin-1"), f"@{to_lua(str(path))}")

    def _run(self, path: Path, *args: Lua) -> Lua:
        return self._load_chunk(path)(*args)

    def _part(self, name: str) -> Lua:
        return self._load_chunk(HERE / "stand_in" / f"{name}.lua")

    def _python(self) -> Lua:
        def path_of(text: str) -> Path:
            return Path(to_python(text))

        return self._table({
            "load": lambda path: self._load(path_of(path)),
            "save": lambda path, document: self._save(path_of(path), document),
            "save_picture": lambda path, width, height, data: Image.fromarray(
                np.frombuffer(data.encode("latin-1"), np.uint8).reshape(height, width, 4).copy()
            ).save(path_of(path)),
            "is_file": lambda path: path_of(path).is_file(),
            "is_folder": lambda path: path_of(path).is_dir(),
            "list": lambda path: self.lua.table_from([to_lua(file.name) for file in path_of(path).iterdir()]),
            "make_folders": lambda path: path_of(path).mkdir(parents=True, exist_ok=True) or True,
            "remove_folder": lambda path: path_of(path).rmdir() or True,
            "alert": lambda text: self.alerts.append(to_python(text)),
            "executed": lambda command: self._executed(to_python(command)),
            "shown": self._shown,
        })  # fmt: skip

    def _executed(self, command: str) -> bool:
        """Whether the command is done: in this process, as the program would do it, but in tests of the real one."""
        self.commands.append(command)
        if self.real:
            return False
        words = cmd_arguments(command, self.environment)[0] if self.windows else shlex.split(command)
        program, word, job = words[:3]
        assert Path(program).is_file()
        assert word == "job"
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            boundary.run([word, job])
        return True

    def _shown(self, raw: Lua) -> None:
        assert self.users, f"nobody expects this dialog: {raw['title']}"
        self.users.pop(0)(Window(raw))

    def _load(self, path: Path) -> Lua:
        """A file as the stub's document, by the project's own codec."""
        document = aseprite.decode(path.read_bytes())
        layers = [{"name": to_lua(layer.name), "cels": []} for layer in document.layers]
        for number, moment in enumerate(document.frames):
            for cel in moment.cels:
                source = cel if cel.link is None else document.cel(cel.link, cel.layer)
                pixels = source.pixels
                layers[cel.layer]["cels"].append({
                    "frame": number + 1, "x": cel.x, "y": cel.y, "width": pixels.shape[1], "height": pixels.shape[0],
                    "rows": [row.tobytes().decode("latin-1") for row in pixels],
                })  # fmt: skip
        palette = next((moment.palette for moment in document.frames if moment.palette is not None), np.zeros((1, 4)))
        return self.lua.table_from(
            {
                "width": document.width,
                "height": document.height,
                "mode": MODES[document.depth],
                "transparent": document.transparent,
                "palette": [[int(value) for value in color] for color in palette],
                "durations": [moment.duration for moment in document.frames],
                "layers": layers,
                "tags": [
                    {"name": to_lua(tag.name), "from": tag.first + 1, "to": tag.last + 1, "repeats": tag.repeat,
                     "aniDir": list(aseprite.model.DIRECTIONS).index(tag.direction), "rgba": [*tag.color, 255]}
                    for tag in document.tags
                ],
                "slices": [
                    {"name": to_lua(each.name), "data": "", "rgba": [0, 0, 255, 255],
                     "bounds_box": list(each.keys[0].bounds),
                     "at": list(each.keys[0].pivot) if each.keys[0].pivot else None}
                    for each in document.slices
                ],
            },
            recursive=True,
        )  # fmt: skip

    def _save(self, path: Path, raw: Lua) -> None:
        path.write_bytes(aseprite.encode(self.document(raw)))

    def document(self, raw: Lua = None) -> aseprite.Document:
        """A sprite of the stub (the active one) as the project's own document."""
        raw = self.stub["document"]() if raw is None else raw
        size = (4, 2, 1)[raw["colorMode"]]
        numbers = range(len(raw["frames"]))
        moments = []
        for number in numbers:
            cels = []
            for index, layer in enumerate(raw["layers"].values()):
                cel = layer["cels"][number + 1]
                if cel is not None:
                    image = cel["image"]
                    data = "".join(image["rows"].values()).encode("latin-1")
                    pixels = np.frombuffer(data, np.uint8).reshape(image["height"], image["width"], size)
                    cels.append(aseprite.Cel(index, cel["x"], cel["y"], pixels))
            palette = None
            if number == 0:
                colors = [list(raw["palette"][index].values()) for index in range(raw["palette"]["size"])]
                palette = np.array(colors, np.uint8).reshape(-1, 4)
            moments.append(aseprite.Moment(round(raw["frames"][number + 1]["duration"] * 1000), tuple(cels), palette))
        return aseprite.Document(
            raw["width"], raw["height"], DEPTHS[raw["colorMode"]], tuple(moments),
            tuple(aseprite.Layer(to_python(layer["name"])) for layer in raw["layers"].values()),
            tuple(
                aseprite.Tag(to_python(tag["name"]), tag["from"] - 1, tag["to"] - 1,
                             aseprite.model.DIRECTIONS[tag["aniDir"]], tag["repeats"], tuple(tag["rgba"].values())[:3])
                for tag in raw["tags"].values()
            ),
            transparent=raw["transparentColor"],
        )  # fmt: skip

    def open(self, path: Path) -> None:
        self.lua.eval("function(path) return app.open(path) end")(to_lua(str(path)))

    def start(self) -> None:
        """Load the extension, as Aseprite does at its start."""
        self._run(EXTENSION / "plugin.lua")
        self._globals["init"](self.stub["plugin_proxy"])

    def run_script(self) -> None:
        """What `--script pixforge.lua` does."""
        self._run(EXTENSION / "pixforge.lua")

    def stop(self) -> None:
        self._globals["exit"](self.stub["plugin_proxy"])

    def command(self, name: str) -> None:
        """Choose a command in the menu."""
        command = self.stub["plugin"]["commands"][name]
        assert command["onenabled"] is None or command["onenabled"]()
        command["onclick"]()

    def enabled(self, name: str) -> bool:
        return bool(self.stub["plugin"]["commands"][name]["onenabled"]())

    def save_sprite(self) -> None:
        """File > Save."""
        self.stub["save"]()

    def undo_labels(self) -> list[str]:
        """The steps that can be undone in the active sprite."""
        return [step["label"] for step in self.stub["document"]()["undone"].values()]

    def undo(self) -> None:
        self.lua.execute("app.undo()")

    @property
    def sprites(self) -> int:
        return len(self.stub["documents"])

    def call(self, module: str, function: str, *args: Lua) -> Lua:
        """Call a function of one of the extension's modules."""
        return self.lua.eval(f'function(...) return require("lib/{module}").{function}(...) end')(*args)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The pixforge program of this environment, as an executable file in a folder with traps in its name."""
    folder = tmp_path / "pro'gram $HOME `x` %TEMP% & größe"
    folder.mkdir()
    path = folder / "pixforge"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pixforge "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def cmd() -> Callable[[str, dict[str, str]], tuple[list[str], list[str]]]:
    """What a program on Windows gets: cmd(command, environment)."""
    return cmd_arguments


@pytest.fixture
def aseprite_app(tmp_path: Path, program: Path) -> Callable[..., Aseprite]:
    """Start Aseprite with the extension: aseprite_app(**settings)."""

    def start(**settings: Lua) -> Aseprite:
        settings.setdefault("program", program)
        app = Aseprite(tmp_path, **settings)
        app.start()
        return app

    return start


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    """A drawing of three frames, 48 x 32, with a tag, a slice and two layers."""
    return make_sprite(tmp_path / "art" / "it's $HOME größe.aseprite")


@pytest.fixture
def sprite() -> Callable[..., Path]:
    """Write a drawing of three frames: sprite(path, indexed=False)."""
    return make_sprite


def make_sprite(path: Path, indexed: bool = False) -> Path:
    """Write a drawing of three frames, 48 x 32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    palette = np.array([[0, 0, 0, 0], [200, 40, 40, 255], [40, 200, 40, 255], [20, 20, 60, 255]], np.uint8)
    moments = []
    for number in range(3):
        body = np.zeros((32, 48, 1), np.uint8)
        body[4:28, 6 + 6 * number : 26 + 6 * number] = 3
        body[6:26, 8 + 6 * number : 24 + 6 * number] = 1
        ground = np.full((4, 48, 1), 2, np.uint8)
        layers = [body, ground] if indexed else [palette[body[..., 0]], palette[ground[..., 0]]]
        cels = (aseprite.Cel(0, 0, 0, layers[0]), aseprite.Cel(1, 0, 28, layers[1]))
        moments.append(aseprite.Moment((80, 120, 160)[number], cels, palette if number == 0 else None))
    document = aseprite.Document(
        48, 32, INDEXED if indexed else RGBA, tuple(moments), (aseprite.Layer("body"), aseprite.Layer("ground")),
        (aseprite.Tag("walk", 0, 2, "pingpong", 2, (1, 2, 3)),),
        (aseprite.Slice("hit", (aseprite.SliceKey(0, (8, 4, 16, 24), None, (8, 24)),)),),
    )  # fmt: skip
    path.write_bytes(aseprite.encode(document))
    return path

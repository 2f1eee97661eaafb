"""A studio's folder with real drawings, and somebody who types what a document says into it."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

import pytest
from PIL import Image

from pixforge.cli import boundary
from pixforge.cli.addons import aseprite_folders
from tests.guides.fences import ROOT, Block

EXAMPLES = ROOT / "examples"
LIMIT = 120
_OPERATORS = re.compile(r"[|;<>&]")


def _small(name: str, target: Path, side: int = 96) -> None:
    """Write an example as a drawing that is quick to convert."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(EXAMPLES / name) as picture:
        picture.thumbnail((side, side))
        picture.save(target)


def _walk(folder: Path) -> list[Image.Image]:
    """Three frames of a figure that bobs, as numbered files; return them."""
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(EXAMPLES / "bear.webp") as picture:
        bear = picture.convert("RGBA").resize((72, 72))
    frames = []
    for number, height in enumerate((4, 9, 6), 1):
        frame = Image.new("RGBA", (88, 88))
        frame.alpha_composite(bear, (8, height))
        frame.save(folder / f"walk_{number}.png")
        frames.append(frame)
    return frames


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the names that the documents use: drawings in art/, a clip, a cast, a scan, sprites, two games."""
    folder = tmp_path_factory.mktemp("studio")
    _small("adventurer.png", folder / "hero.png")
    for name in ("adventurer", "queen", "dog"):
        _small(f"{name}.png", folder / "cast" / f"{name}.png")
        _small(f"{name}.png", folder / "art" / "characters" / f"{name}.png")
    _small("landscape.png", folder / "level.png", 160)
    _small("landscape.png", folder / "art" / "tiles" / "meadow.png", 64)
    _small("padlock.png", folder / "art" / "items" / "padlock.png", 64)
    _small("dog.png", folder / "incoming" / "dog.png")
    _walk(folder / "art" / "animations" / "bear")
    first, *others = _walk(folder / "frames")
    first.save(folder / "walk.gif", save_all=True, append_images=others, duration=[100, 150, 100], disposal=2)
    # The made scan is large: its middle is enough to find the grid.
    with Image.open(EXAMPLES / "enlarged" / "dragon.jpg") as scan:
        scan.crop((0, 0, min(scan.width, 320), min(scan.height, 320))).save(folder / "old-scan.jpg", quality=95)
    assert (
        boundary.run(["convert", str(folder / "hero.png"), "-o", str(folder / "hero.aseprite"), "--height", "24"]) == 0
    )
    (folder / "palettes").mkdir()
    (folder / "palettes" / "forest.hex").write_text("1a1c2c\n38b764\n257179\na7f070\n566c86\nf4f4f4\n94b0c2\n5d275d\n")
    for game in ("game", "my-game"):
        (folder / game).mkdir()
        (folder / game / "project.godot").write_text('config_version=5\n\n[application]\n\nconfig/name="Game"\n')
    _sprites(folder / "sprites-of-ours")
    return folder


def _sprites(folder: Path) -> None:
    """Twelve sprites, one pixel a cell, each of its own look: what pixforge makes of the examples."""
    folder.mkdir()
    for number, name in enumerate(("adventurer", "queen", "dog", "padlock", "chemist", "portrait_ink")):
        for size in (16, 24):
            source = folder / "source.png"
            _small(f"{name}.png", source, 128)
            target = folder / f"{name}-{size}.png"
            assert boundary.run(["convert", str(source), "-o", str(target), "--size", f"{size}x{size}",
                                 "--colors", str(5 + number)]) == 0  # fmt: skip
            source.unlink()


@dataclass
class Hand:
    """Types the blocks of a document, one after the other.

    Attributes:
        folder: where.
        variables: of the environment.
        open: commands that run on, with what they were.
        ran: how many commands were run.
    """

    folder: Path
    variables: dict[str, str]
    open: list[tuple[Block, subprocess.Popen[str]]] = field(default_factory=list)
    ran: int = 0

    def type(self, block: Block) -> None:
        """Do what a block says, and check that it made what its marks promise and nothing made before."""
        promised = [pattern for pattern in block.marks.get("makes", "").split(", ") if pattern]
        assert [pattern for pattern in promised if self._made(pattern)] == [], (
            f"{block.page}:{block.line}: already there"
        )
        if block.file:
            target = self.folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            script = self.folder / "example.py"
            script.write_text(block.text, encoding="utf-8")
            runpy.run_path(str(script))
        elif block.language == "sh":
            *before, last = block.commands
            for line in before:
                self._run(block, line, 0)
            if "until" in block.marks:
                self._start(block, last)
            else:
                self._run(block, last, int(block.marks.get("exit", 0)))
        for pattern in promised:
            if self.open and not self._made(pattern):
                self._hear(lambda _heard, pattern=pattern: self._made(pattern))
            assert self._made(pattern), f"{block.page}:{block.line}: {pattern} was not made"

    def _made(self, pattern: str) -> bool:
        return any(self.folder.glob(pattern))

    def _run(self, block: Block, line: str, code: int) -> None:
        """Run a line; plain calls of pixforge in this process, with the words that the shell makes of the line."""
        self.ran += 1
        bare = re.sub(r"""(["']).*?\1""", "", line.partition(" #")[0])
        if line.startswith("pixforge ") and not _OPERATORS.search(bare):
            words = self._shell(f"printf '%s\\0' {line}").stdout.split("\0")[1:-1]
            got, said = boundary.run(words), "see the captured output"
        else:
            done = self._shell(line)
            got, said = done.returncode, done.stdout + done.stderr
        assert got == code, f"{block.page}:{block.line}: `{line}` ended with {got}, not {code}\n{said}"

    def _shell(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-e", "-c", line], cwd=self.folder, env=self.variables, capture_output=True, text=True,
            timeout=LIMIT, check=False,
        )  # fmt: skip

    def _start(self, block: Block, line: str) -> None:
        """Start a command that runs on, and read what it says until it says the awaited words."""
        self.ran += 1
        process = subprocess.Popen(
            shlex.split(line, comments=True), cwd=self.folder, env=self.variables, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.open.append((block, process))
        self._hear(lambda heard: block.marks["until"] in heard)

    def _hear(self, enough: Callable[[str], bool]) -> None:
        """Read what the newest command that runs on says, a line at a time, until it is enough."""
        block, process = self.open[-1]
        assert process.stdout is not None
        said: list[str] = []
        patience = Timer(LIMIT, process.kill)
        patience.start()
        for heard in process.stdout:
            said.append(heard)
            if enough(heard):
                patience.cancel()
                return
        patience.cancel()
        raise AssertionError(f"{block.page}:{block.line}: it ended without the awaited words\n{''.join(said)}")

    def end(self) -> None:
        """End what runs on as a user does, by Ctrl-C; each ends in order."""
        while self.open:
            block, process = self.open.pop()
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=LIMIT)
            assert process.returncode == 0, f"{block.page}:{block.line}: ended with {process.returncode}\n{said}"


@pytest.fixture
def hand(studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Hand]]:
    """A hand in a copy of the studio's folder; `pixforge` is on the PATH, the home folder is nobody's."""
    programs = tmp_path / "bin"
    programs.mkdir()
    shim = programs / "pixforge"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pixforge "$@"\n')
    shim.chmod(0o755)
    folder = tmp_path / "studio"
    shutil.copytree(studio, folder)
    shutil.copytree(ROOT / "integrations" / "hooks", folder / "integrations" / "hooks")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    aseprite = aseprite_folders()[0]
    aseprite.mkdir(parents=True)
    (aseprite / "aseprite.ini").write_text("")
    monkeypatch.chdir(folder)
    subprocess.run(["git", "init", "-q", "-b", "main"], check=True)
    made: list[Hand] = []

    def start() -> Hand:
        made.append(Hand(folder, dict(os.environ)))
        return made[-1]

    yield start
    for one in made:
        for _, process in one.open:
            with suppress(OSError):
                process.kill()
            process.communicate()

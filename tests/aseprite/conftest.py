"""Documents to write and read, and readers of other authors."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixforge.image.aseprite import (
    Cel,
    Document,
    Layer,
    LayerKind,
    Moment,
    Slice,
    SliceKey,
    Tag,
    Tileset,
    UserData,
)

HERE = Path(__file__).parent
SAMPLES = sorted([*(HERE / "samples").glob("*.ase"), *(HERE / "samples").glob("*.aseprite")])


@pytest.fixture(params=SAMPLES, ids=[path.name for path in SAMPLES])
def sample(request: pytest.FixtureRequest) -> Path:
    """A file that Aseprite itself wrote."""
    path: Path = request.param
    return path


def rich_document(depth: int) -> Document:
    """A document with one of everything: groups, links, offsets, tilemap, tags, slices, palettes, user data."""
    rng = np.random.default_rng(depth)
    channels = {32: 4, 16: 2, 8: 1}[depth]

    def pixels(width: int, height: int) -> np.ndarray:
        made = rng.integers(0, 8 if depth == 8 else 256, (height, width, channels), np.uint8)
        return (
            made
            if depth == 8
            else np.where(made[..., -1:] < 100, 0, made | np.array([0] * (channels - 1) + [255], np.uint8))
        )

    palette = rng.integers(0, 256, (8, 4), np.uint8)
    palette[:, 3] = 255
    tiles = np.stack([np.zeros((4, 4, channels), np.uint8), pixels(4, 4), pixels(4, 4)])
    flips = np.array([[0, 1, 2 | 0x80000000], [1 | 0x40000000, 2 | 0x20000000, 1 | 0xE0000000]], np.uint32)
    layers = (
        Layer("ground", data=UserData("a note", (1, 2, 3, 4))),
        Layer("body", LayerKind.GROUP),
        Layer("arm", level=1, opacity=128),
        Layer("hidden", level=1, visible=False, flags=2),
        Layer("inner", LayerKind.GROUP, level=1),
        Layer("leg", level=2),
        Layer("map", LayerKind.TILEMAP, tileset=0),
    )
    frames = (
        Moment(100, (Cel(0, -2, 1, pixels(9, 7)), Cel(2, 3, 3, pixels(5, 5)), Cel(6, 0, 0, flips)), palette),
        Moment(83, (Cel(0, -2, 1, None, link=0), Cel(3, 0, 0, pixels(4, 4)), Cel(5, 9, 9, pixels(8, 8)))),
        Moment(65535, (Cel(0, 1, 1, pixels(3, 3), data=UserData("cel")), Cel(6, 4, 4, flips[:1, :2]))),
    )
    tags = (
        Tag("walk ü", 0, 1, "pingpong", 2, (9, 8, 7), UserData(color=(9, 8, 7, 255))),
        Tag("idle", 2, 2, "pingpong_reverse", 0, (0, 0, 0), UserData("t", (0, 0, 0, 255))),
    )
    keys = (SliceKey(0, (1, 2, 3, 4), (0, 0, 1, 1), (1, 1)), SliceKey(2, (-1, -2, 0, 0), (0, 0, 1, 1), (5, -6)))
    return Document(
        14, 12, depth, frames, layers, tags, (Slice("hit", keys, UserData("s")),),
        (Tileset(0, "tiles", tiles, (4, 4)),), data=UserData("sprite"), grid=(1, 2, 4, 4),
    )  # fmt: skip


@pytest.fixture(params=[32, 16, 8], ids=["rgba", "grey", "indexed"])
def document(request: pytest.FixtureRequest) -> Document:
    """A document with one of everything, in each colour mode."""
    return rich_document(request.param)


@pytest.fixture(scope="session")
def other_python() -> Path:
    """A Python with the readers of readers.txt; they need Python 3.12 or newer."""
    wanted = (HERE / "readers.txt").read_bytes()
    place = HERE.parents[1] / ".test-tools" / f"readers-{hashlib.sha256(wanted).hexdigest()[:12]}"
    inside = Path("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not place.is_dir():
        base = _new_python()
        if base is None:
            pytest.skip("no Python 3.12 or newer")
        # Under a name of its own, then renamed: tests may run in several processes.
        own = place.with_name(f"{place.name}-{os.getpid()}")
        install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(HERE / "readers.txt")]
        for step in ([base, "-m", "venv", str(own)], [str(own / inside), *install]):
            done = subprocess.run(step, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode:
                shutil.rmtree(own, ignore_errors=True)
                pytest.skip(f"the readers cannot be installed: {done.stderr[-300:]}")
        with suppress(OSError):  # another process was faster
            own.rename(place)
        shutil.rmtree(own, ignore_errors=True)
    return place / inside


def _new_python() -> str | None:
    if sys.version_info >= (3, 12):
        return sys.executable
    named = [shutil.which(f"python3.{minor}") for minor in (14, 13, 12)]
    known = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))
    for program in [*filter(None, named), *map(str, known)]:
        check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))"
        if subprocess.run([program, "-c", check], capture_output=True, check=False).returncode == 0:
            return program
    return None


@pytest.fixture(scope="session")
def read_with(other_python: Path) -> Callable[[str, Path], Any]:
    """What a reader of another author ("full" or "plain", see read_independently.py) finds in a file."""

    def read(reader: str, path: Path) -> Any:  # noqa: ANN401  # JSON
        command = [str(other_python), str(HERE / "read_independently.py"), str(path), reader]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return read

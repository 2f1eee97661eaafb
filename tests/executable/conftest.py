"""The executable, built once for all tests and kept until a source of it changes; and folders without a Python."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("pixforge", "presets", "integrations", "packaging")
LIMIT = 120


@dataclass(frozen=True)
class Ran:
    """What a program said."""

    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on stdout."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


@dataclass(frozen=True)
class Program:
    """A built program, called as a host would: by its path, with nothing of this process's environment."""

    path: Path
    prefix: tuple[str, ...] = ()

    def __call__(self, *args: object, cwd: Path | None = None, code: int = 0) -> Ran:
        """Run it and check its exit code."""
        command = [*self.prefix, str(self.path), *map(str, args)]
        done = subprocess.run(
            command, cwd=cwd, env={"PATH": ""}, capture_output=True, timeout=LIMIT, check=False, encoding="utf-8"
        )
        assert done.returncode == code, done.stderr + done.stdout
        return Ran(done.stdout, done.stderr)


def _digest() -> str:
    """Of everything that goes into the executable, versions of packages included."""
    files = [
        path
        for part in PARTS
        for path in (ROOT / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    found = hashlib.sha256(sys.version.encode())
    for path in sorted([*files, ROOT / "constraints.txt"]):
        found.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:12]


@pytest.fixture(scope="session")
def folder() -> Path:
    """dist/pixforge of these very sources."""
    if "PIXFORGE_EXECUTABLE" in os.environ:  # a folder that is there already, such as dist/pixforge
        return Path(os.environ["PIXFORGE_EXECUTABLE"]).resolve()
    pytest.importorskip("PyInstaller")
    place = ROOT / ".test-tools" / f"executable-{_digest()}"
    if not place.is_dir():
        own = place.with_name(f"{place.name}-{os.getpid()}")
        command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--distpath", str(own),
                   "--workpath", str(own / "work"), str(ROOT / "packaging" / "pixforge.spec")]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
        for old in place.parent.glob("executable-*"):
            # Of other sources; each is as large as this one. This one's may be in use by another worker already.
            if old != place and re.fullmatch(r"executable-[0-9a-f]{12}", old.name):
                shutil.rmtree(old, ignore_errors=True)
        with contextlib.suppress(OSError):  # another worker may have built the same
            (own / "pixforge").rename(place)
        shutil.rmtree(own, ignore_errors=True)
    return place


@pytest.fixture(scope="session")
def program(folder: Path) -> Program:
    return Program(folder / "pixforge")


@pytest.fixture(scope="session")
def aseprite(folder: Path) -> Program:
    """The second program of the folder."""
    return Program(folder / "pixforge-aseprite")


def _libraries(folder: Path) -> Iterator[Path]:
    """What the system gives the programs: the C library and its kin, by their own account."""
    binaries = [folder / "pixforge", *folder.rglob("*.so*")]
    said = subprocess.run(
        ["ldd", *map(str, binaries)], capture_output=True, text=True, timeout=LIMIT, check=False
    ).stdout
    for found in sorted(set(re.findall(r"(?:=> |^\s+)(/\S+)", said, re.MULTILINE))):
        if not Path(found).is_relative_to(folder):
            yield Path(found)


@pytest.fixture(scope="session")
def bare(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, Path]:
    """The program in a file system of its own: beside it the C library, /desk and /tmp, and no interpreter anywhere."""
    if sys.platform != "linux" or any(shutil.which(tool) is None for tool in ("unshare", "ldd")):
        pytest.skip("needs Linux with unshare")
    if subprocess.run(["unshare", "-r", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system gives no user namespaces")
    root = tmp_path_factory.mktemp("bare")
    shutil.copytree(folder, root / "app", copy_function=_linked, symlinks=True)
    for library in _libraries(folder):
        target = root / str(library).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    for name in ("desk", "tmp", "dev"):
        (root / name).mkdir()
    (root / "dev" / "null").touch()
    return Program(Path("/app/pixforge"), prefix=(str(shutil.which("unshare")), "-r", "-R", str(root))), root


def _linked(source: str, target: str) -> str:
    """A second name for a file: a hundred megabytes need no copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _draw(path: Path, shift: int = 0) -> Path:
    """A drawing of 512 x 512 pixels: a dark outline round a round body with a light and an eye, on transparency."""
    y, x = np.mgrid[0:512, 0:512]
    pixels = np.zeros((512, 512, 4), np.uint8)
    distance = np.hypot(x - 256 - shift, y - 256)
    pixels[distance < 200] = (40, 24, 48, 255)
    pixels[distance < 180] = (200, 72, 56, 255)
    pixels[np.hypot(x - 200 - shift, y - 190) < 60] = (248, 200, 120, 255)
    pixels[np.hypot(x - 320 - shift, y - 230) < 24] = (16, 16, 24, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="session")
def draw() -> Callable[..., Path]:
    """Write a drawing: draw(path, shift=0)."""
    return _draw

"""Packs the integrations into dist/: `python integrations/build.py`, or `make integrations`.

The same files give the same bytes on every system: entries are sorted, stored, and have one date.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
MODE: Final = 0o100644 << 16


def pack(target: Path, files: Iterable[tuple[str, Path]]) -> Path:
    """Write a zip of (name in the zip, file) pairs.

    Raises:
        OSError: a file cannot be read, or the zip cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted(files):
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system, entry.external_attr = 3, MODE  # alike on Windows
            archive.writestr(entry, path.read_bytes().replace(b"\r\n", b"\n"))
    return target


def build_aseprite(dist: Path) -> Path:
    """Pack the Aseprite extension: pixforge.aseprite-extension."""
    folder = HERE / "aseprite"
    paths = [*folder.glob("*.lua"), *folder.glob("lib/*.lua"), folder / "package.json", folder / "README.md"]
    files = [(path.relative_to(folder).as_posix(), path) for path in paths]
    return pack(dist / "pixforge.aseprite-extension", files)


def build_godot(dist: Path) -> Path:
    """Pack the Godot add-on, to be unpacked into a project's folder: pixforge-godot.zip."""
    folder = HERE / "godot"
    paths = [path for pattern in ("*.gd", "*.gd.uid", "*.cfg") for path in folder.glob(f"addons/pixforge/{pattern}")]
    files = [(path.relative_to(folder).as_posix(), path) for path in paths]
    return pack(dist / "pixforge-godot.zip", [*files, ("addons/pixforge/README.md", folder / "README.md")])


BUILDS: Final[tuple[Callable[[Path], Path], ...]] = (build_aseprite, build_godot)


def main() -> None:
    """Build all of them and name the files."""
    dist = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "dist"
    for build in BUILDS:
        print(build(dist))


if __name__ == "__main__":
    main()

"""Where presets are looked for.

A name that ends in ".toml" or contains a folder is a path. Any other name is searched, and the first hit wins:
1. project: `presets/` in the working folder, then in each folder above it up to the project's root (the nearest folder
   that holds `pixforge.toml` or `.git`; without one, the working folder alone);
2. user: `presets/` in the user's configuration folder (`user_folder`);
3. shipped: the presets that come with pixforge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pixforge import folders
from pixforge.errors import SettingsError
from pixforge.typed_toml import closest

Origin = Literal["project", "user", "shipped"]
_ROOT_MARKS: Final = ("pixforge.toml", ".git")


@dataclass(frozen=True)
class Found:
    """A preset file.

    Attributes:
        name: what -p takes.
        path: the file.
        origin: which of the three places it is in.
        shadowed: whether an earlier place has the same name, so that only the path reaches this one.
    """

    name: str
    path: Path
    origin: Origin
    shadowed: bool = False


def user_folder() -> Path:
    """Return the folder of the user's own presets (see `pixforge.folders`)."""
    return folders.of_user("config") / "presets"


def shipped_folder() -> Path:
    """Return the folder of the shipped presets: in the package of a wheel, beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "presets"
    return inside if inside.is_dir() else package.parent / "presets"


def project_folders(start: Path) -> tuple[Path, ...]:
    """Return the `presets/` folders of the project around `start`, nearest first."""
    upward = [start, *start.parents]
    root = next((index for index, folder in enumerate(upward) if _is_root(folder)), 0)
    return tuple(folder / "presets" for folder in upward[: root + 1] if (folder / "presets").is_dir())


def search(start: Path | None = None) -> tuple[Found, ...]:
    """Return every preset that a name reaches from `start` (default: the working folder), and the shadowed ones."""
    seen: set[str] = set()
    paths: set[Path] = set()
    found: list[Found] = []
    for origin, folder in _places(Path.cwd() if start is None else start):
        for path in sorted(folder.glob("*.toml"), key=lambda file: file.stem):
            if path.resolve() in paths:
                continue
            paths.add(path.resolve())
            found.append(Found(path.stem, path, origin, path.stem in seen))
            seen.add(path.stem)
    return tuple(found)


def find(name: str | Path, start: Path | None = None) -> Path:
    """Return the file of a preset given by name or by path.

    Raises:
        SettingsError: there is no such preset; the closest name is suggested.
    """
    path = Path(name)
    if isinstance(name, Path) or path.suffix.lower() == ".toml" or len(path.parts) > 1:
        if not path.is_file():
            raise SettingsError("there is no such preset file", "check the path, or give a name that is listed", path)
        return path
    folder = Path.cwd() if start is None else start
    for _, place in _places(folder):
        if (place / f"{name}.toml").is_file():
            return place / f"{name}.toml"
    match = closest(str(name), [preset.name for preset in search(folder)])
    hint = f'did you mean "{match}"? ' if match else ""
    raise SettingsError(f'there is no preset "{name}"', f"{hint}`pixforge presets list` shows all")


def _places(start: Path) -> Iterator[tuple[Origin, Path]]:
    shipped = shipped_folder()
    for folder in project_folders(start):
        if folder.resolve() != shipped.resolve():
            yield "project", folder
    yield "user", user_folder()
    yield "shipped", shipped


def _is_root(folder: Path) -> bool:
    return any((folder / mark).exists() for mark in _ROOT_MARKS)

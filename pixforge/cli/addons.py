"""The add-ons that come with pixforge: where their files are, where they go, and how they get there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Final, Literal

from pixforge.errors import OutputError, PixforgeError

Name = Literal["aseprite", "godot"]
NAMES: Final[tuple[Name, ...]] = ("aseprite", "godot")
RECORD: Final = ".pixforge-installed.json"  # Godot and Aseprite pass over it
_ROOTS: Final[Mapping[Name, str]] = {"aseprite": "aseprite", "godot": "godot/addons/pixforge"}
_HEADS: Final[Mapping[Name, str]] = {"aseprite": "package.json", "godot": "plugin.cfg"}
_ASEPRITE_OWN: Final = "__info.json"  # its list of the files to remove when somebody uninstalls the extension


class PlaceError(PixforgeError):
    """The folder is not what the add-on goes into."""

    exit_code: ClassVar[int] = 5
    kind: ClassVar[str] = "place"


@dataclass(frozen=True)
class Change:
    """What becomes of a file of an installed add-on.

    Attributes:
        path: where.
        action: write, remove (an earlier version had it), or keep (it holds these bytes).
        data: the bytes to write.
    """

    path: Path
    action: Literal["write", "remove", "keep"]
    data: bytes = b""


def shipped_folder() -> Path:
    """Return the folder of all integrations: in the package of a wheel, beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "integrations"
    return inside if inside.is_dir() else package.parent / "integrations"


def files_of(name: Name) -> dict[str, bytes]:
    """Return the files of an add-on by their relative names; the file by which its host knows it comes last.

    Raises:
        PlaceError: this install is incomplete.
    """
    root = shipped_folder() / _ROOTS[name]
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    wanted = {key: path for key, path in found.items() if not any(_hidden(part) for part in key.split("/"))}
    if _HEADS[name] not in wanted:
        raise PlaceError("the add-on is missing from this installation", "install pixforge again", root)
    names = sorted(wanted, key=lambda key: (key == _HEADS[name], key))
    return {key: wanted[key].read_bytes() for key in names}


def _hidden(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__"


def shipped_version(name: Name) -> str:
    """Return the version of the add-on that comes with pixforge."""
    return version_in(name, shipped_folder() / _ROOTS[name]) or ""


def version_in(name: Name, folder: Path) -> str | None:
    """Return the version that an add-on in a folder says it has; None if there is none."""
    try:
        text = (folder / _HEADS[name]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    match = re.search(r'"?version"?\s*[:=]\s*"([^"]*)"', text)
    return match[1] if match else None


def aseprite_folders() -> tuple[Path, ...]:
    """Return where Aseprite keeps what belongs to the user, most telling first (its manual: "Preferences folder")."""
    named = os.environ.get("ASEPRITE_USER_FOLDER")
    home = Path(os.environ.get("USERPROFILE" if sys.platform == "win32" else "HOME") or os.devnull)
    if sys.platform == "win32":
        usual = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming") / "Aseprite"
    elif sys.platform == "darwin":
        usual = home / "Library" / "Application Support" / "Aseprite"
    else:
        usual = home / ".config" / "aseprite"
    return (Path(named), usual) if named else (usual,)


def target_of(name: Name, place: Path | None) -> Path:
    """Return the folder that an add-on's files go into.

    Args:
        name: which add-on.
        place: for Godot a project's folder (default: the working folder or the nearest above it that is one); for
            Aseprite its user folder (default: where the system has it).

    Raises:
        PlaceError: it is none.
    """
    return _in_godot(place) if name == "godot" else _in_aseprite(place)


def _in_godot(place: Path | None) -> Path:
    here = Path.cwd() if place is None else place
    candidates = (here, *here.absolute().parents) if place is None else (here,)
    project = next((folder for folder in candidates if (folder / "project.godot").is_file()), None)
    if project is None:
        raise PlaceError("this is no Godot project: it has no project.godot", "name the project's folder", here)
    return project / "addons" / "pixforge"


def _in_aseprite(place: Path | None) -> Path:
    folders = aseprite_folders() if place is None else (place,)
    for folder in folders:
        if folder.name == "extensions" and folder.is_dir():
            return folder / "pixforge"
        if (folder / "extensions").is_dir() or (folder / "aseprite.ini").is_file():
            return folder / "extensions" / "pixforge"
    remedy = "start Aseprite once, or name the folder that Edit > Preferences > Files shows"
    raise PlaceError("this is not Aseprite's user folder: it has no aseprite.ini and no extensions", remedy, folders[0])


def changes(name: Name, target: Path, overwrite: bool = False) -> tuple[Change, ...]:
    """Return what has to be done for an add-on; nothing is touched.

    Args:
        name: which add-on.
        target: its folder (see `target_of`).
        overwrite: replace files that are not ours, or that were changed by hand.

    Raises:
        OutputError: such a file is in the way.
    """
    wanted = files_of(name)
    recorded = _recorded(target)
    if name == "aseprite":
        listed = [*wanted, RECORD]
        wanted = {_ASEPRITE_OWN: json.dumps({"installedFiles": listed}, indent=1).encode(), **wanted}
    if not overwrite:
        _refuse_foreign(target, wanted, recorded)
    record = json.dumps({"files": {key: _hash(data) for key, data in wanted.items()}}, indent=1).encode()
    gone = [key for key, digest in recorded.items() if key not in wanted and _digest_of(target / key) == digest]
    return (
        # The record comes last: what was begun and cut short is gone on with, not taken for somebody else's.
        *(_writing(target / key, data) for key, data in {**wanted, RECORD: record}.items()),
        *(Change(target / key, "remove") for key in sorted(gone)),
    )


def apply(planned: Iterable[Change]) -> None:
    """Do what was planned; each file is whole or as it was.

    Raises:
        OutputError: a file cannot be written or removed.
    """
    from pixforge.image.save import write_atomic

    for change in planned:
        if change.action == "write":
            write_atomic(change.path, change.data)
        elif change.action == "remove":
            try:
                change.path.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(
                    f"cannot be removed: {error.strerror}", "close the host program", change.path
                ) from error


def with_plugin(project: bytes, plugin: str) -> bytes:
    """Return a project.godot in which an editor plugin is enabled; all other bytes stay.

    Args:
        project: the file.
        plugin: such as "res://addons/pixforge/plugin.cfg".
    """
    text = project.decode("utf-8")
    line = "\r\n" if "\r\n" in text else "\n"
    section = re.search(r"^\[editor_plugins\][^\n]*\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        body = f'[editor_plugins]{line}{line}enabled=PackedStringArray("{plugin}"){line}'
        return f"{text.rstrip()}{line}{line}{body}".encode()
    listed = re.search(r"^enabled=PackedStringArray\((.*?)\)", section[1], re.MULTILINE | re.DOTALL)
    if listed is None:
        at = section.start(1)
        return f'{text[:at]}{line}enabled=PackedStringArray("{plugin}"){text[at:] or line}'.encode()
    if f'"{plugin}"' in listed[1]:
        return project
    at = section.start(1) + listed.end(1)
    separator = ", " if listed[1].strip() else ""
    return f'{text[:at]}{separator}"{plugin}"{text[at:]}'.encode()


def _writing(path: Path, data: bytes) -> Change:
    return Change(path, "keep" if _digest_of(path) == _hash(data) else "write", data)


def _refuse_foreign(target: Path, wanted: Mapping[str, bytes], recorded: Mapping[str, str]) -> None:
    for key, data in wanted.items():
        found = _digest_of(target / key)
        if found is None or found in (recorded.get(key), _hash(data)) or key == _ASEPRITE_OWN:
            continue
        cause = "was changed by hand" if key in recorded else "is there already and was not installed by pixforge"
        raise OutputError(cause, "move it away, or give --overwrite", target / key)


def _recorded(target: Path) -> dict[str, str]:
    """The digests of the files that were installed before."""
    try:
        files: Any = json.loads((target / RECORD).read_text(encoding="utf-8"))["files"]
        return {str(key): str(digest) for key, digest in files.items() if _inside(str(key))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # without a readable record nothing there is known to be ours


def _inside(key: str) -> bool:
    path = PurePosixPath(key)
    return not path.is_absolute() and ".." not in path.parts


def _digest_of(path: Path) -> str | None:
    try:
        return _hash(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(f"cannot be read: {error.strerror}", "move it away", path) from error


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

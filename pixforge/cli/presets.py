"""pixforge presets: list, show, check.

JSON of list: presets [{name, origin, path, shadowed, description, direction, digest, error}], origin being project,
user or shipped; places {user, shipped, project [...]}, the folders that are searched.
JSON of show: preset {name, path, digest, values {every key of the preset, null where nothing is set}}.
JSON of check: checked [{path, name, ok, error}].
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pixforge import preset as store
from pixforge.cli import options
from pixforge.cli.output import Output, as_plain
from pixforge.errors import SettingsError
from pixforge.preset.dump import to_plain, to_toml
from pixforge.preset.store import Found, project_folders, shipped_folder, user_folder


@click.group(short_help="List, show and check presets.")
def presets() -> None:
    """List, show and check presets: the files that say how to convert.

    A name is searched in presets/ of the project (the working folder and those above it, up to the folder with
    pixforge.toml or .git), then in the user's folder, then among the shipped ones. `presets list` names the folders.
    """


@presets.command("list", short_help="List every preset that a name reaches.")
@options.manners
@click.pass_obj
def list_presets(output: Output) -> int:
    """List every preset that a name reaches, and the folders that are searched."""
    output.command = "presets list"
    entries = [_entry(found) for found in store.search()]
    width = max((len(entry["name"]) for entry in entries), default=0)
    for entry in entries:
        note = "  (hidden by the one above of this name)" if entry["shadowed"] else ""
        text = "has mistakes; see `pixforge presets check`" if entry["error"] else entry["description"]
        output.line(f"{entry['name']:{width}}  {entry['origin']:7}  {text}{note}")
    places = {
        "project": [str(folder) for folder in project_folders(Path.cwd())],
        "user": str(user_folder()),
        "shipped": str(shipped_folder()),
    }
    output.line(f"\nYour own go to {places['user']} or to presets/ in a project.")
    output.document({"presets": entries, "places": places})
    return 0


@presets.command(short_help="Write out a preset with every key.")
@click.argument("name", metavar="NAME|FILE")
@options.manners
@click.pass_obj
def show(output: Output, name: str) -> int:
    """Write out a preset as TOML with every key; save it to a file to make your own."""
    output.command = "presets show"
    preset = store.load(name)
    output.line(f"# {preset.path}\n{to_toml(preset)}".rstrip())
    output.document({"preset": {
        "name": preset.name,
        "path": str(preset.path),
        "digest": preset.digest,
        "values": to_plain(preset),
    }})  # fmt: skip
    return 0


@presets.command(short_help="Report every mistake in presets.")
@click.argument("names", metavar="[NAME|FILE|FOLDER]...", nargs=-1)
@options.manners
@click.pass_obj
def check(output: Output, names: tuple[str, ...]) -> int:
    """Report every mistake in presets; without names, in all that a name reaches."""
    output.command = "presets check"
    paths = [path for name in names for path in _files(name)] if names else [found.path for found in store.search()]
    checked = [_check(output, path) for path in paths]
    bad = sum(not entry["ok"] for entry in checked)
    output.line(f"{len(checked) - bad} in order, {bad} with mistakes")
    code = SettingsError.exit_code if bad else 0
    output.document({"checked": checked}, code)
    return code


def _entry(found: Found) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": found.name,
        "origin": found.origin,
        "path": str(found.path),
        "shadowed": found.shadowed,
        "description": "",
        "direction": None,
        "digest": None,
        "error": None,
    }
    try:
        preset = store.load(found.path)
    except SettingsError as error:
        return {**entry, "error": as_plain(error)}
    return {**entry, "description": preset.description, "direction": preset.direction, "digest": preset.digest}


def _files(name: str) -> list[Path]:
    folder = Path(name)
    return sorted(folder.glob("*.toml")) if folder.is_dir() else [store.find(name)]


def _check(output: Output, path: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": str(path), "name": path.stem, "ok": True, "error": None}
    try:
        store.load(path)
    except SettingsError as error:
        entry.update(ok=False, error=as_plain(error))
        output.complaint(entry["error"])
    return entry

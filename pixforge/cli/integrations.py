"""pixforge integrations: the add-ons for Aseprite and Godot, put where their programs look for them.

JSON of list: integrations [{name, version, target, installed}]: the version that comes with pixforge, the folder it
would go into (null where none was found) and the version that lies there (null if none). JSON of install: name,
version, target, enabled (whether project.godot names the plugin; null for Aseprite), files [{path, action}] with the
actions write, keep and remove; nothing was touched if dry_run is true.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

import click

from pixforge.cli import addons, options
from pixforge.cli.addons import Change
from pixforge.cli.output import Output

PLUGIN: Final = "res://addons/pixforge/plugin.cfg"
TITLES: Final = {"aseprite": "Aseprite", "godot": "Godot 4"}


@click.group(short_help="Add-ons for Aseprite and Godot.")
def integrations() -> None:
    """The add-ons for Aseprite and Godot that come with pixforge.

    \b
    pixforge integrations install godot my-game/ --enable
    pixforge integrations install aseprite
    """


@integrations.command("list")
@options.manners
@click.pass_obj
def list_command(output: Output) -> int:
    """List the add-ons, and where they would go."""
    output.command = "integrations list"
    rows = [_row(name) for name in addons.NAMES]
    for row in rows:
        state = f"{row['installed']} in {row['target']}" if row["installed"] else "not installed"
        output.line(f"{row['name']:10} {row['version']:8} for {TITLES[row['name']]}; {state}")
    output.document({"integrations": rows})
    return 0


def _row(name: addons.Name) -> dict[str, Any]:
    addons.files_of(name)  # an incomplete installation is an error
    try:
        target: Path | None = addons.target_of(name, None)
    except addons.PlaceError:
        target = None
    return {
        "name": name,
        "version": addons.shipped_version(name),
        "target": None if target is None else str(target),
        "installed": None if target is None else addons.version_in(name, target),
    }


@integrations.command()
@click.argument("name", type=click.Choice(addons.NAMES))
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--enable", is_flag=True, help="Godot: switch the plugin on in project.godot.")
@click.option("--overwrite", is_flag=True, help="Replace files that are not pixforge's or were changed by hand.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@options.manners
@click.pass_obj
def install(output: Output, /, name: str, path: Path | None, enable: bool, overwrite: bool, dry_run: bool) -> int:
    """Put an add-on where its program looks for it; the same command brings it up to date.

    PATH is the folder of a Godot project (default: the one around the working folder), or Aseprite's user folder
    (default: where the system has it). Files of somebody else are never replaced.
    """
    output.command = "integrations install"
    if enable and name != "godot":
        raise click.UsageError("--enable is for Godot; Aseprite finds its extensions by itself")
    chosen = cast("addons.Name", name)
    target = addons.target_of(chosen, path)
    planned = [*addons.changes(chosen, target, overwrite), *(_enabling(target) if enable else ())]
    if not dry_run:
        addons.apply(planned)
    _say(output, chosen, target, planned, dry_run)
    return 0


def _enabling(target: Path) -> tuple[Change, ...]:
    project = target.parents[1] / "project.godot"
    data = project.read_bytes()
    enabled = addons.with_plugin(data, PLUGIN)
    return (Change(project, "keep" if enabled == data else "write", enabled),)


def _say(output: Output, name: addons.Name, target: Path, planned: list[Change], dry_run: bool) -> None:
    count = sum(change.action != "keep" for change in planned)
    output.line(f"{target}: {count} of {len(planned)} files {'would be changed' if dry_run else 'changed'}")
    enabled = None
    if name == "godot":
        project = target.parents[1] / "project.godot"
        data = next((change.data for change in planned if change.path == project), None) or project.read_bytes()
        enabled = addons.with_plugin(data, PLUGIN) == data
        if not enabled:
            output.line("switch it on in Project > Project Settings > Plugins, or give --enable")
    elif count:
        output.line("start Aseprite again; the commands are in the menu Sprite > Pixforge")
    files = [{"path": str(change.path), "action": change.action} for change in planned]
    version = addons.shipped_version(name)
    output.document({"name": name, "version": version, "target": str(target), "enabled": enabled, "dry_run": dry_run,
                     "files": files})  # fmt: skip

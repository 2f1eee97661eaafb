"""pixforge watch: a folder is converted as it changes.

JSON of --status: running; watch (the health file, see `pixforge.watch.health.Health`, with alive), or null. While it
watches, lines go to stderr and to the log; with --json nothing else is said until it ends, with the health file's keys.
"""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, cast

import click
from click.core import ParameterSource

from pixforge.cli import options, trees
from pixforge.cli.output import Output
from pixforge.cli.progress import INTERRUPTED, Interruption
from pixforge.errors import PixforgeError
from pixforge.project.schema import WatchTable
from pixforge.project.tree import Tree
from pixforge.typed_toml import read
from pixforge.watch.units import MANAGERS, Manager, unit, usual_manager


class NotWatchedError(PixforgeError):
    """Nothing watches this folder, or it gives no sign of life."""

    exit_code: ClassVar[int] = 10
    kind: ClassVar[str] = "not-watched"


@click.command(short_help="Convert a folder as it changes.")
@trees.tree
@click.option("-j", "--workers", type=click.IntRange(1), metavar="N", help="Processes. Default: one a core.")
@click.option(
    "--settle",
    type=float,
    metavar="S",
    help="Seconds for which a file must stay the same before it is taken. Default: 0.5.",
)
@click.option(
    "--poll/--native",
    default=None,
    help="Look again and again, or rely on the system's events. Default: poll on network shares.",
)
@click.option("--interval", type=float, metavar="S", help="Seconds between two looks with --poll. Default: 1.")
@click.option("--rescan", type=float, metavar="S", help="Seconds between looks at everything. Default: 300.")
@click.option(
    "--prune/--keep", "prune", default=None, help="Whether an output is removed with its source. Default: it is."
)
@click.option(
    "--notes/--no-notes",
    default=None,
    help="Whether to write NAME.pixforge-error.txt beside a picture that cannot be converted. Default: yes.",
)
@click.option(
    "--status", is_flag=True, help="Say how the watch of this folder is doing; exit code 10 if there is none."
)
@click.option(
    "--install-unit", type=click.Choice(["auto", *MANAGERS]), help="Print a service that runs this watch, and how."
)
@options.manners
@click.pass_obj
def watch(output: Output, /, **arguments: Any) -> int:  # noqa: ANN401  # the options above, and those of `trees.tree`
    """Convert every picture below SRC to the same place below DST, now and whenever it changes.

    Without SRC and DST pixforge.toml says what to do. It starts with what was changed meanwhile. Deleted and renamed
    pictures take their outputs along; presets, palettes and the project file are read again when they change. Ctrl-C
    or SIGTERM finishes what was begun.

    \b
    pixforge watch art/ game/sprites/ -p character-32
    pixforge watch art/ game/sprites/ --status
    """
    output.command = "watch"
    status, manager = arguments.pop("status"), arguments.pop("install_unit")
    settings = {name: arguments.pop(name) for name in ("settle", "interval", "rescan", "prune", "notes")}
    poll, workers, dry = arguments.pop("poll"), arguments.pop("workers"), arguments.pop("dry_run")
    arguments.pop("overwrite")
    settings["events"] = None if poll is None else "polling" if poll else "native"
    wanted = trees.wanted(arguments)

    def load() -> Tree:
        tree = wanted.load()
        given = {name: value for name, value in settings.items() if value is not None}
        tree.watch = read(WatchTable, {**dataclasses.asdict(tree.watch), **given})
        return tree

    if dry:
        raise click.UsageError("watch has no dry run; `pixforge batch --dry-run` says what it would do first")
    if manager is not None:
        return _print_unit(output, load(), manager)
    if status:
        return _status(output, load())
    return _keep(output, load, workers)


def _keep(output: Output, load: Callable[[], Tree], workers: int | None) -> int:
    from pixforge.watch.daemon import Options, keep_watch

    with _until_told(output) as stop:
        health = keep_watch(load, Options(workers, stop, output.note))
    output.document(dataclasses.asdict(health))
    return 0


@contextmanager
def _until_told(output: Output) -> Iterator[Callable[[], bool]]:
    """Yield what says whether the watch is to end: SIGTERM, or Ctrl-C (which, again, ends it at once)."""
    told = Interruption(lambda: output.note("finishing what was begun"))

    def handle(number: int, _frame: FrameType | None) -> None:
        if told.requested and number == signal.SIGINT:
            os._exit(INTERRUPTED)  # files are written whole or not at all, and workers end with their parent
        told.requested = True

    numbers = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, handle) for number in numbers]
    try:
        yield told
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _status(output: Output, tree: Tree) -> int:
    from pixforge.watch.health import read_health

    health = read_health(tree.state)
    if health is None:
        raise NotWatchedError("nothing watches this folder", "start it with `pixforge watch`", tree.source)
    if not health["alive"]:
        remedy = f"look at {tree.state / 'watch.log'}, or end process {health.get('pid')} and start it again"
        raise NotWatchedError("its watch gives no sign of life", remedy, tree.source)
    failing = health.get("failing", {})
    output.line(
        f"process {health['pid']} watches {health['source']} for {health['output']} ({health['events']} events)"
    )
    state = "up to date" if health["ready"] and not health["waiting"] else f"{health['waiting']} waiting"
    output.line(f"{state}; {health['made']} made, {health['removed']} removed, {len(failing)} failing since it started")
    for path, cause in failing.items():
        output.line(f"  {path}: {cause}")
    if health["trouble"]:
        output.line(f"trouble: {health['trouble']}")
    output.document({"running": True, "watch": health})
    return 0


def _print_unit(output: Output, tree: Tree, manager: str) -> int:
    chosen: Manager = usual_manager() if manager == "auto" else cast("Manager", manager)
    name = "pixforge-" + (re.sub("[^a-z0-9]+", "-", tree.source.absolute().name.lower()).strip("-") or "watch")
    # The executable is its own interpreter and takes no -m.
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "pixforge"]
    text = unit(chosen, [*program, "watch", *_given()], Path.cwd(), name)
    output.line(text)
    output.document({"manager": chosen, "name": name, "unit": text})
    return 0


def _given() -> list[str]:
    """Return the arguments of this call, but --install-unit and --json, as a command line."""
    context = click.get_current_context()
    words: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE or name in ("install_unit", "json"):
            continue
        value = context.params.get(name)
        if isinstance(parameter, click.Argument):
            words.append(str(value))
        elif isinstance(value, bool):
            words.append((parameter.opts if value else parameter.secondary_opts)[-1])
        elif parameter.multiple:
            words += [word for item in value or () for word in (parameter.opts[-1], str(item))]
        else:
            words += [parameter.opts[-1], "x".join(map(str, value)) if isinstance(value, tuple) else str(value)]
    return words

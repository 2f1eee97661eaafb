"""pixforge-aseprite: the command line of Aseprite that other tools call, for machines without Aseprite.

It takes Aseprite's arguments in Aseprite's way: one dash or two, and each option counts from where it stands. What it
does not know is an error, never passed over in silence.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pixforge import __version__
from pixforge.errors import MissingDependencyError, PixforgeError, SettingsError

if TYPE_CHECKING:
    from pixforge.cli.aseprite_opened import Opened

PROGRAM: Final = "pixforge-aseprite"
USAGE_CODE: Final = 2
FLAGS: Final = {
    "batch": "Accepted; there is no window to leave closed.",
    "preview": "Say what would be written; write nothing.",
    "list-layers": "List the layers of the next file, or in the JSON.",
    "list-tags": "List the tags of the next file, or in the JSON.",
    "list-slices": "List the slices of the next file, or in the JSON.",
    "list-layer-hierarchy": "List layers with their groups.",
    "all-layers": "Hidden layers count as visible.",
    "split-layers": "Each layer by itself.",
    "split-tags": "Each tag by itself.",
    "merge-duplicates": "Equal frames lie on the sheet once.",
    "ignore-empty": "Leave out empty frames.",
    "trim": "Leave out transparent borders.",
    "extrude": "Repeat the edge pixels of each frame once outside it.",
    "sheet-pack": "As --sheet-type packed.",
    "oneframe": "Only the first frame.",
    "verbose": "Say what is written.",
    "help": "Show this text.",
    "version": "Show the version.",
}
VALUES: Final = {
    "sheet": "Picture of the sheet.",
    "data": "JSON of the sheet; without it the JSON goes to stdout.",
    "format": "json-hash or json-array.",
    "sheet-type": "horizontal, vertical, rows, columns or packed.",
    "sheet-columns": "Frames a row in the type rows.",
    "sheet-rows": "Frames a column in the type columns.",
    "border-padding": "Empty pixels round the sheet.",
    "shape-padding": "Empty pixels between frames.",
    "inner-padding": "Empty pixels inside each frame.",
    "filename-format": "Names of frames, such as {title}-{tag}-{tagframe}.",
    "tagname-format": "Names of tags in the JSON, such as {title}-{tag}.",
    "layer": "Only this layer, or this group; may be repeated.",
    "ignore-layer": "Not this layer, or this group; may be repeated.",
    "tag": "Only the frames of this tag.",
    "frame-range": "Only the frames FROM,TO.",
    "save-as": "Save the file before it: .png, .gif, .apng, .webp, .aseprite.",
    "scale": "Enlarge by a whole factor.",
    "script": "Not possible: scripts need Aseprite.",
    "script-param": "Accepted; only a script reads it.",
}
ALIASES: Final = {"b": "batch", "p": "preview", "v": "verbose", "?": "help", "h": "help", "frame-tag": "tag",
                  "import-layer": "layer"}  # fmt: skip
SHEET_TYPES: Final = ("horizontal", "vertical", "rows", "columns", "packed")


class UsageError(PixforgeError):
    """The arguments are wrong."""

    exit_code = USAGE_CODE
    kind = "usage"


@dataclass(frozen=True)
class Filters:
    """What is taken of a file.

    Attributes:
        layers: names or paths of layers; empty: the visible ones.
        ignored: names or paths of layers that are not taken.
        all_layers: hidden layers count as visible.
        tag: only its frames.
        frames: first and last frame.
        split_layers: each layer by itself.
        split_tags: each tag by itself.
    """

    layers: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    all_layers: bool = False
    tag: str | None = None
    frames: tuple[int, int] | None = None
    split_layers: bool = False
    split_tags: bool = False


@dataclass
class Run:
    """The options that hold for the whole run.

    Attributes:
        flags: the names of the flags that were given.
        values: the last value of each option.
        opened: the files, each with the filters that held when it was opened.
        saved: files to be written by --save-as: the target, the file and its filters.
        scale: enlargement.
    """

    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    opened: list[Opened] = field(default_factory=list)
    saved: list[tuple[str, Opened]] = field(default_factory=list)
    scale: int = 1

    def number(self, name: str, default: int = 0) -> int:
        """The value of an option as a number of at least 0."""
        return whole(name, self.values[name]) if name in self.values else default


def main() -> None:
    """Run the command and end the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run the command and return its exit code; errors go to stderr."""
    try:
        _process(args)
        sys.stdout.flush()
    except PixforgeError as error:
        where = "" if error.path is None else f"{error.path}: "
        print(f"{PROGRAM}: {where}{error.cause}\n  {error.remedy}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def parse(args: Sequence[str]) -> Iterator[tuple[str | None, str]]:
    """The options (name, value or "") and files (None, path) in their order.

    Raises:
        UsageError: an unknown option, or one without its value.
    """
    rest = iter(args)
    for arg in rest:
        if not arg.startswith("-") or arg == "-":
            yield None, arg
            continue
        name, equals, value = arg.lstrip("-").partition("=")
        name = ALIASES.get(name, name)
        if name in VALUES:
            if not equals:
                value = next(rest, "")
            if not value and name != "filename-format":
                raise UsageError(f"--{name} needs a value", f"`{PROGRAM} --help` shows how it is used")
            yield name, value
        elif name in FLAGS and not equals:
            yield name, ""
        else:
            raise UsageError(f"the option {arg} is not known here", f"`{PROGRAM} --help` lists what is")


def whole(name: str, text: str) -> int:
    """A whole number of at least 0.

    Raises:
        UsageError: it is none.
    """
    if not text.isdigit():
        raise UsageError(f"--{name} takes a whole number, not {text!r}", "correct it")
    return int(text)


def _process(args: Sequence[str]) -> None:
    steps = list(parse(args))
    names = {name for name, _ in steps}
    if "help" in names or not args:
        print(_help())
        return
    if "version" in names:
        print(f"Aseprite command line of pixforge {__version__}")
        return
    done, filters = Run(), Filters()
    # Where the sheet is, the lists go into its JSON; else they are printed as each file is opened.
    listing = not names & {"sheet", "data"}
    for name, value in steps:
        if name is None:
            _open(done, filters, value, listing=listing)
            continue
        filters = _option(done, filters, name, value)
    _finish(done)


def _option(done: Run, filters: Filters, name: str, value: str) -> Filters:
    """Take an option; returns the filters that hold after it."""
    if name == "script":
        raise MissingDependencyError(
            f'the script "{value}" is in Lua and needs Aseprite itself',
            "leave --script out, or call the real Aseprite for this step",
        )
    if name in FLAGS:
        done.flags.add("sheet-pack" if name == "sheet-pack" else name)
    elif name == "save-as":
        if not done.opened:
            raise UsageError("--save-as stands before any file", "name the file first")
        done.saved.append((value, replace(done.opened[-1], filters=filters)))
    elif name == "scale":
        done.scale = max(whole(name, value), 1)
    else:
        done.values[name] = value
    change = _CHANGES.get(name)
    return filters if change is None else change(filters, value)


_CHANGES: Final[dict[str, Callable[[Filters, str], Filters]]] = {
    "layer": lambda filters, value: replace(filters, layers=(*filters.layers, value)),
    "ignore-layer": lambda filters, value: replace(filters, ignored=(*filters.ignored, value)),
    "all-layers": lambda filters, _: replace(filters, all_layers=True),
    "split-layers": lambda filters, _: replace(filters, split_layers=True),
    "split-tags": lambda filters, _: replace(filters, split_tags=True),
    "tag": lambda filters, value: replace(filters, tag=value),
    "frame-range": lambda filters, value: replace(filters, frames=_frame_range(value)),
    "oneframe": lambda filters, _: replace(filters, frames=(0, 0)),
}


def _frame_range(text: str) -> tuple[int, int]:
    first, comma, last = text.partition(",")
    if not comma:
        raise UsageError(f"--frame-range takes FROM,TO, not {text!r}", "give two frame numbers")
    return whole("frame-range", first), whole("frame-range", last)


def _open(done: Run, filters: Filters, name: str, *, listing: bool) -> None:
    from pixforge.cli.aseprite_opened import Opened, listed

    opened = Opened.read(Path(name), name, filters)
    done.opened.append(opened)
    if listing:
        for line in listed(opened, done.flags):
            print(line)


def _finish(done: Run) -> None:
    from pixforge.cli.aseprite_export import save_as, sheet

    if not done.opened:
        raise UsageError("there is no file", f"`{PROGRAM} --help` shows how it is used")
    if done.values.get("format", "json-hash") not in {"json-hash", "json-array"}:
        raise UsageError(f"--format {done.values['format']} is not known", "use json-hash or json-array")
    if done.values.get("sheet-type", "rows") not in SHEET_TYPES:
        raise UsageError(f"--sheet-type {done.values['sheet-type']} is not known", f"use {', '.join(SHEET_TYPES)}")
    files = [file for target, opened in done.saved for file in save_as(done, target, opened)]
    if done.values.keys() & {"sheet", "data"}:
        files += sheet(done)
    _write(done, files)


def _write(done: Run, files: Sequence[tuple[str, bytes]]) -> None:
    from pixforge.image.save import write_atomic

    sources = {opened.path.resolve() for opened in done.opened}
    for name, data in files:
        if name == "-":
            sys.stdout.write(data.decode())
        elif Path(name).resolve() in sources:
            raise SettingsError("the output would overwrite a source", "give another name", name)
        elif "preview" in done.flags:
            print(f"would write {name}")
        else:
            write_atomic(name, data)
            if "verbose" in done.flags:
                print(f"wrote {name}", file=sys.stderr)


def _help() -> str:
    lines = [
        f"{PROGRAM} {__version__}: Aseprite's command line without Aseprite",
        "",
        f"  {PROGRAM} -b hero.aseprite --sheet hero.png --data hero.json --list-tags --trim",
        "",
        "Options, with one dash or two, each from where it stands:",
    ]
    lines += [f"  --{name + ' VALUE':<24} {text}" for name, text in VALUES.items()]
    lines += [f"  --{name:<24} {text}" for name, text in FLAGS.items()]
    return "\n".join(lines)

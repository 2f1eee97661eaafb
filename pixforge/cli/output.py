"""What the commands say: text for people, or one JSON document for machines, never both on stdout.

With --json every command writes exactly one object to stdout, whatever happens; text goes to stderr. Its keys:

    schema     "pixforge/1"; the number changes when a key changes its meaning or goes
    version    of pixforge
    command    "convert", "batch", "presets list", ...
    exit_code  the exit code of the process
    error      null, or {kind, exit_code, path, cause, remedy} and, for settings, problems: [{table, key, expected,
               found, hint}]
    ...        the command's own keys, described in its module; absent when `error` is not null
"""

from __future__ import annotations

import dataclasses
import json
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TextIO

import click

from pixforge import __version__
from pixforge.errors import PixforgeError

SCHEMA: Final = "pixforge/1"


@dataclass
class Output:
    """Where a command's words go.

    Attributes:
        machine: --json was given.
        verbose: -v was given: tracebacks are shown.
        command: the words of the command, for the report.
    """

    machine: bool = False
    verbose: bool = False
    command: str = ""

    @classmethod
    def of(cls, args: Sequence[str]) -> Output:
        """Read the manners off the raw arguments, so that even a usage error keeps to them."""
        options = args[: args.index("--")] if "--" in args else args
        return cls(machine="--json" in options, verbose="-v" in options or "--verbose" in options)

    def line(self, text: str = "") -> None:
        """Write a line for people: to stdout, or with --json nowhere."""
        if not self.machine:
            click.echo(text)

    def note(self, text: str) -> None:
        """Write a line for people to stderr."""
        click.echo(text, err=True)

    def document(
        self, content: Mapping[str, Any], exit_code: int = 0, outcomes: Iterable[Mapping[str, Any]] | None = None
    ) -> None:
        """Write the JSON document of a command that was carried out; without --json nothing."""
        if self.machine:
            self.write_document(sys.stdout, content, exit_code, outcomes)

    def write_document(
        self,
        file: TextIO,
        content: Mapping[str, Any],
        exit_code: int = 0,
        outcomes: Iterable[Mapping[str, Any]] | None = None,
    ) -> None:
        """Write that document to a file; `outcomes`, its last key, are taken one by one: they may be many."""
        head = {"schema": SCHEMA, "version": __version__, "command": self.command}
        text = json.dumps({**head, "exit_code": exit_code, "error": None, **content}, indent=2)
        if outcomes is None:
            file.write(text + "\n")
            return
        file.write(text.removesuffix("\n}") + ',\n  "outcomes": [')
        for number, outcome in enumerate(outcomes):
            file.write(("," if number else "") + "\n    " + json.dumps(outcome))
        file.write("\n  ]\n}\n")

    def failure(self, error: Mapping[str, Any], trace: str = "") -> None:
        """Report the error that ends the command (the keys of `PixforgeError.as_dict`)."""
        if self.machine:
            self._write({"exit_code": error["exit_code"], "error": dict(error)})
        self.complaint(error, trace)

    def complaint(self, error: Mapping[str, Any], trace: str = "") -> None:
        """Write an error to stderr: file, cause, remedy; the traceback with -v."""
        if self.verbose and trace:
            click.echo(trace.rstrip(), err=True)
        where = f"{error['path']}: " if error["path"] else ""
        click.echo(f"{click.style('error', fg='red', bold=True)}: {where}{error['cause']}", err=True)
        if error["remedy"]:
            click.echo(f"  {click.style('remedy', bold=True)}: {error['remedy']}", err=True)

    def _write(self, content: Mapping[str, Any]) -> None:
        head = {"schema": SCHEMA, "version": __version__, "command": self.command}
        sys.stdout.write(json.dumps({**head, **content}, indent=2) + "\n")


def as_plain(error: PixforgeError) -> dict[str, Any]:
    """Return an error as plain values, with its problems where it has some."""
    from pixforge.typed_toml import InvalidSettingsError

    values: dict[str, Any] = error.as_dict()
    if isinstance(error, InvalidSettingsError):
        values["problems"] = [dataclasses.asdict(problem) for problem in error.problems]
    return values


def trace_of(error: BaseException) -> str:
    """Return the traceback of an error as text."""
    return "".join(traceback.format_exception(error))

"""The one place where errors become words and exit codes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from pixforge.cli.app import app
from pixforge.cli.output import Output, as_plain, trace_of
from pixforge.errors import PixforgeError

INTERRUPTED = 130


def run(args: Sequence[str]) -> int:
    """Run the command line and return its exit code; nothing is raised."""
    output = Output.of(args)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file name that the terminal cannot show must not end the run
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = app.main(list(args), prog_name="pixforge", standalone_mode=False, obj=output)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        return _usage(error, output)
    except PixforgeError as error:
        output.failure(as_plain(error), trace_of(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        output.failure(_plain("interrupted", INTERRUPTED, "interrupted", "run it again to go on"))
        return INTERRUPTED
    except BrokenPipeError:  # `pixforge presets list | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  # the outermost boundary: it is shown, with an exit code of its own
        from pixforge.engine.events import internal_error

        values = internal_error(error)
        output.failure(values, trace_of(error))
        return int(values["exit_code"])


def _usage(error: click.ClickException, output: Output) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "pixforge"
    remedy = f"`{path} --help` shows how it is used"
    output.failure(_plain("usage", error.exit_code, error.format_message(), remedy))
    return error.exit_code


def _plain(kind: str, code: int, cause: str, remedy: str) -> dict[str, Any]:
    return {"kind": kind, "exit_code": code, "path": None, "cause": cause, "remedy": remedy}

"""pixforge job: the door for host programs (Aseprite, Godot). A JSON job in, a JSON report out.

Job: the keys of `pixforge.cli.job_file.JobFile`. Report, to the job's `report` or to stdout, whatever happens:

    version    1; the number changes when a key changes its meaning or goes
    ok         whether everything was done
    pixforge   version of pixforge
    exit_code  of the process: as that of `pixforge convert`
    error      null, or what kept the job from being begun: {kind, message, remedy, file, exit_code}
    depends    paths of the files beside the sources that decided: the preset, its palette file (also a missing one)
    results    [{source, status, outputs [paths], facts, error}] in the order of the sources; status and facts as in
               `pixforge.engine.events.Outcome`
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from pixforge import __version__
from pixforge.cli import job_describe, job_file
from pixforge.cli.output import Output, as_plain
from pixforge.cli.report import single_exit_code, write_file
from pixforge.engine.events import Outcome
from pixforge.errors import PixforgeError


@click.command(short_help="Convert as a JSON file says: for host programs.")
@click.argument("file", metavar="FILE|-", required=False)
@click.option("--describe", is_flag=True, help="Write presets, methods, palettes and targets as JSON; do nothing.")
@click.option("-v", "--verbose", is_flag=True, expose_value=False, help="Show tracebacks.")
@click.pass_obj
def job(output: Output, /, file: str | None, describe: bool) -> int:
    """Convert as a JSON file says, and answer in JSON: the door for host programs such as Aseprite and Godot.

    FILE names sources, out, preset and more; - reads it from stdin. Relative paths start from its folder. The answer
    goes to the file that the job names as its report, or to stdout.

    \b
    {"version": 1, "sources": ["hero.aseprite"], "out": "sprites/", "preset": "character-32",
     "set": {"grid.height": 48}, "targets": ["png", "godot"], "report": "report.json"}
    """
    output.command = "job"
    if describe == (file is not None):
        raise click.UsageError("give a job file, or --describe")
    if file is None:
        _answer(job_describe.describe(Path.cwd()), None)
        return 0
    return _answered(output, file)


def _answered(output: Output, file: str) -> int:
    """Carry a job file out and report, also when it is wrong."""
    path = None if file == job_file.STDIN else Path(file)
    report: Path | None = None
    depends: Sequence[Path] = ()
    try:
        text, folder = job_file.read_text(file)
        table = job_file.parse_json(text, path)
        report = job_file.report_of(table, folder)
        job = job_file.parse(table, folder, path)
        if job.describe:
            _answer(job_describe.describe(job.project or folder), report)
            return 0
        depends = job_file.depends_of(job, folder)
        outcomes = _outcomes(job, folder)
    except PixforgeError as error:
        values = as_plain(error)
        output.complaint(values)
        _answer(_document([], error.exit_code, depends, values), report)
        return error.exit_code
    code = single_exit_code(outcomes)
    for outcome in outcomes:
        if outcome.failure is not None:
            output.complaint(outcome.failure.error, outcome.failure.traceback)
    _answer(_document(outcomes, code, depends), report)
    return code


def _outcomes(job: job_file.JobFile, folder: Path) -> list[Outcome]:
    from pixforge.cli import job_work

    return list(job_work.carry_out(job, job_file.preset_of(job, folder)))


def _document(
    outcomes: Sequence[Outcome], code: int, depends: Sequence[Path], error: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "version": job_describe.VERSION,
        "ok": code == 0,
        "pixforge": __version__,
        "exit_code": code,
        "error": _error(error),
        "depends": [str(path) for path in depends],
        "results": [_result(outcome) for outcome in outcomes],
    }


def _result(outcome: Outcome) -> dict[str, Any]:
    return {
        "source": str(outcome.source),
        "status": outcome.status,
        "outputs": [] if outcome.failure is not None else [str(file.path) for file in outcome.files],
        "facts": None if outcome.facts is None else outcome.facts.as_dict(),
        "error": None if outcome.failure is None else _error(outcome.failure.error),
    }


def _error(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return an error in the words of the report."""
    if error is None:
        return None
    return {
        "kind": error["kind"],
        "message": error["cause"],
        "remedy": error["remedy"],
        "file": error["path"],
        "exit_code": error["exit_code"],
    }


def _answer(document: Mapping[str, Any], report: Path | None) -> None:
    """Write the answer to its file, whole or not at all, or to stdout.

    Raises:
        OutputError: the file cannot be written.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if report is None:
        click.echo(json.dumps(document, indent=2))  # ASCII alone: a console of any code page passes it on
    else:
        write_file(report, lambda file: file.write(text))  # type: ignore[arg-type]

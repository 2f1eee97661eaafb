"""pixforge convert: single pictures.

JSON: preset {name, path, digest}; outcomes [{source, destination, preview, status, seconds, facts, error}] in the order
of the arguments (`pixforge.engine.events.Outcome`); summary {written, unchanged, skipped, planned, failed}; seconds.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from pixforge import preset as presets
from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.cli.report import document, say_outcome, single_exit_code
from pixforge.engine.plan import plan_files
from pixforge.engine.run import run


@click.command(short_help="Convert pictures.")
@click.argument("sources", metavar="IN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, metavar="OUT", help="A .png for one picture, a folder for several.")
@options.conversion
@options.manners
@click.pass_obj
def convert(
    output: Output,
    /,
    sources: tuple[Path, ...],
    out: str,
    preset: str,
    settings: tuple[str, ...],
    overwrite: bool | None,
    dry_run: bool,
    **flags: Any,  # noqa: ANN401  # the flags that override the preset, one by one in `options.conversion`
) -> int:
    """Convert pictures as a preset says; flags override the preset.

    A source is never overwritten. With one picture the exit code is its own; with several it is 3 if one failed.
    """
    output.command = "convert"
    started = time.perf_counter()
    chosen = presets.load(preset, options.overrides(flags, settings))
    folder = out.endswith(("/", "\\")) or options.out_is_folder(Path(out), len(sources))
    jobs = plan_files(sources, Path(out), chosen, folder)
    outcomes = []
    for outcome in run(jobs, overwrite, dry_run):
        say_outcome(output, outcome)
        outcomes.append(outcome)
    code = single_exit_code(outcomes)
    output.document(document(chosen, outcomes, time.perf_counter() - started), code)
    return code

"""pixforge batch: a folder and every folder in it.

JSON: the keys of `pixforge convert`, with the outcomes in the order of their sources; and jobs (how many were planned),
workers, interrupted (true if Ctrl-C ended it; jobs that were not begun have no outcome).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from pixforge import preset as presets
from pixforge.batch import run_batch, worker_count
from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.cli.progress import INTERRUPTED, drained, progress
from pixforge.cli.report import document, say_outcome
from pixforge.engine.events import Outcome, summarize
from pixforge.engine.plan import Job, plan_tree
from pixforge.engine.run import run
from pixforge.engine.sources import find_pictures
from pixforge.errors import PartialFailure


@click.command(short_help="Convert a folder and every folder in it.")
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@click.argument("out", metavar="DST", type=click.Path(path_type=Path))
@options.conversion
@click.option("-j", "--workers", type=click.IntRange(1), metavar="N", help="Processes. Default: one a core.")
@options.manners
@click.pass_obj
def batch(
    output: Output,
    /,
    source: Path,
    out: Path,
    preset: str,
    settings: tuple[str, ...],
    overwrite: bool | None,
    dry_run: bool,
    workers: int | None,
    **flags: Any,  # noqa: ANN401  # the flags that override the preset, one by one in `options.conversion`
) -> int:
    """Convert every picture below SRC to the same place below DST.

    A picture that fails does not stop the others (exit code 3). Hidden files and DST itself are left out. Ctrl-C
    finishes what was begun; run it again to go on: what is done is not written again.
    """
    output.command = "batch"
    started = time.perf_counter()
    chosen = presets.load(preset, options.overrides(flags, settings))
    jobs = plan_tree(find_pictures(source, skip=out), source, out, chosen)
    if not jobs:
        output.note(f"{source} holds no pictures")
    outcomes, interrupted = _work(output, jobs, overwrite, workers, dry_run)
    seconds = time.perf_counter() - started
    counts = summarize(outcomes)
    code = INTERRUPTED if interrupted else PartialFailure.exit_code if counts["failed"] else 0
    content = document(chosen, outcomes, seconds)
    content.update(jobs=len(jobs), workers=worker_count(len(jobs), workers), interrupted=interrupted)
    output.line(_summary(counts, len(jobs), seconds))
    output.document(content, code)
    return code


def _work(
    output: Output, jobs: tuple[Job, ...], overwrite: bool | None, workers: int | None, dry: bool
) -> tuple[list[Outcome], bool]:
    """Do the jobs; return the outcomes in the order of the jobs, and whether Ctrl-C cut them short."""
    if dry:
        planned = list(run(jobs, dry=True))
        for outcome in planned:
            say_outcome(output, outcome)
        return planned, False
    done: dict[Path, Outcome] = {}
    with drained(output) as interruption, progress(len(jobs)) as bar:
        for outcome in run_batch(jobs, overwrite, workers, interruption):
            done[outcome.source] = outcome
            if outcome.failure is not None:
                say_outcome(output, outcome)
            bar.advance(outcome.status == "failed")
    outcomes = [done[job.source] for job in jobs if job.source in done]
    return outcomes, interruption.requested and len(outcomes) < len(jobs)


def _summary(counts: dict[str, int], jobs: int, seconds: float) -> str:
    said = ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "nothing to do"
    done = sum(counts.values())
    rest = f" of {jobs}" if done < jobs else ""
    pace = f", {done / seconds:.1f} a second" if done and not counts["planned"] else ""
    return f"{said}{rest} in {seconds:.1f} s{pace}"

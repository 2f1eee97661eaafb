"""pixforge batch: a folder and every folder in it.

JSON: the keys of `pixforge convert`, with the outcomes in the order of their sources; and jobs (how many were planned),
workers, interrupted (true if Ctrl-C ended it; jobs that were not begun have no outcome), pruned (files that were
removed), troubles (errors that concern no single picture), project (the project file, or null; then preset is not).
--report writes the same document to a file.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from pixforge.batch import Batch, Cluster, Options
from pixforge.cli import options, trees
from pixforge.cli.output import Output
from pixforge.cli.progress import INTERRUPTED, drained, progress
from pixforge.cli.report import describe_preset, say_outcome, write_file
from pixforge.engine.compare import StaleError
from pixforge.engine.junit import write_junit
from pixforge.engine.spool import Spool
from pixforge.errors import PartialFailure
from pixforge.project.tree import Tree


@click.command(short_help="Convert a folder and every folder in it.")
@trees.tree
@click.option("-j", "--workers", type=click.IntRange(1), metavar="N", help="Processes. Default: one a core.")
@click.option("--prune", is_flag=True, help="Remove outputs whose source is gone (only what pixforge made).")
@click.option("--check", is_flag=True, help="Write nothing; exit code 11 if an output is missing or out of date.")
@click.option("--retry", is_flag=True, help="Try pictures again that killed their process in an earlier run.")
@click.option(
    "--resume",
    is_flag=True,
    expose_value=False,
    help="Nothing more than without: every run goes on where the last one ended.",
)
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE", help="Write the JSON document to a file.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML for CI servers.")
@click.option(
    "--review",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="Also write the page of `pixforge review`. Default: DST-review.",
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Convert on the workers of a dask scheduler, such as tcp://HOST:8786."
)
@click.option("--ship", is_flag=True, help="With --cluster: send files as bytes, also where a folder is shared.")
@options.manners
@click.pass_obj
def batch(output: Output, /, **arguments: Any) -> int:  # noqa: ANN401  # the options above, and those of `trees.tree`
    """Convert every picture below SRC to the same place below DST; without both, as pixforge.toml says.

    What is up to date is not converted again, so that the same command goes on after any interruption. A picture that
    fails does not stop the others (exit code 3). Hidden files and DST itself are left out. Ctrl-C finishes what was
    begun.

    --check converts in memory what the ledger (the folder .pixforge) does not know as up to date, and compares; with
    --prune an output whose source is gone counts as well.

    \b
    pixforge batch art/ game/sprites/ -p character-32
    pixforge batch --prune --junit report.xml      as pixforge.toml says
    pixforge batch --check                         for CI: is anything out of date?
    """
    output.command = "batch"
    if arguments["check"] and (arguments["dry_run"] or arguments["cluster"]):
        raise click.UsageError("--check excludes --dry-run and --cluster")
    started = time.perf_counter()
    wanted = trees.wanted(arguments)
    tree = wanted.load()
    run = Batch(tree, _options(arguments))
    run.survey()
    if not run.total:
        output.note(f"{tree.source} holds no pictures" + (" that a rule wants" if run.left else ""))
    keep = output.machine or arguments["report"] is not None or arguments["junit"] is not None
    with Spool() as spool:
        interrupted, stale = _work(output, run, spool, keep)
        seconds = time.perf_counter() - started
        code = INTERRUPTED if interrupted else _code(run, spool, stale)
        content = {
            "preset": None if wanted.by_project else describe_preset(wanted.chosen()),
            "project": str(tree.top.file) if wanted.by_project else None,
            "summary": spool.counts, "seconds": round(seconds, 4), "jobs": run.total, "workers": max(1, run.workers),
            "interrupted": interrupted, "pruned": [str(path) for path in run.pruned], "troubles": run.troubles,
        }  # fmt: skip
        _say_end(output, run, spool, seconds)
        if arguments["review"] is not None and not (interrupted or run.options.dry or arguments["check"]):
            content["review"] = _review(output, tree, arguments["review"], arguments["workers"])
        _write_reports(output, arguments, content, code, spool, tree)
        output.document(content, code, spool)
    return code


def _review(output: Output, tree: Tree, folder: str, workers: int | None) -> str:
    """Write the review page, to the given folder or beside the output; return its path."""
    from pixforge.cli.review import default_page, write_page

    return str(write_page(output, tree, Path(folder) if folder else default_page(tree), (), workers)["page"])


def _options(arguments: dict[str, Any]) -> Options:
    return Options(
        overwrite=arguments["overwrite"],
        workers=arguments["workers"],
        retry=arguments["retry"],
        prune=arguments["prune"],
        dry=arguments["dry_run"],
        check=arguments["check"],
        cluster=None if arguments["cluster"] is None else _cluster(arguments["cluster"], arguments["ship"]),
    )


def _cluster(address: str, ship: bool) -> Cluster:
    from pixforge.engine.cluster import connect

    return connect(address, ship)


def _work(output: Output, run: Batch, spool: Spool, keep: bool) -> tuple[bool, int]:
    """Do it; return whether Ctrl-C cut it short, and how many outcomes failed for being out of date alone."""
    stale = 0
    with drained(output) as interruption, progress(run.total) as bar:
        run.stop = interruption
        for outcome in run:
            spool.add(outcome, keep)
            if outcome.failure is not None or (run.options.dry and outcome.status == "planned"):
                say_outcome(output, outcome)
            stale += outcome.failure is not None and outcome.failure.error["kind"] == StaleError.kind
            bar.advance(outcome.status == "failed")
    return interruption.requested and sum(spool.counts.values()) < run.total, stale


def _code(run: Batch, spool: Spool, stale: int) -> int:
    if spool.counts["failed"] > stale or run.troubles:
        return PartialFailure.exit_code
    return StaleError.exit_code if stale or (run.options.check and run.pruned) else 0


def _say_end(output: Output, run: Batch, spool: Spool, seconds: float) -> None:
    for trouble in run.troubles:
        output.complaint(trouble)
    changing = not (run.options.dry or run.options.check)
    for path in run.pruned:
        output.line(f"{path}  {'removed' if changing else 'would be removed'}, its source is gone")
    output.line(_summary(spool.counts, run.total, seconds))


def _write_reports(
    output: Output, arguments: dict[str, Any], content: dict[str, Any], code: int, spool: Spool, tree: Tree
) -> None:
    if arguments["report"] is not None:
        write_file(arguments["report"], lambda file: output.write_document(file, content, code, spool))
    if arguments["junit"] is not None:
        seconds = content["seconds"]
        write_file(arguments["junit"], lambda file: write_junit(file, spool, spool.counts, seconds, tree.source))


def _summary(counts: dict[str, int], jobs: int, seconds: float) -> str:
    said = ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "nothing to do"
    done = sum(counts.values())
    rest = f" of {jobs}" if done < jobs else ""
    pace = f", {done / seconds:.1f} a second" if done and not counts["planned"] else ""
    return f"{said}{rest} in {seconds:.1f} s{pace}"

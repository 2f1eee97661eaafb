"""pixforge train: cyclegan, score.

JSON of cyclegan: folder, step, reason, best {checkpoint, scores} or null.
JSON of score: colors, scores [{method, kind, exact, hard, low, high}].
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixforge.cli import options
from pixforge.cli.output import Output

if TYPE_CHECKING:
    from pixforge.train.trainer import Event


@click.group(short_help="Train models.")
def train() -> None:
    """Train models of your own; needs the extra "train"."""


@train.command(short_help="Train drawing <-> pixel art networks.")
@click.option("--recipe", default="base", show_default=True, metavar="NAME|FILE", help="What to train, and how.")
@click.option("--data", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Data set folder.")
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="CPU threads. Default: all.")
@click.option("--precision", type=click.Choice(["auto", "float32", "bfloat16"]), default="auto", show_default=True)
@click.option("--every", default=50, show_default=True, metavar="N", help="Steps between two lines.")
@options.manners
@click.pass_obj
def cyclegan(
    output: Output, /, recipe: str, data: Path, out: Path, threads: int | None, precision: str, every: int
) -> int:
    """Train, or go on with the run in the folder of --out: kill it at any time, and start it again the same way.

    Losses and scores go to losses.csv and scores.csv in that folder, beside numbered checkpoints and best.json.
    """
    import torch

    from pixforge.train.device import best_device
    from pixforge.train.log import Log
    from pixforge.train.recipe import load_recipe
    from pixforge.train.state import checkpoints
    from pixforge.train.trainer import RunOptions, StepDone, Validated
    from pixforge.train.trainer import train as events

    output.command = "train cyclegan"
    if threads:
        torch.set_num_threads(threads)
    newest = checkpoints(out)
    step = int(newest[-1].stem.partition("-")[2]) if newest else 0
    losses, scores = Log(out / "losses.csv", step), Log(out / "scores.csv", step)
    started = time.monotonic()
    for event in events(load_recipe(recipe), data, out, RunOptions(best_device(), precision)):  # type: ignore[arg-type]
        if isinstance(event, StepDone):
            losses.add(event.step, event.losses | {"seconds": event.seconds})
            if event.step % every:
                continue
        if isinstance(event, Validated):
            scores.add(event.step, event.scores)
        output.line(f"{time.monotonic() - started:8.0f} s  {_words(event)}")
    best = out / "best.json"
    chosen = json.loads(best.read_text("utf-8")) if best.exists() else None
    output.document({"folder": str(out), "step": event.step, "reason": getattr(event, "reason", ""), "best": chosen})
    return 0


@train.command(short_help="Compare a run with plain downscales.")
@click.option("--run", "runs", multiple=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder of a run.")
@click.option("--data", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Data set folder.")
@click.option("--count", default=100, show_default=True, metavar="N", help="Held-out canvases.")
@click.option("--colors", type=click.IntRange(2, 256), metavar="N", help="Reduce every answer to so many first.")
@options.manners
@click.pass_obj
def score(output: Output, /, runs: tuple[Path, ...], data: Path, count: int, colors: int | None) -> int:
    """Print exact-cell recovery on sources that training never saw, of runs and of plain downscales.

    hard: cells that a neighbour differs from; there flat areas cannot hide. In brackets: 95 % interval.
    """
    from dataclasses import asdict

    from pixforge.train.baselines import BASELINES
    from pixforge.train.score import score as scored
    from pixforge.train.validation import KINDS, make_exam, run_converter

    output.command = "train score"
    exam = make_exam(data, count, 32, ("held-out",), KINDS)
    methods = dict(BASELINES) | {str(run): run_converter(run) for run in runs}
    found = list(scored(exam, methods, colors))
    for one in found:
        if one.kind == "all":
            kinds = "  ".join(f"{part.kind} {part.hard:.3f}" for part in found if part.method == one.method)
            output.line(f"{one.method:24} exact {one.exact:.3f}  hard [{one.low:.3f} {one.high:.3f}] {kinds}")
    output.document({"colors": colors, "scores": [asdict(one) for one in found]})
    return 0


def _words(event: Event) -> str:
    """One line about an event."""
    from pixforge.train.trainer import Saved, StepDone, Validated

    if isinstance(event, StepDone):
        parts = "  ".join(f"{name} {value:.4g}" for name, value in event.losses.items())
        return f"step {event.step}  {parts}  {event.seconds:.2f} s"
    if isinstance(event, Validated):
        parts = "  ".join(f"{name} {value:.4f}" for name, value in event.scores.items())
        return f"step {event.step}  {'best' if event.best else 'score'}: {parts}"
    if isinstance(event, Saved):
        return f"step {event.step}  saved {event.path.name}"
    return f"step {event.step}  {event.reason}"

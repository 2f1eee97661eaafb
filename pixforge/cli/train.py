"""pixforge train: cyclegan, encoder, style, manner, score.

JSON of cyclegan: folder, step, reason, best {checkpoint, scores} or null.
JSON of encoder: folder, step, model {name, path, digest}.
JSON of manner: model {name, path, digest}.
JSON of score: colors, scores [{method, kind, exact, hard, low, high}].
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.cli.train_diffusion import diffusion
from pixforge.cli.train_style import style

FOLDER = click.Path(path_type=Path)


@click.group(short_help="Train models.")
def train() -> None:
    """Train models of your own; needs the extra "train", for diffusion also "diffusion".

    \b
    pixforge train cyclegan --recipe base --data set --out runs/base
    pixforge train cyclegan --from runs/base --data mine --out runs/mine
    pixforge train manner --data mine --out mine-model
    pixforge train style --style dawnlike --data set --out runs/dawnlike --name dawnlike
    pixforge train score --run runs/base --data set
    """


train.add_command(diffusion)
train.add_command(style)


@train.command(short_help="Train drawing <-> pixel art networks.")
@click.option("--recipe", metavar="NAME|FILE", help="What to train, and how. Default: base; with --from: studio.")
@click.option("--data", required=True, metavar="DIR", type=FOLDER, help="Data set folder.")
@click.option("--out", required=True, metavar="DIR", type=FOLDER, help="Folder of the run.")
@click.option("--from", "origin", metavar="MODEL|RUN", help="Start from a model (bundled, a name, a path) or a run.")
@click.option("--replay", metavar="DIR", type=FOLDER, help="Data set of the model, so that it does not forget.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="Length of the run, instead of the recipe's.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="CPU threads. Default: all.")
@click.option(
    "--precision",
    type=click.Choice(["auto", "float32", "bfloat16"]),
    default="auto",
    show_default=True,
    help="auto: bfloat16 where the hardware has it, else float32.",
)
@click.option("--every", default=50, show_default=True, metavar="N", help="Steps between two lines.")
@options.manners
@click.pass_obj
def cyclegan(
    output: Output,
    /,
    recipe: str | None,
    data: Path,
    out: Path,
    origin: str | None,
    replay: Path | None,
    steps: int | None,
    threads: int | None,
    precision: str,
    every: int,
) -> int:
    """Train, or go on with the run in the folder of --out: kill it at any time, and start it again the same way.

    With --from a model learns a style from few sprites; --replay gives it the pictures of its own training again,
    without it the model's own answers hold it back. In the folder: numbered checkpoints and best.json, losses.csv,
    scores.csv, samples/ (pictures of fixed samples), and tensorboard/ where that package is installed.
    """
    import torch

    from pixforge.cli.training import Record, view
    from pixforge.train.device import best_device
    from pixforge.train.recipe import load_recipe, of_length
    from pixforge.train.start import find_start
    from pixforge.train.state import checkpoints
    from pixforge.train.trainer import RunOptions, Sources
    from pixforge.train.trainer import train as events

    output.command = "train cyclegan"
    if threads:
        torch.set_num_threads(threads)
    newest = checkpoints(out)
    start = find_start(origin) if origin and not newest else None
    chosen = of_length(load_recipe(recipe or ("studio" if origin else "base")), steps)
    record = Record(out, int(newest[-1].stem.partition("-")[2]) if newest else 0)
    running = events(chosen, Sources(data, replay, start), out, RunOptions(best_device(), precision))  # type: ignore[arg-type]
    with view(output, chosen.optimiser.steps, every) as shown:
        for event in running:
            record.tell(event)
            shown.tell(event)
    record.close()
    best = out / "best.json"
    found = json.loads(best.read_text("utf-8")) if best.exists() else None
    output.document({"folder": str(out), "step": event.step, "reason": getattr(event, "reason", ""), "best": found})
    return 0


@train.command(short_help="Give a model the manner of your sprites: seconds, no training.")
@click.option("--data", required=True, metavar="DIR", type=FOLDER, help="Data set folder: your sprites.")
@click.option("--out", required=True, metavar="PATH", type=FOLDER, help="Model to write; a zip if it ends so.")
@click.option("--from", "origin", metavar="MODEL", default="bundled", show_default=True, help="Model to start from.")
@click.option(
    "--method",
    type=click.Choice(["cyclegan", "diffusion"]),
    default="cyclegan",
    show_default=True,
    help="Whose model a name means.",
)
@click.option("--name", metavar="NAME", help="Name of the model. Default: that of the folder to make.")
@click.option("--sprites", type=click.IntRange(1), default=240, show_default=True, metavar="N", help="At most so many.")
@click.option(
    "--strength", type=click.FloatRange(0, 4), default=1.0, show_default=True, metavar="X", help="How much it counts."
)
@options.manners
@click.pass_obj
def manner(
    output: Output, data: Path, out: Path, origin: str, method: str, name: str | None, sprites: int, strength: float
) -> int:
    """Write a model that lays cells together as your sprites do: clusters as clean and as fine.

    Its networks stay as they are. Needs no PyTorch. Sprites that stand free on nothing or on a plain ground are looked
    at; some twenty are enough to begin with.
    """
    from pixforge.cli.progress import frames_bar
    from pixforge.nn import store
    from pixforge.train.manner import with_manner

    output.command = "train manner"
    model = store.open_model(store.find(origin, method))
    with frames_bar():
        card = with_manner(model, data, out, name or out.stem, sprites, strength)
    output.line(f"{card.name}: {out}")
    output.document({"model": {"name": card.name, "path": str(out), "digest": card.digest}})
    return 0


@train.command(short_help="Train the encoder of method style.")
@click.option("--data", required=True, metavar="DIR", type=FOLDER, help="Data set folder: sprites and drawings.")
@click.option("--out", required=True, metavar="DIR", type=FOLDER, help="Folder of the run.")
@click.option("--model", metavar="PATH", type=FOLDER, help="Model to write at the end. Default: model in --out.")
@click.option(
    "--steps", type=click.IntRange(1), default=1500, show_default=True, metavar="N", help="Length of the run."
)
@click.option("--pairs", type=click.IntRange(2, 256), metavar="N", help="Sprites with drawings a step. Default: 10.")
@click.option("--others", type=click.IntRange(1, 256), metavar="N", help="Other drawings a step. Default: 4.")
@click.option("--places", type=click.IntRange(16, 8192), metavar="N", help="Places told apart. Default: 768.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="CPU threads. Default: all.")
@click.option("--every", default=50, show_default=True, metavar="N", help="Steps between two lines.")
@options.manners
@click.pass_obj
def encoder(
    output: Output,
    /,
    data: Path,
    out: Path,
    model: Path | None,
    steps: int,
    pairs: int | None,
    others: int | None,
    places: int | None,
    threads: int | None,
    every: int,
) -> int:
    """Train the encoder, or go on with the run in --out, and write it as a model of method style.

    It learns to find a place of a sprite again in a drawing made of it, to give the colour of a cell, and to tell by
    mean and deviation of its features which collection a picture is of.
    """
    import torch

    from pixforge import __version__
    from pixforge.cli.training import view
    from pixforge.train.encoder.pairs import EncoderData
    from pixforge.train.encoder.ship import ship_encoder
    from pixforge.train.encoder.train import EncoderRecipe, train_encoder

    output.command = "train encoder"
    if threads:
        torch.set_num_threads(threads)
    said = {"pairs": pairs, "others": others, "places": places}
    recipe = EncoderRecipe(steps=steps, **{name: count for name, count in said.items() if count is not None})
    pictures = EncoderData(data, recipe.side, recipe.seed)
    with view(output, steps, every) as shown:
        for event in train_encoder(recipe, pictures, out):
            shown.tell(event)
    target = model or out / "model"
    card = ship_encoder(out, data, recipe, target, __version__)
    made = {"name": card.name, "path": str(target), "digest": card.digest}
    output.line(f"{card.name}: {target}")
    output.document({"folder": str(out), "step": card.steps, "model": made})
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

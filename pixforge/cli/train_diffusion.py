"""pixforge train diffusion.

JSON: folder, step, reason, model (what was written to use, or null).
"""

from __future__ import annotations

from pathlib import Path

import click

from pixforge.cli import options
from pixforge.cli.output import Output

FOLDER = click.Path(path_type=Path)


@click.command(short_help="Train diffusion: a small model, or Stable Diffusion.")
@click.option("--recipe", default="joint", show_default=True, metavar="NAME|FILE", help="What to train, and how.")
@click.option("--data", required=True, metavar="DIR", type=FOLDER, help="Data set folder.")
@click.option("--out", required=True, metavar="DIR", type=FOLDER, help="Folder of the run.")
@click.option("--base", metavar="MODEL", help="Model to start from: Stable Diffusion, or (joint-studio) a small one.")
@click.option("--config", metavar="DIR", type=FOLDER, help="Configurations of a base that is a single file.")
@click.option("--replay", metavar="DIR", type=FOLDER, help="Data set of the base, so that it does not forget.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="Length of the run, instead of the recipe's.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="CPU threads. Default: all.")
@click.option("--precision", type=click.Choice(["auto", "float32", "bfloat16"]), default="auto", show_default=True)
@click.option("--every", default=50, show_default=True, metavar="N", help="Steps between two lines.")
@options.manners
@click.pass_obj
def diffusion(
    output: Output,
    /,
    recipe: str,
    data: Path,
    out: Path,
    base: str | None,
    config: Path | None,
    replay: Path | None,
    steps: int | None,
    threads: int | None,
    precision: str,
    every: int,
) -> int:
    """Train, or go on with the run in the folder of --out: kill it at any time, and start it again the same way.

    Recipe joint trains a small model at logical resolution from nothing, joint-studio a LoRA on one (--base
    bundled) from a studio's own sprites, instruct trains a LoRA (or all) of a Stable Diffusion checkpoint,
    report-broken repeats the report's mistakes. In the folder: numbered checkpoints, losses.csv,
    samples/, and at the end model/ or lora.safetensors to convert with.
    """
    import torch

    from pixforge.cli.training import Record, view
    from pixforge.train.device import best_device
    from pixforge.train.diffusion.loop import Start, run
    from pixforge.train.diffusion.open import open_course
    from pixforge.train.diffusion.recipe import load_recipe, of_length
    from pixforge.train.state import checkpoints
    from pixforge.train.trainer import RunOptions

    output.command = "train diffusion"
    if threads:
        torch.set_num_threads(threads)
    newest = checkpoints(out)
    asked = of_length(load_recipe(recipe), steps)
    running = RunOptions(best_device(), precision)  # type: ignore[arg-type]
    course = open_course(asked, data, out, running, Start(base, config, replay))
    record = Record(out, int(newest[-1].stem.partition("-")[2]) if newest else 0)
    with view(output, course.recipe.optimiser.steps, every) as shown:
        for event in run(course, out, running):
            record.tell(event)
            shown.tell(event)
    record.close()
    found = [path for path in (out / "model", out / "lora.safetensors") if path.exists()]
    document = {"folder": str(out), "step": event.step, "reason": getattr(event, "reason", "")}
    output.document(document | {"model": str(found[0]) if found else None})
    return 0

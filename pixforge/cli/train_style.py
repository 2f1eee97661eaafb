"""pixforge train style.

JSON: folder, step, model {name, path, digest, bytes}.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pixforge.cli import options
from pixforge.cli.output import Output

if TYPE_CHECKING:
    from pixforge.cli.training import View
    from pixforge.train.events import Event
    from pixforge.train.student.lessons import Lesson, School
    from pixforge.train.student.recipe import StudentRecipe

FOLDER = click.Path(path_type=Path)
_EXAM = 40  # drawings of the split validate
_SAMPLES = 8  # of them are pictured


@click.command(short_help="Train a student: one style, at once.")
@click.option("--style", required=True, metavar="PATH|NAME", help="A style, a picture, or a folder: a house style.")
@click.option("--data", required=True, metavar="DIR", type=FOLDER, help="Data set folder: drawings.")
@click.option("--out", required=True, metavar="DIR", type=FOLDER, help="Folder of the run.")
@click.option("--name", metavar="NAME", help="Name in your model store. Default: it stays in --out.")
@click.option("--model", metavar="NAME|PATH", default="bundled", show_default=True, help="Encoder to optimise with.")
@click.option("--colours", type=click.Choice(["content", "style"]), default="content", show_default=True)
@click.option("--strength", type=click.FloatRange(0, 10), metavar="N", help="Default: the method's.")
@click.option("--pictures", type=click.IntRange(1), metavar="N", help="Drawings to optimise first. Default: 900.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="Length of the run. Default: 4000.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="CPU threads. Default: all.")
@click.option("--every", default=50, show_default=True, metavar="N", help="Steps between two lines.")
@options.manners
@click.pass_obj
def style(
    output: Output,
    /,
    style: str,
    data: Path,
    out: Path,
    name: str | None,
    model: str,
    colours: str,
    strength: float | None,
    pictures: int | None,
    steps: int | None,
    threads: int | None,
    every: int,
) -> int:
    """Distil method style for one style into a small network, or go on with the run in the folder of --out.

    First drawings are optimised, a few seconds each; then the student learns their cells. It answers at once what the
    optimisation needs long for: pixforge convert -m style --model NAME. In the folder: lessons/, losses.csv, samples/
    (drawing, without a style, the student's, the optimisation's), and model/ at the end.
    """
    import torch

    from pixforge import __version__
    from pixforge.methods.style import Options
    from pixforge.train.student.exam import examine
    from pixforge.train.student.lessons import School
    from pixforge.train.student.recipe import StudentRecipe
    from pixforge.train.student.ship import ship_student
    from pixforge.train.student.train import done_steps, open_student, settled_recipe, train_student

    output.command = "train style"
    if threads:
        torch.set_num_threads(threads)
    target = _target(name, out)
    method = Options(**_given(style=style, colours=colours, strength=strength))
    recipe = StudentRecipe(method=method, **_given(encoder=model, pictures=pictures, steps=steps))
    recipe = settled_recipe(recipe, out)
    lessons, exam = _lessons(School(recipe, data, out), recipe, output, every)
    events = train_student(recipe, lessons, exam[:_SAMPLES], out)
    _taught(events, output, (recipe.steps, done_steps(out), every), out)
    scores = examine(recipe, open_student(recipe, out).average.network, exam)
    card = ship_student(out, data, target, name or "student", __version__, scores)
    size = sum(file.stat().st_size for file in target.iterdir())
    output.line(f"{card.name}: {target} ({size / 1e6:.1f} MB)")
    made = {"name": card.name, "path": str(target), "digest": card.digest, "bytes": size}
    output.document({"folder": str(out), "step": card.steps, "model": made})
    return 0


def _lessons(school: School, recipe: StudentRecipe, output: Output, every: int) -> tuple[list[Lesson], list[Lesson]]:
    """Make what is learnt from and what is examined, and tell how far it is."""
    from pixforge.cli.training import view

    output.line("drawings, optimised")
    with view(output, recipe.pictures + _EXAM, every) as shown:
        lessons = list(_told(school.lessons("train", recipe.pictures), shown, 0))
        exam = list(_told(school.lessons("validate", _EXAM), shown, len(lessons)))
    return lessons, exam


def _taught(events: Iterable[Event], output: Output, steps: tuple[int, int, int], out: Path) -> None:
    """Show and record a run of so many steps, of which some are done; the third number is those between two lines."""
    from pixforge.cli.training import Record, view

    record = Record(out, steps[1])
    with view(output, steps[0], steps[2]) as shown:
        for event in events:
            record.tell(event)
            shown.tell(event)
    record.close()


def _target(name: str | None, out: Path) -> Path:
    """Where the model goes. One of the store stays; the one in the run's folder is made anew."""
    import shutil

    from pixforge.errors import OutputError
    from pixforge.nn.store import user_folder

    if name is None:
        shutil.rmtree(out / "model", ignore_errors=True)
        return out / "model"
    target = user_folder() / name
    if target.exists():
        raise OutputError("is there already", "give another --name, or remove it first", target)
    return target


def _given(**values: object) -> dict[str, Any]:
    """What was said, without what was left out."""
    return {name: value for name, value in values.items() if value is not None}


def _told(lessons: Iterator[Lesson], shown: View, before: int) -> Iterator[Lesson]:
    """Show each lesson that is made."""
    from pixforge.train.events import StepDone

    began = time.perf_counter()
    for number, lesson in enumerate(lessons, start=before + 1):
        shown.tell(StepDone(number, {}, time.perf_counter() - began))
        yield lesson
        began = time.perf_counter()

"""pixforge evaluate.

JSON: contenders [names]; sprites, drawings (how many); critic {what the critic says about itself};
means [{contender, task, measure, mean, low, high, pictures}], low and high a 95 % interval or null; plots [paths].
"""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixforge.evaluate.examine import Finding, Wish
    from pixforge.evaluate.methods import Entrant
    from pixforge.evaluate.subjects import Subject
    from pixforge.evaluate.table import Mean

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_NEW_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
DEFAULT_METHODS: Final = ("classical", "nearest", "area", "k-centroid")


@click.command(short_help="Measure methods and models against each other.")
@click.argument("data", required=False, type=_FOLDER)
@click.option("--pixel", metavar="DIR", type=_FOLDER, help="Real sprites, one pixel a cell, in place of DATA's.")
@click.option("--drawings", metavar="DIR", type=_FOLDER, help="Drawings in place of DATA's.")
@click.option("-m", "--method", "methods", multiple=True, metavar="M", help="A method, or METHOD=MODEL.")
@click.option("--model", "models", multiple=True, metavar="MODEL|RUN", help="A model, or the best of a training run.")
@click.option("--checkpoints", is_flag=True, help="Of each run of --model, every checkpoint.")
@click.option(
    "--peer",
    "peers",
    multiple=True,
    metavar="NAME",
    help="nearest, area, k-centroid; bicubic, lanczos, scale2x, hqx-like (the way back); or NAME=COMMAND.",
)
@click.option(
    "--split",
    type=click.Choice(["held-out", "validate", "unseen"]),
    default="held-out",
    show_default=True,
    help="Of DATA; unseen: held-out sprites, and all drawings that no training saw.",
)
@click.option("--limit", default=40, show_default=True, type=click.IntRange(1), help="Pictures of each kind, at most.")
@click.option("--size", default=48, show_default=True, type=click.IntRange(4, 512), help="Longer side in cells.")
@click.option("--colors", default=16, show_default=True, type=click.IntRange(2, 256), help="Colours of a drawing.")
@click.option("--workers", default=0, metavar="N", type=click.IntRange(0), help="Processes. Default: one a core.")
@click.option("--cache", metavar="DIR", type=_NEW_FOLDER, help="Keep findings here, and measure only what is new.")
@click.option("--csv", "table", metavar="FILE", type=_FILE, help="Also write the table as CSV.")
@click.option("--markdown", metavar="FILE", type=_FILE, help="Also write the table as Markdown.")
@click.option("--plots", metavar="DIR", type=_NEW_FOLDER, help="Also write plots; a run's losses and scores too.")
@click.option("--sheet", metavar="FILE", type=_FILE, help="Also write a PNG of the drawings through every method.")
@options.manners
@click.pass_obj
def evaluate(
    output: Output,
    data: Path | None,
    pixel: Path | None,
    drawings: Path | None,
    methods: tuple[str, ...],
    models: tuple[str, ...],
    checkpoints: bool,
    peers: tuple[str, ...],
    split: str,
    limit: int,
    size: int,
    colors: int,
    workers: int,
    cache: Path | None,
    table: Path | None,
    markdown: Path | None,
    plots: Path | None,
    sheet: Path | None,
) -> int:
    """Measure methods and models on the held-out pictures of the data set DATA; means come with 95 % intervals.

    Of sprites, drawings are made whose right answer is known: "exact" is the share of cells within 24/255 of the
    artist's, "hard" the same of contours and details. "realness" is a small critic's word; read it only beside the
    colour distance, and look at the --sheet. Without --method, --model and --peer: classical and plain downscales.
    """
    from pixforge.evaluate.critic.model import bundled
    from pixforge.evaluate.examine import Wish

    output.command = "evaluate"
    sprites, scenes = _subjects(pixel or data, drawings or data, limit, split)
    wish = Wish(size, colors)
    with tempfile.TemporaryDirectory(prefix="pixforge-evaluate-") as folder:
        entrants = _entrants(methods, models, checkpoints, peers, Path(folder))
        found = _found(output, sprites, scenes, entrants, wish, workers, cache)
        if sheet is not None:
            _write_sheet(sheet, entrants, scenes or sprites, wish)
    rows = [*_rows(found), *_losses(models)]
    _say(output, rows)
    drawn = _write(rows, table, markdown, plots, models)
    output.document({
        "contenders": [one.name for one in entrants],
        "sprites": len(sprites),
        "drawings": len(scenes),
        "critic": dict(bundled().card.about),
        "means": [asdict(row) for row in rows],
        "plots": [str(path) for path in drawn],
    })  # fmt: skip
    return 0


def _subjects(
    pixel: Path | None, drawings: Path | None, limit: int, part: str
) -> tuple[tuple[Subject, ...], tuple[Subject, ...]]:
    """The sprites and the drawings to measure on."""
    from pixforge.evaluate.subjects import load_subjects

    if pixel is None and drawings is None:
        raise SettingsError("there is nothing to measure on", "give a data set, or --pixel, --drawings or both")
    sprites = load_subjects(pixel, "pixel", limit, part) if pixel else ()  # type: ignore[arg-type]  # checked by click
    scenes = load_subjects(drawings, "drawing", limit, part) if drawings else ()  # type: ignore[arg-type]
    return sprites, scenes


def _entrants(
    methods: Sequence[str], models: Sequence[str], checkpoints: bool, peers: Sequence[str], folder: Path
) -> tuple[Entrant, ...]:
    from pixforge.evaluate.methods import entrant, tool
    from pixforge.evaluate.runs import learned

    if not (methods or models or peers):
        methods = DEFAULT_METHODS
    found = [one for model in models for one in learned(model, checkpoints, folder)]
    found += [entrant(name) for name in methods]
    for peer in peers:
        name, _, command = peer.partition("=")
        found += tool(name, tuple(shlex.split(command))) if command else [entrant(name)]
    if len({one.name for one in found}) < len(found):
        raise SettingsError("two contenders have the same name", "name each once; rename the folder of a model")
    return tuple(found)


def _found(
    output: Output,
    sprites: Sequence[Subject],
    drawings: Sequence[Subject],
    entrants: tuple[Entrant, ...],
    wish: Wish,
    workers: int,
    cache: Path | None,
) -> list[Finding]:
    from pixforge.cli.progress import progress
    from pixforge.evaluate.work import Setting, findings, jobs

    todo = jobs(sprites, drawings)
    output.note(f"measuring {', '.join(one.name for one in entrants)} on {len(sprites)} + {len(drawings)} pictures")
    found: list[Finding] = []
    with progress(len(todo)) as bar:
        for some in findings(todo, Setting(entrants, wish, cache), workers):
            found += some
            bar.advance(failed=any("failed" in one.values for one in some))
    return found


def _rows(found: Sequence[Finding]) -> list[Mean]:
    """Means and distances, a task's rows together."""
    from pixforge.evaluate.table import distances, means

    rows = [*means(found), *distances(found)]
    tasks = list(dict.fromkeys(row.task for row in rows))
    return sorted(rows, key=lambda row: tasks.index(row.task))


def _losses(models: Sequence[str]) -> list[Mean]:
    """The last losses of the training runs among the models."""
    from pixforge.evaluate.runs import is_run, last_losses

    return [row for one in models if is_run(Path(one)) for row in last_losses(Path(one))]


def _write(
    rows: Sequence[Mean], table: Path | None, markdown: Path | None, plots: Path | None, models: Sequence[str]
) -> list[Path]:
    from pixforge.evaluate.runs import curves, is_run
    from pixforge.evaluate.table import to_csv, to_markdown
    from pixforge.image.save import write_atomic

    if table is not None:
        write_atomic(table, to_csv(rows).encode())
    if markdown is not None:
        write_atomic(markdown, to_markdown(rows).encode())
    if plots is None:
        return []
    from pixforge.evaluate.plots import write_plots

    return write_plots(plots, rows, {Path(one).name: curves(Path(one)) for one in models if is_run(Path(one))})


def _say(output: Output, rows: Sequence[Mean]) -> None:
    """A table for each task: a line a measure, a column a contender."""
    if output.machine:
        return
    from rich.console import Console
    from rich.table import Table

    from pixforge.evaluate.table import shown

    console = Console(width=max(Console().width, 100))
    for task in dict.fromkeys(row.task for row in rows):
        some = [row for row in rows if row.task == task]
        names = list(dict.fromkeys(row.contender for row in some))
        grid = Table(title=task, title_justify="left")
        grid.add_column("mean, 95 %")
        for name in names:
            grid.add_column(Path(name).name if "=" in name else name, justify="right")
        for measure in dict.fromkeys(row.measure for row in some):
            cells = {row.contender: row for row in some if row.measure == measure}
            grid.add_row(measure, *(shown(cells.get(name)) for name in names))
        console.print(grid)


def _write_sheet(path: Path, entrants: tuple[Entrant, ...], subjects: Sequence[Subject], wish: Wish) -> None:
    from pixforge.evaluate.examine import size_of
    from pixforge.evaluate.methods import open_contenders
    from pixforge.evaluate.sheet import contact_sheet
    from pixforge.image.picture import Picture
    from pixforge.image.save import encode_png, write_atomic

    rows = []
    ways = [one.convert for one in open_contenders(entrants) if one.convert]
    for subject in subjects:
        size = size_of(subject.picture, wish.size)
        made = [Picture(convert(subject.picture, *size, wish.colours).copy()) for convert in ways]
        rows.append([subject.picture, *made])
    write_atomic(path, encode_png(contact_sheet(rows), None, {}))

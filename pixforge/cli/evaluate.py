"""pixforge evaluate.

JSON: contenders [names]; sprites, drawings (how many); critic {what the critic says about itself};
means [{contender, task, measure, mean, low, high, pictures}], low and high being a 95 % interval.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pixforge.evaluate.examine import Value, Wish
    from pixforge.evaluate.methods import Contender
    from pixforge.evaluate.subjects import Subject
    from pixforge.evaluate.table import Mean

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
DEFAULT_METHODS: Final = "classical,nearest,area,k-centroid"


@click.command(short_help="Measure methods against each other.")
@click.option("--pixel", metavar="DIR", type=_FOLDER, help="Real sprites, one pixel a cell; or a data set.")
@click.option("--drawings", metavar="DIR", type=_FOLDER, help="Drawings; or a data set.")
@click.option(
    "--methods",
    default=DEFAULT_METHODS,
    show_default=True,
    metavar="M,...",
    help="Methods, METHOD=MODEL, nearest, area, k-centroid; lanczos, scale2x (the way back).",
)
@click.option("--limit", default=40, show_default=True, type=click.IntRange(1), help="Pictures of each kind, at most.")
@click.option("--size", default=48, show_default=True, type=click.IntRange(4, 512), help="Longer side in cells.")
@click.option("--colors", default=16, show_default=True, type=click.IntRange(2, 256), help="Colours of a drawing.")
@click.option("--csv", "table", metavar="FILE", type=_FILE, help="Also write the table as CSV.")
@click.option("--sheet", metavar="FILE", type=_FILE, help="Also write a PNG of the drawings through every method.")
@options.manners
@click.pass_obj
def evaluate(
    output: Output,
    pixel: Path | None,
    drawings: Path | None,
    methods: str,
    limit: int,
    size: int,
    colors: int,
    table: Path | None,
    sheet: Path | None,
) -> int:
    """Measure methods on real sprites and drawings; means come with 95 % intervals.

    Of sprites, drawings are made whose right answer is known: "exact" is the share of cells within 24/255 of the
    artist's, "hard" the same of contours and details. "realness" is a small critic's word; read it only beside the
    colour distance, and look at the --sheet.
    """
    from pixforge.evaluate.critic.model import bundled
    from pixforge.evaluate.examine import Wish
    from pixforge.evaluate.methods import contender
    from pixforge.evaluate.subjects import load_subjects
    from pixforge.evaluate.table import means, to_csv
    from pixforge.image.save import write_atomic

    output.command = "evaluate"
    if pixel is None and drawings is None:
        raise SettingsError("there is nothing to measure on", "give --pixel, --drawings or both")
    contenders = [contender(name.strip()) for name in methods.split(",") if name.strip()]
    sprites = load_subjects(pixel, "pixel", limit) if pixel else ()
    scenes = load_subjects(drawings, "drawing", limit) if drawings else ()
    wish = Wish(size, colors)
    rows = means(_values(output, contenders, sprites, scenes, wish))
    _say(output, rows)
    if table is not None:
        write_atomic(table, to_csv(rows).encode())
    if sheet is not None:
        _write_sheet(sheet, contenders, scenes or sprites, wish)
    output.document({
        "contenders": [one.name for one in contenders],
        "sprites": len(sprites),
        "drawings": len(scenes),
        "critic": bundled().about,
        "means": [asdict(row) for row in rows],
    })  # fmt: skip
    return 0


def _values(
    output: Output,
    contenders: Sequence[Contender],
    sprites: Sequence[Subject],
    drawings: Sequence[Subject],
    wish: Wish,
) -> Iterator[Value]:
    from pixforge.evaluate import examine
    from pixforge.evaluate.critic.model import bundled

    pairs = examine.exact_pairs(sprites)
    yield from examine.artist(sprites, bundled())
    for one in contenders:
        output.note(f"measuring {one.name}")
        yield from examine.on_pairs(one, pairs)
        yield from examine.round_trip(one, sprites)
        yield from examine.on_drawings(one, drawings, wish, bundled())


def _say(output: Output, rows: Sequence[Mean]) -> None:
    """A table for each task: a line a measure, a column a contender."""
    if output.machine:
        return
    from rich.console import Console
    from rich.table import Table

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
            grid.add_row(measure, *(_cell(cells.get(name)) for name in names))
        console.print(grid)


def _cell(row: Mean | None) -> str:
    return "" if row is None else f"{row.mean:.3f} ±{(row.high - row.low) / 2:.3f}"


def _write_sheet(path: Path, contenders: Sequence[Contender], subjects: Sequence[Subject], wish: Wish) -> None:
    from pixforge.evaluate.examine import size_of
    from pixforge.evaluate.sheet import contact_sheet
    from pixforge.image.picture import Picture
    from pixforge.image.save import encode_png, write_atomic

    rows = []
    ways = [one.convert for one in contenders if one.convert]
    for subject in subjects:
        size = size_of(subject.picture, wish.size)
        made = [Picture(convert(subject.picture, *size, wish.colours)) for convert in ways]
        rows.append([subject.picture, *made])
    write_atomic(path, encode_png(contact_sheet(rows), None, {}))

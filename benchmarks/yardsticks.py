"""Networks that were trained for the same processor time: the report's U-Net and ResNet, and the logical generators.

    python -m benchmarks.yardsticks DATASET --run unet=RUN:900 --run resnet=RUN:900 --run logical=RUN:900 [--limit 16]

Each --run is the folder of a run of `pixforge train cyclegan` and the processor seconds to its best checkpoint. Each
network is measured alone, without the lines that method `classical` finds, beside `classical` itself, on pictures that
no training saw. Writes benchmarks/results/yardsticks.json and docs/results/yardsticks.png.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.grids import CELLS, ZOOM, converted, write_grid
from benchmarks.record import PICTURES, ROOT, Cell, Figure, Result, Table, write
from pixforge.evaluate.methods import contender
from pixforge.evaluate.subjects import load_subjects

SHOWN: Final = 8  # drawings of the picture
FIGURES: Final = {
    ("pairs", "exact"): "cells of exact pairs given back",
    ("pairs", "hard"): "the same, contours and details",
    ("drawings", "realness"): "realness of drawings converted",
    ("drawings", "colour distance"): "colour distance",
    ("drawings", "border distance"): "the same, border cells",
    ("drawings", "silhouette"): "silhouette, overlap",
    ("drawings", "contour"): "outline followed by one line",
    ("round trip", "exact"): "cells that come back",
    ("round trip", "sharpness"): "sharpness of the way back",
    ("round trip", "colour distance"): "colour distance of the way back",
}
Rows = Mapping[tuple[str, str, str], float]


@dataclass(frozen=True)
class Run:
    """A run of the trainer.

    Attributes:
        name: in the table.
        folder: of the run.
        seconds: of the processor, to its best checkpoint.
    """

    name: str
    folder: Path
    seconds: float

    @property
    def steps(self) -> int:
        """Steps of its best checkpoint."""
        best: str = json.loads((self.folder / "best.json").read_text())["checkpoint"]
        return int(Path(best).stem.rpartition("-")[2])


def main() -> None:
    """Measure, draw, record."""
    options = _options()
    runs: list[Run] = options.run
    with tempfile.TemporaryDirectory() as folder:
        ways = [*(_exported(one, Path(folder)) for one in runs), "classical"]
        rows = _evaluated(options.data, ways, options.limit)
        shown = [contender(way) for way in ways]
        drawings = load_subjects(options.data, "drawing", SHOWN, "unseen")
        write_grid(PICTURES / "yardsticks.png", [converted(one, shown) for one in drawings], 2, ZOOM * CELLS)
    print(write(_result(runs, rows, options.limit), "yardsticks"))


def _exported(run: Run, folder: Path) -> str:
    """Write the run's best checkpoint as a model; return its network alone as `pixforge evaluate` names it."""
    path = folder / run.name
    command = [sys.executable, "-m", "pixforge", "models", "export", str(run.folder), "-o", str(path)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return f"cyclegan[lines = false]={path}"


def _evaluated(data: Path, ways: Sequence[str], limit: int) -> Rows:
    """Return the mean of each measure by contender, task and measure."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.csv"
        command = [sys.executable, "-m", "pixforge", "evaluate", str(data), "--split", "unseen", "--workers", "1"]
        for way in ways:
            command += ["--method", way]
        subprocess.run([*command, "--limit", str(limit), "--csv", str(table)], check=True, cwd=ROOT)
        with table.open(encoding="utf-8", newline="") as lines:
            found = list(csv.DictReader(lines))
    return {(row["contender"], row["task"], row["measure"]): float(row["mean"]) for row in found if row["mean"]}


def _result(runs: Sequence[Run], rows: Rows, limit: int) -> Result:
    names = list(dict.fromkeys(name for name, _, _ in rows))
    heads = {name: _head(name, runs) for name in names}
    lines: list[list[Cell]] = [
        ["processor minutes of training", *(_of(runs, heads[name], "minutes") for name in names)],
        ["steps", *(_of(runs, heads[name], "steps") for name in names)],
    ]
    lines += [[words, *(rows.get((name, *key)) for name in names)] for key, words in FIGURES.items()]
    return Result(
        title="The report's networks, for the same time",
        command="python -m benchmarks.yardsticks DATASET --run unet=RUN:SECONDS --run resnet=RUN:SECONDS "
        "--run logical=RUN:SECONDS",
        kind="long",
        recipe="`pixforge train cyclegan --recipe report-unet`, `report-resnet` and `base`, --steps so that each takes "
        "the same processor time, one thread, on the same 21,924 pictures",
        summary=f"On {limit} sprites and {limit} drawings that no training saw, each network alone. The report trained "
        "for ten hours, so its networks stand here at their beginning: what the table shows is how much further "
        "the same time goes at one pixel a cell, with exact pairs.",
        values={f"{key[2]} {heads[key[0]]}": mean for key, mean in rows.items() if key[1:] in FIGURES},
        tables=(Table("", ["mean of the pictures", *(heads[name] for name in names)], lines),),
        pictures=(
            Figure(
                "yardsticks.png", f"From left to right: the drawing, {', '.join(one.name for one in runs)}, classical."
            ),
        ),
    )


def _head(name: str, runs: Sequence[Run]) -> str:
    return next((one.name for one in runs if name.endswith((f"={one.name}", f"/{one.name}"))), name)


def _of(runs: Sequence[Run], name: str, what: str) -> Cell:
    for one in runs:
        if one.name == name:
            return one.steps if what == "steps" else round(one.seconds / 60, 1)
    return None


def _run(text: str) -> Run:
    name, _, rest = text.partition("=")
    folder, _, seconds = rest.rpartition(":")
    return Run(name, Path(folder), float(seconds))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--run", type=_run, action="append", required=True, metavar="NAME=FOLDER:SECONDS")
    parser.add_argument("--limit", type=int, default=16)
    return parser.parse_args()


if __name__ == "__main__":
    main()

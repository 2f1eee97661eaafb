"""The curves of training runs, thinned, for docs/results.md.

python -m benchmarks.training runs/base runs/more [--name training] --recipe "how, on what, how long"
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.record import Line, Plot, Point, Result, Table, write

POINTS = 100  # of a curve; between them the mean
LOSSES = ("loss", "colour", "decided", "outline", "taught", "content", "contour", "cycle_pixel", "cycle_drawing")
JUDGES = ("judge pixel", "judge drawing", "adversarial_pixel", "adversarial_drawing")


def columns(path: Path) -> dict[str, list[tuple[float, float]]]:
    """Return each column of a run's CSV over its steps; cells that are empty are left out."""
    found: dict[str, list[tuple[float, float]]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            for name, value in row.items():
                if name != "step" and value:
                    found.setdefault(name, []).append((float(row["step"]), float(value)))
    return found


def thinned(points: Sequence[tuple[float, float]], most: int = POINTS) -> Line:
    """Return at most so many points: means of equal shares of the steps."""
    parts = np.array_split(np.array(points, np.float64), min(most, len(points)))
    return [(round(float(part[:, 0].mean())), float(f"{part[:, 1].mean():.4g}")) for part in parts]


def plots_of(run: Path) -> list[Plot]:
    """Return the plots of one run: losses, judges, and scores on pictures that were not learnt from."""
    losses, scores = columns(run / "losses.csv"), columns(run / "scores.csv")
    drawn = [Plot(f"{run.name}: losses", "step", "", _named(losses, LOSSES), log="y")]
    judged = _named(losses, JUDGES)
    if judged:
        drawn.append(Plot(f"{run.name}: judges and what they ask of the generators", "step", "", judged))
    shares = {name: thinned(points) for name, points in scores.items() if "error" not in name}
    return [*drawn, Plot(f"{run.name}: share of cells right, on sprites that were not learnt from", "step", "", shares)]


def _named(found: dict[str, list[tuple[float, float]]], names: Sequence[str]) -> dict[str, Line]:
    return {name: thinned(found[name]) for name in names if name in found}


def summary(runs: Sequence[Path]) -> Table:
    """Return what each run cost, and where it ended."""
    rows: list[list[str | int | float | None]] = []
    for run in runs:
        losses, scores = columns(run / "losses.csv"), columns(run / "scores.csv")
        seconds = [value for _, value in losses["seconds"]]
        last = {name: points[-1][1] for name, points in scores.items()}
        rows.append(
            [run.name, int(losses["loss"][-1][0]), round(sum(seconds) / 3600, 2), float(np.median(seconds)),
             last.get("exact"), last.get("hard"), last.get("reverse error")]
        )  # fmt: skip
    heads = [
        "run",
        "steps",
        "hours on the clock",
        "seconds a step, median",
        "cells right",
        "hard cells right",
        "error backwards",
    ]
    return Table("", heads, rows, "Error backwards: mean absolute difference of the drawing made of a sprite, of 255.")


def compared(runs: Sequence[Path]) -> Point:
    """Return how long it took, beside the report."""
    hours = sum(value for run in runs for _, value in columns(run / "losses.csv")["seconds"]) / 3600
    ours = f"{hours:.1f} h of steps, {len(runs)} runs on one thread each, no GPU"
    return Point("cyclegan", "training", "9 epochs in 10 h without a GPU; 47 in 10 h on an M3, then a crash", "", ours)


def main() -> None:
    """Write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--name", default="training")
    parser.add_argument("--title", default="Training curves")
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--command", required=True, help="that trains it, as a reader would type it")
    parser.add_argument("--summary", default="")
    given = parser.parse_args()
    made = Result(
        given.title, given.command, "long", given.recipe, given.summary,
        points=(compared(given.runs),),
        tables=(summary(given.runs),),
        plots=tuple(plot for run in given.runs for plot in plots_of(run)),
    )  # fmt: skip
    print(write(made, given.name))


if __name__ == "__main__":
    main()

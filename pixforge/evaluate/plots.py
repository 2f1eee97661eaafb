"""Plots of an evaluation: bars with intervals for each task, measures over checkpoints, and a run's curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pixforge.errors import MissingDependencyError
from pixforge.evaluate.table import Mean
from pixforge.image.save import write_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curves = Mapping[str, Sequence[tuple[int, float]]]

_ACROSS: Final = 4
_SMOOTHED: Final = 200  # points of a curve above which a running mean is drawn over it


def write_plots(folder: Path, rows: Sequence[Mean], curves: Mapping[str, Curves]) -> list[Path]:
    """Write the plots as PNG files and return their paths.

    Args:
        folder: made if it is not there.
        rows: means and distances.
        curves: of each training run, by its name.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for task in dict.fromkeys(row.task for row in rows):
        some = [row for row in rows if row.task == task]
        written.append(_saved(folder / f"{task.replace(' ', '-')}.png", _bars(some)))
        steps = [row for row in some if "@" in row.contender]
        if len({row.contender for row in steps}) > 1:
            written.append(_saved(folder / f"{task.replace(' ', '-')}-checkpoints.png", _over_steps(steps)))
    for name, run in curves.items():
        if run:
            written.append(_saved(folder / f"{name}-curves.png", _curves(run)))
    return written


def _grid(count: int, height: float) -> tuple[Figure, list[Axes]]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        remedy = 'install it with: pip install "pixforge[train]"'
        raise MissingDependencyError("plots are drawn by matplotlib, which is not installed", remedy) from error
    across = min(count, _ACROSS)
    down = -(-count // across)
    figure = Figure(figsize=(3.6 * across, height * down), layout="constrained")
    places = list(figure.subplots(down, across, squeeze=False).flat)
    for place in places[count:]:
        place.set_axis_off()
    return figure, places


def _bars(rows: Sequence[Mean]) -> Figure:
    measures = list(dict.fromkeys(row.measure for row in rows))
    names = list(dict.fromkeys(row.contender for row in rows))
    figure, places = _grid(len(measures), 0.9 + 0.26 * len(names))
    for measure, place in zip(measures, places, strict=False):
        some = [row for row in rows if row.measure == measure]
        at = [len(names) - 1 - names.index(row.contender) for row in some]
        spread = [[row.mean - _ends(row)[0] for row in some], [_ends(row)[1] - row.mean for row in some]]
        place.barh(at, [row.mean for row in some], color=[f"C{names.index(row.contender) % 10}" for row in some])
        place.errorbar([row.mean for row in some], at, xerr=spread, fmt="none", ecolor="black", capsize=2, lw=1)
        place.set_yticks(range(len(names)), list(reversed(names)), fontsize=8)
        place.set_title(measure, fontsize=9)
        place.tick_params(axis="x", labelsize=7)
    return figure


def _over_steps(rows: Sequence[Mean]) -> Figure:
    measures = list(dict.fromkeys(row.measure for row in rows))
    figure, places = _grid(len(measures), 2.2)
    for measure, place in zip(measures, places, strict=False):
        runs = dict.fromkeys(row.contender.rpartition("@")[0] for row in rows)
        for run in runs:
            some = sorted(
                (int(row.contender.rpartition("@")[2]), row.mean, *_ends(row))
                for row in rows
                if row.measure == measure and row.contender.rpartition("@")[0] == run
            )
            if some:
                steps, mean, low, high = zip(*some, strict=True)
                place.plot(steps, mean, marker="o", ms=3, label=run)
                place.fill_between(steps, low, high, alpha=0.2)
        place.set_title(measure, fontsize=9)
        place.tick_params(labelsize=7)
    places[0].legend(fontsize=7)
    return figure


def _ends(row: Mean) -> tuple[float, float]:
    """The bounds of its interval; the mean itself where none is known."""
    return (row.mean, row.mean) if row.low is None or row.high is None else (row.low, row.high)


def _curves(run: Curves) -> Figure:
    figure, places = _grid(len(run), 2.2)
    for (name, points), place in zip(run.items(), places, strict=False):
        steps, values = zip(*points, strict=True)
        place.plot(steps, values, lw=0.6, alpha=0.4 if len(points) > _SMOOTHED else 1.0)
        if len(points) > _SMOOTHED:
            window = len(points) // 50
            smooth = [sum(values[i : i + window]) / window for i in range(len(values) - window)]
            place.plot(steps[window // 2 : window // 2 + len(smooth)], smooth, lw=1.2)
        place.set_title(name, fontsize=9)
        place.tick_params(labelsize=7)
    return figure


def _saved(path: Path, figure: Figure) -> Path:
    import io

    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=110)
    write_atomic(path, data.getvalue())
    return path

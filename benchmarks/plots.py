"""The plots of docs/results.md, as SVG: the same bytes for the same numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from benchmarks.record import Plot, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS: Final = "#1f5fbf"
OTHERS: Final = "#9aa3ad"
_WIDTH: Final = 6.4  # inches
_FEW: Final = 10  # places on a logarithmic axis that are all named
_MANY: Final = 3  # lines from which the names stand beside the plot


def files(results: Mapping[str, Result]) -> dict[str, Plot]:
    """Return every plot by the name of its file."""
    return {
        name(result, number): plot
        for result, every in results.items()
        for number, plot in enumerate(every.plots)
    }  # fmt: skip


def name(result: str, number: int) -> str:
    """Return the file of a result's plot."""
    return f"plot-{result}-{number + 1}.svg"


def svg(plot: Plot) -> bytes:
    """Draw a plot. Needs matplotlib, which the extra `dev` installs."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    rows = max(1.6, 0.5 + 0.25 * len(plot.bars)) if plot.bars else 3.0
    with mpl.rc_context(
        {"svg.hashsalt": "pixforge", "svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"}
    ):
        figure, axes = plt.subplots(figsize=(_WIDTH, rows), layout="constrained")
        (_bars if plot.bars else _lines)(axes, plot)
        axes.set_title(plot.title, fontsize=10, loc="left")
        axes.set_xlabel(plot.x)
        axes.spines[["top", "right"]].set_visible(False)
        data = io.BytesIO()
        figure.savefig(data, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return re.sub(rb"[ \t]+\n", b"\n", data.getvalue())


def _bars(axes: Axes, plot: Plot) -> None:
    """The first bar is ours, and those of our name; each has its number at its end."""
    names, values = list(plot.bars), list(plot.bars.values())
    colours = [OURS if not at or one.startswith("pixforge") else OTHERS for at, one in enumerate(names)]
    drawn = axes.barh(range(len(values)), values, color=colours)
    axes.bar_label(drawn, [f"{value:.3g}" for value in values], padding=3)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    if "x" in plot.log:
        axes.set_xscale("log")


def _lines(axes: Axes, plot: Plot) -> None:
    for label, points in plot.lines.items():
        marker = "o" if len(points) < 20 else None
        axes.plot(
            [x for x, _ in points], [y for _, y in points], label=label, marker=marker, markersize=3, linewidth=1.3
        )
    axes.set_ylabel(plot.y)
    places = sorted({x for points in plot.lines.values() for x, _ in points})
    if "x" in plot.log:
        axes.set_xscale("log")
        if len(places) < _FEW:
            axes.set_xticks(places, [f"{place:g}" for place in places])
            axes.minorticks_off()
    if "y" in plot.log:
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    if len(plot.lines) > _MANY:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8, frameon=False)
    elif len(plot.lines) > 1:
        axes.legend(fontsize=8, frameon=False)

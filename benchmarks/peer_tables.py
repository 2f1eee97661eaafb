"""What `benchmarks.compare` measured, as the tables, plots and pictures of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

from PIL import Image

from benchmarks.metrics import Scores
from benchmarks.pictures import Tile, load, sheet
from benchmarks.record import PICTURES, Cell, Figure, Plot, Result, Table

CELLS, COLORS = 64, 16
SHOWN = ("pixforge", "pixforge_cyclegan", "pixeloe", "pixel_snapper", "unfake", "k_centroid", "imagequant")
SAMPLES = ("adventurer", "portrait_ink", "dog", "sailor_monkey", "landscape")
SHEET = "peers.png"


@dataclass
class Run:
    """What one tool did on one drawing.

    Attributes:
        tool, picture: names.
        wall, cpu: seconds of each cold start, by the clock and of processors.
        warm, warm_cpu: the same of conversions inside a warm process.
        peak_mb: the most memory of a cold start.
        digests: of the pixels of each process.
        scores: of its picture.
        error: why there is none.
    """

    tool: str
    picture: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    warm_cpu: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    digests: list[str] = field(default_factory=list)
    scores: Scores | None = None
    error: str = ""


@dataclass(frozen=True)
class Costs:
    """Medians over drawings: seconds from process start and inside a warm process; memory is the most."""

    wall: float
    cpu: float
    warm: float
    warm_cpu: float
    peak_mb: float


def result_of(runs: Sequence[Run], tools: Sequence[str]) -> Result:
    """Return the result; the first tool that has figures is what ratios refer to."""
    done = {tool: [run for run in runs if run.tool == tool and run.scores and run.warm] for tool in tools}
    done = {tool: mine for tool, mine in done.items() if mine}
    costs = {tool: _costs(mine) for tool, mine in done.items()}
    failed = [f"{run.tool} on {run.picture}: {run.error}" for run in runs if run.error]
    pictures = len({run.picture for run in runs})
    return Result(
        title="Against other tools",
        command="make bench",
        summary=f"{pictures} drawings of `examples/`, 512 x 512 to 64 x 64 cells and 16 colours, every tool that "
        "installs, in turns. Each is called by the thinnest script; pixforge by its command line. Ratios (x) are "
        "against pixforge's default in the same run: above 1 the other costs more."
        + (f" Failed: {'; '.join(failed)}." if failed else ""),
        values={f"{tool} {name}": round(cost, 4) for tool, each in costs.items() for name, cost in vars(each).items()},
        tables=(_cost_table(costs), _contract_table(done), _quality_table(done)),
        plots=(*_cost_plots(costs), *_quality_plots(done)),
        pictures=(
            Figure(SHEET, f"The drawing, then {', '.join(SHOWN)}: as they are. Lost alpha shows as a filled ground."),
        ),
    )


def _cost_plots(costs: dict[str, Costs]) -> list[Plot]:
    cold, warm, memory = (
        {tool: float(getattr(each, name)) for tool, each in costs.items()} for name in ("cpu", "warm_cpu", "peak_mb")
    )
    seconds = "processor seconds a picture, median"
    return [
        Plot("From process start to the file", seconds, bars=cold),
        Plot("Inside a warm process", seconds, bars=warm, log="x"),
        Plot("Memory", "MB at the peak", bars=memory),
    ]


def _costs(mine: Sequence[Run]) -> Costs:
    names = ("wall", "cpu", "warm", "warm_cpu")
    middle = {name: median(median(getattr(run, name)) for run in mine) for name in names}
    return Costs(**middle, peak_mb=max(run.peak_mb for run in mine))


def _cost_table(costs: dict[str, Costs]) -> Table:
    heads = ["tool", "clock s", "x", "processor s", "x", "warm clock s", "x", "warm processor s", "x", "peak MB", "x"]
    base = next(iter(costs.values()))
    rows: list[list[Cell]] = []
    for tool, each in costs.items():
        pairs = zip(vars(each).values(), vars(base).values(), strict=True)
        rows.append([tool, *(cell for cost, unit in pairs for cell in (cost, f"{cost / unit:.1f}"))])
    return Table(
        "Speed and memory",
        heads,
        rows,
        "Clock and processor seconds are from process start; warm ones inside a running process.",
    )


def _contract_table(done: dict[str, list[Run]]) -> Table:
    heads = ["tool", "contract kept", "size got", "colours", "alpha", "same pixels twice"]
    rows: list[list[Cell]] = []
    for tool, mine in done.items():
        scores = [run.scores for run in mine if run.scores]
        sizes = sorted({(each.width, each.height) for each in scores} - {(CELLS, CELLS)})
        size = "exact" if not sizes else "no: " + ", ".join(f"{w}x{h}" for w, h in sizes)[:50]
        colors = sorted(each.colors for each in scores)
        alpha = ", ".join(sorted({each.alpha for each in scores}))
        same = sum(len(set(run.digests)) == 1 for run in mine)
        kept = sum(each.contract for each in scores)
        rows.append(
            [tool, f"{kept} of {len(scores)}", size, f"{colors[0]}-{colors[-1]}", alpha, f"{same} of {len(mine)}"]
        )
    note = (
        "Contract: exactly the size asked for, at most 16 colours, alpha 0 or 255 and kept where the drawing is "
        "transparent, nothing coloured there."
    )
    return Table("Contract", heads, rows, note)


MEASURES: dict[str, Callable[[Scores], float | None]] = {
    "colour distance": lambda scores: scores.distance,
    "silhouette": lambda scores: scores.silhouette,
    "outline": lambda scores: scores.outline,
    "inner recall": lambda scores: scores.inner_recall,
    "inner precision": lambda scores: scores.inner_precision,
    "orphans": lambda scores: scores.orphans,
    "realness": lambda scores: scores.realness,
}


def _known(mine: Iterable[Run], measure: Callable[[Scores], float | None]) -> float | None:
    values = [value for run in mine if run.scores and (value := measure(run.scores)) is not None]
    return mean(values) if values else None


def _quality_table(done: dict[str, list[Run]]) -> Table:
    rows: list[list[Cell]] = [
        [tool, *(_known(mine, each) for each in MEASURES.values())] for tool, mine in done.items()
    ]
    note = (
        "Means over the drawings; what each measure means: [how conversions are measured](evaluation.md). Colour "
        "distance and orphans: the lower the better; the others: the higher. Realness favours tools that fill the "
        "ground, and is no goal by itself."
    )
    return Table("Quality", ["tool", *MEASURES], rows, note)


def _quality_plots(done: dict[str, list[Run]]) -> list[Plot]:
    words = {
        "inner recall": "eyes, mouths and folds that are there in one piece, 0 to 1",
        "outline": "share of the dark outline that one unbroken line follows, 0 to 1",
        "colour distance": "OKLab x 100, low-passed; 2 is just visible",
    }
    return [
        Plot(name.capitalize(), text, bars={tool: _known(mine, MEASURES[name]) or 0.0 for tool, mine in done.items()})
        for name, text in words.items()
    ]


def contact(inputs: Sequence[Path], out: Path) -> None:
    """Write the pictures of some drawings side by side to docs/results."""
    rows = []
    for path in inputs:
        if path.stem in SAMPLES:
            made = [(tool, out / tool / path.name) for tool in SHOWN]
            blank = Image.new("RGBA", (1, 1))
            tiles = [Tile(load(file) if file.exists() else blank, tool) for tool, file in made]
            rows.append([Tile(load(path), path.stem), *tiles])
    PICTURES.mkdir(parents=True, exist_ok=True)
    sheet(rows, 2 * CELLS).quantize(255, dither=Image.Dither.NONE).save(PICTURES / SHEET, optimize=True)

"""pixforge beside other tools on the example drawings: a table, JSON, and a sheet to look at.

    python -m benchmarks.compare [--repeat 3] [--out build/bench] [--tools NAME,NAME] [--pictures NAME,NAME]

Every drawing is brought to 512x512 and asked for at 64x64 cells with 16 colours. The tools take turns on each drawing,
so that a busy machine is busy for all of them; compare within one run. `make bench` installs what this needs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, median

import numpy as np
from PIL import Image

from benchmarks.metrics import Scores, score
from benchmarks.pictures import Tile, load, sheet, sources, square

ROOT = Path(__file__).resolve().parent.parent
SIDE, CELLS, COLORS = 512, 64, 16
ADAPTERS = ROOT / "benchmarks" / "peers"
NOT_TOOLS = {"door", "torchvision_stand_in"}
NEW_PYTHON = {"img2pixelart"}  # needs Python 3.12
SHOWN = ("pixforge", "pixeloe", "unfake", "k_centroid")


@dataclass
class Result:
    """What one tool did on one drawing: seconds by the clock, seconds of processors, MB, scores of its picture."""

    tool: str
    picture: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    scores: Scores | None = None
    error: str = ""


def main() -> None:
    """Measure, print the table, write results.json and sheet.png."""
    options = _options()
    out: Path = options.out
    inputs = _inputs(ROOT / "examples", out / "inputs", options.pictures)
    results = [Result(tool, path.stem) for path in inputs for tool in options.tools]
    for path in inputs:
        turn = [result for result in results if result.picture == path.stem]
        for _ in range(options.repeat):
            for result in turn:
                _cold(result, path, out)
        for result in turn:
            _warm(result, path, out, options.warm)
        print(f"{path.stem}: {', '.join(r.tool for r in turn if r.error) or 'none'} failed", file=sys.stderr)
    print(table(results, options.tools))
    (out / "results.json").write_text(json.dumps([asdict(result) for result in results], indent=1))
    _sheet(inputs, out).save(out / "sheet.png")
    print(f"\nthe pictures side by side: {out / 'sheet.png'}; every number: {out / 'results.json'}")


def _options() -> argparse.Namespace:
    adapters = (path.stem for path in ADAPTERS.glob("*.py") if path.stem not in NOT_TOOLS)
    tools = sorted(name for name in adapters if _python(name).exists())
    tools.sort(key=lambda name: name != "pixforge")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--repeat", type=int, default=3, help="cold starts of each tool on each drawing")
    parser.add_argument("--warm", type=int, default=3, help="conversions inside a warm process")
    parser.add_argument("--tools", type=lambda text: text.split(","), default=tools)
    parser.add_argument("--pictures", type=lambda text: text.split(","), default=None)
    return parser.parse_args()


def _inputs(folder: Path, out: Path, wanted: Sequence[str] | None) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for path in sources(folder):
        if wanted is None or path.stem in wanted:
            paths.append(out / f"{path.stem}.png")
            square(load(path), SIDE).save(paths[-1])
    return paths


def _python(tool: str) -> Path:
    if tool == "pixforge":
        return ROOT / ".venv" / "bin" / "python"
    return ROOT / ".bench-venv" / ("new" if tool in NEW_PYTHON else "main") / "bin" / "python"


def _adapter(tool: str, source: Path, target: Path, warm: int) -> list[str]:
    asked = [str(number) for number in (CELLS, CELLS, COLORS, warm)]
    return [str(_python(tool)), "-m", f"benchmarks.peers.{tool}", str(source), str(target), *asked]


def _cold(result: Result, source: Path, out: Path) -> None:
    """One conversion from process start; pixforge by its command line, the others by the thinnest script."""
    if result.error:
        return
    target = _target(result, out)
    command = _adapter(result.tool, source, target, 0)
    if result.tool == "pixforge":
        command = [str(_python("pixforge").with_name("pixforge")), "convert", str(source), "-o", str(target)]
        command += ["--size", f"{CELLS}x{CELLS}", "--colors", str(COLORS)]
    report, text = _measure(result, command, target.with_suffix(".log"))
    if text is not None:
        result.wall.append(report["seconds"])
        result.cpu.append(report["cpu"])
        result.peak_mb = max(result.peak_mb, report["peak_mb"])
        with Image.open(source) as given, Image.open(target) as made:
            rgba = np.asarray(given.convert("RGBA")), np.asarray(made.convert("RGBA"))
        result.scores = score(*rgba, CELLS, CELLS)


def _warm(result: Result, source: Path, out: Path, times: int) -> None:
    if result.error:
        return
    target = _target(result, out).with_suffix(".warm.png")
    command = _adapter(result.tool, source, target, times)
    _, text = _measure(result, command, target.with_suffix(".log"))
    if text is not None:
        result.warm = json.loads(next(line for line in reversed(text.splitlines()) if line.startswith("[")))
    target.unlink(missing_ok=True)


def _target(result: Result, out: Path) -> Path:
    folder = out / result.tool
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{result.picture}.png"


def _measure(result: Result, command: list[str], log: Path) -> tuple[dict[str, float], str | None]:
    """The report of measure.py and what was printed; on failure None, and the last line printed becomes the error."""
    launcher = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "measure.py"), str(log)]
    done = subprocess.run([*launcher, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    text = log.read_text(errors="replace") if log.exists() else ""
    report: dict[str, float] = json.loads(done.stdout) if done.returncode == 0 else {"code": done.returncode}
    if report["code"]:
        lines = (text or done.stderr).strip().splitlines() or ["no output"]
        result.error = lines[-1][:200]
        return report, None
    return report, text


def table(results: Sequence[Result], tools: Sequence[str]) -> str:
    """One Markdown row a tool: medians over drawings, ratios against the first tool that has figures."""
    costs_shown = "wall s | x | cpu s | x | warm s | x | peak MB | x"
    measures = f"{costs_shown} | size got | colours | alpha | orphans % | distance | failed"
    lines = [f"| tool | {measures} |", "|" + "---|" * 15]
    base: list[float] = []
    for tool in tools:
        mine = [result for result in results if result.tool == tool]
        done = [(result, result.scores) for result in mine if result.scores is not None and result.warm]
        if not done:
            lines.append(f"| {tool} |" + " - |" * 13 + f" {len(mine)}: {mine[0].error if mine else ''} |")
            continue
        costs = [
            median(median(result.wall) for result, _ in done),
            median(median(result.cpu) for result, _ in done),
            median(median(result.warm) for result, _ in done),
            max(result.peak_mb for result, _ in done),
        ]
        base = base or costs
        shown = [
            f"{cost:.{0 if cost > 10 else 2}f} | {cost / unit:.1f}" for cost, unit in zip(costs, base, strict=True)
        ]
        words = _quality([scores for _, scores in done])
        lines.append(f"| {tool} | {' | '.join(shown)} | {words} | {len(mine) - len(done)} |")
    return "\n".join(lines)


def _quality(scores: Sequence[Scores]) -> str:
    sizes = sorted({(each.width, each.height) for each in scores})
    exact = sizes == [(CELLS, CELLS)]
    size = "exact" if exact else "no: " + " ".join(f"{w}x{h}" for w, h in sizes if (w, h) != (CELLS, CELLS))[:60]
    colors = sorted(each.colors for each in scores)
    alpha = ", ".join(sorted({each.alpha for each in scores}))
    orphans, distance = 100 * mean(each.orphans for each in scores), mean(each.distance for each in scores)
    return f"{size} | {colors[0]}-{colors[-1]} | {alpha} | {orphans:.1f} | {distance:.2f}"


def _sheet(inputs: Sequence[Path], out: Path) -> Image.Image:
    rows = []
    for path in inputs:
        row = [Tile(load(path), path.stem)]
        for tool in SHOWN:
            made = out / tool / path.name
            row.append(Tile(load(made), tool) if made.exists() else Tile(Image.new("RGBA", (1, 1)), f"{tool}: none"))
        rows.append(row)
    return sheet(rows, 4 * CELLS)


if __name__ == "__main__":
    main()

"""What the method `cyclegan` costs: warm, cold and on a large picture, beside `classical` in the same run.

    python -m benchmarks.network [--runs 9]

The least of all runs (whatever else a machine does only adds to it), processor seconds where nothing else is said, and
peak memory. Writes benchmarks/results/network.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.hot_path import picture
from benchmarks.record import Cell, Result, Table, write
from pixforge.engine.pipeline import convert_picture
from pixforge.image.load import load
from pixforge.image.picture import Picture
from pixforge.image.resample import resize
from pixforge.image.save import encode_png
from pixforge.preset import parse

MEASURE: Final = Path(__file__).with_name("measure.py")
CELLS: Final = 64
WIDE: Final = 4096
METHODS: Final = ("cyclegan", "classical")
CELL: Final = 8  # pixels a cell of the large picture
NAME: Final = "network"


def main() -> None:
    """Measure, print and record."""
    runs = _options().runs
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small.png"), Path(folder, "large.png")
        picture(small)
        large.write_bytes(encode_png(resize(load(small), WIDE, WIDE, "bilinear"), None, {}))
        sprite = Path(folder, "sprite.png")
        sprite.write_bytes(encode_png(resize(load(small), WIDE // CELL, WIDE // CELL), None, {}))
        cold = [_cold(small, ("-m", name, "--width", str(CELLS)), runs) for name in METHODS]
        wide = [_cold(large, ("-m", name, "--width", str(WIDE // CELL)), 1) for name in METHODS]
        back = _cold(sprite, ("-m", "cyclegan", "--set", 'direction="to-drawing"', "--cell", str(CELL)), 1)
        rows: list[list[Cell]] = [
            ["512 to 64, warm, processor s", *(_warm(load(small), name, runs) for name in METHODS), 0.1],
            ["512 to 64, cold, s by the clock", *(cost.clock for cost in cold), 0.5],
            ["512 to 64, cold, processor s", *(cost.processor for cost in cold), None],
            ["512 to 64, cold, peak MB", *(cost.peak for cost in cold), None],
            [f"{WIDE} to {WIDE // CELL}, processor s", *(cost.processor for cost in wide), None],
            [f"{WIDE} to {WIDE // CELL}, peak MB", *(cost.peak for cost in wide), 2048],
            [f"{WIDE // CELL} back to {WIDE}, processor s", back.processor, None, None],
            [f"{WIDE // CELL} back to {WIDE}, peak MB", back.peak, None, 2048],
        ]
    table = Table(
        "Cost of a conversion", ["what", *METHODS, "budget"], rows, "Cold: the whole command, with its start."
    )
    values = {str(row[0]): float(row[1]) for row in rows if isinstance(row[1], float | int)}
    path = write(Result("The network's cost", "python -m benchmarks.network", values=values, tables=(table,)), NAME)
    print("\n".join(str(row) for row in rows))
    print(path)


def _warm(drawing: Picture, method: str, runs: int) -> float:
    """Processor seconds of a conversion in a process that has done one before."""
    preset = parse(
        {"direction": "to-pixel", "method": {"name": method}, "grid": {"width": CELLS}, "palette": {"colors": 16}}, "x"
    )
    taken = []
    for _ in range(runs + 1):
        before = time.process_time()
        convert_picture(drawing, preset).encode()
        taken.append(time.process_time() - before)
    return round(min(taken[1:]), 4)


@dataclass(frozen=True)
class Cost:
    """Of one command.

    Attributes:
        clock: seconds, the least of all runs.
        processor: seconds, the least of all runs.
        peak: memory in MB, the largest.
    """

    clock: float
    processor: float
    peak: float


def _cold(source: Path, options: Sequence[str], runs: int) -> Cost:
    found = []
    target, said = source.with_suffix(".out.png"), source.with_suffix(".txt")
    command = [sys.executable, "-m", "pixforge", "convert", str(source), "-o", str(target), "--overwrite", *options]
    for _ in range(runs):
        measure = [sys.executable, "-I", "-S", str(MEASURE), str(said), *command]
        cost = json.loads(subprocess.run(measure, check=True, capture_output=True, text=True).stdout)
        if cost["code"]:
            raise SystemExit(said.read_text("utf-8"))
        found.append(cost)
    clock, processor = (round(min(cost[key] for cost in found), 3) for key in ("seconds", "cpu"))
    return Cost(clock, processor, round(max(cost["peak_mb"] for cost in found), 1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    return parser.parse_args()


if __name__ == "__main__":
    main()

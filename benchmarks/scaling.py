"""How pixforge's costs grow: with the size of a picture, the number of files, and the cores it may use.

    python -m benchmarks.scaling [--sides 256,512,1024,2048,4096] [--files 20,80,320] [--write]

Sizes: one `pixforge convert` to 64 cells from process start, methods `classical` and `cyclegan`. Files: `pixforge
batch` over a tree, then once more with nothing changed. Cores: the largest tree by one worker, two, and so on up to
the cores there are.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from benchmarks.pictures import load, square
from benchmarks.record import ROOT, Cell, Line, Plot, Result, Table, conditions, write

METHODS: Final = ("classical", "cyclegan")
PIXFORGE: Final = [sys.executable, "-m", "pixforge"]
SIDE: Final = 256  # of the drawings of a tree


def measured(command: list[str], folder: Path) -> dict[str, float]:
    """Run a command; return seconds, processor seconds of it and its workers, and its own peak in MB."""
    launcher = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "measure.py"), str(folder / "said")]
    said = subprocess.run([*launcher, *command], cwd=folder, capture_output=True, text=True, check=True).stdout
    report: dict[str, float] = json.loads(said)
    if report["code"]:
        raise RuntimeError(f"{' '.join(command)}: {(folder / 'said').read_text()}")
    return report


def by_size(folder: Path, sides: list[int]) -> dict[str, dict[int, dict[str, float]]]:
    """Convert one drawing at several sizes; the first call of each method warms the disk's cache and is left out."""
    drawing = load(ROOT / "examples" / "adventurer.png")
    found: dict[str, dict[int, dict[str, float]]] = {method: {} for method in METHODS}
    for side in [sides[0], *sides]:
        path = folder / f"{side}.png"
        square(drawing, side).save(path, compress_level=1)
        for method in METHODS:
            command = [*PIXFORGE, "convert", str(path), "-o", "made.png", "--overwrite", "--method", method]
            found[method][side] = measured(command, folder)
    return found


def paint(folder: Path, count: int) -> None:
    """Write a tree of drawings that differ: the examples, turned and recoloured."""
    names = ("dog", "adventurer", "queen", "chemist", "padlock")
    originals = [square(load(ROOT / "examples" / f"{name}.png"), SIDE).convert("RGBA") for name in names]
    folder.mkdir()
    for number in range(count):
        pixels = np.array(originals[number % len(originals)].rotate(number * 7))
        pixels[..., :3] = np.roll(pixels[..., :3], number // len(originals), axis=2)
        Image.fromarray(pixels).save(folder / f"{number:05}.png", compress_level=1)


def by_files(folder: Path, counts: list[int]) -> dict[int, tuple[dict[str, float], dict[str, float]]]:
    """Convert trees of several sizes by one worker, then once more with nothing changed."""
    found = {}
    for count in counts:
        paint(folder / f"art-{count}", count)
        command = [*PIXFORGE, "batch", f"art-{count}", f"out-{count}", "-j", "1"]
        found[count] = (measured(command, folder), measured(command, folder))
    return found


def by_cores(folder: Path, count: int) -> dict[int, dict[str, float]]:
    """Convert the largest tree by more and more workers."""
    found = {}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for workers in [n for n in (1, 2, 4, 8, 16, 32, 64) if n <= cores]:
        shutil.rmtree(folder / "out", ignore_errors=True)
        found[workers] = measured([*PIXFORGE, "batch", f"art-{count}", "out", "-j", str(workers)], folder)
    return found


def result(
    sizes: dict[str, dict[int, dict[str, float]]],
    files: dict[int, tuple[dict[str, float], dict[str, float]]],
    cores: dict[int, dict[str, float]],
    before: dict[str, object],
) -> Result:
    """Return what the page shows."""
    seconds: dict[str, Line] = {
        method: [(side, one["cpu"]) for side, one in found.items()] for method, found in sizes.items()
    }
    memory: dict[str, Line] = {
        method: [(side, one["peak_mb"]) for side, one in found.items()] for method, found in sizes.items()
    }
    least = min(sizes["classical"])
    per_size: list[list[Cell]] = [
        [side, *(cell for method in METHODS for cell in (sizes[method][side]["cpu"], sizes[method][side]["peak_mb"])),
         f"{(side / least) ** 2:.0f}", f"{sizes['classical'][side]['cpu'] / sizes['classical'][least]['cpu']:.1f}"]
        for side in sizes["classical"]
    ]  # fmt: skip
    per_file: list[list[Cell]] = [
        [count, first["cpu"], first["cpu"] / count * 1000, again["cpu"], again["cpu"] / first["cpu"], first["peak_mb"]]
        for count, (first, again) in files.items()
    ]
    core_rows = per_core(cores)
    return Result(
        title="Scaling",
        command="make bench",
        summary="One drawing at several sizes to 64 cells, from process start; trees of drawings of "
        f"{SIDE} pixels, then again with nothing changed. Seconds are of processors, if not said "
        "otherwise. Clock times of several workers say something only on a machine that does nothing else.",
        tables=(
            Table("Size", ["side", "classical, s", "MB", "cyclegan, s", "MB", "pixels x", "classical x"], per_size),
            Table("Number of files, one worker", ["files", "s", "ms a file", "again, s", "share", "peak MB"], per_file),
            Table(f"Workers, {max(files)} files", ["workers", "clock s", "faster", "processor s", "x"], core_rows),
        ),
        plots=(
            Plot("Processor seconds of one picture", "side, pixels", "s", lines=seconds, log="x"),
            Plot("Memory of one picture", "side, pixels", "MB", lines=memory, log="x"),
            Plot(
                "Processor milliseconds a file in a batch", "files", "ms",
                lines={"made": [(n, 1000 * a["cpu"] / n) for n, (a, _) in files.items()],
                       "unchanged": [(n, 1000 * b["cpu"] / n) for n, (_, b) in files.items()]}, log="xy",
            ),
        ),
        measured=before,
    )  # fmt: skip


def per_core(cores: dict[int, dict[str, float]]) -> list[list[Cell]]:
    """Return a row for each number of workers, beside one alone."""
    alone = cores[1]
    return [
        [
            workers,
            one["seconds"],
            f"{alone['seconds'] / one['seconds']:.2f}",
            one["cpu"],
            f"{one['cpu'] / alone['cpu']:.2f}",
        ]
        for workers, one in cores.items()
    ]


def main() -> None:
    """Measure and print, or write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sides", type=_numbers, default=[256, 512, 1024, 2048, 4096])
    parser.add_argument("--files", type=_numbers, default=[20, 80, 320])
    parser.add_argument("--write", action="store_true", help="the result is that of the page")
    given = parser.parse_args()
    before = conditions()
    with tempfile.TemporaryDirectory(prefix="pixforge-scaling-") as name:
        folder = Path(name)
        sizes, files = by_size(folder, given.sides), by_files(folder, given.files)
        found = result(sizes, files, by_cores(folder, max(given.files)), before)
    for table in found.tables:
        print(table.title, table.columns, *table.rows, sep="\n")
    if given.write:
        print(write(found, "scaling"))


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


if __name__ == "__main__":
    main()

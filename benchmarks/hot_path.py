"""A hook's hot path: one picture of 512 x 512 pixels, from the host program's call to the file on disk.

    python -m benchmarks.hot_path [--executable dist/pixforge] [--runs 15] [--slowest 20]

The executable against `python -m pixforge`, in turns, so that a busy machine slows both; the ratio decides. Each
figure is the least of all runs and the median. `--slowest N` says which imports of a conversion cost most.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

BUDGET = 0.7  # seconds from the call to the file


@dataclass
class Timings:
    """Seconds of one call after another.

    Attributes:
        wall: on the clock.
        processor: of all processors together.
    """

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def picture(path: Path) -> None:
    """Write a drawing of 512 x 512 pixels: outlined shapes with soft edges on transparency."""
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    pixels = np.zeros((512, 512, 4), np.float32)
    rng = np.random.default_rng(7)
    for _ in range(12):
        centre, radius = rng.uniform(100, 412, 2), rng.uniform(30, 120)
        distance = np.hypot(x - centre[0], y - centre[1])
        for edge, colour in ((radius, (30, 20, 40)), (radius - 8, rng.uniform(60, 255, 3))):
            cover = np.clip(edge - distance, 0, 1)[..., None]
            pixels = pixels * (1 - cover) + np.array([*colour, 255], np.float32) * cover
    Image.fromarray(np.rint(pixels).astype(np.uint8)).save(path)


def once(command: Sequence[str | Path], timings: Timings) -> None:
    """Run a command and add what it took."""
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    timings.wall.append(time.perf_counter() - began)
    children = (after.children_user - before.children_user, after.children_system - before.children_system)
    timings.processor.append(sum(children))


def compare(programs: dict[str, list[str]], folder: Path, runs: int) -> dict[tuple[str, str], Timings]:
    """Time every program at starting and at converting, in turns; the first turn warms the disk's cache."""
    source, made = folder / "drawing.png", folder / "made.png"
    picture(source)
    calls = {"start": ["--version"], "convert": ["convert", str(source), "-o", str(made)]}
    found = {(what, name): Timings() for what in calls for name in programs}
    for turn in range(runs + 1):
        for (what, name), timings in found.items():
            made.unlink(missing_ok=True)
            once([*programs[name], *calls[what]], timings if turn else Timings())
    return found


def slowest_imports(folder: Path, count: int) -> list[tuple[float, str]]:
    """Return the imports of a conversion by the package that cost most of their own, in milliseconds."""
    command = [sys.executable, "-X", "importtime", "-m", "pixforge", "convert", str(folder / "drawing.png"), "-o",
               str(folder / "made.png")]  # fmt: skip
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    rows = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", said, re.MULTILINE)
    return sorted(((int(own) / 1000, name) for own, name in rows), reverse=True)[:count]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executable", type=Path, default=Path("dist/pixforge"), help="what `make executable` built")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--slowest", type=int, default=0, metavar="N", help="also the N slowest imports")
    given = parser.parse_args()
    program = given.executable / ("pixforge.exe" if sys.platform == "win32" else "pixforge")
    if not program.is_file():
        parser.error(f"{program} is not there: make executable")
    programs = {"executable": [str(program)], "python -m pixforge": [sys.executable, "-m", "pixforge"]}
    with tempfile.TemporaryDirectory() as name:
        found = compare(programs, Path(name), given.runs)
        imports = slowest_imports(Path(name), given.slowest) if given.slowest else []
    print(f"{'':9}{'':20}{'wall, least':>12}{'median':>9}{'processor, least':>18}{'median':>9}   seconds")
    for (what, who), timings in found.items():
        numbers = [part for row in (timings.wall, timings.processor) for part in (min(row), statistics.median(row))]
        print(f"{what:9}{who:20}{numbers[0]:12.3f}{numbers[1]:9.3f}{numbers[2]:18.3f}{numbers[3]:9.3f}")
    for what in ("start", "convert"):
        one, other = (min(found[what, who].processor) for who in programs)
        print(f"{what}: the executable takes {one / other:.2f} of the package's processor time")
    best = min(found["convert", "executable"].wall)
    print(f"from the call to the file: {best:.3f} s at best, budget {BUDGET} s")
    size = sum(path.lstat().st_size for path in given.executable.rglob("*") if path.is_file())
    print(f"size: {size / 1e6:.0f} MB")
    for milliseconds, module in imports:
        print(f"{milliseconds:8.1f} ms  {module}")


if __name__ == "__main__":
    main()

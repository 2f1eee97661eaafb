"""Pictures a second: `pixforge batch` on all cores against a plain loop over `pixforge.convert`, in one run.

python -m benchmarks.throughput --pictures 480
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

LOOP = """
import sys, time
from pathlib import Path
import pixforge
started = time.perf_counter()
for path in sorted(Path("art").glob("*.png")):
    pixforge.convert(path).save(Path("loop") / path.name)
print(time.perf_counter() - started)
"""


def paint(folder: Path, count: int, examples: Path) -> None:
    """Write drawings of 512 x 512: the examples, turned, mirrored and recoloured."""
    folder.mkdir()
    names = ("dog", "adventurer", "queen", "chemist", "padlock", "sailor_monkey")
    originals = [
        Image.open(path).convert("RGBA").resize((512, 512), Image.Resampling.LANCZOS)
        for name in names
        if (path := examples / f"{name}.png").exists()
    ]
    for number in range(count):
        picture = originals[number % len(originals)].rotate(number * 7, expand=False)
        pixels = np.array(picture)
        pixels[..., :3] = np.roll(pixels[..., :3], number // len(originals), axis=2)
        Image.fromarray(pixels).save(folder / f"{number:04}.png", compress_level=1)


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the wall time of a command and the processor time of it and its workers, in seconds."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=480)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pixforge-throughput-") as name:
        folder = Path(name)
        paint(folder / "art", given.pictures, Path(__file__).resolve().parents[1] / "examples")
        (folder / "loop").mkdir()
        loop, loop_cpu = timed([sys.executable, "-c", LOOP], folder)
        batch, batch_cpu = timed([sys.executable, "-m", "pixforge", "batch", "art", "out"], folder)
        again, _ = timed([sys.executable, "-m", "pixforge", "batch", "art", "out"], folder)
        same = all(
            (folder / "out" / path.name).read_bytes() == path.read_bytes() for path in (folder / "loop").iterdir()
        )
    print(json.dumps({
        "pictures": given.pictures, "cores": len(os.sched_getaffinity(0)), "load_before": os.getloadavg()[0],
        "loop_s": round(loop, 2), "batch_s": round(batch, 2), "again_s": round(again, 2), "same_bytes": same,
        "batch_per_s": round(given.pictures / batch, 1), "ratio": round(loop / batch, 2),
        "loop_cpu_s": round(loop_cpu, 2), "batch_cpu_s": round(batch_cpu, 2),
    }))  # fmt: skip


if __name__ == "__main__":
    main()

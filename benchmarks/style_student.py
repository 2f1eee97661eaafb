"""A student of method style against the student report's procedure: the second picture of one style, on one machine.

    python -m benchmarks.style_student runs/mine/model examples/adventurer.png dawnlike --steps 2

The report's 1000 steps are not run: `benchmarks.style report` times a few of them in a process of its own and scales.
The student converts the picture mirrored, in a process that has converted it once; the median of several runs counts.
Processor time is compared, which does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

_RUNS: Final = 9


def main() -> int:
    """Run both and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("content", type=Path)
    parser.add_argument("style")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--size", type=int, default=64)
    arguments = parser.parse_args()
    row = student(arguments.model, arguments.content, arguments.size)
    print("student ", "  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    command = [sys.executable, "-m", "benchmarks.style", "report", str(arguments.content), arguments.style]
    done = subprocess.run([*command, "--steps", str(arguments.steps)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-2000:])
        return done.returncode
    report = json.loads(done.stdout.splitlines()[-1])
    print("report  ", "  ".join(f"{name} {value}" for name, value in report.items()))
    ratio = report["processor_seconds"] / row["processor_seconds"]
    print(f"{ratio:.0f} times less processor time to the second picture")
    return 0


def student(model: str, content: Path, size: int) -> dict[str, Any]:
    """Return the seconds of the first picture (without the start of the process) and of the second, and its colours."""
    import pixforge
    from pixforge.image.load import load

    options: dict[str, Any] = {"method": "style", "model": model, "height": size, "colors": 16}
    started = time.perf_counter()
    pixforge.convert(content, **options)
    first = time.perf_counter() - started
    mirrored = np.ascontiguousarray(load(content).pixels[:, ::-1])
    seconds, processor = [], []
    for _ in range(_RUNS):
        started, used = time.perf_counter(), time.process_time()
        result = pixforge.convert(mirrored, **options)
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    result.converted.encode()  # raises if the contract is broken
    return {
        "first_picture": round(first, 3),
        "second_picture": round(statistics.median(seconds), 3),
        "processor_seconds": round(statistics.median(processor), 3),
        "colours": result.report.colors,
    }


if __name__ == "__main__":
    sys.exit(main())

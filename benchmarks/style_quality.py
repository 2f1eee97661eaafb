"""Method style beside the other methods, on pictures of a data set that no training saw.

    python -m benchmarks.style_quality DATASET [--student dawnlike] [--out build/style-quality] [--limit 24]
    python -m benchmarks.style_quality DATASET --table build/style-quality/table.csv    # only the result

Runs `pixforge evaluate` and writes benchmarks/results/style-quality.json. The optimisation takes about a quarter of an
hour of one core for 24 sprites and 24 drawings; what was measured is kept in --out, and a run goes on from there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.quality import result_of
from benchmarks.record import ROOT, write

SUMMARY = (
    "Style transfer changes pictures on purpose, so that fewer cells stay what they were: read it as its price. "
    "What each figure means stands in [evaluation](evaluation.md), what the method is for in "
    "[style transfer](style.md)."
)


def main() -> None:
    """Evaluate, and write the result down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--student", default="")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "style-quality")
    parser.add_argument("--limit", type=int, default=24)
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    table = options.table or _evaluated(options)
    student = f" --student {Path(options.student).name}" if options.student else ""
    found = replace(
        result_of([table]),
        title="Method style beside the others",
        command=f"python -m benchmarks.style_quality DATASET{student}",
        summary=SUMMARY,
        pictures=(),
    )
    print(write(found, "style-quality"))


def _evaluated(options: argparse.Namespace) -> Path:
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pixforge", "evaluate", str(options.data), "--split", "unseen"]
    students = [f"style={options.student}"] if options.student else []
    for method in ("style", *students, "classical", "cyclegan", "diffusion"):
        command += ["--method", method]
    command += ["--limit", str(options.limit), "--workers", "1", "--cache", str(out / "findings")]
    command += ["--csv", str(out / "table.csv"), "--sheet", str(out / "sheet.png")]
    subprocess.run(command, check=True, cwd=ROOT)
    return out / "table.csv"


if __name__ == "__main__":
    main()

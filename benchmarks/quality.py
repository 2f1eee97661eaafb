"""The one table: network, classical method, plain downscales and PixelOE on the held-out pictures of a data set.

    python -m benchmarks.quality DATASET [--model MODEL|RUN] [--out build/quality] [--limit 40]

Runs `pixforge evaluate` with everybody it knows, then proves from written files that cells are of one colour. PixelOE
lives in the environment of the peers (`make bench` makes it) and is left out where that is absent. It stands there
twice: as it is, and as "pixeloe+" with the alpha and the number of colours that it does not keep put right.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pixforge.evaluate.ground import uniform_cells
from pixforge.evaluate.subjects import Subject, load_subjects
from pixforge.image.load import load
from pixforge.image.save import encode_png

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".bench-venv" / "main" / "bin" / "python"
PREVIEW = 8
WRITTEN = 12  # drawings whose written files are read back


def main() -> None:
    """Evaluate, write table.csv, table.md, sheet.png and plots, and read outputs back."""
    options = _options()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pixforge", "evaluate", str(options.data), "--method", "classical"]
    for model in options.model:
        command += ["--model", model]
    for peer in ("nearest", "area", "k-centroid", "bicubic", "scale2x", "hqx-like", *_pixeloe()):
        command += ["--peer", peer]
    command += ["--limit", str(options.limit), "--workers", str(options.workers)]
    command += ["--cache", str(out / "findings"), "--plots", str(out / "plots")]
    command += ["--csv", str(out / "table.csv"), "--markdown", str(out / "table.md"), "--sheet", str(out / "sheet.png")]
    subprocess.run(command, check=True, cwd=ROOT)
    for method in (
        "classical",
        *(f"cyclegan={model}" for model in options.model if not Path(model, "losses.csv").exists()),
    ):
        share = _uniform(method, load_subjects(options.data, "drawing", WRITTEN))
        print(f"{method}: {100 * share:.2f} % of the cells in {WRITTEN} written previews are of one colour")
    print(f"table, plots and sheet: {out}")


def _pixeloe() -> tuple[str, ...]:
    if not PEER.exists():
        print("pixeloe is left out: its environment is not there (make bench)", file=sys.stderr)
        return ()
    return (f"pixeloe={PEER} -m benchmarks.peers.pixeloe",)


def _uniform(method: str, drawings: Sequence[Subject]) -> float:
    """Share of the cells of one colour in previews that the command line wrote, read back from the files."""
    name, _, model = method.partition("=")
    shares = []
    with tempfile.TemporaryDirectory() as folder:
        for number, drawing in enumerate(drawings):
            source, target = Path(folder, f"{number}.png"), Path(folder, f"{number}-out.png")
            source.write_bytes(encode_png(drawing.picture, None, {}))
            command = [sys.executable, "-m", "pixforge", "convert", str(source), "-o", str(target), "-m", name]
            command += ["--preview", str(PREVIEW), *(["--model", model] if model else [])]
            subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
            preview = load(target.with_name(f"{target.stem}@{PREVIEW}x.png"))
            shares.append(uniform_cells(preview.pixels, PREVIEW))
    return min(shares)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", action="append", default=[], help="a model, or the folder of a training run")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "quality")
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--workers", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()

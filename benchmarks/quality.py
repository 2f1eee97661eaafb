"""The one table: all methods, plain downscales and PixelOE on pictures of a data set never trained on.

    python -m benchmarks.quality DATASET [--model MODEL|RUN] [--out build/quality] [--limit 24]
    python -m benchmarks.quality DATASET --tables a.csv --tables b.csv      # only the result, from tables made before

Runs `pixforge evaluate` with everybody it knows, writes benchmarks/results/quality.json, then proves from written files
that cells are of one colour. The network stands there twice: as it ships, and alone, without the lines that method
`classical` finds. PixelOE lives in the environment of the peers (`make bench` makes it) and is left out where that is
absent; it too stands there twice: as it is, and as "pixeloe+" with the alpha and the number of colours that it does not
keep put right.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.record import Cell, Figure, Result, Table, write
from pixforge.evaluate.examine import ARTIST
from pixforge.evaluate.ground import uniform_cells
from pixforge.evaluate.subjects import Subject, load_subjects
from pixforge.image.load import load
from pixforge.image.save import encode_png

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".bench-venv" / "main" / "bin" / "python"
PREVIEW = 8
WRITTEN = 12  # drawings whose written files are read back
ALONE = "cyclegan[lines = false]"
FORWARD = {
    ("pairs", "exact"): "cells of exact pairs given back",
    ("pairs", "hard"): "the same, contours and details",
    ("drawings", "realness"): "realness of drawings converted",
    ("drawings", "colour distance"): "colour distance",
    ("drawings", "border distance"): "the same, border cells",
    ("drawings", "inside distance"): "the same, all others",
    ("drawings", "lightness shift"): "lightness shift",
    ("drawings", "chroma shift"): "chroma shift",
    ("drawings", "hue distance"): "hue distance",
    ("drawings", "silhouette"): "silhouette, overlap",
    ("drawings", "contour"): "outline followed by one line",
    ("drawings", "inner recall"): "thin inner lines kept",
    ("drawings", "orphans"): "orphans",
    ("drawings", "jaggies"): "jaggies",
    ("drawings", "kernel distance"): "kernel distance to real sprites",
    ("drawings", "contract"): "outputs that keep the contract",
    ("grounds", "white altered"): "cells of a white ground altered",
    ("grounds", "grey altered"): "cells of a grey ground altered",
    ("grounds", "edge distance"): "colour distance at the edge of the picture",
    ("grounds", "inside distance"): "colour distance inside it",
}
BACK = {
    ("round trip", "exact"): "cells that come back",
    ("round trip", "hard"): "the same, contours and details",
    ("round trip", "sharpness"): "sharpness",
    ("round trip", "grid visibility"): "grid visible (1: squares)",
    ("round trip", "colour distance"): "colour distance",
    ("round trip", "border distance"): "the same, border",
    ("round trip", "lightness shift"): "lightness shift",
    ("round trip", "chroma shift"): "chroma shift",
    ("round trip", "hue distance"): "hue distance",
}
Rows = dict[tuple[str, str, str], dict[str, str]]


def main() -> None:
    """Evaluate, write table.csv, table.md, sheet.png and plots, and read outputs back."""
    options = _options()
    out: Path = options.out
    if options.tables:
        print(write(result_of(options.tables), "quality"))
        return
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pixforge", "evaluate", str(options.data), "--split", "unseen"]
    for method in ("cyclegan", ALONE, "classical", "style", "diffusion"):
        command += ["--method", method]
    for model in options.model:
        command += ["--model", model]
    for peer in ("nearest", "area", "k-centroid", "bicubic", "scale2x", "hqx-like", *_pixeloe()):
        command += ["--peer", peer]
    command += ["--limit", str(options.limit), "--workers", str(options.workers)]
    command += ["--cache", str(out / "findings"), "--plots", str(out / "plots")]
    command += ["--csv", str(out / "table.csv"), "--markdown", str(out / "table.md"), "--sheet", str(out / "sheet.png")]
    subprocess.run(command, check=True, cwd=ROOT)
    write(result_of([out / "table.csv"]), "quality")
    for method in (
        "classical",
        *(f"cyclegan={model}" for model in options.model if not Path(model, "losses.csv").exists()),
    ):
        share = _uniform(method, load_subjects(options.data, "drawing", WRITTEN))
        print(f"{method}: {100 * share:.2f} % of the cells in {WRITTEN} written previews are of one colour")
    print(f"table, plots and sheet: {out}")


def result_of(paths: Sequence[Path]) -> Result:
    """Return what the tables of `pixforge evaluate` (--csv) say about both directions."""
    rows: Rows = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as lines:
            rows |= {(row["contender"], row["task"], row["measure"]): row for row in csv.DictReader(lines)}
    pictures = {task: max(int(row["pictures"]) for key, row in rows.items() if key[1] == task) for _, task, _ in rows}
    counted = f"{pictures.get('pairs', 0)} sprites and {pictures.get('drawings', 0)} drawings"
    return Result(
        title="Quality of conversions",
        command="python -m benchmarks.quality DATASET",
        kind="long",
        recipe=f"the bundled model as it is, on {counted} of its data set that no training saw; see "
        "[the bundled model](../pixforge/models/cyclegan/README.md)",
        summary="How each figure is measured, and what it cannot tell, stands in [evaluation](evaluation.md). Realness "
        "counts only beside the colour distance and the silhouette: a picture can look real and show nothing.",
        values={
            f"{key[1]}: {key[2]} {key[0]}": float(row["mean"])
            for key, row in rows.items()
            if key[1:] in (FORWARD | BACK)
        },
        pictures=(
            Figure(
                "conversions.png",
                "24 unseen drawings; from left to right the drawing, cyclegan as it ships, its network alone, "
                "classical, style, diffusion, k-centroid. Ink grows heavy, the shade of a playing card becomes a black "
                "edge, writing clots; style lays a grey patch on bare line art, diffusion some dirt on flat areas.",
            ),
            Figure(
                "demo.png",
                "The drawings of the demo, in the same order. The queen's eye lives only where a network alone draws "
                "it; classical makes her mouth two strokes, diffusion speckles the padlock and the bear.",
            ),
            Figure(
                "restored.png",
                "The middle of 24 held-out sprites; from left to right the sprite, bicubic, scale2x, hqx-like, the "
                "network. Crosses get webs, faint lines on dark nearly go out, small emblems melt.",
            ),
        ),
        tables=(
            _table("Pixel art out of drawings", FORWARD, rows),
            _table("Drawings out of pixel art", BACK, rows),
        ),
    )


def _table(title: str, wanted: Mapping[tuple[str, str], str], rows: Rows) -> Table:
    found = dict.fromkeys(name for name, *measure in rows if tuple(measure) in wanted)
    names = sorted(found, key=lambda name: name == ARTIST)  # what real sprites have, at the right
    heads = ["mean of the pictures", *(name.replace(ALONE, "cyclegan alone") for name in names)]
    lines: list[list[Cell]] = [
        [words, *(_cell(rows.get((name, *key))) for name in names)] for key, words in wanted.items()
    ]
    return Table(title, heads, lines, _fewer(names, wanted, rows))


def _fewer(names: Sequence[str], wanted: Mapping[tuple[str, str], str], rows: Rows) -> str:
    """Who was measured on fewer drawings than others."""
    task = "drawings" if ("drawings", "colour distance") in wanted else "round trip"
    counts = {name: int(row["pictures"]) for name in names if (row := rows.get((name, task, "colour distance")))}
    most = max(counts.values(), default=0)
    short = [f"{name} on {count}" for name, count in counts.items() if count < most]
    return f"Measured on fewer than {most} drawings: {', '.join(short)}." if short else ""


def _cell(row: Mapping[str, str] | None) -> str | None:
    if row is None:
        return None
    interval = f" ± {(float(row['high']) - float(row['low'])) / 2:.3f}" if row["low"] and row["high"] else ""
    return f"{float(row['mean']):.3f}{interval}"


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
    parser.add_argument("--limit", type=int, default=24)
    parser.add_argument("--tables", action="append", type=Path, default=[], help="write the result of these alone")
    parser.add_argument("--workers", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()

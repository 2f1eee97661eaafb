"""Proposals of the small diffusion model on drawings that it never saw: do they differ, and do they keep the drawing?

    python -m benchmarks.variants DATASET [--model bundled|FOLDER] [--count 24] [--variants 6]

For each level of freedom: how many cells of a figure differ between two proposals, by how much in OKLab, how well the
silhouette is kept, how far colours are from the drawing's, and processor seconds a picture. Writes
benchmarks/results/variants.json and docs/results/variants.png: drawing, `classical`, three proposals at freedom 1 and
three at freedom 2.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

import pixforge
from benchmarks.record import PICTURES, Figure, Result, Table, write
from pixforge.evaluate.examine import size_of
from pixforge.evaluate.fidelity import fidelity, silhouette
from pixforge.evaluate.subjects import Subject, load_subjects
from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import composite, enlarge, resize
from pixforge.pixel.colour import srgb_to_oklab

CELLS, COLOURS, ZOOM = 48, 16, 3
FREEDOMS: Final = (0, 1, 2, 3)
SHOWN: Final = 8  # drawings of the picture
GROUND: Final = (200, 204, 208)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--variants", type=int, default=6)
    asked = parser.parse_args()
    drawings = load_subjects(asked.data, "drawing", asked.count, "unseen")
    rows: list[list[str | int | float | None]] = []
    made: dict[int, list[list[Rgba]]] = {}
    for freedom in FREEDOMS:
        began = time.process_time()
        made[freedom] = [[proposal(one, asked.model, freedom, s) for s in range(asked.variants)] for one in drawings]
        seconds = (time.process_time() - began) / (asked.variants * len(drawings))
        rows.append([freedom, *figures(drawings, made[freedom]), seconds])
        print(*(f"{value:.3f}" if isinstance(value, float) else value for value in rows[-1]), flush=True)
    kept = [overlap for one, many in zip(drawings, made[2], strict=True) for overlap in overlaps(one, many)]
    grid(drawings[:SHOWN], [[*made[1][i][:3], *made[2][i][:3]] for i in range(SHOWN)], PICTURES / "variants.png")
    write(_result(asked, rows, kept), "variants")


def proposal(drawing: Subject, model: str, freedom: int, seed: int) -> Rgba:
    """Return one proposal, all cells (H, W, 4)."""
    settings = {"method.model": model, "method.diffusion.freedom": freedom, "method.seed": seed}
    size = size_of(drawing.picture, CELLS)
    done = pixforge.convert(drawing.picture, method="diffusion", size=size, colors=COLOURS, settings=settings)
    return done.picture.pixels


def figures(drawings: Sequence[Subject], made: Sequence[Sequence[Rgba]]) -> tuple[float, float, float, float]:
    """Share of cells that differ between two proposals, their OKLab distance x 100, silhouette, colour distance."""
    differ, apart, colours = [], [], []
    for drawing, many in zip(drawings, made, strict=True):
        for one, other in combinations(many, 2):
            figure = (one[..., 3] > 0) & (other[..., 3] > 0)
            gap = np.linalg.norm(srgb_to_oklab(one[figure][:, :3]) - srgb_to_oklab(other[figure][:, :3]), axis=-1)
            differ.append(float((gap > 0).mean()))
            apart.append(100 * float(gap.mean()))
        colours += [fidelity(drawing.picture.pixels, one).distance for one in many]
    kept = [overlap for drawing, many in zip(drawings, made, strict=True) for overlap in overlaps(drawing, many)]
    return float(np.mean(differ)), float(np.mean(apart)), float(np.mean(kept)), float(np.mean(colours))


def overlaps(drawing: Subject, made: Sequence[Rgba]) -> list[float]:
    """Silhouette of each proposal against the drawing's; none for opaque drawings."""
    found = [silhouette(drawing.picture.pixels, one) for one in made]
    return [overlap for overlap in found if overlap is not None]


def grid(drawings: Sequence[Subject], proposals: Sequence[Sequence[Rgba]], path: Path) -> None:
    """Write drawings, what `classical` makes of them, and proposals, in rows, two drawings beside each other."""
    rows = []
    for drawing, many in zip(drawings, proposals, strict=True):
        width, height = size_of(drawing.picture, CELLS)
        plain = pixforge.convert(drawing.picture, size=(width, height), colors=COLOURS).picture
        shown = [resize(drawing.picture, ZOOM * width, ZOOM * height), enlarge(plain, ZOOM)]
        shown += [enlarge(Picture(one.copy()), ZOOM) for one in many]
        side = ZOOM * CELLS
        row = np.full((side, len(shown) * (side + 4), 3), GROUND, np.uint8)
        for place, picture in enumerate(shown):
            flat = composite(picture, GROUND).pixels[:side, :side, :3]
            row[: flat.shape[0], place * (side + 4) : place * (side + 4) + flat.shape[1]] = flat
        rows.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(rows)).quantize(256).save(path, optimize=True)


def _result(asked: argparse.Namespace, rows: list[list[str | int | float | None]], kept: list[float]) -> Result:
    columns = ["freedom", "cells that differ", "by (OKLab x 100)", "silhouette", "colour distance", "processor s"]
    return Result(
        title="Several proposals for one drawing",
        command="python -m benchmarks.variants DATA",
        kind="long",
        recipe="`pixforge train diffusion --recipe joint --data DATA`; DATA as in the model's README",
        summary=f"{asked.count} drawings of sources that no training saw, {asked.variants} proposals each, "
        f"{CELLS} cells high, {COLOURS} colours. Freedom 0 is the conversion itself; from 1 on colours and shading are "
        "read more and more freely, under the drawing's own lines and silhouette.",
        values={"silhouette at freedom 2": float(np.mean(kept)), "worst silhouette": float(np.min(kept))},
        tables=(Table("Means over all proposals, or over all pairs of one drawing's proposals", columns, rows),),
        pictures=(Figure("variants.png", "drawing, `classical`, three proposals at freedom 1, three at freedom 2"),),
    )


if __name__ == "__main__":
    main()

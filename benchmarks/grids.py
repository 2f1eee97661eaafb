"""Three grids to look at: unseen drawings and the demo's through every way, and sprites restored.

    python -m benchmarks.grids DATASET [--model MODEL] [--out docs/results]

conversions.png: drawing, network as it ships, network alone, classical, style, diffusion, k-centroid; two such groups
side by side. demo.png: the same of the drawings in examples/.
restored.png: the middle of a sprite, bicubic, scale2x, hqx-like, network; two groups too. Written with 256 colours:
they are for eyes, what was measured is in quality.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from pixforge.evaluate.examine import cut, size_of
from pixforge.evaluate.methods import Contender, contender
from pixforge.evaluate.subjects import Subject, load_subjects
from pixforge.image.picture import Picture
from pixforge.image.resample import composite, enlarge, resize

ROOT: Final = Path(__file__).resolve().parent.parent
EXAMPLES: Final = ROOT / "examples"
ENLARGED: Final = "enlarged"  # its folder of pixel art, which is no drawing
WAYS: Final = ("cyclegan{}", "cyclegan[lines = false]{}", "classical", "style", "diffusion", "k-centroid")
COUNT: Final = 24
CELLS, COLOURS, ZOOM = 48, 16, 2  # of a converted drawing
BACK, SPRITE = 4, 24  # pixels a cell of a restored sprite, and cells of it that are shown
GROUND: Final = (200, 204, 208)
GAP: Final = 4
Row = list[Picture]


def main() -> None:
    """Write the grids."""
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    model = f"={options.model}" if options.model else ""
    ways = [contender(name.format(model)) for name in WAYS]
    drawings = load_subjects(options.data, "drawing", COUNT, "unseen")
    write_grid(options.out / "conversions.png", [converted(one, ways) for one in drawings], 2, ZOOM * CELLS)
    demo = [one for one in load_subjects(EXAMPLES, "drawing", COUNT) if one.source != ENLARGED]
    write_grid(options.out / "demo.png", [converted(one, ways) for one in demo], 2, ZOOM * CELLS)
    enlargers = [contender(name) for name in ("bicubic", "scale2x", "hqx-like", f"cyclegan{model}")]
    sprites = load_subjects(options.data, "pixel", COUNT, "unseen")
    write_grid(options.out / "restored.png", [_restored(one, enlargers) for one in sprites], 2, BACK * SPRITE)


def converted(drawing: Subject, ways: Sequence[Contender]) -> Row:
    """A row: the drawing, and what each way makes of it at `CELLS`, enlarged by `ZOOM`."""
    width, height = size_of(drawing.picture, CELLS)
    made = [Picture(way.convert(drawing.picture, width, height, COLOURS).copy()) for way in ways if way.convert]
    return [resize(drawing.picture, ZOOM * width, ZOOM * height), *(enlarge(one, ZOOM) for one in made)]


def _restored(sprite: Subject, ways: Sequence[Contender]) -> Row:
    whole = cut(sprite.picture.pixels)
    top, left = (max(0, length - SPRITE) // 2 for length in whole.shape[:2])
    cells = Picture(whole[top : top + SPRITE, left : left + SPRITE].copy())
    return [enlarge(cells, BACK), *(way.restore(cells, BACK) for way in ways if way.restore)]


def write_grid(path: Path, rows: Sequence[Row], groups: int, side: int) -> None:
    """Lay rows of pictures out in so many groups beside each other, `side` pixels a place."""
    across, down = max(map(len, rows)), -(-len(rows) // groups)
    step = side + GAP
    out = np.empty((down * step + GAP, groups * (across * step + 4 * GAP), 3), np.uint8)
    out[...] = GROUND
    for number, row in enumerate(rows):
        left, top = number // down * (across * step + 4 * GAP), number % down * step + GAP
        for place, picture in enumerate(row):
            shown = composite(picture, GROUND).pixels[:side, :side, :3]
            start = left + place * step + GAP
            out[top : top + shown.shape[0], start : start + shown.shape[1]] = shown
    Image.fromarray(out).quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="", help="of method cyclegan; the bundled one by default")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results")
    return parser.parse_args()


if __name__ == "__main__":
    main()

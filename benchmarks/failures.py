"""What still fails: conversions of examples/ that a pixel artist would not accept, with the figure that shows it.

    python -m benchmarks.failures [--write]

Nothing here is chosen by the figures: the cases are those that looking at the sheets brought up.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from PIL import Image

import pixforge
from benchmarks.pictures import Tile, load, sheet
from benchmarks.record import PICTURES, ROOT, Cell, Figure, Result, Table, conditions, write
from pixforge.evaluate.contour import continuity
from pixforge.evaluate.fidelity import fidelity
from pixforge.evaluate.inner import inner_lines
from pixforge.evaluate.texture import orphan_rate

EDGE: Final = 256


@dataclass(frozen=True)
class Case:
    """A conversion that is not good enough.

    Attributes:
        name: of its picture in docs/results.
        drawing: in examples/.
        wrong: what is wrong with it, and what helps.
        options: of the conversions, one picture each; `pixforge convert` has them as flags.
    """

    name: str
    drawing: str
    wrong: str
    options: tuple[dict[str, Any], ...] = field(default_factory=tuple)


CASES: Final = (
    Case(
        "fail-small.png", "adventurer.png",
        "Few cells. At 24 the lock on top is gone, the mouth is a bar that hangs on the outline, and a cell of the "
        "hair is a hole of another colour; at 32 the pupils still grow into the rims of the eyes. An artist would "
        "redraw the face with fewer, larger features; no method here does that. What helps: some 48 cells or more "
        "for a face.",
        ({"height": 24}, {"height": 32}, {"height": 64}),
    ),
    Case(
        "fail-petals.png", "sunflower.jpg",
        "Points and veins thinner than a cell. Petals end in single cells of three colours, the stalk and the veins "
        "of the leaf are speckle, and with 8 colours the yellow of the petals is lost to the green of the leaf. The "
        "sky becomes bands. More colours mend none of it but the yellow.",
        ({"height": 48, "colors": 8}, {"height": 48, "colors": 16}, {"height": 48, "colors": 32}),
    ),
    Case(
        "fail-ink.png", "portrait_ink.png",
        "Ink on white. At 48 cells the teeth are a blotch and the line of the jaw is broken; at 96 the jaw still has "
        "gaps. `--set outline.inner=false` takes the whole face, as every line of it is an inner one on an opaque "
        "ground.",
        ({"height": 48}, {"height": 96}, {"height": 48, "settings": {"outline.inner": False}}),
    ),
    Case(
        "fail-painted.png", "statue.webp",
        "Painted texture. Strands of hair and beard become speckle of one to three cells, and the crumbling side a "
        "cloud of lone cells; an artist would set few planes with clean borders. Dither adds noise, the network "
        "(right) changes little.",
        ({"height": 64}, {"height": 64, "dither": "bayer4"}, {"height": 64, "method": "cyclegan"}),
    ),
    Case(
        "fail-landscape.png", "landscape.png",
        "Low contrast. The mountains vanish into the sky at either size, as 16 colours go to the small bright "
        "things; the sky's ramp ends in bands. `--colors 32` or a palette with the mountains' greys in "
        "`palette.reserve` brings them back.",
        ({"height": 72}, {"height": 72, "colors": 32}, {"height": 72, "method": "cyclegan"}),
    ),
)  # fmt: skip


def words(options: dict[str, Any]) -> str:
    """Return the flags of `pixforge convert` that mean these options."""
    given = {name: value for name, value in options.items() if name != "settings"}
    more = [f"--set {key}={str(value).lower()}" for key, value in options.get("settings", {}).items()]
    return " ".join([*(f"--{name} {value}" for name, value in given.items()), *more])


def shown(case: Case) -> tuple[Image.Image, list[list[Cell]]]:
    """Convert a case; return its sheet, and a row of figures for each conversion."""
    drawing = load(ROOT / "examples" / case.drawing)
    source = np.asarray(drawing.convert("RGBA"))
    tiles, rows = [Tile(drawing, case.drawing)], []
    for options in case.options:
        made = pixforge.convert(ROOT / "examples" / case.drawing, **options).picture.pixels
        lines = inner_lines(source, made)
        figures = (
            fidelity(source, made).distance,
            lines.recall if lines else None,
            continuity(source, made),
            orphan_rate(made),
        )
        tiles.append(Tile(Image.fromarray(made), words(options)))
        rows.append([case.drawing, words(options), *figures])
    return sheet([tiles], EDGE), rows


def main() -> None:
    """Convert and write pictures and figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="the result is that of the page")
    given = parser.parse_args()
    before = conditions()
    rows: list[list[Cell]] = []
    for case in CASES:
        page, figures = shown(case)
        rows += figures
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.quantize(255, dither=Image.Dither.NONE).save(PICTURES / case.name, optimize=True)
    heads = ["drawing", "`pixforge convert`", "colour distance", "inner recall", "outline", "orphans"]
    found = Result(
        title="What still fails",
        command="python -m benchmarks.failures --write",
        summary="Left the drawing. What the figures mean: [how conversions are measured](evaluation.md).",
        tables=(Table("", heads, rows, "An empty cell: the measure says nothing about this drawing."),),
        pictures=tuple(Figure(case.name, case.wrong) for case in CASES),
        measured=before,
    )
    print(*rows, sep="\n")
    if given.write:
        print(write(found, "failures"))


if __name__ == "__main__":
    main()

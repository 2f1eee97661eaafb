"""A student beside the optimisation that it learnt from, on the demo's art: how alike they are, how long they take.

    python -m benchmarks.style_student [--student dawnlike] [--out docs/style-student.png]

A column a drawing: the drawing, the student at no strength (the cells that the drawing decides by itself), the student,
the optimisation. Printed for each drawing: the share of the cells that the optimisation changes, the student, the share
of cells in which both agree, and processor time.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import ROOT
from benchmarks.style import one_thread

Rgba = NDArray[np.uint8]
SIDE: Final = 48
PANEL: Final = 144  # pixels of a picture on the sheet
DRAWINGS: Final = (
    "adventurer.png",
    "portrait_flat.webp",
    "queen.png",
    "sailor_monkey.svg",
    "dog.png",
    "chemist.png",
    "padlock.png",
    "bear.webp",
)


def main() -> int:
    """Convert, print and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--student", default="dawnlike", help="its style is that of its card")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "style-student.png")
    arguments = parser.parse_args()
    one_thread()
    from PIL import Image

    from pixforge.train.samples import tiled  # torch: only now, as it counts threads when it is loaded

    columns = [_column(name, arguments.student) for name in DRAWINGS]
    rows = [list(row) for row in zip(*columns, strict=True)]
    Image.fromarray(tiled(rows, PANEL).pixels).convert("RGB").save(arguments.out, optimize=True)
    print(arguments.out)
    return 0


def _column(name: str, student: str) -> list[Rgba]:
    from pixforge.image.load import load
    from pixforge.nn.store import find, open_model

    source = ROOT / "examples" / name
    style = open_model(find(student, "style")).card.recipe["method"]["style"]
    plain, _ = _made(source, {"model": student, "settings": {"method.style.strength": 0.0}})
    taught, quick = _made(source, {"model": student})
    optimised, slow = _made(source, {"style": style})
    opaque = plain[..., 3] > 0
    changed = [(one != plain).any(axis=-1)[opaque].mean() for one in (optimised, taught)]
    alike = (taught == optimised).all(axis=-1)[opaque].mean()
    figures = f"changed {changed[0]:.3f} {changed[1]:.3f}  alike {alike:.3f}  seconds {slow:.2f} {quick:.3f}"
    print(f"{name:20} {figures}", flush=True)
    return [load(source, first_frame=True).pixels, plain, taught, optimised]


def _made(source: Path, options: dict[str, Any]) -> tuple[Rgba, float]:
    """The cells, and the processor time of a second conversion."""
    import pixforge

    asked = {"method": "style", "height": SIDE, "colors": 16, **options}
    pixforge.convert(source, **asked)
    began = time.process_time()
    made = pixforge.convert(source, **asked).picture.pixels
    return made, time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())

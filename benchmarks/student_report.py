"""The student report's CycleGAN against ours, as far as it can be measured in a minute, without any training.

    python -m benchmarks.student_report [--drawings 6] [--write]

On drawings of examples/, with the bundled model: cells of one colour (in enlarged files that are read back), colours at
borders and on white and grey grounds, cycle loss beside that of a model that changes nothing, transparency, the same
bytes twice. The report's U-Net-256 stands beside it with random weights: its size and its time do not depend on them.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

import numpy as np
from PIL import Image

import pixforge
from benchmarks.pictures import load, sources, square
from benchmarks.record import ROOT, Point, Result, conditions, write
from pixforge.evaluate import examine
from pixforge.evaluate.critic.model import bundled
from pixforge.evaluate.ground import uniform_cells
from pixforge.evaluate.methods import contender
from pixforge.image.picture import Picture
from pixforge.image.resample import enlarge

CELL = 8  # pixels a cell of the report's pictures
CELLS = 32  # so that a picture of 256 pixels is asked for
COLORS = 16
MODEL = ROOT / "pixforge" / "models" / "cyclegan"


@dataclass(frozen=True)
class Network:
    """What a generator costs.

    Attributes:
        weights: millions.
        seconds: of the processor for one picture of 256 pixels, median.
    """

    weights: float
    seconds: float


def timed(work: Callable[[], object], times: int = 5) -> float:
    """Return the median processor seconds of a call; the first warms up."""
    spent = []
    for _ in range(times + 1):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return median(spent[1:])


def report_network() -> Network:
    """Time the report's U-Net on a picture of 256 pixels."""
    import torch

    from pixforge.nn.yardsticks import UNet

    torch.set_num_threads(1)
    net = UNet(64).eval()
    picture = torch.rand(1, 4, 256, 256)
    with torch.inference_mode():
        seconds = timed(lambda: net(picture))
    return Network(sum(value.numel() for value in net.parameters()) / 1e6, seconds)


def our_network() -> Network:
    """Time the whole method, in ONNX Runtime as it ships, on a picture of 256 pixels."""
    from safetensors.numpy import load_file

    weights = sum(value.size for value in load_file(MODEL / "to-pixel.safetensors").values()) / 1e6
    drawing = np.asarray(square(load(ROOT / "examples" / "adventurer.png"), 256).convert("RGBA"))
    convert = contender("cyclegan").convert
    assert convert is not None
    return Network(weights, timed(lambda: convert(Picture(drawing.copy()), CELLS, CELLS, COLORS)))


def drawings(count: int) -> list[Picture]:
    """Return drawings of examples/ at 256 pixels, those with transparency first."""
    found = [np.asarray(square(load(path), 256).convert("RGBA")) for path in sources(ROOT / "examples")]
    found.sort(key=lambda pixels: bool(pixels[..., 3].min() == 255))
    return [Picture(pixels.copy()) for pixels in found[:count]]


def judged(pictures: list[Picture]) -> dict[str, float]:
    """Return the means of all measures of the bundled model, and of what the contract promises."""
    ours, wish = contender("cyclegan"), examine.Wish(CELLS, COLORS)
    values: dict[str, list[float]] = {}
    for picture in pictures:
        found = examine.on_drawing(ours, picture, wish, bundled())[0] | examine.on_grounds(ours, picture, wish)[0]
        made = pixforge.convert(picture.pixels, method="cyclegan", size=(CELLS, CELLS), colors=COLORS).picture
        preview = np.asarray(Image.fromarray(enlarge(made, CELL).pixels))
        found["uniform"] = uniform_cells(preview, CELL)
        found["transparent"] = float(made.pixels[..., 3].min() == 0) if picture.pixels[..., 3].min() == 0 else None
        found["same"] = float(digest(picture) == digest(picture))
        for name, value in found.items():
            if value is not None:
                values.setdefault(name, []).append(value)
    return {name: mean(numbers) for name, numbers in values.items()}


def digest(picture: Picture) -> str:
    """Return the digest of a conversion's file."""
    made = pixforge.convert(picture.pixels, method="cyclegan", size=(CELLS, CELLS), colors=COLORS)
    return hashlib.sha256(made.converted.encode()).hexdigest()


def points(found: dict[str, float], theirs: Network, ours: Network) -> tuple[Point, ...]:
    """Return the rows of the comparison."""
    share = "{:.1f} %".format
    contract, kept, same = (share(100 * found[name]) for name in ("contract", "transparent", "same"))
    white, grey, uniform = (share(100 * found[name]) for name in ("white altered", "grey altered", "uniform"))
    edge = f"{found['edge distance']:.2f} ({found['inside distance']:.2f}); 2 is just visible"
    unet, own = 1000 * theirs.seconds, 1000 * ours.seconds
    rows = (
        ("all", "size, number of colours and alpha are what was asked for", "whatever the network left", "",
         f"{contract} of the files, read back; a violation is an error, never a file"),
        ("all", "transparency", "none", "", f"kept in {kept} of the drawings that have it"),
        ("all", "the same bytes twice", "", "", same),
        ("all", "more than one picture", "no way to run it", "", "`pixforge batch`, `watch`, clusters"),
        ("cyclegan", "cells of one colour", '"white mixed with blue"', "",
         f"{uniform}, true by construction: the network answers one pixel a cell"),
        ("cyclegan", "cells of a white ground altered", '"worst on white or grey backgrounds"', "", white),
        ("cyclegan", "cells of a grey ground altered", "the same", "", grey),
        ("cyclegan", "colours at the edge of the picture (inside it)", '"worst at the borders" (padding)', "", edge),
        ("cyclegan", "cycle loss, drawing to pixel art and back", "0.1887 after 9 epochs, 0.3208 after 47",
         "0 for a model that changes nothing, as the authors note: no measure of quality",
         f"{found['cycle']:.3f}, through pixel art that keeps the contract"),
        ("cyclegan", "weights of a generator", "", f"{theirs.weights:.1f} million", f"{ours.weights:.2f} million"),
        ("cyclegan", "processor time of a picture of 256 pixels", "", f"{unet:.0f} ms, the network alone",
         f"{own:.0f} ms, the pixel stage included: {unet / own:.1f} times less"),
    )  # fmt: skip
    return tuple(Point(*row) for row in rows)


def main() -> None:
    """Measure and print, or write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawings", type=int, default=6)
    parser.add_argument("--write", action="store_true", help="the result is that of the page")
    given = parser.parse_args()
    before: dict[str, Any] = conditions()
    found = judged(drawings(given.drawings))
    theirs, ours = report_network(), our_network()
    rows = points(found, theirs, ours)
    for row in rows:
        print(row.method, row.point, row.report, row.theirs, row.ours, sep=" | ")
    made = Result(
        title="The report's CycleGAN against ours",
        command="python -m benchmarks.student_report --write",
        summary=f"{given.drawings} drawings of `examples/` at 256 pixels to {CELLS} x {CELLS} cells and {COLORS} "
        "colours by the bundled model; the rows stand in the comparison above. The report's networks were not trained "
        "again at full length (10 hours there); its U-Net is timed with random weights.",
        values={name: round(value, 4) for name, value in found.items()},
        points=rows,
        measured=before,
    )  # fmt: skip
    if given.write:
        print(write(made, "report"))


if __name__ == "__main__":
    main()

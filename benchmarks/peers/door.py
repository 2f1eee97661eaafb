"""The door every peer's adapter goes through, so that all are asked and timed in the same way.

    python -m benchmarks.peers.NAME SOURCE OUT WIDTH HEIGHT COLORS [WARM]

converts SOURCE once, writes OUT (PNG, as the peer gave it) and, with WARM > 0, converts it so many times more in the
same process and prints as JSON their seconds, by the clock and of processors, and the digest
of the last one's pixels.

    python -m benchmarks.peers.NAME serve

converts what is asked for on stdin until that ends, as `pixforge evaluate --peer NAME=COMMAND` does.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Convert = Callable[[Path, int, int, int], Image.Image]


def on_paper(source: Path) -> NDArray[np.uint8]:
    """The picture on white, uint8 (H, W, 3), for peers that read no alpha: on black a black outline would vanish."""
    import numpy as np

    with Image.open(source) as picture:
        rgba = picture.convert("RGBA")
    paper = Image.new("RGBA", rgba.size, "white")
    return np.asarray(Image.alpha_composite(paper, rgba).convert("RGB"))


def serve(convert: Convert) -> None:
    """Answer each line SOURCE, OUT, WIDTH, HEIGHT, COLORS (tabs between) with "ok" or "failed" and a reason."""
    answers, sys.stdout = sys.stdout, sys.stderr  # a peer may print
    for line in sys.stdin:
        source, out, *numbers = line.rstrip("\n").split("\t")
        try:
            convert(Path(source), *(int(number) for number in numbers)).save(out)
            answer = "ok"
        except Exception as error:  # noqa: BLE001  # whatever a peer throws, the next picture is another chance
            answer = f"failed: {' '.join(str(error).split())}"
        print(answer, file=answers, flush=True)


def main(convert: Convert) -> None:
    """Run one adapter: `convert(source, width, height, colors)` gives the peer's picture."""
    if sys.argv[1:] == ["serve"]:
        serve(convert)
        return
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    width, height, colors = (int(word) for word in sys.argv[3:6])
    warm = int(sys.argv[6]) if len(sys.argv) > 6 else 0
    convert(source, width, height, colors).save(out)
    wall, cpu = [], []
    for _ in range(warm):
        start, used = time.perf_counter(), time.process_time()
        made = convert(source, width, height, colors)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    if warm:
        print(json.dumps([wall, cpu, hashlib.sha256(made.convert("RGBA").tobytes()).hexdigest()]))

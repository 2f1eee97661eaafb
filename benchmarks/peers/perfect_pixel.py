"""perfect-pixel 0.1.4: a grid by FFT or as given, refined to edges, the centre of each cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.peers.door import main, on_paper


def convert(source: Path, width: int, height: int, colors: int) -> Image.Image:
    """The grid is given; it has no palette and reads no alpha."""
    from perfect_pixel import get_perfect_pixel

    rgb = on_paper(source)
    _, _, out = get_perfect_pixel(rgb, sample_method="majority", grid_size=(width, height))
    return Image.fromarray(np.asarray(out, np.uint8))


if __name__ == "__main__":
    main(convert)

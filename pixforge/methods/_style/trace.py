"""Pictures of a run while it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.image.save import encode_png, write_atomic

if TYPE_CHECKING:
    from pixforge.nn.style.solve import Look


class Trace:
    """Writes NAME-STEP.png into a folder, and the losses into NAME.csv.

    Args:
        folder: made if it is not there.
        palette: uint8 (K, 3).
        name: of the picture.
    """

    def __init__(self, folder: str, palette: NDArray[np.uint8], name: str) -> None:
        self._folder, self._palette, self._name = Path(folder), palette, name
        self._lines: list[str] = []

    def tell(self, look: Look) -> None:
        """Write what the picture is now."""
        self._folder.mkdir(parents=True, exist_ok=True)
        opaque = look.alpha > 0
        pixels = np.zeros((*look.entries.shape, 4), np.uint8)
        pixels[opaque, :3] = self._palette[look.entries[opaque]]
        pixels[opaque, 3] = 255
        path = self._folder / f"{self._name}-{look.step:04}.png"
        write_atomic(path, encode_png(Picture(pixels), None, {}))
        names = sorted(look.parts)
        self._lines = self._lines or [",".join(["step", "changed", *names])]
        numbers = [f"{look.parts[name]:.6g}" for name in names]
        self._lines.append(",".join([str(look.step), f"{look.changed:.5f}", *numbers]))
        write_atomic(self._folder / f"{self._name}.csv", ("\n".join(self._lines) + "\n").encode())

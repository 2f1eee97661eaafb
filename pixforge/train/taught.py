"""The method `classical` as a teacher: its pixel art of real drawings, whose outlines are closed.

Nobody knows the right answer to a real drawing; this one is decent everywhere, and the judges may lead beyond it. It
costs some tenths of a second a picture, so answers are kept beside the data set and made once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.image.picture import Picture
from pixforge.image.save import encode_png, write_atomic
from pixforge.train.data.store import decode

if TYPE_CHECKING:
    from pixforge.methods.contract import Session

FOLDER: Final = "taught"
_COLOURS: Final = 24


class Teacher:
    """Answers of `classical`, kept in the folder `taught` of the data set `root`."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._session: Session | None = None

    def answer(self, drawing: Picture, height: int, width: int) -> Picture:
        """Return pixel art (height, width) of a drawing, in at most 24 colours."""
        key = hashlib.sha256(drawing.pixels.tobytes() + f"{drawing.width} {height}x{width}".encode()).hexdigest()[:32]
        path = self._folder / key[:2] / f"{key}.png"
        if path.is_file():
            return Picture(decode(path.read_bytes()))
        made = self._convert(drawing, height, width)
        write_atomic(path, encode_png(made, None, {}))
        return made

    def _convert(self, drawing: Picture, height: int, width: int) -> Picture:
        from pixforge.methods.classical import Options, open_session
        from pixforge.methods.contract import Request
        from pixforge.pixel.fit import fit_palette
        from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions, PaletteOptions
        from pixforge.pixel.stage import finish

        if not (drawing.pixels[..., 3] >= 128).any():
            return Picture(np.zeros((height, width, 4), np.uint8))
        self._session = self._session or open_session(Options(), "")
        palette = fit_palette([drawing], _COLOURS)
        outline, cleanup, alpha = OutlineOptions(), CleanupOptions(), AlphaOptions()
        draft = self._session.convert(Request(drawing, width, height, palette, "to-pixel", alpha, outline, cleanup))
        return finish(draft, palette, outline, cleanup, alpha, PaletteOptions()).picture()

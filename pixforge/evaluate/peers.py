"""Other programs as contenders.

A program is started once as COMMAND... serve. For each picture it reads a line on stdin, fields separated by tabs:

    SOURCE.png  OUT.png  WIDTH  HEIGHT  COLORS

writes OUT.png, and answers with a line that is "ok", or "failed" and a reason. It ends when stdin closes. SOURCE has a
whole number of pixels a cell. Anything else that it has to say belongs on stderr, which is not read.
"""

from __future__ import annotations

import atexit
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from pixforge.errors import PixforgeError
from pixforge.image.load import load
from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import resize
from pixforge.image.save import encode_png, write_atomic
from pixforge.train.baselines import mapped

_FINE: Final = 8  # pixels a cell of the pictures that a program is given
_FAREWELL: Final = 10  # seconds

Convert = Callable[[Picture, int, int, int], Rgba]


class PeerError(PixforgeError):
    """Another program did not make the picture that it was asked for."""

    kind = "peer"


class Peer:
    """A program that is running.

    Args:
        name: for messages.
        command: that starts it.
    """

    def __init__(self, name: str, command: tuple[str, ...]) -> None:
        self._name = name
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._last: tuple[tuple[object, ...], Rgba] | None = None

    def convert(self, drawing: Picture, width: int, height: int, colours: int) -> Rgba:
        """Return the program's own picture, of whatever size, alpha and colours it has.

        Raises:
            PeerError: it cannot be started, ended, or says that it failed.
        """
        asked = (drawing, width, height, colours)
        if self._last is not None and all(a is b or a == b for a, b in zip(self._last[0], asked, strict=True)):
            return self._last[1]
        cells = self._ask(drawing, width, height, colours)
        self._last = (asked, cells)
        return cells

    def close(self) -> None:
        """End the program."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):  # it ended with a line unread
                self._process.stdin.close()
            try:
                self._process.wait(_FAREWELL)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
        if self._folder is not None:
            self._folder.cleanup()
        self._process = self._folder = None

    def _ask(self, drawing: Picture, width: int, height: int, colours: int) -> Rgba:
        process, folder = self._started()
        source, out = folder / "source.png", folder / "out.png"
        shrinks = drawing.width >= _FINE * width and drawing.height >= _FINE * height
        fine = resize(drawing, _FINE * width, _FINE * height, "box" if shrinks else "bilinear")
        write_atomic(source, encode_png(fine, None, {}))
        out.unlink(missing_ok=True)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write("\t".join((str(source), str(out), str(width), str(height), str(colours))) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline().strip()
        except BrokenPipeError:
            answer = ""
        if answer != "ok":
            cause = answer or f"it ended with exit code {process.wait()}"
            raise PeerError(f'"{self._name}": {cause}', f"try it by hand: {' '.join(self._command)}")
        return load(out).pixels

    def _started(self) -> tuple[subprocess.Popen[str], Path]:
        if self._process is None or self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="pixforge-peer-")
            try:
                self._process = subprocess.Popen(
                    [*self._command, "serve"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            except OSError as error:
                remedy = "give a program that can be started: NAME=COMMAND"
                raise PeerError(f'"{self._name}" cannot be started: {error}', remedy) from error
            atexit.register(self.close)
        return self._process, Path(self._folder.name)


def completed(convert: Convert) -> Convert:
    """Return a way that gives what `convert` gives, at the size, with the alpha and the colours that were asked for.

    Lost transparency is put back where less than half of a cell is covered; colours are fitted to the cells as for
    plain downscales. So a tool is judged by its cells and not by what it does not do at all.
    """

    def way(drawing: Picture, width: int, height: int, colours: int) -> Rgba:
        raw = convert(drawing, width, height, colours)
        fits = raw.shape[:2] == (height, width)
        cells = raw.copy() if fits else resize(Picture(raw.copy()), width, height).pixels.copy()
        cover = resize(drawing, width, height).pixels[..., 3]
        if cells[..., 3].min() == 255:
            cells[..., 3] = cover
        cells[..., 3] = np.where(cells[..., 3] >= 128, 255, 0)
        cells[cells[..., 3] == 0] = 0
        return mapped(cells, colours)

    return way

"""Aseprite documents as pictures: each frame with its visible layers, composed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pixforge.image.aseprite import decode, render
from pixforge.image.limits import Limits
from pixforge.image.picture import Rgba
from pixforge.image.source import DEFAULT_DURATION, Source


def open_aseprite(file: BinaryIO, limits: Limits) -> Source:
    """Read an Aseprite document.

    Raises:
        PictureError: the file is damaged or cut off.
        LimitError: the header asks for more pixels or frames than allowed.
    """
    file.seek(0)
    document = decode(file.read(), limits)

    def frames() -> Iterator[tuple[Rgba, int]]:
        for number, moment in enumerate(document.frames):
            yield render(document, number).pixels, moment.duration or DEFAULT_DURATION

    return Source(document.width, document.height, len(document.frames), frames)

"""Frames onto one file that a page can show: the source as WebP in the place of its cells, the output as PNG."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from pixforge.engine import geometry
from pixforge.engine.clip_layout import lay_out
from pixforge.image.picture import Picture
from pixforge.image.resample import crop, pad, resize
from pixforge.image.save import encode_png, write_atomic
from pixforge.preset import Preset
from pixforge.report.model import Film
from pixforge.sheet.clip import Clip

FOLDER: Final = "pictures"
_STILL_SIDE: Final = 512  # longest side of a source on the page
_CLIP_SIDE: Final = 256
_LONGEST: Final = 16000  # pixels of a file's side: WebP ends at 16383
_QUALITY: Final = 82
_MOST_FRAMES: Final = 240


def output_film(clip: Clip, folder: Path) -> Film:
    """Write the frames of an output, to the pixel."""
    frames = clip.frames[:_MOST_FRAMES]
    joined, columns = _joined([frame.picture for frame in frames])
    name = _written(folder, encode_png(joined, None, {}), ".png")
    return Film(name, clip.width, clip.height, columns, tuple(frame.duration for frame in frames))


def source_film(clip: Clip, preset: Preset, folder: Path) -> Film:
    """Write the frames of a source as the grid of its output sees them, so that the two lie over each other."""
    frames = clip.frames[:_MOST_FRAMES]
    side = _STILL_SIDE if len(frames) == 1 else _CLIP_SIDE
    pictures = [_fitted(picture, side) for picture in in_place([frame.picture for frame in frames], preset)]
    joined, columns = _joined(pictures)
    name = _written(folder, _webp(joined), ".webp")
    width, height = pictures[0].width, pictures[0].height
    return Film(name, width, height, columns, tuple(frame.duration for frame in frames))


def in_place(pictures: Sequence[Picture], preset: Preset) -> Iterator[Picture]:
    """Trim, crop and pad the frames of a source as its conversion does.

    Raises:
        PictureError: the output would be too large.
    """
    if preset.direction == "to-drawing" or preset.grid.cell == "auto":
        yield from pictures
        return
    layout = lay_out(pictures, preset)
    for picture in pictures:
        yield _margined(geometry.fit(crop(picture, layout.box), layout.plan), layout.plan)


def _margined(fitted: Picture, plan: geometry.Layout) -> Picture:
    """The transparent cells round those of the method, as pixels."""
    if not plan.padded:
        return fitted
    across, down = fitted.width / plan.inner_width, fitted.height / plan.inner_height
    right, bottom = plan.width - plan.inner_width - plan.left, plan.height - plan.inner_height - plan.top
    return pad(fitted, (round(plan.left * across), round(plan.top * down), round(right * across), round(bottom * down)))


def _fitted(picture: Picture, side: int) -> Picture:
    scale = side / max(picture.width, picture.height)
    if scale >= 1:
        return picture
    return resize(picture, max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))


def _joined(pictures: Sequence[Picture]) -> tuple[Picture, int]:
    """All frames on one picture, and how many there are in a row."""
    if len(pictures) == 1:
        return pictures[0], 1
    width, height = pictures[0].width, pictures[0].height
    columns = max(1, min(len(pictures), _LONGEST // width))
    rows = -(-len(pictures) // columns)
    sheet = np.zeros((rows * height, columns * width, 4), np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * height, number % columns * width
        sheet[top : top + height, left : left + width] = picture.pixels
    return Picture(sheet), columns


def _webp(picture: Picture) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture.pixels, "RGBA").save(buffer, "WEBP", quality=_QUALITY, method=2)
    return buffer.getvalue()


def _written(folder: Path, data: bytes, suffix: str) -> str:
    """Write a file under the digest of its bytes; the same picture is there once."""
    digest = hashlib.sha256(data).hexdigest()[:20]
    name = f"{FOLDER}/{digest[:2]}/{digest[2:]}{suffix}"
    if not (folder / name).exists():
        write_atomic(folder / name, data)
    return name

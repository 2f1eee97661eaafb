"""Frames onto the pages of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixforge.image.picture import Picture
from pixforge.sheet.clip import Box, Clip
from pixforge.sheet.layout import arrange
from pixforge.sheet.options import SheetOptions
from pixforge.sheet.trim import crop, shown, union

_NOTHING: Box = (0, 0, 1, 1)  # an empty frame keeps one transparent pixel, so that its time and number are kept


@dataclass(frozen=True)
class Cell:
    """Where a frame lies on the sheet.

    Attributes:
        page: number of the page.
        x, y, width, height: the frame's own pixels on the page, without padding and extrusion.
        left, top: how much of the frame was trimmed off at its left and top.
        source_width, source_height: size of the untrimmed frame.
        shared: number of the earlier frame that lies at the same place, or None.
    """

    page: int
    x: int
    y: int
    width: int
    height: int
    left: int
    top: int
    source_width: int
    source_height: int
    shared: int | None = None

    @property
    def trimmed(self) -> bool:
        """Whether the frame is larger than what lies on the sheet."""
        return (self.width, self.height) != (self.source_width, self.source_height)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A finished sheet.

    Attributes:
        pages: the pictures.
        cells: one for each frame, in their order.
        options: how it was made.
    """

    pages: tuple[Picture, ...]
    cells: tuple[Cell, ...]
    options: SheetOptions


def build(clip: Clip, options: SheetOptions) -> Sheet:
    """Put the frames of a clip on a sheet.

    Raises:
        SettingsError: a frame does not fit on a page.
    """
    return lay_out(clip.pictures, options)


def lay_out(pictures: Sequence[Picture], options: SheetOptions, bands: Sequence[int] = ()) -> Sheet:
    """Put pictures, of one or several sizes, on a sheet.

    Args:
        pictures: at least one.
        options: how.
        bands: see `layout.arrange`.

    Raises:
        SettingsError: one does not fit on a page.
    """
    boxes = _boxes(pictures, options)
    parts = [crop(picture, box) for picture, box in zip(pictures, boxes, strict=True)]
    shared = _shared(parts) if options.merge else [None] * len(parts)
    own = [number for number, earlier in enumerate(shared) if earlier is None]
    pad = options.inner + options.extrude
    sizes = [(parts[number].width + 2 * pad, parts[number].height + 2 * pad) for number in own]
    arrangement = arrange(sizes, options, [bands[number] for number in own] if bands else ())
    pages = [np.zeros((height, width, 4), np.uint8) for width, height in arrangement.pages]
    corner: dict[int, tuple[int, int, int]] = {}
    for number, place in zip(own, arrangement.places, strict=True):
        _draw(pages[place.page], parts[number], place.x + options.inner, place.y + options.inner, options.extrude)
        corner[number] = place.page, place.x + pad, place.y + pad
    cells = []
    for number, (picture, box) in enumerate(zip(pictures, boxes, strict=True)):
        earlier = shared[number]
        page, x, y = corner[number if earlier is None else earlier]
        size = picture.width, picture.height
        cells.append(Cell(page, x, y, box[2], box[3], box[0], box[1], *size, earlier))
    return Sheet(tuple(Picture(page) for page in pages), tuple(cells), options)


def _boxes(pictures: Sequence[Picture], options: SheetOptions) -> list[Box]:
    """The part of each picture that goes on the sheet."""
    if not options.trim:
        return [(0, 0, picture.width, picture.height) for picture in pictures]
    boxes = [shown(picture) for picture in pictures]
    if options.layout == "grid" and len({(picture.width, picture.height) for picture in pictures}) == 1:
        boxes = [union(boxes)] * len(boxes)
    return [box or _NOTHING for box in boxes]


def _shared(parts: Sequence[Picture]) -> list[int | None]:
    """For each part the number of the first one with the same pixels, if that is an earlier one."""
    first: dict[tuple[int, int, bytes], int] = {}
    shared = []
    for number, part in enumerate(parts):
        found = first.setdefault((part.width, part.height, part.pixels.tobytes()), number)
        shared.append(None if found == number else found)
    return shared


def _draw(page: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], part: Picture, x: int, y: int, extrude: int) -> None:
    pixels = np.pad(part.pixels, ((extrude, extrude), (extrude, extrude), (0, 0)), mode="edge")
    page[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels


def restore(sheet: Sheet, number: int) -> Picture:
    """A frame as it was before it went on the sheet."""
    cell = sheet.cells[number]
    pixels = np.zeros((cell.source_height, cell.source_width, 4), np.uint8)
    part = sheet.pages[cell.page].pixels[cell.y : cell.y + cell.height, cell.x : cell.x + cell.width]
    pixels[cell.top : cell.top + cell.height, cell.left : cell.left + cell.width] = part
    return Picture(pixels)

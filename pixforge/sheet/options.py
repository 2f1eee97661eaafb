"""What a user can say about sheets. Free of numpy, so that presets load fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pixforge.typed_toml import Range

Layout = Literal["horizontal", "vertical", "rows", "columns", "grid", "packed"]
Padding = Annotated[int, Range(0, 256)]


@dataclass(frozen=True)
class SheetOptions:
    """How the frames lie on the pages of a sheet.

    Attributes:
        layout: one strip across (horizontal) or down (vertical); strips of `columns` frames, row after row (rows) or
            column after column (columns); grid: as rows, in cells of one size, so that the sheet can be cut by a
            regular grid; packed: wherever there is room.
        columns: frames a strip in the layouts rows, columns and grid; 0 fills a strip as far as the page allows;
            None makes the page about square.
        trim: leave out each frame's transparent border, and write down where it was. In the layout grid all frames
            are cut to the one box that holds what any of them shows.
        merge: frames with the same pixels lie on the sheet once.
        border: empty pixels round the page.
        spacing: empty pixels between frames.
        inner: empty pixels round each frame.
        extrude: how many times a frame's edge pixels are repeated outside it, against bleeding.
        power_of_two: page sides are powers of two.
        multiple_of: page sides are multiples of this.
        max_size: the longest side of a page; frames that do not fit go to further pages.
    """

    layout: Layout = "packed"
    columns: Annotated[int, Range(0, 65535)] | None = None
    trim: bool = True
    merge: bool = True
    border: Padding = 0
    spacing: Padding = 0
    inner: Padding = 0
    extrude: Annotated[int, Range(0, 16)] = 0
    power_of_two: bool = False
    multiple_of: Annotated[int, Range(1, 1024)] = 1
    max_size: Annotated[int, Range(1, 16384)] = 4096

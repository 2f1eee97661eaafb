"""A contact sheet: some pictures of each source, to look at before training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.image.picture import Picture
from pixforge.train.data.manifest import Entry
from pixforge.train.data.store import read_stored

if TYPE_CHECKING:
    from PIL import Image

_GROUND: Final = (118, 118, 150, 255)
_GAP: Final = 4


def contact_sheet(root: Path, entries: Sequence[Entry], across: int = 16, side: int = 72) -> Picture:
    """Return a sheet with one row a source and kind: pictures taken evenly out of it, pixel art in whole multiples.

    Args:
        root: folder of the data set.
        entries: its manifest.
        across: pictures a row.
        side: pixels of each.
    """
    from PIL import Image

    rows: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        rows[entry.kind, entry.source].append(entry)
    step = side + _GAP
    sheet = Image.new("RGBA", (across * step, max(1, len(rows)) * step), _GROUND)
    for row, key in enumerate(sorted(rows)):
        taken = np.linspace(0, len(rows[key]) - 1, min(across, len(rows[key]))).astype(int)
        for column, index in enumerate(taken):
            thumb = _thumb(root, rows[key][index], side)
            sheet.alpha_composite(thumb, (column * step, row * step))
    return Picture(np.array(sheet))


def _thumb(root: Path, entry: Entry, side: int) -> Image.Image:
    from PIL import Image

    image = Image.fromarray(read_stored(root, entry).pixels)
    factor = side // max(image.size)
    if entry.kind == "pixel" and factor >= 1:
        return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    image.thumbnail((side, side))
    return image

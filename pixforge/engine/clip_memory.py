"""What was decided for a window of the source: the same window gives the same cell, in whatever frame it comes back."""

from __future__ import annotations

from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.windows import Keys

Entries = NDArray[np.int16]

CLEAR: Final = -1  # the entry of a transparent cell
UNKNOWN: Final = -2
_MOST: Final = 1_000_000  # windows; they take about 120 MB


class CellMemory:
    """Entries by the keys of windows (`pixforge.pixel.windows.keys`); the oldest go when there are too many."""

    def __init__(self, most: int = _MOST) -> None:
        self._entries: dict[int, int] = {}
        self._most = most

    def recall(self, keys: Keys) -> Entries:
        """Return int16 of the keys' shape: palette entry, CLEAR (also for windows of nothing) or UNKNOWN."""
        known = self._entries
        found = [known.get(key, UNKNOWN) if key else CLEAR for key in keys.ravel().tolist()]
        return np.array(found, np.int16).reshape(keys.shape)

    def keep(self, keys: Keys, entries: Entries) -> None:
        """Remember entries (N,) by their keys (N,); what is known already stays."""
        for key, entry in zip(keys.tolist(), entries.tolist(), strict=True):
            self._entries.setdefault(key, entry)
        if len(self._entries) > self._most:
            for key in list(islice(self._entries, self._most // 2)):
                del self._entries[key]

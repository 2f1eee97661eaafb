"""The pictures of a data set in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.train.data.manifest import Entry, read_manifest


class Collection:
    """Some pictures of a data set: compressed in memory, decoded at use.

    Attributes:
        entries: their manifest lines.
    """

    def __init__(self, entries: Sequence[Entry], files: Sequence[bytes]) -> None:
        self.entries = tuple(entries)
        self._files = tuple(files)

    def __len__(self) -> int:
        return len(self.entries)

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """Return a picture as RGBA (H, W, 4)."""
        return decode(self._files[index])


def load_collection(root: Path, wanted: Callable[[Entry], bool]) -> Collection:
    """Read the pictures of the data set in `root` whose entry is wanted.

    Raises:
        SettingsError: no such data set, or a picture of it is missing.
    """
    entries = tuple(entry for entry in read_manifest(root) if wanted(entry))
    return Collection(entries, tuple(_read(root, entry) for entry in entries))


def decode(data: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a stored file as RGBA (H, W, 4)."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return np.array(image.convert("RGBA"), dtype=np.uint8)


def read_stored(root: Path, entry: Entry) -> Picture:
    """Decode one picture of a data set.

    Raises:
        SettingsError: it is missing.
    """
    return Picture(decode(_read(root, entry)))


def _read(root: Path, entry: Entry) -> bytes:
    try:
        return (root / entry.file).read_bytes()
    except OSError as error:
        raise SettingsError("a picture of the data set cannot be read", "add it again", root / entry.file) from error


def source_weights(entries: Sequence[Entry], weights: dict[str, float]) -> NDArray[np.float64]:
    """Return how likely each picture is drawn: sum 1, each source by the square root of its size times its weight.

    The square root keeps a large collection from drowning the small ones, and a small one from being learnt by heart.
    """
    sizes: dict[str, int] = {}
    for entry in entries:
        sizes[entry.source] = sizes.get(entry.source, 0) + 1
    drawn = np.array([weights.get(entry.source, 1.0) / np.sqrt(sizes[entry.source]) for entry in entries])
    return np.asarray(drawn / drawn.sum())

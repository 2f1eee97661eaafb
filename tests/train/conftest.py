"""A small data set that the tests make themselves."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge.train.data.add import Wish, add_files
from pixforge.train.data.manifest import Entry, write_manifest
from pixforge.train.data.split import split_entries
from pixforge.train.data.tables import Credit


def png(pixels: np.ndarray) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


def blob(seed: int, side: int) -> np.ndarray:
    """A round sprite of a few colours with an outline."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    radius = np.hypot(y, x * rng.uniform(0.7, 1.4))
    colours = rng.integers(0, 256, (3, 3))
    out = np.zeros((side, side, 4), np.uint8)
    for limit, colour in zip((0.48, 0.4, 0.2), ([0, 0, 0], colours[0], colours[1]), strict=True):
        inside = radius < limit * side
        out[inside] = [*colour, 255]
    return out


@pytest.fixture
def data_set(tmp_path: Path) -> Callable[[], Path]:
    """Makes a data set of 12 sprites and 6 drawings, one source of each held out."""

    def make() -> Path:
        root = tmp_path / "data"
        entries: list[Entry] = []
        for kind, count, side in (("pixel", 12, 12), ("drawing", 6, 64)):
            files = [(f"{kind}{index}.png", png(blob(index, side + index % 3))) for index in range(count)]

            def credit(name: str) -> Credit:
                number = int("".join(filter(str.isdigit, name)))
                return Credit("odd" if number % 4 == 3 else "even", "somebody", "CC0-1.0", name)

            found = list(add_files(root, files, credit, Wish(kind, logical=True)))  # type: ignore[arg-type]
            entries += [event for event in found if isinstance(event, Entry)]
        assert len(entries) == 18
        write_manifest(root, split_entries(entries, 0.0, {"odd"}))
        return root

    return make


@pytest.fixture
def paired_set(tmp_path: Path) -> Path:
    """A data set of 6 sprites, and a drawing of each that shares its pair key: the sprite enlarged."""
    root = tmp_path / "paired"
    entries: list[Entry] = []
    for kind, factor in (("pixel", 1), ("drawing", 8)):
        for index in range(6):
            pixels = blob(40 + index, 12).repeat(factor, axis=0).repeat(factor, axis=1)
            credit = Credit("made", "somebody", "CC0-1.0", f"{index}.png", f"subject {index}")
            found = add_files(root, [(f"{index}.png", png(pixels))], lambda _, c=credit: c, Wish(kind, logical=True))  # type: ignore[misc]
            entries += [event for event in found if isinstance(event, Entry)]
    write_manifest(root, entries)
    return root

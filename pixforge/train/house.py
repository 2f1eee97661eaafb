"""The colours of a style: what a run finds in its own pixel art, kept in its folder for the model's card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from pixforge.image.picture import Picture
from pixforge.image.save import write_atomic
from pixforge.pixel.fit import fit_palette
from pixforge.train.data.store import load_collection
from pixforge.train.pairs.sprite import hardened

_FILE: Final = "palette.json"


def write_house_palette(folder: Path, root: Path, colours: int) -> None:
    """Fit a palette to the pixel art of split train and write it into a run's folder.

    Args:
        folder: of the run.
        root: its data set.
        colours: at most so many; 0 writes nothing.
    """
    if not colours:
        return
    sprites = load_collection(root, lambda entry: entry.kind == "pixel" and entry.split == "train")
    found = fit_palette([Picture(hardened(sprites.pixels(index))) for index in range(len(sprites))], colours)
    write_atomic(folder / _FILE, json.dumps([f"#{bytes(colour).hex()}" for colour in found]).encode())


def read_house_palette(folder: Path) -> tuple[str, ...]:
    """Return the palette in a run's folder, "#rrggbb" each; nothing if it has none."""
    try:
        return tuple(json.loads((folder / _FILE).read_text("utf-8")))
    except FileNotFoundError:
        return ()

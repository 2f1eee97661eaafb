"""The pictures that conversions are judged on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from pixforge.errors import SettingsError
from pixforge.image.load import load
from pixforge.image.picture import Picture
from pixforge.train.data.manifest import FILE_NAME, Kind, Split, read_manifest
from pixforge.train.data.store import read_stored

_ENDINGS: Final = frozenset({".png", ".webp", ".gif", ".jpg", ".jpeg", ".bmp", ".svg"})
_SEED: Final = 99


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture to judge by.

    Attributes:
        name: of the file.
        source: the collection it is from.
        picture: its pixels.
    """

    name: str
    source: str
    picture: Picture


Part = Literal["held-out", "validate", "unseen"]
_SPLITS: Final[dict[Part, dict[Kind, tuple[Split, ...]]]] = {
    "held-out": {"pixel": ("held-out",), "drawing": ("held-out",)},
    "validate": {"pixel": ("validate",), "drawing": ("validate",)},
    # Sprites of split validate choose checkpoints; its drawings have no part in training at all.
    "unseen": {"pixel": ("held-out",), "drawing": ("held-out", "validate")},
}


def load_subjects(folder: Path, kind: Kind, limit: int, part: Part = "held-out") -> tuple[Subject, ...]:
    """Return up to `limit` pictures of a folder, the sources in turn, always the same ones.

    Args:
        folder: a data set (only pictures of this part are taken, so that nothing was learnt from them), or any folder
            of pictures, whose subfolders are the sources.
        kind: pixel art at one pixel a cell, or drawings.
        limit: how many.
        part: of a data set: a split, or "unseen", which is held-out sprites and all drawings that no training saw.

    Raises:
        SettingsError: there are none.
        PictureError: one cannot be read.
    """
    if (folder / FILE_NAME).is_file():
        wanted = _SPLITS[part][kind]
        entries = [entry for entry in read_manifest(folder) if entry.kind == kind and entry.split in wanted]
        chosen = (entries[i] for i in _in_turn([entry.source for entry in entries], limit))
        found = tuple(Subject(Path(entry.file).stem, entry.source, read_stored(folder, entry)) for entry in chosen)
    else:
        paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _ENDINGS and path.is_file()]
        names = [_source(path, folder) for path in paths]
        found = tuple(Subject(paths[i].stem, names[i], load(paths[i])) for i in _in_turn(names, limit))
    if not found:
        raise SettingsError(f"holds no {kind} pictures to judge by", "give another folder", folder)
    return found


def _source(path: Path, folder: Path) -> str:
    return path.relative_to(folder).parts[0] if path.parent != folder else folder.name


def _in_turn(sources: list[str], limit: int) -> list[int]:
    """Up to `limit` places, a random one of each source in turn."""
    rng = np.random.default_rng(_SEED)
    shuffled = [int(place) for place in rng.permutation(len(sources))]
    turns: dict[str, int] = {}
    order: list[tuple[int, str, int]] = []
    for place in shuffled:
        turn = turns.get(sources[place], 0)
        turns[sources[place]] = turn + 1
        order.append((turn, sources[place], place))
    return [place for _, _, place in sorted(order)[:limit]]

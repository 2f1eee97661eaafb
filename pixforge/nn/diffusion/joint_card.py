"""The card of a model at logical resolution: its graphs, and the files of diffusers beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pixforge.errors import SettingsError
from pixforge.image.save import write_atomic
from pixforge.nn.card import FILE_NAME, Card, Credit, Direction, NetworkFile, read_card
from pixforge.nn.diffusion.onnx_flow import graph_file
from pixforge.preprocess import SPECIFICATION

METHOD: Final = "diffusion"
_DIRECTIONS: Final[tuple[Direction, ...]] = ("to-pixel", "to-drawing")
_EVERYWHERE: Final = 4096  # cells: attention looks at the whole picture


def write_joint_card(
    folder: Path,
    name: str,
    *,
    description: str = "",
    version: str = "",
    steps: int = 0,
    scores: Mapping[str, float] | None = None,
    learnt_from: tuple[Credit, ...] = (),
    recipe: Mapping[str, Any] | None = None,
) -> Card:
    """Write the card into the folder of a model whose other files are all there; see `pixforge.nn.card.Card`."""
    graphs = {way: graph_file(folder, way) for way in _DIRECTIONS}
    others = sorted(path for path in folder.rglob("*") if path.is_file() and path not in graphs.values())
    card = Card(
        name,
        {way: NetworkFile(path.name, _sha256(path), _EVERYWHERE) for way, path in graphs.items()},
        SPECIFICATION,
        description,
        METHOD,
        version=version,
        steps=steps,
        scores=dict(scores or {}),
        credits=learnt_from,
        recipe=recipe or {},
        files={path.relative_to(folder).as_posix(): _sha256(path) for path in others if path.name not in _WORDS},
    )
    write_atomic(folder / FILE_NAME, card.encode())
    return card


def read_joint_card(folder: Path) -> Card:
    """Read and check the card of a model's folder.

    Raises:
        SettingsError: there is none, it has mistakes, is of another method, or tells of another preprocessing than this
            version's.
    """
    path = folder / FILE_NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError("cannot be read as a model's card", "get the model again", path) from error
    card = read_card(data, path)
    if card.method != METHOD:
        raise SettingsError(f"is of a model for method {card.method}", f"choose one for {METHOD}", path)
    return card


_WORDS: Final = (FILE_NAME, "README.md")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""The card of a model: what its folder holds, how it was made and from what, and how good it is.

A model is a folder (or a zip of its files): `card.json` and one ONNX file for each direction it offers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pixforge.errors import SettingsError
from pixforge.preprocess import SPECIFICATION, Specification
from pixforge.typed_toml import Pattern, Range, read

Direction = Literal["to-pixel", "to-drawing"]
PlainName = Annotated[str, Pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "a plain name such as hero-style")]
OptionalName = Annotated[str, Pattern(r"([A-Za-z0-9][A-Za-z0-9._-]{0,63})?", "a plain name, or nothing")]
Colour = Annotated[str, Pattern("#[0-9a-f]{6}", "a colour such as #ff8800")]
Digest = Annotated[str, Pattern("[0-9a-f]{64}", "a SHA-256 in hexadecimal")]

FILE_NAME: Final = "card.json"
FORMAT: Final = 1
_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


@dataclass(frozen=True)
class NetworkFile:
    """One direction.

    Attributes:
        file: name beside the card.
        sha256: of that file.
        reach: cells further away than this never change a cell, so that tiles which overlap by twice as many join
            without a seam.
        weights: file beside the card with the weights as safetensors, to train on; empty: none.
        weights_sha256: of that file.
    """

    file: PlainName
    sha256: Digest
    reach: Annotated[int, Range(0, 4096)]
    weights: OptionalName = ""
    weights_sha256: str = ""


@dataclass(frozen=True)
class Credit:
    """Where training pictures came from.

    Attributes:
        source: short name of the collection.
        author: who made it.
        licence: SPDX identifier, or the words of the source.
        pictures: how many were used.
        note: words with which an unusual licence was accepted.
    """

    source: str
    author: str
    licence: str
    pictures: int
    note: str = ""


@dataclass(frozen=True)
class Card:
    """What a model says about itself.

    Attributes:
        name: what it is called.
        networks: the file of each direction.
        preprocessing: how pictures become its arrays; another one than this version's is refused.
        description: one line for people.
        method: which method runs it.
        licence: of the weights, SPDX.
        version: of pixforge that made it.
        steps: of training.
        scores: by name, as the trainer measured them on pictures it did not learn from.
        credits: of the training pictures.
        recipe: all choices of the training run, as plain values.
        files: further files by their paths below the card's folder, each with its SHA-256.
        palette: "#rrggbb", the colours of the style that the model learned, from which those of an output are chosen
            where a preset names no palette; empty: they are fitted to the picture.
        manner: how the cells of that style lie together, the odds of `pixforge.pixel.manner.Manner`; empty: unknown.
        format: of the card itself.
    """

    name: PlainName
    networks: dict[str, NetworkFile]
    preprocessing: Specification
    description: str = ""
    method: str = "cyclegan"
    licence: str = "MIT"
    version: str = ""
    steps: Annotated[int, Range(0, 1e12)] = 0
    scores: dict[str, float] = field(default_factory=dict)
    credits: tuple[Credit, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    files: dict[str, Digest] = field(default_factory=dict)
    palette: tuple[Colour, ...] = ()
    manner: tuple[float, ...] = ()
    format: int = FORMAT

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what steers the output: all networks, further files, a palette and a manner if there are."""
        lines = [f"{name} {self.networks[name].sha256}" for name in sorted(self.networks)]
        lines += [f"{name} {self.files[name]}" for name in sorted(self.files)]
        if self.palette:
            lines.append(f"palette {' '.join(self.palette)}")
        if self.manner:
            lines.append(f"manner {' '.join(map(str, self.manner))}")
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def encode(self) -> bytes:
        """Return the card as JSON, the same bytes for the same card."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def read_card(data: bytes, path: Path) -> Card:
    """Read and check a card.

    Raises:
        SettingsError: it is not a card, has mistakes, or was made for another preprocessing than this version's.
    """
    try:
        table = json.loads(data)
    except ValueError as error:
        raise SettingsError(f"is not a model card: {error}", "add the model again from its origin", path) from error
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise SettingsError("is a model of another format", "update pixforge, or export the model again", path)
    recipe = table.pop("recipe", {})
    card = replace(read(Card, table, path), recipe=recipe if isinstance(recipe, dict) else {})
    if not card.networks or set(card.networks) - {"to-pixel", "to-drawing"}:
        raise SettingsError("names no network, or one of an unknown direction", "export the model again", path)
    if not all(_PATH.fullmatch(name) for name in card.files):
        raise SettingsError("names files outside the model's folder", "add the model again from its origin", path)
    if card.preprocessing != SPECIFICATION:
        remedy = "use the version of pixforge that made it" + (f" ({card.version})" if card.version else "")
        raise SettingsError("was trained with another preprocessing than this version's", remedy, path)
    return card

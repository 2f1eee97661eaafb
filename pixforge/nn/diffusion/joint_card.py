"""The card beside a model at logical resolution: how pictures become its arrays, and what it was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pixforge.errors import SettingsError
from pixforge.image.save import write_atomic
from pixforge.nn.card import Credit
from pixforge.preprocess import SPECIFICATION, Specification
from pixforge.typed_toml import read

FILE: Final = "pixforge-card.json"


@dataclass(frozen=True)
class JointCard:
    """What a model says about itself.

    Attributes:
        name: what it is called.
        preprocessing: how pictures become its arrays; another one than this version's is refused.
        description: one line for people.
        licence: of the weights, SPDX.
        version: of pixforge that made it.
        steps: of training.
        credits: of the training pictures.
        recipe: all choices of the training run, as plain values.
    """

    name: str
    preprocessing: Specification = SPECIFICATION
    description: str = ""
    licence: str = "MIT"
    version: str = ""
    steps: int = 0
    credits: tuple[Credit, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)


def write_joint_card(folder: Path, card: JointCard) -> None:
    """Write the card into a model's folder."""
    text = json.dumps(asdict(card), indent=1, ensure_ascii=False)
    write_atomic(folder / FILE, f"{text}\n".encode())


def read_joint_card(folder: Path) -> JointCard:
    """Read and check the card of a model's folder.

    Raises:
        SettingsError: there is none, it has mistakes, or tells of another preprocessing than this version's.
    """
    path = folder / FILE
    try:
        table = json.loads(path.read_text("utf-8"))
        recipe = table.pop("recipe", {})
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SettingsError("cannot be read as a model's card", "get the model again", path) from error
    card = replace(read(JointCard, table, path), recipe=recipe)
    if card.preprocessing != SPECIFICATION:
        remedy = f"use the version of pixforge that made it ({card.version})"
        raise SettingsError("was trained with another preprocessing than this version's", remedy, path)
    return card

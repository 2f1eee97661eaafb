"""Whom a run's pictures come from, kept in its folder: the card of its model must name them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from pixforge.image.save import write_atomic
from pixforge.nn.card import Credit
from pixforge.train.data.manifest import Entry
from pixforge.train.recipe import Recipe

_FILE: Final = "credits.json"


def credits_of(entries: Iterable[Entry], recipe: Recipe) -> tuple[Credit, ...]:
    """Return whom the pictures come from that a recipe learns from, a line for each source, author and licence."""
    learnt = [entry for entry in entries if entry.split == "train" and recipe.data.weights.get(entry.source, 1.0) > 0]
    counts = Counter((entry.source, entry.author, entry.licence, entry.note) for entry in learnt)
    return tuple(
        Credit(source, author, licence, count, note)
        for (source, author, licence, note), count in sorted(counts.items())
    )


def write_credits(folder: Path, lines: Iterable[Credit]) -> None:
    """Write them into a run's folder."""
    text = json.dumps([asdict(credit) for credit in lines], indent=1, ensure_ascii=False)
    write_atomic(folder / _FILE, text.encode("utf-8"))


def read_credits(folder: Path) -> tuple[Credit, ...]:
    """Return those in a run's folder; none if it has none."""
    try:
        table = json.loads((folder / _FILE).read_text("utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(Credit(**line) for line in table)

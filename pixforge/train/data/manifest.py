"""The manifest of a data set: one line a picture, tab-separated, in the order in which they were added."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from pixforge.errors import SettingsError
from pixforge.image.save import write_atomic

Kind = Literal["pixel", "drawing"]
Split = Literal["train", "validate", "held-out"]
AlphaKind = Literal["opaque", "binary", "soft"]

FILE_NAME: Final = "manifest.tsv"


@dataclass(frozen=True)
class Entry:
    """One picture of a data set.

    Attributes:
        file: path inside the data set, with slashes.
        kind: pixel art (stored at true 1x) or a drawing.
        source: short name of the collection that it comes from.
        author: who made it.
        licence: SPDX identifier, or the words of the source.
        origin: name of the file in its collection.
        group: pictures of one group are never divided between splits.
        width: in pixels (cells for pixel art).
        height: likewise.
        cell: source pixels a cell as found by grid recovery; 1 where the file was at 1x already; 0 for drawings.
        colours: distinct opaque colours.
        palette: those colours as "#rrggbb" joined by blanks, empty if more than 32.
        alpha: opaque, binary, or soft (partial alpha somewhere).
        hash: perceptual hash, 32 hexadecimal digits.
        split: what it is used for.
        pair: key shared by pictures of the same subject (a sprite and its drawings); empty: none.
        note: words with which a refused licence was accepted; empty otherwise.
    """

    file: str
    kind: Kind
    source: str
    author: str
    licence: str
    origin: str
    group: str
    width: int
    height: int
    cell: float
    colours: int
    palette: str
    alpha: AlphaKind
    hash: str
    split: Split = "train"
    pair: str = ""
    note: str = ""


_NUMBERS: Final[dict[str, Callable[[str], float]]] = {"width": int, "height": int, "cell": float, "colours": int}


def read_manifest(root: Path) -> tuple[Entry, ...]:
    """Return the entries of the data set in the folder `root`.

    Raises:
        SettingsError: there is no manifest, or a line of it is wrong.
    """
    path = root / FILE_NAME
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        remedy = "make a data set with: pixforge data add"
        raise SettingsError("this folder holds no data set", remedy, path) from error
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(_entry(row, path, number) for number, row in enumerate(rows, start=2))


def write_manifest(root: Path, entries: Iterable[Entry]) -> None:
    """Write the manifest of the data set in the folder `root` (whole, atomically)."""
    names = [field.name for field in fields(Entry)]
    lines = ["\t".join(names)]
    lines += ["\t".join(_cell(value) for value in asdict(entry).values()) for entry in entries]
    write_atomic(root / FILE_NAME, ("\n".join(lines) + "\n").encode("utf-8"))


def _cell(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return " ".join(text.split())


def _entry(row: dict[str, str], path: Path, number: int) -> Entry:
    values: dict[str, Any] = dict(row)
    try:
        for name, kind in _NUMBERS.items():
            values[name] = kind(row[name])
        return Entry(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"line {number} is not a line of a manifest: {error}", "add the pictures again", path
        ) from error

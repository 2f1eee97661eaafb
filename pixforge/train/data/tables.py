"""Tables beside an archive: tab-separated, one line a file, with licence, author and origin."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pixforge.errors import SettingsError


@dataclass(frozen=True)
class Credit:
    """Where a picture comes from.

    Attributes:
        source: short name of its collection.
        author: who made it.
        licence: as stated.
        origin: its name in the collection.
        pair: key shared with pictures of the same subject, or empty.
        group: of pictures that a split must not divide, or empty: found by name.
    """

    source: str
    author: str
    licence: str
    origin: str
    pair: str = ""
    group: str = ""


@dataclass(frozen=True)
class Reading:
    """How a table is read.

    Attributes:
        columns: which column of the table holds file, license, author, origin, pair, source or group, where it has
            another name. Source and group are read only if they stand here: elsewhere the source is the first folder of
            the file's path, and the group is found by name.
        source, author, licence: of every file whose line says nothing.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    author: str = ""
    licence: str = ""


_PLAIN: Final = Reading()


def read_table(path: Path, reading: Reading = _PLAIN) -> dict[str, Credit]:
    """Return the credit of each file that a table names; of two lines about one file the first counts.

    Columns: file, license (or licence), author, and if there are any: origin, pair.

    Raises:
        SettingsError: the table cannot be read or lacks a column.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise SettingsError("the table cannot be read", "check its name", path) from error
    head = set(rows[0] if rows else ())
    wanted = {reading.columns.get("file", "file"), *reading.columns.values()}
    if not reading.author:
        wanted.add(reading.columns.get("author", "author"))
    if missing := wanted - head:
        raise SettingsError(f"the table lacks the columns {', '.join(sorted(missing))}", "name others: --columns", path)
    found: dict[str, Credit] = {}
    for row in rows:
        credit = _credit(row, reading)
        found.setdefault(row[reading.columns.get("file", "file")], credit)
    return found


def _credit(row: dict[str, str], reading: Reading) -> Credit:
    def cell(name: str) -> str:
        return row.get(reading.columns.get(name, name)) or ""

    file = cell("file")
    mapped = {name: cell(name) if name in reading.columns else "" for name in ("source", "group")}
    return Credit(
        source=mapped["source"] or reading.source or file.split("/")[0],
        author=cell("author") or reading.author,
        licence=cell("license") or cell("licence") or reading.licence,
        origin=cell("origin") or file,
        pair=cell("pair"),
        group=mapped["group"],
    )

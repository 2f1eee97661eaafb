"""Tables beside an archive: tab-separated, one line a file, with licence, author and origin."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

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
    """

    source: str
    author: str
    licence: str
    origin: str
    pair: str = ""


def read_table(path: Path) -> dict[str, Credit]:
    """Return the credit of each file that a table names.

    Columns: file, license (or licence), author, and if there are any: origin, pair. The source is the first folder of
    the file's path.

    Raises:
        SettingsError: the table cannot be read or lacks a column.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise SettingsError("the table cannot be read", "check its name", path) from error
    missing = {"file", "author"} - set(rows[0] if rows else ())
    if missing:
        raise SettingsError(f"the table lacks the columns {', '.join(sorted(missing))}", "add them to its head", path)
    return {row["file"]: _credit(row) for row in rows}


def _credit(row: dict[str, str]) -> Credit:
    licence = row.get("license") or row.get("licence") or ""
    return Credit(
        row["file"].split("/")[0], row["author"], licence, row.get("origin") or row["file"], row.get("pair") or ""
    )

"""The tables of the ledger, and how paths are written in them."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from pixforge.errors import OutputError

FORMAT: Final = 1
_BUSY_MS: Final = 30_000
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
    destination   TEXT PRIMARY KEY,
    source        TEXT NOT NULL,
    size          INTEGER,            -- stamp of the source; NULL: to be hashed again before it is believed
    mtime_ns      INTEGER,
    inode         INTEGER,
    content       TEXT NOT NULL,      -- SHA-256 of the source, '' if it could not be read
    preset_digest TEXT NOT NULL,
    model_digest  TEXT NOT NULL,
    version       TEXT NOT NULL,
    state         TEXT NOT NULL,      -- made | failed | crashed
    outputs       TEXT NOT NULL,      -- JSON [[path, SHA-256, size, mtime_ns, inode], ...], of the last success
    seconds       REAL NOT NULL,
    error         TEXT,               -- JSON, of a failure
    finished      REAL NOT NULL,      -- seconds since 1970
    made          INTEGER NOT NULL    -- how often this destination was converted
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_by_content ON jobs (content, preset_digest);
CREATE INDEX IF NOT EXISTS jobs_by_source ON jobs (source);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open (or make) a ledger.

    Write-ahead logging lets workers write while the planner reads, and a process may be killed at any moment. On file
    systems that cannot do it (some network shares) SQLite's older journal is used.

    Raises:
        OutputError: the file cannot be made, is no ledger, or was written by a newer pixforge.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = NORMAL")
        _prepare(connection, path)
    except (sqlite3.Error, OSError) as error:
        raise OutputError(
            f"the ledger cannot be used ({error})",
            "make its folder writable; a damaged ledger may be deleted: everything is then converted once more",
            path,
        ) from error
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > FORMAT:
        raise OutputError("was written by a newer pixforge", "update pixforge, or delete the ledger", path)
    if found < FORMAT:
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {FORMAT}")


class Names:
    """Paths as the ledger writes them: relative to its base where they lie below it, so that a tree may move."""

    def __init__(self, base: Path) -> None:
        self.base = base.absolute()
        self._prefix = str(self.base).rstrip(os.sep) + os.sep
        given = str(base)
        self._given = self._prefix if base.is_absolute() or given == "." else given + os.sep

    def write(self, path: Path) -> str:
        """Return the text for a path. It is asked for every file of a tree, so the usual cases come first."""
        text = os.fspath(path)
        if text.startswith(self._given) and ".." not in text:
            name = text[len(self._given) :]
        else:
            text = os.path.abspath(text)  # noqa: PTH100  # also removes "..", without touching the disk
            name = text[len(self._prefix) :] if text.startswith(self._prefix) else text
        name = name.replace(os.sep, "/") if os.sep != "/" else name
        if not name.isascii():
            try:
                name.encode("utf-8")
            except UnicodeEncodeError:  # a name whose bytes are no text; no path holds "\0", so this is no other's
                return "\0" + os.fsencode(name).hex()
        return name

    def locate(self, name: str) -> str:
        """Return the path of such a text, as text."""
        return os.path.join(self._prefix, name) if name[:1] != "\0" else str(self.read(name))  # noqa: PTH118  # fast

    def read(self, name: str) -> Path:
        """Return the path of such a text."""
        if name.startswith("\0"):
            name = os.fsdecode(bytes.fromhex(name[1:]))
        return self.base / name

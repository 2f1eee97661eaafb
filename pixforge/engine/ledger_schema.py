"""The tables of the ledger, and how paths are written in them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pixforge.errors import OutputError

FORMAT: Final = 2
_BUSY_MS: Final = 30_000
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS jobs (
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
    outputs       TEXT NOT NULL,      -- JSON [[path, SHA-256, size, mtime_ns, inode(, role)], ...], of the last success
    seconds       REAL NOT NULL,
    error         TEXT,               -- JSON, of a failure
    finished      REAL NOT NULL,      -- seconds since 1970
    made          INTEGER NOT NULL    -- how often this destination was converted
) WITHOUT ROWID""",
    # files of a job beside its destination: whose is a path?
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, destination TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS jobs_by_content ON jobs (content, preset_digest)",
    "CREATE INDEX IF NOT EXISTS jobs_by_source ON jobs (source)",
)
Values = Sequence["str | int | float | None"]


class Database:
    """An open ledger file. What SQLite cannot do becomes an error that names the file, with a remedy.

    Write-ahead logging lets workers write while the planner reads, and a process may be killed at any moment. On file
    systems that cannot do it (some network shares) SQLite's older journal is used.

    Raises:
        OutputError: (also of every method) the file cannot be made or written, the disk is full, it is no ledger or
            damaged, or it was written by a newer pixforge.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise self._explain(error) from error
        self.one(f"PRAGMA busy_timeout = {_BUSY_MS}")
        self.one("PRAGMA journal_mode = WAL")
        self.run("PRAGMA synchronous = NORMAL")
        self._prepare()

    def run(self, statement: str, values: Values = ()) -> None:
        """Do something."""
        self.all(statement, values)

    def one(self, statement: str, values: Values = ()) -> Any:  # noqa: ANN401  # a row has whatever its columns hold
        """Return the first row, a tuple; None if there is none."""
        try:
            return self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def all(self, statement: str, values: Values = ()) -> list[Any]:
        """Return all rows, tuples."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._explain(error) from error

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Write all that is done inside, or nothing of it."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have ended it
                self.run("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _prepare(self) -> None:
        found = int(self.one("PRAGMA user_version")[0])
        if found > FORMAT:
            raise OutputError("was written by a newer pixforge", "update pixforge, or delete the ledger", self._path)
        if found < FORMAT:
            for statement in _TABLES:
                self.run(statement)
            self.run(f"PRAGMA user_version = {FORMAT}")

    def _explain(self, error: Exception) -> OutputError:
        if "disk is full" in str(error):
            remedy = "free some space and run again"
        else:
            remedy = "make its folder writable; a damaged ledger may be deleted: everything is then converted once more"
        return OutputError(f"the ledger cannot be used ({error})", remedy, self._path)


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

"""One run at a time for a ledger: two would do the same work twice."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from pixforge.errors import OutputError


class BusyError(OutputError):
    """Another run works here."""

    kind: ClassVar[str] = "busy"


class Lock:
    """A lock file, held for as long as the process lives: the system lets go of it, however the process ends.

    Args:
        folder: where ledger and lock are; it is made.
        what: "batch" or "watch", for the message of the other.
    """

    def __init__(self, folder: Path, what: str) -> None:
        self._path = folder / "lock"
        self._what = what
        self._handle: int | None = None

    def __enter__(self) -> Lock:
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()

    def take(self) -> None:
        """Take the lock.

        Raises:
            BusyError: another run holds it.
            OutputError: the file cannot be made.
        """
        try:
            make_state(self._path.parent)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise OutputError(f"cannot be made ({error.strerror})", "make its folder writable", self._path) from error
        if not _try(handle):
            os.close(handle)
            owner = holder(self._path.parent) or {}
            who = f"pixforge {owner.get('what', '')} (process {owner.get('pid', 'unknown')})"
            raise BusyError(f"{who} works here", "wait for it or stop it", self._path.parent)
        self._handle = handle
        with suppress(OSError):  # on a full disk: the lock holds, it only does not say whose it is
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, json.dumps({"what": self._what, "pid": os.getpid()}).encode())

    def release(self) -> None:
        """Let go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def make_state(folder: Path) -> None:
    """Make the folder of a ledger, which version control is to leave out.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")


def holder(folder: Path) -> dict[str, Any] | None:
    """Return who holds the lock of a folder: {what, pid}; None if nobody does."""
    path = folder / "lock"
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        if _try(handle):
            return None
        said: Any = {}
        with suppress(ValueError, OSError):
            said = json.loads(path.read_bytes())
        return said if isinstance(said, dict) else {}
    finally:
        os.close(handle)


def _try(handle: int) -> bool:
    """Lock a file for this process; False if another has. Closing the handle unlocks it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, 1 << 20, os.SEEK_SET)  # a byte far behind the text, which others may read
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

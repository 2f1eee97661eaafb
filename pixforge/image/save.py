"""Files written whole or not at all, and only when their bytes change."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path

from pixforge.errors import OutputError
from pixforge.image.encode import encode_png, encode_preview

__all__ = ["TEMPORARY_PREFIX", "encode_png", "encode_preview", "write_atomic"]

# Every temporary file starts so and lies beside its target; a process killed in mid-write leaves at most one.
TEMPORARY_PREFIX = ".pixforge-"

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_WINDOWS_ATTEMPTS = 20


def write_atomic(path: Path | str, data: bytes) -> bool:
    """Write a file so that a reader, or a crash at any moment, sees the old bytes or the new ones, never a mixture.

    The bytes go to a temporary dotfile in the same folder, are flushed to the disk and take the target's name in one
    step. Missing folders are made. A symbolic link stays, its target is replaced. A file that already holds the same
    bytes is not touched, nor is its time stamp. A new file gets the permissions the user's umask gives any new file.

    Returns:
        True if the bytes on disk changed.

    Raises:
        OutputError: read-only file or folder, full disk, a folder in the way, a name that is too long, ...
    """
    target = Path(path)
    try:
        real = target.resolve() if target.is_symlink() else target
        if _holds(real, data):
            return False
        real.parent.mkdir(parents=True, exist_ok=True)
        _replace(real, data)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, up to Python 3.12
        raise _explain(error, target) from error
    return True


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file already has these bytes; refuse to go on if it is no ordinary, writable file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "is not an ordinary file")
    if status.st_size == len(data) and path.read_bytes() == data:
        return True
    if not status.st_mode & 0o222:
        # A rename would succeed, but version control marks files so until they are checked out.
        raise PermissionError(errno.EACCES, "is read-only")
    return False


def _replace(path: Path, data: bytes) -> None:
    temporary = path.parent / f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _rename(temporary, path)
    except BaseException:  # also when the user presses Ctrl-C: no litter
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def _rename(source: Path, target: Path) -> None:
    """Rename over the target; on Windows wait up to a second for a reader (a game editor) to let go of it."""
    attempts = _WINDOWS_ATTEMPTS if os.name == "nt" else 0
    while attempts:
        with suppress(PermissionError):
            source.replace(target)
            return
        time.sleep(0.05)
        attempts -= 1
    source.replace(target)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable where the system can; the file is whole either way."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _explain(error: Exception, path: Path) -> OutputError:
    code = error.errno if isinstance(error, OSError) else None
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if code in _FULL:
        return OutputError(f"the disk is full or the quota used up ({reason})", "free some space and run again", path)
    if code in _FORBIDDEN:
        return OutputError(
            f"the file or its folder cannot be written ({reason})",
            "make it writable (or check it out of version control), or choose another output",
            path,
        )
    if code == errno.EISDIR:
        return OutputError("a folder has this name", "choose another output or move the folder", path)
    if code in {errno.ENOTDIR, errno.EEXIST}:
        return OutputError("a part of the path is a file, not a folder", "choose another output folder", path)
    return OutputError(f"the file cannot be written ({reason})", "choose another output", path)

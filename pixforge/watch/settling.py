"""When a file that changes is taken: when it has stopped changing and nobody has it open for writing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pixforge.engine.content import Stamp

Writing = Callable[[Path], bool]
Stamper = Callable[[Path], "Stamp | None"]


@dataclass
class _Waiting:
    stamp: Stamp | None  # None: it is not there
    touched: float  # when it was last heard of, or seen to change
    due: float


class Settler:
    """Files of which something was heard, until they are quiet. The clock is the caller's.

    Args:
        settle: seconds for which size and time must stay the same.
        writing: whether somebody has a file open for writing.
        stamp: of a file, or of several that are known by one name; None: there is none.
    """

    def __init__(self, settle: float, writing: Writing, stamp: Stamper | None = None) -> None:
        self._settle = settle
        self._writing = writing
        self._stamp = stamp or stamp_of
        self._files: dict[Path, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._files)

    def touch(self, path: Path, now: float, delay: float | None = None) -> None:
        """Hear of a file; it is looked at after `delay` seconds (default: the settling time)."""
        stamp = self._stamp(path)
        self._files[path] = _Waiting(stamp, now, now + self._pause(stamp) if delay is None else now + delay)

    def due(self, now: float) -> Iterator[tuple[Path, bool]]:
        """Yield the files that are quiet and whole, and whether they are there. They are forgotten."""
        for path in [path for path, waiting in self._files.items() if waiting.due <= now]:
            waiting = self._files[path]
            stamp = self._stamp(path)
            if stamp != waiting.stamp:
                self._files[path] = _Waiting(stamp, now, now + self._pause(stamp))
            elif stamp is not None and self._writing(path):
                waiting.due = now + self._settle
            else:
                del self._files[path]
                yield path, stamp is not None

    def _pause(self, stamp: Stamp | None) -> float:
        # What is gone may have been renamed, and its new name is to be seen first; or it is about to be replaced.
        return self._settle if stamp is not None else 3 * self._settle


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file; None if it is not there."""
    try:
        return Stamp.of(path)
    except OSError:
        return None


def is_being_written(path: Path) -> bool:
    """Whether some process has a file open for writing, where the system tells; False where it does not."""
    ways = {"linux": _linux_writer, "win32": _windows_writer}
    return ways[sys.platform](path) if sys.platform in ways else False


def _linux_writer(path: Path) -> bool:
    """Ask for a read lease, which the kernel refuses while anybody may write; on network shares it always does not."""
    import errno
    import fcntl
    import signal

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.fcntl(
            handle, fcntl.F_SETSIG, signal.SIGURG
        )  # should the lease be broken at once: a signal that is ignored
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(handle)
    return False


def _windows_writer(path: Path) -> bool:
    """Open the file without allowing others to write: refused while one does."""
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  # absent on other systems, also for the type checker
    generic_read, share_read, open_existing = 0x80000000, 1, 3
    handle = kernel.CreateFileW(str(path), generic_read, share_read, None, open_existing, 0, None)
    if handle in (-1, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF):
        sharing_violation = 32
        return bool(kernel.GetLastError() == sharing_violation)
    kernel.CloseHandle(handle)
    return False

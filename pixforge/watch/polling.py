"""Changes found by looking again and again: for network shares, which report none of other machines."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pixforge.watch.changes import Changes

_NETWORK: Final = (
    "nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs", "gpfs", "webdav", "davfs", "sshfs",
    "fuse.rclone", "fuse.s3fs", "vboxsf", "vmhgfs", "prl_fs", "virtiofs", "drvfs",
)  # fmt: skip
Pictures = Callable[[], Iterator[Path]]


class PollingSource:
    """All pictures of a tree, looked at every `interval` seconds. Of each only three numbers are kept.

    Args:
        pictures: lists the tree.
        interval: seconds between the end of one look and the begin of the next.
    """

    name = "polling"

    def __init__(self, pictures: Pictures, interval: float) -> None:
        self._pictures = pictures
        self._interval = interval
        self._known = self._look()
        self._next = time.monotonic() + interval

    def take(self, timeout: float) -> Changes:
        """Return what differs from the last look, if it is time for one within so many seconds."""
        wait = min(timeout, max(0.0, self._next - time.monotonic()))
        if wait > 0:
            time.sleep(wait)
        if time.monotonic() < self._next:
            return Changes(time.monotonic())
        found = self._look()
        changed = {name for name, mark in found.items() if self._known.get(name) != mark}
        gone = self._known.keys() - found.keys()
        self._known = found
        self._next = time.monotonic() + self._interval
        return Changes(time.monotonic(), frozenset(Path(name) for name in changed | gone))

    def close(self) -> None:
        """Nothing to end."""

    def _look(self) -> dict[str, int]:
        found = {}
        for path in self._pictures():
            name = os.fspath(path)
            try:
                status = os.stat(name)  # noqa: PTH116  # fast
            except OSError:
                continue
            found[name] = hash((status.st_mtime_ns, status.st_size, status.st_ino))
        return found


def on_network(path: Path) -> bool:
    """Whether a folder lies on a file system of another machine, which does not report the changes made there."""
    if sys.platform == "win32":
        return _on_windows_network(path)
    kind = _file_system(os.path.realpath(path))
    return any(kind == name or kind.startswith((name, f"fuse.{name}")) for name in _NETWORK)


def _file_system(path: str) -> str:
    """Return the type of the file system of a path, by the system's list of mounts."""
    best, kind = "", ""
    for place, found in _mounts():
        if len(place) >= len(best) and (path == place or path.startswith(place.rstrip("/") + "/")):
            best, kind = place, found
    return kind


def _mounts() -> Iterator[tuple[str, str]]:
    try:
        lines = Path("/proc/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        yield from _mounts_by_command()
        return
    for line in lines:
        words = line.split()
        yield (
            words[1]
            .encode("utf-8", "surrogateescape")
            .decode("unicode_escape")
            .encode("latin-1")
            .decode("utf-8", "surrogateescape"),
            words[2],
        )


def _mounts_by_command() -> Iterator[tuple[str, str]]:
    """Ask macOS and the BSDs: lines such as `//host/share on /Volumes/share (smbfs, nodev)`."""
    import re
    import subprocess

    try:
        said = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return
    for match in re.finditer(r" on (.+) \((\w+)", said):
        yield match[1], match[2]


def _on_windows_network(path: Path) -> bool:
    import ctypes

    whole = path.resolve()
    if str(whole).startswith("\\\\"):
        return True
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  # absent on other systems, also for the type checker
    remote = 4
    return bool(kernel.GetDriveTypeW(f"{whole.drive}\\") == remote)

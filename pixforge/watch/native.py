"""Changes as the operating system reports them (inotify, FSEvents, ReadDirectoryChangesW), by watchdog."""

from __future__ import annotations

import os
import queue
import time
from pathlib import Path
from typing import Final

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from pixforge.project.tree import is_picture
from pixforge.watch.changes import Changes

_SILENT: Final = frozenset({"opened", "closed_no_write"})
_BURST: Final = 4096  # more in one batch may have overflowed the system's queue, which tells nobody
_ROOT_LOOK: Final = 1.0


class NativeSource:
    """A folder and all below it.

    Raises:
        OSError: the system refuses to watch (no such folder, too many watches).
    """

    name = "native"

    def __init__(self, root: Path) -> None:
        self._root = root
        self._real = os.path.realpath(root)
        # No SimpleQueue: its `get` waits for ever once a signal's handler outlasts the timeout (CPython 3.11).
        self._queue: queue.Queue[tuple[str, bool]] = queue.Queue()
        self._looked = time.monotonic()
        self._start()

    def take(self, timeout: float) -> Changes:
        """Return what was heard, waiting so many seconds for the first."""
        heard: set[tuple[str, bool]] = set()
        try:
            heard.add(self._queue.get(timeout=timeout))
            while True:
                heard.add(self._queue.get_nowait())
        except queue.Empty:
            lost = self._root_changed()
        paths = frozenset(self._path(name) for name, folder in heard if not folder)
        folders = frozenset(self._path(name) for name, folder in heard if folder)
        return Changes(time.monotonic(), paths, folders, lost or len(heard) > _BURST)

    def close(self) -> None:
        """End the threads."""
        self._observer.stop()
        self._observer.join()

    def _start(self) -> None:
        self._observer = Observer()
        self._observer.schedule(_Handler(self._queue), self._real, recursive=True)
        self._identity = _identity(self._root)
        self._observer.start()

    def _root_changed(self) -> bool:
        """Watch again if the root was replaced (deleted and made, unmounted and mounted): the old watch is dead."""
        now = time.monotonic()
        if now - self._looked < _ROOT_LOOK:
            return False
        self._looked = now
        identity = _identity(self._root)
        if identity is None or identity == self._identity:
            return False
        self.close()
        self._start()
        return True

    def _path(self, name: str) -> Path:
        """Return a path below the root as the tree knows it; some systems report it without links."""
        return self._root / os.path.relpath(name, self._real)


class _Handler(FileSystemEventHandler):
    def __init__(self, heard: queue.Queue[tuple[str, bool]]) -> None:
        self._heard = heard

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Pass on what may concern a picture, the JSON of a sheet, or a folder; called for every event."""
        if event.event_type in _SILENT or (event.is_directory and event.event_type == "modified"):
            return
        for raw in (event.src_path, event.dest_path):
            if raw:
                name = os.fsdecode(raw)
                if event.is_directory or is_picture(os.path.basename(name)) or name.endswith(".json"):  # noqa: PTH119
                    self._heard.put((name, event.is_directory))


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino

"""What the watch knows files by: a picture by its path, the frames of a clip by one name for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from pixforge.engine.content import Stamp
from pixforge.errors import PixforgeError
from pixforge.project.gather import STAR
from pixforge.project.tree import Tree
from pixforge.watch.settling import Writing


class Known:
    """Looks at files through the tree that is in force.

    Args:
        tree: gives it; it changes when its files do.
        writing: whether somebody has a file open for writing.
    """

    def __init__(self, tree: Callable[[], Tree], writing: Writing) -> None:
        self._tree = tree
        self._writing = writing

    def key(self, path: Path) -> Path:
        """Return what a file is known by: a clip settles, is made and fails as a whole."""
        try:
            return self._tree().key(path)
        except PixforgeError:
            return path  # told when it is dealt with

    def stamp(self, path: Path) -> Stamp | None:
        """Return one stamp for all files that are known by a name; None: there are none."""
        files = self._files(path)
        try:
            return Stamp.over(files) if files else None
        except OSError:
            return None

    def being_written(self, path: Path) -> bool:
        """Whether somebody has one of them open for writing."""
        return any(self._writing(file) for file in self._files(path))

    def age(self, path: Path) -> float:
        """Return the seconds since one of them was changed."""
        stamp = self.stamp(path)
        return 0.0 if stamp is None else time.time() - stamp.mtime_ns / 1e9

    def _files(self, path: Path) -> tuple[Path, ...]:
        if not path.name.endswith(STAR):
            return (path,)
        try:
            job = self._tree().find(path)
        except PixforgeError:
            return ()
        return () if job is None else job.read

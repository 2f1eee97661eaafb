"""A look at a whole tree before anything is done: how much there is, and whether two pictures want one place.

It keeps eight bytes a file (a hash), not the names, so that a tree of any size can be looked at.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pixforge.engine.plan import Job, collide, overwrites
from pixforge.project.tree import OnError, Tree

_FOLDERS: Final = 4096


@dataclass(frozen=True)
class Survey:
    """What a tree holds.

    Attributes:
        jobs: pictures (or clips, or casts) to convert.
        left: pictures that no rule wants.
    """

    jobs: int
    left: int


def survey(tree: Tree, onerror: OnError | None = None) -> Survey:
    """Look at a tree.

    Raises:
        OutputError: two pictures would be written to one file, or an output would be written over a picture.
        PixforgeError: as for `Tree.jobs`.
    """
    keys = Keys()
    sources: set[int] = set()
    writers: set[int] = set()
    doubtful: set[int] = set()
    jobs = left = 0
    for paths, job in tree.pairs(onerror):
        sources.update(hash(keys.of(path)) for path in paths)
        if job is None:
            left += 1
            continue
        jobs += 1
        for output in job.outputs:
            mark = hash(keys.of(output))
            if mark in writers:
                doubtful.add(mark)
            writers.add(mark)
    doubtful |= writers & sources
    if doubtful:
        _refuse(tree, keys, doubtful, onerror)
    return Survey(jobs, left)


def _refuse(tree: Tree, keys: Keys, doubtful: set[int], onerror: OnError | None) -> None:
    """Say which two pictures meet, if it was not only their hashes that did."""
    sources: dict[str, Path] = {}
    for source in tree.pictures(onerror):
        key = keys.of(source)
        if hash(key) in doubtful:
            sources[key] = source
    writers: dict[str, Job] = {}
    for job in tree.jobs(onerror):
        for output in job.outputs:
            key = keys.of(output)
            if key in sources:
                raise overwrites(job, sources[key], output)
            if key in writers:
                raise collide(writers[key].source, job.source, output)
            if hash(key) in doubtful:
                writers[key] = job


class Keys:
    """Paths without links and, where the system ignores it, without letter case; a folder's is looked up once."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def of(self, path: Path) -> str:
        """Return the key of a path; two paths of one file have the same."""
        folder, name = os.path.split(path)
        if folder not in self._folders:
            if len(self._folders) > _FOLDERS:
                self._folders.clear()
            self._folders[folder] = os.path.realpath(folder)
        whole = os.path.join(self._folders[folder], name)  # noqa: PTH118  # called for every file of a tree
        return os.path.normcase(os.path.realpath(whole) if os.path.islink(whole) else whole)  # noqa: PTH114

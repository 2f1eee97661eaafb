"""What a source of changes gives: batches in which a burst is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Changes:
    """What was heard since last time; empty as often as not.

    Attributes:
        now: the time, in seconds of any clock that never goes back.
        paths: files that were made, changed, moved or removed.
        folders: folders of which that is true: all in them is to be looked at.
        everything: something was missed: the whole tree is to be looked at.
    """

    now: float
    paths: frozenset[Path] = frozenset()
    folders: frozenset[Path] = frozenset()
    everything: bool = False


class Source(Protocol):
    """Where changes come from."""

    name: str

    def take(self, timeout: float) -> Changes:
        """Return what was heard, waiting so many seconds for the first."""
        ...

    def close(self) -> None:
        """End."""
        ...

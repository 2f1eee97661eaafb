"""Outcomes kept for the report of a run of any size: on disk, when they are many."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final

from pixforge.engine.events import STATUSES, Outcome

_IN_MEMORY: Final = 4 << 20


class Spool:
    """Outcomes as plain values, and the count of every status."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115  # closed in __exit__
        self.counts: dict[str, int] = dict.fromkeys(STATUSES, 0)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, outcome: Outcome, keep: bool) -> None:
        """Count an outcome, and keep it if somebody will ask for it."""
        self.counts[outcome.status] += 1
        if keep:
            self._file.write(json.dumps(outcome.as_dict()) + "\n")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield what was kept, in order."""
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)
        self._file.seek(0, 2)

"""How a watch is doing: a small JSON file, written often, for people, scripts and monitors."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from pixforge.engine.lock import holder

FILE: Final = "health.json"
STALE: Final = 60.0  # seconds without a sign of life


@dataclass
class Health:
    """The state of a watch.

    Attributes:
        pid: of the daemon.
        started, beat: seconds since 1970: its start, and the last sign of life.
        source, output: the folders.
        events: native or polling.
        ready: the tree has been gone through once.
        waiting: files that are settling, queued or being converted.
        made, removed: since the start.
        failing: pictures that cannot be converted, with the reason.
        trouble: the last problem that concerns no single picture, "" if all is well.
    """

    source: str
    output: str
    events: str = ""
    pid: int = field(default_factory=os.getpid)
    started: float = field(default_factory=time.time)
    beat: float = 0.0
    ready: bool = False
    waiting: int = 0
    made: int = 0
    removed: int = 0
    failing: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    def write(self, folder: Path) -> None:
        """Write the file.

        Raises:
            OSError: it cannot be written.
        """
        self.beat = time.time()
        temporary = folder / f".{FILE}.tmp"
        temporary.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")
        temporary.replace(folder / FILE)


def read_health(folder: Path) -> dict[str, Any] | None:
    """Return what a running watch last said of itself, with `alive`: whether it still gives signs; None: none runs."""
    owner = holder(folder)
    if owner is None or owner.get("what") != "watch":
        return None
    try:
        said = json.loads((folder / FILE).read_bytes())
    except (OSError, ValueError):
        said = {}
    if not isinstance(said, dict) or said.get("pid") != owner.get("pid"):
        said = {"pid": owner.get("pid"), "beat": 0.0}
    return {**said, "alive": time.time() - said["beat"] < STALE}

"""What the ledger says: rows, and what they mean for a job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pixforge.engine.content import Stamp, hash_file
from pixforge.engine.ledger_schema import Names

Role = Literal["made", "kept", "stale"]
Verdict = Literal["current", "copy", "failed", "crashed", "convert"]


@dataclass(frozen=True)
class Output:
    """A file that was made.

    Attributes:
        path: where.
        content: hex digest of its bytes.
        stamp: with which it was found to be intact; None: its bytes have to be looked at.
        role: made: it has to be there to the byte. kept: it belongs to the user by now, who may change or delete it.
            stale: an earlier conversion made it, the last one no more.
    """

    path: Path
    content: str
    stamp: Stamp | None = None
    role: Role = "made"


@dataclass(frozen=True)
class Row:
    """What the ledger says of one destination.

    Attributes:
        source, content, stamp: what was read; stamp is None if it cannot be relied on.
        recipe: digests of preset and model, and the version.
        state: made, failed (an error, kept for the report) or crashed (its process was killed twice).
        outputs: of the last success, and what earlier ones left.
        error: of a failure.
        made: how often the destination was converted.
    """

    source: Path
    content: str
    stamp: Stamp | None
    recipe: tuple[str, str, str]
    state: str
    outputs: tuple[Output, ...]
    error: dict[str, Any] | None
    made: int


@dataclass(frozen=True)
class Finding:
    """What is to be done for a job.

    Attributes:
        verdict: current (nothing), copy (the same bytes were made elsewhere), failed or crashed (as before: nothing
            has changed since) or convert.
        origin: the outputs to copy, in the order of the job's.
        content: of the source, for a copy.
        error: of a failure or a crash.
    """

    verdict: Verdict
    origin: tuple[Output, ...] = ()
    content: str = ""
    error: dict[str, Any] | None = None


def verified(output: Output, now: int) -> Output | None:
    """Return the output with its present stamp if its bytes are those that were made, else None.

    Args:
        output: as it was written down.
        now: nanoseconds since 1970; a stamp younger than its clock's tick is not kept.
    """
    try:
        stamp = Stamp.of(output.path)
        if stamp == output.stamp:
            return output
        if hash_file(output.path) != output.content:
            return None
    except OSError:
        return None
    return replace(output, stamp=stamp if stamp.settled(now) else None)


def left_over(before: Row | None, outputs: Sequence[Output], kept: frozenset[Path]) -> list[Output]:
    """What an earlier conversion made and the next one does not: the user's by now, or stale.

    Args:
        before: the row of the earlier one.
        outputs: of the next.
        kept: files of the next that belong to the user once they are there.
    """
    if before is None:
        return []
    now = {output.path.absolute() for output in outputs}
    mine = {path.absolute() for path in kept}
    return [
        replace(output, role="kept" if output.path in mine or output.role == "kept" else "stale")
        for output in before.outputs
        if output.path not in now
    ]


def written_down(outputs: Sequence[Output], names: Names) -> str:
    """Return outputs as the ledger writes them."""
    entries = []
    for output in outputs:
        stamp = output.stamp
        tail = [0, None, 0] if stamp is None else [stamp.size, stamp.mtime_ns, stamp.inode]
        role = [] if output.role == "made" else [output.role]
        entries.append([names.write(output.path), output.content, *tail, *role])
    return json.dumps(entries, separators=(",", ":"))


def read_back(text: str, names: Names) -> tuple[Output, ...]:
    """Return the outputs that the ledger has written so."""
    found = []
    for name, content, size, mtime_ns, inode, *role in json.loads(text):
        stamp = None if mtime_ns is None else Stamp(size, mtime_ns, inode)
        found.append(Output(names.read(name), content, stamp, role[0] if role else "made"))
    return tuple(found)


def is_there(source: Path) -> bool:
    """Whether a source is there; several files are known by a pattern in their folder."""
    return source.parent.is_dir() if source.name.endswith("*") else source.exists()

"""What was made of what: the memory that lets a run repeat only what changed.

A row is written by whoever converts, after the output's bytes are known and before the first of them becomes visible.
The row alone therefore says nothing: it is the disk that proves it. A process may be killed at any moment: either the
outputs of its row are there to the byte, or they are made again.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from pixforge import __version__
from pixforge.engine import ledger_rows
from pixforge.engine.content import MovingSourceError, Reading, Stamp, hash_files
from pixforge.engine.events import Made, Outcome
from pixforge.engine.ledger_owners import Owners
from pixforge.engine.ledger_rows import Finding, Output, Role, Row, verified
from pixforge.engine.ledger_schema import Database, Names
from pixforge.engine.plan import Job
from pixforge.errors import OutputError

_LASTING: Final = frozenset({"picture", "limit", "not-pixel-art", "contract"})  # they will fail again
_FLUSH_ROWS: Final = 256
_FLUSH_SECONDS: Final = 1.0

_UPSERT: Final = """
INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (destination) DO UPDATE SET
    source = excluded.source, size = excluded.size, mtime_ns = excluded.mtime_ns, inode = excluded.inode,
    content = excluded.content, preset_digest = excluded.preset_digest, model_digest = excluded.model_digest,
    version = excluded.version, state = excluded.state, outputs = excluded.outputs, seconds = excluded.seconds,
    error = excluded.error, finished = excluded.finished, made = jobs.made + excluded.made
"""
_GLANCE: Final = """
SELECT source, size, mtime_ns, inode, preset_digest, model_digest, version, outputs FROM jobs
WHERE destination = ? AND state = 'made'
"""
Recipe = tuple[str, str, str]  # digests of preset and model, and the version


@dataclass(frozen=True)
class _Entry:
    """The columns of a row that tell how a job went."""

    state: str
    outputs: Sequence[Output]
    seconds: float = 0.0
    error: dict[str, Any] | None = None
    made: int = 0


class Ledger:
    """An open ledger. Use it in the thread that opened it; any number of processes may have it open.

    Raises:
        OutputError: (also of every method) the file cannot be read or written; see `Database`.
    """

    def __init__(self, path: Path, base: Path) -> None:
        self.path = path
        self.base = base
        self._names = Names(base)
        self._database = Database(path)
        self._owners = Owners(self._database, self._names, self._fetch)
        self._confirmed: list[Job] = []
        self._restamped: list[tuple[Job, Row, Stamp | None, list[Output]]] = []
        self._flushed = time.monotonic()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still waiting, and close."""
        self.flush()
        self._database.close()

    def row(self, destination: Path) -> Row | None:
        """Return what is known about a destination."""
        return self._fetch(self._names.write(destination))

    def rows(self) -> Iterator[tuple[Path, Row]]:
        """Yield every destination and its row; nothing is held but a few hundred at a time."""
        last = ""
        while True:
            found = self._database.all(
                "SELECT destination FROM jobs WHERE destination > ? ORDER BY destination LIMIT 256", (last,)
            )
            names = [str(name) for (name,) in found]
            for name in names:
                row = self._fetch(name)
                if row is not None:
                    yield self._names.read(name), row
            if not names:
                return
            last = names[-1]

    def from_source(self, source: Path) -> tuple[tuple[Path, Row], ...]:
        """Return the destinations that were made of a source or of what lay below it, if it was a folder."""
        name = self._names.write(source)
        found = self._database.all(
            "SELECT destination FROM jobs WHERE source = ? OR (source >= ? AND source < ?) ORDER BY destination",
            (name, f"{name}/", f"{name}0"),  # "0" follows "/"
        )
        pairs = [(self._names.read(key), self._fetch(str(key))) for (key,) in found]
        return tuple((path, row) for path, row in pairs if row is not None)

    def current(self, job: Job, model_digest: str) -> bool:
        """Whether nothing has to be done for a job, as far as stamps alone can tell: the case of nearly every file.

        Raises:
            OSError: the source cannot be looked at.
        """
        found = self._database.one(_GLANCE, (self._names.write(job.destination),))
        if found is None:
            return False
        source, size, mtime_ns, inode, preset, model, version, outputs = found
        if (preset, model, version) != (job.digest, model_digest, __version__):
            return False
        if job.frames:
            stamp = Stamp.over(job.frames)
            if (stamp.mtime_ns, stamp.size, stamp.inode) != (mtime_ns, size, inode):
                return False
        else:
            status = os.stat(job.source)  # noqa: PTH116  # fast
            if (status.st_mtime_ns, status.st_size, status.st_ino) != (mtime_ns, size, inode):
                return False
        if source != self._names.write(job.source):
            return False
        return all(self._untouched(*entry) for entry in json.loads(outputs))

    def examine(self, job: Job, model_digest: str, retry: bool = False, patient: bool = False) -> Finding:
        """Compare a job with what was made before and with the disk.

        Args:
            job: what is wanted.
            model_digest: of the model that the job would use now.
            retry: give a job that killed its processes another chance.
            patient: leave a job alone that failed by a fault of its source.

        Raises:
            OSError: the source cannot be read.
        """
        key = self._names.write(job.destination)
        row = self._fetch(key)
        recipe = (job.digest, model_digest, __version__)
        stamp = Stamp.over(job.read)
        if row is not None and row.recipe == recipe and self._same_source(row, job, stamp):
            if row.state == "crashed" and not retry:
                return Finding("crashed", error=row.error)
            if row.state == "failed" and patient and (row.error or {}).get("kind") in _LASTING:
                return Finding("failed", error=row.error)
            if row.state == "made" and self._intact(row, job, stamp):
                return Finding("current")
        if job.frames or job.preset.export.targets or not self._any_made():
            return Finding("convert")
        content = row.content if row is not None and row.stamp == stamp else hash_files(job.read)
        origin = self._elsewhere(job, content, recipe, key)
        return Finding("copy", origin, content) if origin else Finding("convert")

    def claim(self, job: Job, reading: Reading, made: Made, seconds: float) -> None:
        """Write down what is about to become visible; called once a conversion, before its outputs are in place.

        Raises:
            OutputError: another job, whose source is still there, writes one of these files.
        """
        outputs = [
            Output(path, content, role="kept" if path in made.kept else "made") for path, content in made.outputs
        ]
        stamp = reading.stamp if reading.settled else None
        recipe = (job.digest, made.model_digest, __version__)
        with self._database.at_once():
            outputs += ledger_rows.left_over(self.row(job.destination), outputs, made.kept)
            self._owners.take_over(job, outputs)
            self._upsert(job, reading.content, stamp, recipe, _Entry("made", outputs, seconds, made=1))

    def copied(self, job: Job, model_digest: str, finding: Finding) -> None:
        """Write down that a job's outputs are about to be copied from those of another.

        Raises:
            MovingSourceError: the source is no longer what it was.
            OSError: it cannot be read.
        """
        reading = Reading.begin(*job.read)
        if reading.content != finding.content:
            raise MovingSourceError(job.source)
        outputs = [Output(path, known.content) for path, known in zip(job.outputs, finding.origin, strict=True)]
        recipe = (job.digest, model_digest, __version__)
        stamp = reading.stamp if reading.settled else None
        with self._database.at_once():
            outputs += ledger_rows.left_over(self.row(job.destination), outputs, frozenset())
            self._owners.take_over(job, outputs)
            self._upsert(job, reading.content, stamp, recipe, _Entry("made", outputs))

    def confirm(self, job: Job) -> None:
        """Note (soon) with which stamps the outputs of a job stand on the disk, so that they need not be read again."""
        self._confirmed.append(job)
        if len(self._confirmed) + len(self._restamped) >= _FLUSH_ROWS or self._due():
            self.flush()

    def fail(self, job: Job, outcome: Outcome, model_digest: str, crashed: bool = False) -> None:
        """Write down a failure. Outputs of an earlier success stay ours."""
        before = self.row(job.destination)
        try:
            reading = Reading.begin(*job.read)
            content, stamp = reading.content, reading.stamp if reading.settled else None
        except (OSError, MovingSourceError):
            content, stamp = "", None
        recipe = (job.digest, model_digest, __version__)
        outputs = before.outputs if before is not None else ()
        error = outcome.failure.error if outcome.failure is not None else None
        state = "crashed" if crashed else "failed"
        self._upsert(job, content, stamp, recipe, _Entry(state, outputs, outcome.seconds, error))

    def forget(self, destination: Path) -> None:
        """Remove a row."""
        name = self._names.write(destination)
        self._database.run("DELETE FROM jobs WHERE destination = ?", (name,))
        self._database.run("DELETE FROM files WHERE destination = ?", (name,))

    def drop_stale(self, destination: Path) -> None:
        """Forget the files of a destination that only earlier conversions made."""
        row = self.row(destination)
        if row is not None:
            outputs = [output for output in row.outputs if output.role != "stale"]
            self._owners.set_outputs(self._names.write(destination), outputs)

    def meta(self, key: str) -> str | None:
        """Return a remembered word."""
        found = self._database.one("SELECT value FROM meta WHERE key = ?", (key,))
        return None if found is None else str(found[0])

    def remember(self, key: str, value: str) -> None:
        """Remember a word."""
        self._database.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def counts(self) -> dict[str, int]:
        """Return how many destinations are in each state."""
        return {str(state): int(count) for state, count in self._database.all(
            "SELECT state, COUNT(*) FROM jobs GROUP BY state")}  # fmt: skip

    def flush(self) -> None:
        """Write the stamps that wait. They only spare a later run some reading: a full disk may cost them."""
        self._flushed = time.monotonic()
        restamped, confirmed = self._restamped, self._confirmed
        self._restamped, self._confirmed = [], []
        if not confirmed and not restamped:
            return
        with suppress(OutputError), self._database.at_once():
            for job, row, stamp, outputs in restamped:
                self._restamp(job, row, stamp, outputs)
            for job in confirmed:
                self._stamp_outputs(job)

    def _untouched(
        self, name: str, _content: str, size: int, mtime_ns: int | None, inode: int, role: Role = "made"
    ) -> bool:
        if role != "made":
            return True
        try:
            status = os.stat(self._names.locate(name))  # noqa: PTH116  # fast
        except OSError:
            return False
        return (status.st_mtime_ns, status.st_size, status.st_ino) == (mtime_ns, size, inode)

    def _due(self) -> bool:
        return time.monotonic() - self._flushed > _FLUSH_SECONDS

    def _fetch(self, key: str) -> Row | None:
        found = self._database.one(
            "SELECT source, content, size, mtime_ns, inode, preset_digest, model_digest, version, state, outputs,"
            " error, made FROM jobs WHERE destination = ?",
            (key,),
        )
        if found is None:
            return None
        source, content, size, mtime_ns, inode, preset, model, version, state, outputs, error, made = found
        return Row(
            source=self._names.read(source),
            content=content,
            stamp=None if mtime_ns is None else Stamp(size, mtime_ns, inode),
            recipe=(preset, model, version),
            state=state,
            outputs=ledger_rows.read_back(outputs, self._names),
            error=None if error is None else json.loads(error),
            made=made,
        )

    def _same_source(self, row: Row, job: Job, stamp: Stamp) -> bool:
        """Whether the source holds what it held; a touched or renamed file is read, and believed from then on."""
        return row.stamp == stamp or (bool(row.content) and hash_files(job.read) == row.content)

    def _intact(self, row: Row, job: Job, stamp: Stamp) -> bool:
        """Whether all outputs of a job are there, to the byte."""
        now = time.time_ns()
        fresh = [output if output.role != "made" else verified(output, now) for output in row.outputs]
        whole = [output for output in fresh if output is not None]
        if len(whole) < len(fresh):
            return False
        known = stamp if stamp.settled(now) else None
        if known != row.stamp or whole != list(row.outputs) or row.source != job.source.absolute():
            self._restamped.append((job, row, known, whole))
            if len(self._restamped) >= _FLUSH_ROWS:
                self.flush()
        return True

    def _elsewhere(self, job: Job, content: str, recipe: Recipe, key: str) -> tuple[Output, ...]:
        """Return intact outputs of the same bytes under another name; only PNGs hold no names."""
        rows = self._database.all(
            "SELECT destination FROM jobs WHERE content = ? AND preset_digest = ? AND model_digest = ? AND version = ?"
            " AND state = 'made' AND destination <> ? LIMIT 8",
            (content, *recipe, key),
        )
        for (name,) in rows:
            row = self._fetch(str(name))
            made = [] if row is None else [output for output in row.outputs if output.role == "made"]
            if len(made) == len(job.outputs) and all(output.path.suffix == ".png" for output in made):
                now = time.time_ns()
                if all(verified(output, now) is not None for output in made):
                    return tuple(made)
        return ()

    def _any_made(self) -> bool:
        return self._database.one("SELECT 1 FROM jobs LIMIT 1") is not None

    def _restamp(self, job: Job, row: Row, stamp: Stamp | None, outputs: Sequence[Output]) -> None:
        values = (None, None, None) if stamp is None else (stamp.size, stamp.mtime_ns, stamp.inode)
        key = self._names.write(job.destination)
        self._database.run(
            "UPDATE jobs SET source = ?, size = ?, mtime_ns = ?, inode = ?, outputs = ?"
            " WHERE destination = ? AND content = ?",
            (self._names.write(job.source), *values, ledger_rows.written_down(outputs, self._names), key, row.content),
        )

    def _stamp_outputs(self, job: Job) -> None:
        """Add the stamps of outputs that were written a moment ago; one changed since then keeps none."""
        row = self.row(job.destination)
        if row is None or row.state != "made":
            return
        now = time.time_ns()
        fresh = [verified(output, now) or output for output in row.outputs]
        self._owners.set_outputs(self._names.write(job.destination), fresh)

    def _upsert(self, job: Job, content: str, stamp: Stamp | None, recipe: Recipe, entry: _Entry) -> None:
        place = (None, None, None) if stamp is None else (stamp.size, stamp.mtime_ns, stamp.inode)
        error = None if entry.error is None else json.dumps(entry.error)
        names = (self._names.write(job.destination), self._names.write(job.source))
        said = (
            entry.state,
            ledger_rows.written_down(entry.outputs, self._names),
            entry.seconds,
            error,
            time.time(),
            entry.made,
        )
        self._database.run(_UPSERT, (*names, *place, content, *recipe, *said))


@lru_cache(maxsize=4)
def opened(path: Path, base: Path) -> Ledger:
    """Return the ledger that a worker process writes its claims to, opened once a process."""
    return Ledger(path, base)

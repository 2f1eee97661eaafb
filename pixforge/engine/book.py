"""The bookkeeping round a conversion: what needs none, what is handed out, what came back."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pixforge.engine import sessions
from pixforge.engine.content import MovingSourceError, Reading, hash_bytes
from pixforge.engine.events import Failure, Made, Outcome, Product
from pixforge.engine.ledger import Ledger
from pixforge.engine.ledger_rows import Finding
from pixforge.engine.plan import Job
from pixforge.engine.run import guarded
from pixforge.engine.workers import Task, WorkerDiedError
from pixforge.errors import OutputError, PictureError, PixforgeError


@dataclass
class Book:
    """A ledger in use by a run.

    Attributes:
        ledger: it.
        overwrite: as for `pixforge.engine.files.convert_file`.
        retry: try pictures again that killed their process twice.
        patient: leave pictures alone that cannot be converted, until they or their preset change.
    """

    ledger: Ledger
    overwrite: bool | None = None
    retry: bool = False
    patient: bool = False

    def current(self, job: Job) -> bool:
        """Whether nothing has to be done for a job, as far as stamps alone can tell.

        Raises:
            OSError: the source cannot be looked at.
            PixforgeError: the method is not installed.
        """
        return self.ledger.current(job, self._model(job))

    def settle(self, job: Job, dry: bool = False) -> Outcome | None:
        """Return the outcome of a job for which nothing is to be converted, or None.

        Args:
            job: what is wanted.
            dry: change nothing.
        """
        with suppress(OSError, PixforgeError):  # told by the long way below
            if self.current(job):
                return Outcome(job.source, job.destination, job.preview, "unchanged")
        found: list[Outcome] = []

        def look() -> Outcome:
            outcome = self._look(job, dry)
            if outcome is not None:
                found.append(outcome)
            return Outcome(job.source, job.destination, job.preview, "planned")

        failed = guarded(job, look)
        if failed.status == "failed":
            return failed
        return found[0] if found else None

    def task(self, key: Hashable, job: Job) -> Task:
        """Return a job as a task. A file that the ledger says is ours may be replaced, also when it was altered."""
        return Task(key, job, self._ours(job) if self.overwrite is None else self.overwrite)

    def finish(self, task: Task, outcome: Outcome, claimed: bool = True) -> None:
        """Write down what came back.

        What cannot be written down (the disk is full) is found out again by the next run: the disk has the last word.

        Args:
            task: it.
            outcome: of it.
            claimed: whoever converted has written its claim itself (workers on this machine do).
        """
        with suppress(OutputError):
            self._write_down(task.job, outcome, claimed)

    def _write_down(self, job: Job, outcome: Outcome, claimed: bool) -> None:
        if outcome.failure is not None:
            if outcome.failure.error["kind"] == MovingSourceError.kind:
                return
            crashed = outcome.failure.error["kind"] == WorkerDiedError.kind
            self.ledger.fail(job, outcome, self._model(job), crashed)
        elif outcome.made is not None:
            if not claimed:
                self._claim(job, outcome, outcome.made)
            self.ledger.confirm(job)

    def _claim(self, job: Job, outcome: Outcome, made: Made) -> None:
        """Claim what another machine made; a source that changed since then will be made again."""
        try:
            reading = Reading.begin(*job.read)
        except (OSError, MovingSourceError):
            return
        if reading.content == made.content:
            self.ledger.claim(job, reading, made, outcome.seconds)

    def _look(self, job: Job, dry: bool) -> Outcome | None:
        started = time.perf_counter()
        try:
            finding = self.ledger.examine(job, self._model(job), self.retry, self.patient)
        except OSError as error:
            cause = f"the file cannot be read ({error.strerror})"
            raise PictureError(cause, "check the path and the permissions", job.source) from error
        outcome = Outcome(job.source, job.destination, job.preview, "unchanged")
        if finding.verdict == "current":
            return outcome
        if finding.verdict == "failed":
            return dataclasses.replace(outcome, status="failed", failure=Failure(finding.error or {}))
        if finding.verdict == "crashed":
            known = finding.error or {}
            cause = f"left alone since last time: {known.get('cause', '')}"
            remedy = f"{known.get('remedy', '')}; change it, or give --retry"
            return dataclasses.replace(
                outcome, status="failed", failure=Failure({**known, "cause": cause, "remedy": remedy})
            )
        if finding.verdict == "copy" and not dry and self.overwrite is not False:
            return self._copy(job, finding, started)
        return None

    def _copy(self, job: Job, finding: Finding, started: float) -> Outcome | None:
        """Take the bytes from where they were made before; None if they are no longer there."""
        from pixforge.engine.files import refuse_foreign, write_files

        products: list[Product] = []
        for path, known in zip(job.outputs, finding.origin, strict=True):
            try:
                data = known.path.read_bytes()
            except OSError:
                return None
            if hash_bytes(data) != known.content:
                return None
            products.append(Product(path, data))
        if self.overwrite is None:
            refuse_foreign(job.outputs, self._ours(job))
        self.ledger.copied(job, self._model(job), finding)
        status, files = write_files(products)
        self.ledger.confirm(job)
        seconds = time.perf_counter() - started
        return Outcome(job.source, job.destination, job.preview, status, seconds, files=files)

    def _ours(self, job: Job) -> frozenset[Path]:
        """The files that an earlier run made of a job."""
        row = self.ledger.row(job.destination)
        return frozenset() if row is None else frozenset(output.path for output in row.outputs)

    @staticmethod
    def _model(job: Job) -> str:
        return sessions.model_digest(job.preset.method)

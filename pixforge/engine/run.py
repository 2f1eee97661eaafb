"""Jobs to outcomes in this process: a fault of one job is its outcome, not the end of the run."""

from __future__ import annotations

import dataclasses
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pixforge.engine.content import Reading, hash_bytes
from pixforge.engine.events import Facts, Failure, Made, Outcome, internal_error, known_error
from pixforge.engine.plan import Job
from pixforge.errors import PictureError, PixforgeError

if TYPE_CHECKING:
    from pixforge.engine.ledger import Ledger


def run(jobs: Iterable[Job], overwrite: bool | None = None, dry: bool = False) -> Iterator[Outcome]:
    """Yield the outcome of every job, in order; with `dry`, of none anything is read or written."""
    for job in jobs:
        yield Outcome(job.source, job.destination, job.preview, "planned") if dry else run_job(job, overwrite)


def run_job(job: Job, overwrite: bool | None = None, ledger: Ledger | None = None) -> Outcome:
    """Return the outcome of one job; whatever it raises becomes a failed outcome.

    Args:
        job: what to do.
        overwrite: as for `pixforge.engine.pipeline.convert_file`.
        ledger: where to write down what was made of what, before it becomes visible.
    """
    from pixforge.engine.pipeline import convert_file

    def work() -> Outcome:
        return convert_file(job, overwrite) if ledger is None else _recorded(job, overwrite, ledger)

    return guarded(job, work)


def guarded(job: Job, work: Callable[[], Outcome]) -> Outcome:
    """Return what `work` returns for a job; whatever it raises becomes a failed outcome."""
    started = time.perf_counter()
    try:
        return work()
    except PixforgeError as error:
        failure = Failure(known_error(error, job.source), traceback.format_exc())
    except MemoryError as error:
        failure = Failure(internal_error(error, job.source), traceback.format_exc())
    except Exception as error:  # noqa: BLE001  # a fault of ours in one picture must not cost the others; it is reported
        failure = Failure(internal_error(error, job.source), traceback.format_exc())
    seconds = time.perf_counter() - started
    return Outcome(job.source, job.destination, job.preview, "failed", seconds, failure=failure)


def begin_reading(job: Job) -> Reading:
    """Hash a job's source.

    Raises:
        PictureError: it cannot be read, or is being written.
    """
    try:
        return Reading.begin(job.source)
    except OSError as error:
        raise PictureError(f"the file cannot be read ({error.strerror})", "check the path", job.source) from error


def digests(reading: Reading, files: Mapping[Path, bytes], facts: Facts) -> Made:
    """Return what the ledger needs to know about a conversion."""
    outputs = tuple((path, hash_bytes(data)) for path, data in files.items())
    return Made(reading.content, facts.model_digest, outputs)


def _recorded(job: Job, overwrite: bool | None, ledger: Ledger) -> Outcome:
    """Convert, and claim the outputs in the ledger before they are put in place."""
    from pixforge.engine.pipeline import convert_file

    started = time.perf_counter()
    reading = begin_reading(job)
    made: list[Made] = []

    def claim(files: Mapping[Path, bytes], facts: Facts) -> None:
        reading.check()
        made.append(digests(reading, files, facts))
        ledger.claim(job, reading, made[0], time.perf_counter() - started)

    outcome = convert_file(job, overwrite, claim)
    return dataclasses.replace(outcome, made=made[0] if made else None, seconds=time.perf_counter() - started)

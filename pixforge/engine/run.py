"""Jobs to outcomes in this process: a fault of one job is its outcome, not the end of the run."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator

from pixforge.engine.events import Failure, Outcome, internal_error, known_error
from pixforge.engine.plan import Job
from pixforge.errors import PixforgeError


def run(jobs: Iterable[Job], overwrite: bool | None = None, dry: bool = False) -> Iterator[Outcome]:
    """Yield the outcome of every job, in order; with `dry`, of none anything is read or written."""
    for job in jobs:
        yield Outcome(job.source, job.destination, job.preview, "planned") if dry else run_job(job, overwrite)


def run_job(job: Job, overwrite: bool | None = None) -> Outcome:
    """Return the outcome of one job; whatever it raises becomes a failed outcome."""
    from pixforge.engine.pipeline import convert_file

    started = time.perf_counter()
    try:
        return convert_file(job, overwrite)
    except PixforgeError as error:
        failure = Failure(known_error(error, job.source), traceback.format_exc())
    except MemoryError as error:
        failure = Failure(internal_error(error, job.source), traceback.format_exc())
    except Exception as error:  # noqa: BLE001  # a fault of ours in one picture must not cost the others; it is reported
        failure = Failure(internal_error(error, job.source), traceback.format_exc())
    seconds = time.perf_counter() - started
    return Outcome(job.source, job.destination, job.preview, "failed", seconds, failure=failure)

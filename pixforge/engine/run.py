"""Jobs to outcomes in this process: a fault of one job is its outcome, not the end of the run."""

from __future__ import annotations

import dataclasses
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pixforge.engine.content import Reading, hash_bytes
from pixforge.engine.events import (
    Facts,
    Failure,
    Made,
    Outcome,
    Product,
    Progress,
    Written,
    internal_error,
    known_error,
)
from pixforge.engine.plan import Job, collide
from pixforge.errors import PictureError, PixforgeError

if TYPE_CHECKING:
    from pixforge.engine.files import Claim, Overwrite
    from pixforge.engine.ledger import Ledger


def run(
    jobs: Iterable[Job], overwrite: bool | None = None, dry: bool = False, progress: Progress | None = None
) -> Iterator[Outcome]:
    """Yield the outcome of every job, in order; with `dry`, of none anything is read or written.

    Two jobs that turn out to write one file (a clip's second page, say) are refused: the later one fails.
    `progress` is told of each frame of a clip (see `pixforge.engine.clip.convert_clip`).
    """
    writers: dict[Path, Path] = {}
    for job in jobs:
        yield planned(job) if dry else run_job(job, overwrite, claim=_meeting(job, writers), progress=progress)


def planned(job: Job) -> Outcome:
    """Return the outcome of a job in a dry run, with what it would write as far as that is known beforehand."""
    files = tuple(Written(path, "planned") for path in job.outputs)
    return Outcome(job.source, job.destination, job.preview, "planned", files=files)


def _meeting(job: Job, writers: dict[Path, Path]) -> Claim:
    """Return what refuses outputs that an earlier job of this run wrote."""

    def claim(products: Sequence[Product], _facts: Facts) -> None:
        for product in products:
            path = product.path.absolute()
            other = writers.setdefault(path, job.source)
            if other != job.source:
                raise collide(other, job.source, product.path)

    return claim


def run_job(
    job: Job,
    overwrite: Overwrite = None,
    ledger: Ledger | None = None,
    *,
    claim: Claim | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Return the outcome of one job; whatever it raises becomes a failed outcome.

    Args:
        job: what to do.
        overwrite: as for `pixforge.engine.files.convert_file`.
        ledger: where to write down what was made of what, before it becomes visible.
        claim: without a ledger: as for `pixforge.engine.files.convert_file`.
        progress: the same.
    """
    from pixforge.engine.files import convert_file

    def work() -> Outcome:
        return convert_file(job, overwrite, claim, progress) if ledger is None else _recorded(job, overwrite, ledger)

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
    """Hash a job's sources.

    Raises:
        PictureError: it cannot be read, or is being written.
    """
    try:
        return Reading.begin(*job.read)
    except OSError as error:
        path = Path(error.filename) if error.filename else job.source
        raise PictureError(f"the file cannot be read ({error.strerror})", "check the path", path) from error


def digests(content: str, products: Sequence[Product], facts: Facts) -> Made:
    """Return what the ledger needs to know about a conversion of a source of this digest."""
    outputs = tuple((product.path, hash_bytes(product.data)) for product in products)
    kept = frozenset(product.path for product in products if product.keep)
    return Made(content, facts.model_digest, outputs, kept)


def _recorded(job: Job, overwrite: Overwrite, ledger: Ledger) -> Outcome:
    """Convert, and claim the outputs in the ledger before they are put in place."""
    from pixforge.engine.files import convert_file

    started = time.perf_counter()
    reading = begin_reading(job)
    made: list[Made] = []

    def claim(products: Sequence[Product], facts: Facts) -> None:
        reading.check()
        made.append(digests(reading.content, products, facts))
        ledger.claim(job, reading, made[0], time.perf_counter() - started)

    outcome = convert_file(job, overwrite, claim)
    return dataclasses.replace(outcome, made=made[0] if made else None, seconds=time.perf_counter() - started)

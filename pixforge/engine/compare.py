"""Whether outputs are what their sources would become now. Nothing is written: for commit hooks and build servers."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pixforge.engine.events import Outcome, Product
from pixforge.engine.plan import Job
from pixforge.engine.run import guarded
from pixforge.engine.workers import Executor, Task
from pixforge.errors import PixforgeError

if TYPE_CHECKING:
    from pixforge.engine.files import Overwrite
    from pixforge.engine.ledger import Ledger


class StaleError(PixforgeError):
    """An output is missing, or is not what its source would become now."""

    exit_code: ClassVar[int] = 11
    kind: ClassVar[str] = "stale"


def compare(job: Job, overwrite: Overwrite = None, ledger: Ledger | None = None) -> Outcome:  # noqa: ARG001  # a `Run`
    """Convert in memory and look whether the disk holds the result: "unchanged", or failed with a `StaleError`."""
    from pixforge.engine.files import make_files

    def work() -> Outcome:
        started = time.perf_counter()
        products, facts = make_files(job)
        for product in products:
            _require(product)
        seconds = time.perf_counter() - started
        return Outcome(job.source, job.destination, job.preview, "unchanged", seconds, facts)

    return guarded(job, work)


def compared(
    numbered: Iterable[tuple[int, Job]],
    settle: Callable[[Job], Outcome | None],
    executor: Executor,
    stop: Callable[[], bool],
) -> Iterator[tuple[int, Outcome]]:
    """Yield every job's number and outcome, in no certain order.

    Args:
        numbered: the jobs.
        settle: returns the outcome of a job that needs no look (the ledger knows it), or None.
        executor: whose workers `compare`.
        stop: once it says True no further job is begun.
    """
    flying = 0
    for number, job in numbered:
        if stop():
            break
        known = settle(job)
        if known is not None:
            yield number, known
            continue
        executor.submit(Task(number, job))
        flying += 1
        while executor.capacity() <= 0:
            for found in _finished(executor):
                flying -= 1
                yield found
    while flying:
        for found in _finished(executor):
            flying -= 1
            yield found


def _finished(executor: Executor) -> Iterator[tuple[int, Outcome]]:
    for task, outcome in executor.wait(0.2):
        assert isinstance(task.key, int)
        yield task.key, outcome


def _require(product: Product) -> None:
    """Raise if the disk does not hold a product; what belongs to the user may hold anything."""
    remedy = "run `pixforge batch`, and commit what it writes"
    try:
        found = product.path.read_bytes()
    except FileNotFoundError as error:
        raise StaleError("is missing", remedy, product.path) from error
    except OSError as error:
        raise StaleError(f"cannot be read ({error.strerror})", remedy, product.path) from error
    if found == product.data or product.keep:
        return
    if not _same_picture(product.path, found, product.data):
        raise StaleError("is out of date", remedy, product.path)


def _same_picture(path: Path, found: bytes, wanted: bytes) -> bool:
    """Whether two PNG files differ in nothing but their compression, which depends on the system's zlib."""
    if path.suffix.lower() != ".png":
        return False
    from PIL.PngImagePlugin import PngImageFile

    try:
        with PngImageFile(io.BytesIO(found)) as one, PngImageFile(io.BytesIO(wanted)) as other:
            return (one.mode, one.size, one.getpalette("RGBA"), one.tobytes(), one.text) == (
                other.mode, other.size, other.getpalette("RGBA"), other.tobytes(), other.text
            )  # fmt: skip
    except (OSError, SyntaxError, ValueError):  # whatever lies there, it is no picture of ours
        return False

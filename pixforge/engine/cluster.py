"""Jobs on the machines of a dask.distributed cluster. The local default needs none of it.

Where the workers see the folders of this machine (a shared folder), they read and write files themselves; else sources
and outputs travel as bytes. The ledger stays here. A worker that is lost is survived by the scheduler: its jobs run
elsewhere.
"""

from __future__ import annotations

import dataclasses
import os
import queue
import secrets
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pixforge.engine.content import MovingSourceError, hash_bytes, hash_contents
from pixforge.engine.events import Failure, Made, Outcome, Product, internal_error, known_error
from pixforge.engine.lock import make_state
from pixforge.engine.plan import Job
from pixforge.engine.run import begin_reading, digests, guarded
from pixforge.engine.workers import THREAD_VARIABLES, THREADS, Executor, Setup, Task, died
from pixforge.errors import MissingDependencyError, PixforgeError

if TYPE_CHECKING:
    from pixforge.engine.events import Facts
    from pixforge.engine.files import Overwrite

Client = Any  # of distributed, which is half typed, and absent in a light install
Future = Any

RETRIES: Final = 3  # by the scheduler, of a job whose worker was lost
_AHEAD: Final = 2
_REACH_SECONDS: Final = 20
Reply = tuple[Outcome, tuple[Product, ...]]
Sources = dict[str, bytes]  # by name


class ClusterError(PixforgeError):
    """The scheduler cannot be used."""

    exit_code = 6
    kind = "cluster"


def connect(address: str, ship: bool) -> Callable[[Setup, Any], Executor]:
    """Return what makes an executor for a tree.

    Args:
        address: of the scheduler, such as tcp://10.0.0.5:8786.
        ship: send bytes even if the folders are shared.

    Raises:
        MissingDependencyError: dask.distributed is not installed.
        ClusterError: (of the result) no scheduler answers, or it has no workers.
    """
    try:
        from distributed import Client as distributed_client  # noqa: N813  # the name above is its type
    except ImportError as error:
        raise MissingDependencyError("--cluster needs dask.distributed", 'pip install "pixforge[cluster]"') from error

    def executor(setup: Setup, _tree: object) -> Executor:
        try:
            open_client: Any = distributed_client
            client: Client = open_client(address, timeout=_REACH_SECONDS)
            client.wait_for_workers(1, timeout=_REACH_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(
                f"no scheduler with workers answers at {address} ({error})",
                "start them: `dask scheduler` on one machine, `dask worker ADDRESS` on each of the others",
            ) from error
        return ClusterExecutor(client, setup.base, ship)

    return executor


class ClusterExecutor:
    """An executor over the workers of a scheduler."""

    def __init__(self, client: Client, base: Path, ship: bool) -> None:
        self._client = client
        self._ship = ship or not _shared(client, base)
        self._tasks: dict[str, tuple[Task, Future]] = {}
        self._finished: queue.Queue[str] = queue.Queue()  # no SimpleQueue: see `pixforge.watch.native`

    def capacity(self) -> int:
        """Return how many more tasks it would take without letting any wait long."""
        threads: int = sum(self._client.nthreads().values())
        return max(1, int(threads)) * _AHEAD - len(self._tasks)

    def submit(self, task: Task) -> None:
        """Take a task; a source that cannot be read is found out when it is waited for."""
        data = _bytes_of(task.job) if self._ship else None
        job = task.job if self._ship else _absolute(task.job)
        key = f"pixforge-{secrets.token_hex(8)}"
        future = self._client.submit(work, job, task.overwrite, data, self._ship, key=key, retries=RETRIES, pure=False)
        self._tasks[key] = (task, future)
        future.add_done_callback(lambda done: self._finished.put(done.key))

    def wait(self, timeout: float) -> list[tuple[Task, Outcome]]:
        """Return what was finished, waiting so many seconds for the first."""
        keys: list[str] = []
        try:
            keys.append(self._finished.get(timeout=timeout) if timeout > 0 else self._finished.get_nowait())
            while True:
                keys.append(self._finished.get_nowait())
        except queue.Empty:
            return [self._result(*self._tasks.pop(key)) for key in keys if key in self._tasks]

    def close(self) -> None:
        """Cancel what was not finished, and leave the cluster."""
        for _, future in self._tasks.values():
            future.cancel()
        self._tasks.clear()
        self._client.close()

    def _result(self, task: Task, future: Future) -> tuple[Task, Outcome]:
        from distributed import KilledWorker

        job = task.job
        try:
            outcome, files = future.result()
        except KilledWorker:
            return task, died(job, "on every machine that tried")
        except PixforgeError as error:
            return task, _failed(job, known_error(error, job.source))
        except Exception as error:  # noqa: BLE001  # whatever a worker of another version raises: the job's outcome
            return task, _failed(job, internal_error(error, job.source))
        finally:
            future.release()
        outcome = dataclasses.replace(outcome, source=job.source, destination=job.destination, preview=job.preview)
        return task, guarded(job, lambda: self._put(task, outcome, files))

    def _put(self, task: Task, outcome: Outcome, products: tuple[Product, ...]) -> Outcome:
        """Write the files that came back as bytes."""
        if not products or outcome.failure is not None:
            return outcome
        from pixforge.engine.files import due, refuse_changed, write_files

        if not isinstance(task.overwrite, bool):
            refuse_changed(products, task.overwrite)
        products = due(products, task.overwrite)
        made = outcome.made
        if made is not None and begin_reading(task.job).content != made.content:
            raise MovingSourceError(task.job.source)
        status, files = write_files(products, task.overwrite)
        if made is not None:
            paths = {product.path for product in products}
            made = dataclasses.replace(made, outputs=tuple(entry for entry in made.outputs if entry[0] in paths))
        return dataclasses.replace(outcome, status=status, files=files, made=made)


def work(job: Job, overwrite: Overwrite, data: Sources | None, ship: bool) -> Reply:
    """Do a job on a worker.

    Args:
        job: what to do.
        overwrite: as for `pixforge.engine.files.convert_file`.
        data: the sources, if files travel as bytes; None also if one could not be read.
        ship: files travel as bytes.

    Returns:
        The outcome, and the outputs if they travel as bytes.
    """
    products: list[Product] = []

    def here() -> Outcome:
        if not ship or data is None:
            return _convert_here(job, overwrite)
        outcome, made = _convert_bytes(job, data)
        products.extend(made)
        return outcome

    return guarded(job, here), tuple(products)


def _convert_here(job: Job, overwrite: Overwrite) -> Outcome:
    from pixforge.engine.files import convert_file

    reading = begin_reading(job)
    made: list[Made] = []

    def claim(products: Sequence[Product], facts: Facts) -> None:
        reading.check()
        made.append(digests(reading.content, products, facts))

    outcome = convert_file(job, overwrite, claim)
    return dataclasses.replace(outcome, made=made[0] if made else None)


def _convert_bytes(job: Job, data: Sources) -> tuple[Outcome, tuple[Product, ...]]:
    from pixforge.engine.files import make_files

    with tempfile.TemporaryDirectory(prefix="pixforge-") as folder:
        for name, content in data.items():
            (Path(folder) / name).write_bytes(content)
        products, facts = make_files(job, Path(folder))
    read = [(path.name, hash_bytes(data[path.name])) for path in job.read]
    made = digests(read[0][1] if len(read) == 1 else hash_contents(read), products, facts)
    return Outcome(job.source, job.destination, job.preview, "written", 0.0, facts, made=made), products


def _shared(client: Client, base: Path) -> bool:
    """Whether every worker reads in the project's folder what this machine writes there."""
    word = secrets.token_hex(16)
    folder = base.absolute() / ".pixforge"
    make_state(folder)
    probe = folder / f"probe-{word}"
    probe.write_text(word, encoding="ascii")
    try:
        seen = client.run(_reads, str(probe), word)
    finally:
        probe.unlink()
    return bool(seen) and all(seen.values())


def _reads(path: str, word: str) -> bool:
    # numpy may already be loaded in a worker; what is not yet is told not to fight over the cores
    for name in (*THREAD_VARIABLES, THREADS):
        os.environ.setdefault(name, "1")
    try:
        return Path(path).read_text(encoding="ascii") == word
    except OSError:
        return False


def _bytes_of(job: Job) -> Sources | None:
    try:
        return {path.name: path.read_bytes() for path in job.read}
    except OSError:
        return None


def _absolute(job: Job) -> Job:
    frames = tuple(path.absolute() for path in job.frames)
    return dataclasses.replace(job, source=job.source.absolute(), destination=job.destination.absolute(), frames=frames)


def _failed(job: Job, error: dict[str, Any]) -> Outcome:
    return Outcome(job.source, job.destination, job.preview, "failed", failure=Failure(error))

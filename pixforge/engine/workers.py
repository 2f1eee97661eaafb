"""Processes that convert. One that dies is replaced; only the job that it was at is in doubt.

Workers are spawned (the same on every system), ignore Ctrl-C, keep their models loaded, and end with their parent.
"""

from __future__ import annotations

import importlib
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from pixforge.engine.events import Failure, Outcome
from pixforge.engine.plan import Job
from pixforge.engine.run import run_job
from pixforge.errors import PictureError, PixforgeError

if TYPE_CHECKING:
    from pixforge.engine.files import Overwrite
    from pixforge.engine.ledger import Ledger

AHEAD: Final = 2  # jobs handed to a worker: it never waits for the parent
TRIES: Final = 2  # a job whose worker dies is tried once more
THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
THREADS: Final = "PIXFORGE_THREADS"  # what methods with a thread setting of their own (ONNX Runtime) are to use
_STILLBORN: Final = 3
Run = Callable[[Job, "Overwrite", "Ledger | None"], Outcome]


class WorkerDiedError(PictureError):
    """The process that converted a picture died, and so did the next one."""

    kind: ClassVar[str] = "crashed"


class WorkersError(PixforgeError):
    """Worker processes cannot be started at all."""

    kind: ClassVar[str] = "workers"


@dataclass(frozen=True)
class Setup:
    """What workers need to know.

    Attributes:
        ledger, base: where claims are written down; None: nowhere.
        threads: for the numeric libraries of one worker.
        run: what to do with a job.
    """

    ledger: Path | None = None
    base: Path = Path()
    threads: int = 1
    run: Run = run_job


@dataclass(frozen=True)
class Task:
    """A job on its way to a worker.

    Attributes:
        key: by which the caller knows it; outcomes carry it.
        job: what to do.
        overwrite: as for `pixforge.engine.files.convert_file`.
    """

    key: Hashable
    job: Job
    overwrite: Overwrite = None


class Executor(Protocol):
    """Something that turns jobs into outcomes: processes here, or machines."""

    def capacity(self) -> int:
        """Return how many more tasks it would take without letting any wait long."""
        ...

    def submit(self, task: Task) -> None:
        """Take a task."""
        ...

    def wait(self, timeout: float) -> list[tuple[Task, Outcome]]:
        """Return what was finished, waiting so many seconds for the first."""
        ...

    def close(self) -> None:
        """End; what was not finished is dropped."""
        ...


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    pipe: connection.Connection
    tasks: deque[Task] = field(default_factory=deque)  # the first is the one it is at
    born: bool = False


class Processes:
    """A pool of worker processes that grows with the work up to `limit`."""

    def __init__(self, limit: int, setup: Setup) -> None:
        self.limit = limit
        self._setup = setup
        self._workers: list[_Worker] = []
        self._waiting: deque[Task] = deque()
        self._deaths: dict[Hashable, int] = {}
        self._stillborn = 0

    def capacity(self) -> int:
        """Return how many more tasks it would take without letting any wait long."""
        busy = len(self._waiting) + sum(len(worker.tasks) for worker in self._workers)
        return self.limit * AHEAD - busy

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._waiting.append(task)
        self._hand_out()

    def wait(self, timeout: float) -> list[tuple[Task, Outcome]]:
        """Return what was finished, waiting so many seconds for the first.

        Raises:
            WorkersError: processes die before they can do anything.
        """
        if not self._workers:
            return []
        ready = connection.wait([worker.pipe for worker in self._workers], timeout)
        finished: list[tuple[Task, Outcome]] = []
        for worker in [worker for worker in self._workers if worker.pipe in ready]:
            finished += self._hear(worker)
        self._hand_out()
        return finished

    def pids(self) -> tuple[int, ...]:
        """Return the process numbers of the workers."""
        return tuple(worker.process.pid for worker in self._workers if worker.process.pid is not None)

    def close(self) -> None:
        """End all workers; what was not finished is dropped, files are written whole or not at all."""
        for worker in self._workers:
            if worker.tasks:
                worker.process.terminate()
            worker.pipe.close()  # an idle worker ends by itself
        for worker in self._workers:
            worker.process.join(10)
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()
            worker.process.close()
        self._workers.clear()

    def _hand_out(self) -> None:
        while self._waiting:
            worker = self._freest()
            if worker is None:
                return
            task = self._waiting.popleft()
            worker.tasks.append(task)
            try:
                worker.pipe.send(task)
            except OSError:  # it died a moment ago: `wait` hears of it, and this task was not begun
                return

    def _freest(self) -> _Worker | None:
        worker = min(self._workers, key=lambda each: len(each.tasks), default=None)
        if (worker is None or worker.tasks) and len(self._workers) < self.limit:
            return self._start()
        return worker if worker is not None and len(worker.tasks) < AHEAD else None

    def _start(self) -> _Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._setup), daemon=True)
        process.start()
        theirs.close()  # so that the end of the worker is the end of the pipe
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _hear(self, worker: _Worker) -> list[tuple[Task, Outcome]]:
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if said is None:
            worker.born = True
            self._stillborn = 0
            return []
        task = worker.tasks.popleft()
        self._deaths.pop(task.key, None)
        return [(task, said)]

    def _bury(self, worker: _Worker) -> list[tuple[Task, Outcome]]:
        """Take back what a dead worker had; the task it was at is tried once more."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        code = worker.process.exitcode
        worker.process.close()
        if not worker.born:
            self._stillborn += 1
            if self._stillborn >= _STILLBORN:
                raise WorkersError(
                    f"worker processes end as soon as they start ({_how(code)})",
                    'convert in one process with -j 1; in a script, start the batch below `if __name__ == "__main__":`',
                )
        else:
            suspect = worker.tasks[0] if worker.tasks else None
            if suspect is not None:
                self._deaths[suspect.key] = self._deaths.get(suspect.key, 0) + 1
                if self._deaths[suspect.key] >= TRIES:
                    worker.tasks.popleft()
                    del self._deaths[suspect.key]
                    self._waiting.extendleft(reversed(worker.tasks))
                    return [(suspect, died(suspect.job, _how(code)))]
        self._waiting.extendleft(reversed(worker.tasks))
        return []


def died(job: Job, how: str) -> Outcome:
    """Return the outcome of a job that cost two processes their lives."""
    error = WorkerDiedError(
        f"the process that converted it died twice ({how})",
        "perhaps it needs more memory than there is: make the picture smaller or use fewer workers (-j)",
        job.source,
    )
    return Outcome(job.source, job.destination, job.preview, "failed", failure=Failure(error.as_dict()))


def prepare(threads: int) -> None:
    """Set a process up for conversions, before numpy is imported in it."""
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    os.environ[THREADS] = str(threads)


def _serve(pipe: connection.Connection, setup: Setup) -> None:
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    prepare(setup.threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from pixforge.engine import ledger

    importlib.import_module("pixforge.engine.files")  # the slow imports, before the first task is there
    book = None if setup.ledger is None else ledger.opened(setup.ledger, setup.base)
    try:
        pipe.send(None)
        while True:
            task = pipe.recv()
            pipe.send(setup.run(task.job, task.overwrite, book))
    except (EOFError, OSError):
        return  # the parent is done with it


def _end_with_parent() -> None:
    """Without this a worker whose parent was killed would finish its job while the next run begins the same one."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exit code {code}"


class Here:
    """The executor of few jobs: this process, one at a time."""

    def __init__(self, setup: Setup) -> None:
        from pixforge.engine.ledger import Ledger

        self._tasks: deque[Task] = deque()
        self._run = setup.run
        self._ledger = None if setup.ledger is None else Ledger(setup.ledger, setup.base)

    def capacity(self) -> int:
        """Return how many more tasks it would take without letting any wait long."""
        return 1 - len(self._tasks)

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._tasks.append(task)

    def wait(self, timeout: float) -> list[tuple[Task, Outcome]]:  # noqa: ARG002  # the signature of every executor
        """Do the next task."""
        if not self._tasks:
            return []
        task = self._tasks.popleft()
        return [(task, self._run(task.job, task.overwrite, self._ledger))]

    def close(self) -> None:
        """End."""
        self._tasks.clear()
        if self._ledger is not None:
            self._ledger.close()

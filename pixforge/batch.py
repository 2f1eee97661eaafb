"""Many jobs over all cores. A fault of one job, even the death of its process, costs no other.

Worker processes are spawned (the same on every system), run one thread each, ignore Ctrl-C, and end with their parent.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from pixforge.engine.events import Failure, Outcome
from pixforge.engine.plan import Job
from pixforge.engine.run import run_job
from pixforge.errors import PictureError

# A worker takes about as long to start as a few pictures take to convert.
JOBS_WORTH_A_WORKER: Final = 6
AHEAD: Final = 2  # jobs in flight per worker: none waits for the parent, few are under suspicion when one dies
THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

Stop = Callable[[], bool]


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worker_count(jobs: int, wanted: int | None = None) -> int:
    """Return how many processes to use: what is wanted, or all cores, but none that could not earn its start."""
    if wanted is not None:
        return max(1, min(wanted, jobs))
    return max(1, min(cores(), jobs // JOBS_WORTH_A_WORKER))


def run_batch(
    jobs: Sequence[Job], overwrite: bool | None = None, workers: int | None = None, stop: Stop = lambda: False
) -> Iterator[Outcome]:
    """Yield the outcome of every job as it is done, in no certain order.

    Args:
        jobs: what to do.
        overwrite: as for `pixforge.engine.pipeline.convert_file`.
        workers: processes; 1 means this process alone. Default: `worker_count`.
        stop: asked often; once it says True nothing new is begun, what was begun is finished, and the iterator ends.
    """
    count = worker_count(len(jobs), workers)
    if count > 1:
        yield from _in_processes(jobs, overwrite, count, stop)
        return
    for job in jobs:
        if stop():
            return
        yield run_job(job, overwrite)


def _in_processes(jobs: Sequence[Job], overwrite: bool | None, workers: int, stop: Stop) -> Iterator[Outcome]:
    queue = deque(jobs)
    while queue and not stop():
        suspects: list[Job] = []
        yield from _until_broken(queue, suspects, overwrite, workers, stop)
        for job in suspects:  # one of these killed its worker; alone, each shows which
            yield _alone(job, overwrite)


def _until_broken(
    queue: deque[Job], suspects: list[Job], overwrite: bool | None, workers: int, stop: Stop
) -> Iterator[Outcome]:
    """Work the queue off. If a worker dies, leave the rest in the queue and what was in flight in `suspects`."""
    with _pool(workers) as pool:
        flying: dict[Future[Outcome], Job] = {}
        while True:
            while queue and len(flying) < workers * AHEAD and not suspects and not stop():
                try:
                    flying[pool.submit(run_job, queue[0], overwrite)] = queue[0]
                except BrokenProcessPool:
                    suspects.append(queue[0])
                queue.popleft()
            if not flying:
                return
            for future in wait(flying, timeout=0.2, return_when=FIRST_COMPLETED).done:
                job = flying.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    suspects.append(job)


def _alone(job: Job, overwrite: bool | None) -> Outcome:
    started = time.perf_counter()
    try:
        with _pool(1) as pool:
            return pool.submit(run_job, job, overwrite).result()
    except BrokenProcessPool:
        error = PictureError(
            "the process that converted it died, perhaps out of memory",
            "convert it alone, or make it smaller",
            job.source,
        )
        seconds = time.perf_counter() - started
        return Outcome(job.source, job.destination, job.preview, "failed", seconds, failure=Failure(error.as_dict()))


def _pool(workers: int) -> ProcessPoolExecutor:
    import multiprocessing

    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_start_worker)


def _start_worker() -> None:
    """Prepare a worker process, before numpy is imported in it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Without this a worker whose parent was killed would wait for work for ever."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

"""The same jobs on a dask cluster of processes, one of which is killed: equal to the local run, to the byte."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pixforge.batch import Batch, Options
from pixforge.engine.ledger import Ledger
from pixforge.errors import PixforgeError
from pixforge.project.tree import Tree

pytest.importorskip("distributed")
Make = Callable[..., Tree]

SCHEDULER = """
import asyncio
from distributed import Scheduler
async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard_address=":0") as scheduler:
        print("at", scheduler.address, flush=True)
        await scheduler.finished()
asyncio.run(main())
"""
WORKER = """
import asyncio, sys
from distributed import Worker
async def main():
    async with Worker(sys.argv[1], nthreads=1, dashboard=False) as worker:
        print("at", worker.address, flush=True)
        await worker.finished()
asyncio.run(main())
"""


def start(code: str, *words: str) -> tuple[subprocess.Popen[str], str]:
    """Start a process of the cluster and return it with its address."""
    command = [sys.executable, "-c", code, *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        match = re.match(r"at (\S+)", line)
        if match:
            return process, match[1]
    raise AssertionError("the cluster did not start")


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """A scheduler's address and three workers."""
    scheduler, address = start(SCHEDULER)
    workers = [start(WORKER, address)[0] for _ in range(3)]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.communicate()


def files(tree: Tree) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in tree.output.glob("*.png") if path.name[0] != "."}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("ship", [False, True], ids=["shared folder", "as bytes"])
def test_a_cluster_that_loses_a_worker_does_everything_as_one_machine_would(
    cluster: tuple[str, list[subprocess.Popen[str]]], make_tree: Make, tmp_path: Path, ship: bool
) -> None:
    from pixforge.engine.cluster import connect

    address, workers = cluster
    tree = make_tree(24)
    (tree.source / "bad.png").write_text("no picture")
    list(Batch(tree, Options(workers=1)))
    local = files(tree)
    tree.output.rename(tmp_path / "local")
    outcomes = []
    for outcome in Batch(tree, Options(cluster=connect(address, ship))):
        outcomes.append(outcome)
        if len(outcomes) == 3:
            victim = workers.pop()
            victim.kill()
            victim.communicate()
    assert [outcome.source.name for outcome in outcomes if outcome.failure is not None] == ["bad.png"]
    assert files(tree) == local
    assert len(local) == 24
    with Ledger(tree.ledger, tree.root) as ledger:
        assert ledger.counts() == {"made": 24, "failed": 1}
    again = [outcome.status for outcome in Batch(tree, Options(workers=1)) if outcome.failure is None]
    assert again == ["unchanged"] * 24


def test_a_scheduler_that_does_not_answer_is_an_error_with_the_two_commands(
    make_tree: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pixforge.engine import cluster

    monkeypatch.setattr(cluster, "_REACH_SECONDS", 0.5)
    with pytest.raises(PixforgeError, match="dask scheduler"):
        list(Batch(make_tree(1), Options(cluster=cluster.connect("tcp://127.0.0.1:9", ship=False))))

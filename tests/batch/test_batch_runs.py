"""A run repeats only what changed, in order, whatever happens to single pictures or to the run itself."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pixforge.batch import Batch, Options, in_order
from pixforge.cli import boundary
from pixforge.engine import lock
from pixforge.engine.events import Outcome
from pixforge.engine.ledger import Ledger
from pixforge.engine.lock import BusyError, Lock
from pixforge.engine.plan import Job
from pixforge.engine.run import run_job
from pixforge.engine.workers import Processes, Setup, Task, WorkersError
from pixforge.project.schema import HooksTable
from pixforge.project.tree import Tree

Make = Callable[..., Tree]
Draw = Callable[..., Path]


def run(tree: Tree, **options: object) -> dict[str, str]:
    """Run and return the status of every picture, by its name."""
    return {outcome.source.name: outcome.status for outcome in Batch(tree, Options(**options))}  # type: ignore[arg-type]


def made(tree: Tree) -> dict[str, int]:
    with Ledger(tree.ledger, tree.root) as ledger:
        return {path.name: row.made for path, row in ledger.rows()}


def test_only_what_changed_is_converted_again(make_tree: Make, drawn: Draw) -> None:
    tree = make_tree(5)
    assert set(run(tree, workers=1).values()) == {"written"}
    drawn(tree.source / "001.png", seed=99)
    (tree.output / "002.png").unlink()
    (tree.output / "003.png").write_bytes(b"altered")
    os.utime(tree.source / "004.png", (1, 1))
    drawn(tree.source / "new.png", seed=77)
    statuses = run(tree, workers=1)
    assert statuses == {
        "000.png": "unchanged", "001.png": "written", "002.png": "written", "003.png": "written",
        "004.png": "unchanged", "new.png": "written",
    }  # fmt: skip
    assert made(tree) == {
        "000.png": 1, "001.png": 2, "002.png": 2, "003.png": 2, "004.png": 1, "new.png": 1
    }  # fmt: skip
    assert set(run(tree).values()) == {"unchanged"}


def test_processes_give_what_one_gives_in_the_order_of_the_sources(make_tree: Make, tmp_path: Path) -> None:
    tree = make_tree(20)
    (tree.source / "005.png").write_text("no picture")
    batch = Batch(tree, Options(workers=2))
    outcomes = list(batch)
    assert [outcome.source.name for outcome in outcomes] == [f"{number:03}.png" for number in range(20)]
    assert (batch.total, batch.workers) == (20, 2)
    assert [outcome.source.name for outcome in outcomes if outcome.status != "written"] == ["005.png"]
    many = {path.name: path.read_bytes() for path in tree.output.glob("*.png")}
    tree.output.rename(tmp_path / "first")
    list(Batch(tree, Options(workers=1)))
    assert {path.name: path.read_bytes() for path in tree.output.glob("*.png")} == many
    assert len(many) == 19


def test_early_outcomes_wait_for_their_turn() -> None:
    def outcome(name: str) -> Outcome:
        return Outcome(Path(name), Path(name), None, "written")

    numbered = iter([(1, outcome("b")), (3, outcome("d")), (0, outcome("a")), (5, outcome("f"))])
    assert [each.source.name for each in in_order(numbered)] == ["a", "b", "d", "f"]


def test_a_renamed_source_costs_no_conversion_and_prune_removes_only_what_is_ours(make_tree: Make) -> None:
    tree = make_tree("a.png", "npc/b.png", "npc/c.png")
    run(tree, workers=1)
    (tree.source / "a.png").rename(tree.source / "z.png")
    (tree.source / "npc" / "b.png").unlink()
    (tree.source / "npc" / "c.png").unlink()
    (tree.output / "npc" / "c.png").write_bytes(b"an artist was here")
    (tree.output / "theirs.png").write_bytes(b"not ours at all")
    run(tree, workers=1)
    assert made(tree)["z.png"] == 0
    assert (tree.output / "a.png").exists(), "nothing is removed unless asked"
    batch = Batch(tree, Options(prune=True))
    assert [outcome.status for outcome in batch] == ["unchanged"]
    assert sorted(path.name for path in batch.pruned) == ["a.png", "b.png"]
    left = sorted(path.relative_to(tree.output).as_posix() for path in tree.output.rglob("*.png"))
    assert left == ["npc/c.png", "theirs.png", "z.png"]


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(make_tree: Make, drawn: Draw) -> None:
    tree = make_tree(3)
    assert set(run(tree, dry=True).values()) == {"planned"}
    assert not tree.output.exists()
    run(tree, workers=1)
    drawn(tree.source / "001.png", seed=99)
    (tree.source / "002.png").unlink()
    batch = Batch(tree, Options(dry=True, prune=True))
    assert [outcome.status for outcome in batch] == ["unchanged", "planned"]
    assert [path.name for path in batch.pruned] == ["002.png"]
    assert (tree.output / "002.png").exists()


def test_a_file_of_somebody_else_is_kept(make_tree: Make) -> None:
    tree = make_tree(2)
    tree.output.mkdir()
    (tree.output / "000.png").write_bytes(b"theirs")
    assert run(tree, workers=1) == {"000.png": "failed", "001.png": "written"}
    assert (tree.output / "000.png").read_bytes() == b"theirs"
    assert run(tree, workers=1, overwrite=True) == {"000.png": "written", "001.png": "unchanged"}


def test_two_runs_at_once_are_refused(make_tree: Make) -> None:
    tree = make_tree(1)
    with Lock(tree.state, "watch"):
        assert lock.holder(tree.state) == {"what": "watch", "pid": os.getpid()}
        with pytest.raises(BusyError, match="pixforge watch"):
            run(tree)
    assert lock.holder(tree.state) is None
    assert run(tree) == {"000.png": "written"}


def test_after_a_stop_what_was_begun_is_finished_and_the_next_run_does_the_rest(make_tree: Make) -> None:
    tree = make_tree(40)
    seen: list[Outcome] = []
    batch = Batch(tree, Options(workers=2), stop=lambda: len(seen) >= 3)
    for outcome in batch:
        seen.append(outcome)  # noqa: PERF402  # the stop above looks at it
    assert 3 <= len(seen) < 40
    assert {path.name for path in tree.output.glob("*.png")} == {outcome.source.name for outcome in seen}
    assert sorted(run(tree).values()) == ["unchanged"] * len(seen) + ["written"] * (40 - len(seen))
    assert set(made(tree).values()) == {1}


def test_hooks_see_jobs_and_run_and_a_strict_one_fails_its_job(make_tree: Make, tmp_path: Path) -> None:
    tree = make_tree(2)
    script = tmp_path / "hook.py"
    script.write_text(
        "import json, sys\nsaid = json.load(sys.stdin)\n"
        f"print(json.dumps(said), file=open({str(tmp_path / 'log')!r}, 'a'))\n"
        "sys.exit('000' in said.get('source', ''))\n"
    )
    command = f'"{sys.executable}" "{script}"'
    tree.hooks = HooksTable((command,), (command,), (command,), (command,))
    batch = Batch(tree, Options(workers=1))
    assert [outcome.status for outcome in batch] == ["written", "written"]
    assert len(batch.troubles) == 2
    events = [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines()]
    assert (events[0], events[-1], len(events)) == ("before-run", "after-run", 6)
    (tree.output / "000.png").unlink()
    tree.hooks = HooksTable(before_job=(command,), strict=True)
    assert run(tree, workers=1) == {"000.png": "failed", "001.png": "unchanged"}


def die(job: Job, overwrite: bool | None, ledger: Ledger | None) -> Outcome:
    """A job that ends its process, once or always, by the name of its source."""
    marker = job.source.with_suffix(".died")
    if job.source.stem == "always" or (job.source.stem == "once" and not marker.exists()):
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    return run_job(job, overwrite, ledger)


@pytest.fixture
def deadly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """The function above, in a module that other processes can import."""
    import importlib
    import inspect

    text = "import os, signal\nfrom pixforge.engine.run import run_job\n" + inspect.getsource(die)
    (tmp_path / "deadly_jobs.py").write_text(text.replace(": Job", "").replace(": bool | None", "").replace(
        ": Ledger | None", "").replace(" -> Outcome", ""))  # fmt: skip
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "deadly_jobs", raising=False)
    return importlib.import_module("deadly_jobs").die  # type: ignore[no-any-return]  # of a module made above


def test_a_worker_that_is_killed_is_replaced_and_only_its_job_is_in_doubt(
    make_tree: Make, deadly: Callable[..., Outcome]
) -> None:
    tree = make_tree("a.png", "always.png", "b.png", "c.png", "d.png", "once.png", "z.png")
    pool = Processes(2, Setup(run=deadly))
    outcomes = {}
    try:
        for job in tree.jobs():
            pool.submit(Task(job.source.name, job))
        while len(outcomes) < 7:
            outcomes.update({task.key: outcome for task, outcome in pool.wait(1.0)})
    finally:
        pool.close()
    failed = [name for name, outcome in outcomes.items() if outcome.failure is not None]
    assert failed == ["always.png"]
    failure = outcomes["always.png"].failure
    assert failure is not None
    assert failure.error["kind"] == "crashed"
    assert "died twice" in failure.error["cause"]


def test_what_killed_its_worker_twice_is_left_alone_until_told(make_tree: Make) -> None:
    from pixforge.engine.book import Book
    from pixforge.engine.workers import died

    tree = make_tree(2)
    job = next(tree.jobs())
    with Ledger(tree.ledger, tree.root) as ledger:
        Book(ledger).finish(Task(0, job), died(job, "killed by SIGKILL"))
    assert run(tree, workers=1) == {"000.png": "failed", "001.png": "written"}
    assert run(tree, workers=1, retry=True) == {"000.png": "written", "001.png": "unchanged"}


def test_workers_that_cannot_start_are_an_error_and_not_a_loop(
    make_tree: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tree = make_tree(1)
    (tmp_path / "sitecustomize.py").write_text("import os\nos._exit(9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pool = Processes(1, Setup())
    pool.submit(Task(0, next(tree.jobs())))
    try:
        with pytest.raises(WorkersError, match="as soon as they start"):
            _wait_for_ever(pool)
    finally:
        pool.close()


def _wait_for_ever(pool: Processes) -> None:
    while True:
        pool.wait(1.0)


def test_reports_for_machines(make_tree: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = make_tree("a.png", "npc/b & <c>.png")
    (tree.source / "bad.png").write_text("no picture")
    monkeypatch.chdir(tmp_path)
    words = ["batch", "art", "out", "-m", "identity", "--junit", "r/junit.xml", "--report", "r/report.json", "-j", "1"]
    assert boundary.run(words) == 3
    suite = ET.parse("r/junit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert [(case.get("classname"), case.get("name"), len(case)) for case in suite] == [
        ("pixforge", "a.png", 0), ("pixforge", "bad.png", 1), ("pixforge.npc", "b & <c>.png", 0)
    ]  # fmt: skip
    report = json.loads(Path("r/report.json").read_text())
    assert [each["status"] for each in report["outcomes"]] == ["written", "failed", "written"]
    assert (report["exit_code"], report["summary"]["failed"], report["jobs"]) == (3, 1, 3)


def test_the_project_file_says_what_to_do(make_tree: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree("hero.png", "sky.png")
    (tmp_path / "pixforge.toml").write_text(
        'source = "art"\noutput = "game"\n[[rule]]\nmatch = "hero*"\nset = { method.name = "identity" }\n'
    )
    monkeypatch.chdir(tmp_path / "art")
    assert boundary.run(["batch", "--width", "6"]) == 0
    assert [path.name for path in (tmp_path / "game").iterdir()] == ["hero.png"]
    assert (tmp_path / ".pixforge" / "ledger.db").exists()
    assert boundary.run(["batch", "-p", "nes"]) == 2
    assert boundary.run(["batch", "only-one"]) == 2

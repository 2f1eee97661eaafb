"""pixforge batch: a tree in, the same tree out, whatever happens to single pictures."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixforge import batch

Runner = Callable[..., Any]
Draw = Callable[..., Path]
Tree = Callable[[Path], dict[str, bytes]]
FAST = ("-m", "identity", "--width", "8")
COMMAND = [sys.executable, "-m", "pixforge", "batch"]


@pytest.fixture
def art(work: Path, draw: Draw) -> Path:
    """Three pictures in two folders, and one that is none."""
    draw(work / "art" / "a.png", seed=1)
    draw(work / "art" / "npc" / "b.webp", seed=2)
    draw(work / "art" / "npc" / "old" / "c.png", seed=3)
    (work / "art" / "npc" / "bad.png").write_text("no picture")
    (work / "art" / "notes.txt").write_text("not even a name of one")
    return work / "art"


def test_the_tree_is_kept_and_a_bad_file_does_not_stop_the_rest(
    pixforge: Runner, art: Path, work: Path, tree: Tree
) -> None:
    before = tree(art)
    ran = pixforge("batch", "art", "out", *FAST)
    assert ran.code == 3
    assert list(tree(work / "out")) == ["a.png", "npc/b.png", "npc/old/c.png"]
    assert "3 written, 1 failed" in ran.out
    assert str(Path("art/npc/bad.png")) in ran.err
    assert tree(art) == before


@pytest.mark.usefixtures("art")
def test_the_report_has_an_outcome_for_every_picture_in_order(pixforge: Runner) -> None:
    document = pixforge("batch", "art", "out", *FAST, "--json").json
    assert document["command"] == "batch"
    assert [Path(outcome["source"]).name for outcome in document["outcomes"]] == ["a.png", "b.webp", "bad.png", "c.png"]
    assert document["summary"] == {"written": 3, "unchanged": 0, "skipped": 0, "planned": 0, "failed": 1}
    assert (document["jobs"], document["interrupted"], document["exit_code"]) == (4, False, 3)
    assert set(document) >= {"workers", "preset", "seconds", "schema", "version", "error"}


def test_a_second_run_writes_nothing(pixforge: Runner, art: Path) -> None:
    (art / "npc" / "bad.png").unlink()
    assert pixforge("batch", "art", "out", *FAST).code == 0
    stamps = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.png")}
    assert pixforge("batch", "art", "out", *FAST, "--json").json["summary"]["unchanged"] == 3
    assert {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.png")} == stamps


@pytest.mark.usefixtures("art")
def test_processes_give_the_same_bytes_as_one(pixforge: Runner, work: Path, tree: Tree) -> None:
    assert pixforge("batch", "art", "one", "-j", 1, "--width", 16).code == 3
    ran = pixforge("batch", "art", "two", "-j", 2, "--width", 16, "--json")
    assert ran.code == 3
    assert ran.json["workers"] == 2
    assert ran.json["outcomes"][2]["error"]["exit_code"] == 4
    assert tree(work / "one") == tree(work / "two")


@pytest.mark.usefixtures("art")
def test_a_dry_run_says_where_everything_would_go_and_writes_nothing(pixforge: Runner, work: Path, tree: Tree) -> None:
    before = tree(work)
    ran = pixforge("batch", "art", "out", "--dry-run")
    assert ran.code == 0
    assert f"{Path('art/npc/b.webp')} -> {Path('out/npc/b.png')}" in ran.out
    assert "4 planned" in ran.out
    assert tree(work) == before


def test_an_output_inside_the_source_is_not_taken_for_a_source(pixforge: Runner, art: Path, tree: Tree) -> None:
    (art / "npc" / "bad.png").unlink()
    for _ in range(2):
        assert pixforge("batch", "art", "art/out", *FAST, "--json").json["jobs"] == 3
    assert not [name for name in tree(art) if name.startswith("out/out")]


@pytest.mark.usefixtures("art")
@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("art", "art"), 8, "would overwrite the source"),
        (("art/a.png", "out"), 4, "not a folder"),
        (("missing", "out"), 4, "not a folder"),
        (("art", "out", "-p", "nope"), 5, "no preset"),
    ],
)
def test_what_cannot_work_is_refused_before_it_begins(
    pixforge: Runner, work: Path, tree: Tree, args: tuple[str, ...], code: int, said: str
) -> None:
    before = tree(work)
    ran = pixforge("batch", *args)
    assert ran.code == code
    assert said in ran.err
    assert tree(work) == before


def test_two_pictures_of_one_name_are_refused_with_both(pixforge: Runner, art: Path, draw: Draw) -> None:
    draw(art / "a.jpg.bmp").rename(art / "a.webp")
    ran = pixforge("batch", "art", "out", *FAST)
    assert ran.code == 8
    assert str(Path("art/a.png")) in ran.err
    assert str(Path("art/a.webp")) in ran.err
    assert not Path("out").exists()


def test_a_folder_without_pictures_is_no_error(pixforge: Runner, work: Path) -> None:
    (work / "empty").mkdir()
    ran = pixforge("batch", "empty", "out")
    assert ran.code == 0
    assert "holds no pictures" in ran.err


@pytest.mark.usefixtures("art")
def test_no_bar_and_no_escape_codes_where_nobody_looks() -> None:
    done = subprocess.run([*COMMAND, "art", "out", *FAST], capture_output=True, check=False)
    assert done.returncode == 3
    assert b"\x1b" not in done.stdout + done.stderr


def test_few_pictures_do_not_pay_for_processes() -> None:
    assert batch.worker_count(3) == 1
    assert batch.worker_count(3, wanted=8) == 3
    assert batch.worker_count(10_000) == batch.cores()


@pytest.mark.skipif(os.name == "nt", reason="signals to a process group are POSIX")
def test_ctrl_c_drains_and_says_so(work: Path, draw: Draw) -> None:
    for index in range(60):
        draw(work / "art" / f"{index:02}.png", size=(512, 512), seed=index)
    process = subprocess.Popen(
        [*COMMAND, "art", "out", "-j", "2", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(work.glob("out/*.png")) and time.monotonic() < deadline:
        time.sleep(0.05)  # nothing else tells that the first picture is done
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to parent and workers alike
    out, err = process.communicate(timeout=60)
    document = json.loads(out)
    assert process.returncode == document["exit_code"] == 130
    assert document["interrupted"] is True
    written = {Path(outcome["destination"]) for outcome in document["outcomes"] if outcome["status"] == "written"}
    assert 0 < len(written) < 60
    assert {path.relative_to(work) for path in work.glob("out/*.png")} == written
    assert "finishing what was begun" in err
    assert "Traceback" not in err

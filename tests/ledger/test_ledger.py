"""The ledger: what is up to date, what is not, and that the disk has the last word."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge import preset
from pixforge.engine import book as books
from pixforge.engine.content import MovingSourceError, Reading, Stamp
from pixforge.engine.ledger import Ledger
from pixforge.engine.ledger_schema import Names
from pixforge.engine.plan import Job
from pixforge.engine.run import run_job
from pixforge.errors import OutputError

PRESET = preset.parse({"direction": "to-pixel", "method": {"name": "identity"}, "grid": {"width": 8}}, "test")
OLD = 1_500_000_000


def draw(path: Path, red: int = 200, age: int = OLD) -> Path:
    """Write a drawing that has not been changed for long."""
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[4:12, 2:14] = (red, 40, 90, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    os.utime(path, ns=(age * 10**9 + 5, age * 10**9 + 5))
    return path


def job(folder: Path, name: str, **changes: object) -> Job:
    return replace(Job(folder / "art" / name, folder / "out" / name, PRESET), **changes)  # type: ignore[arg-type]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "out" / ".pixforge" / "ledger.db", tmp_path / "out") as opened:
        yield opened


def make(ledger: Ledger, what: Job) -> None:
    outcome = run_job(what, None, ledger)
    assert outcome.failure is None
    ledger.confirm(what)
    ledger.flush()


def test_what_was_made_is_current_until_something_changes(ledger: Ledger, tmp_path: Path) -> None:
    draw(tmp_path / "art" / "a.png")
    what = job(tmp_path, "a.png")
    assert ledger.examine(what, "").verdict == "convert"
    make(ledger, what)
    assert ledger.examine(what, "").verdict == "current"
    assert ledger.examine(what, "another model").verdict == "convert"
    other = preset.parse({"direction": "to-pixel", "method": {"name": "identity"}, "grid": {"width": 9}}, "test")
    assert ledger.examine(replace(what, preset=other), "").verdict == "convert"
    draw(what.source, red=10, age=OLD + 9)
    assert ledger.examine(what, "").verdict == "convert"


@pytest.mark.parametrize("harm", ["delete", "alter", "alter and keep the time"])
def test_an_output_that_is_not_what_was_made_is_made_again(ledger: Ledger, tmp_path: Path, harm: str) -> None:
    draw(tmp_path / "art" / "a.png")
    what = job(tmp_path, "a.png")
    make(ledger, what)
    data, status = what.destination.read_bytes(), what.destination.stat()
    what.destination.unlink()
    if harm != "delete":
        what.destination.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    if harm == "alter and keep the time":
        os.utime(what.destination, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert ledger.examine(what, "").verdict == "convert"
    assert not ledger.current(what, "")


def test_a_touched_file_costs_one_look_and_no_conversion(ledger: Ledger, tmp_path: Path) -> None:
    what = job(tmp_path, draw(tmp_path / "art" / "a.png").name)
    make(ledger, what)
    os.utime(what.source, (OLD + 50, OLD + 50))
    os.utime(what.destination, (OLD + 50, OLD + 50))
    assert not ledger.current(what, "")
    assert ledger.examine(what, "").verdict == "current"
    ledger.flush()
    assert ledger.current(what, "")


def test_a_renamed_file_takes_the_bytes_that_were_made_before(ledger: Ledger, tmp_path: Path) -> None:
    first = job(tmp_path, draw(tmp_path / "art" / "a.png").name)
    make(ledger, first)
    made = first.destination.read_bytes()
    first.source.rename(tmp_path / "art" / "b.png")
    second = job(tmp_path, "b.png")
    outcome = books.Book(ledger).settle(second)
    assert outcome is not None
    assert (outcome.status, second.destination.read_bytes()) == ("written", made)
    row = ledger.row(second.destination)
    assert row is not None
    assert row.made == 0, "it was copied, not converted"
    assert ledger.examine(second, "").verdict == "current"


def test_a_row_without_its_output_proves_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """A process killed between its claim and its rename."""
    what = job(tmp_path, draw(tmp_path / "art" / "a.png").name)
    make(ledger, what)
    what.destination.unlink()
    assert ledger.row(what.destination) is not None
    assert ledger.examine(what, "").verdict == "convert"


def test_what_changed_this_instant_is_not_believed_by_its_time(ledger: Ledger, tmp_path: Path) -> None:
    draw(tmp_path / "art" / "a.png")
    what = job(tmp_path, "a.png")
    os.utime(what.source)
    make(ledger, what)
    row = ledger.row(what.destination)
    assert row is not None
    stamp = Stamp.of(what.source)
    assert row.stamp is None or stamp.settled(int(what.destination.stat().st_mtime_ns) + 10**9)
    assert not stamp.settled(stamp.mtime_ns + 1000)
    assert stamp.settled(stamp.mtime_ns + 3 * 10**9)


def test_a_source_that_changes_while_it_is_read_is_not_kept(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.png")
    reading = Reading.begin(path)
    draw(path, red=1, age=OLD + 1)
    with pytest.raises(MovingSourceError):
        reading.check()
    path.unlink()
    with pytest.raises(MovingSourceError):
        reading.check()


def test_a_failure_is_remembered_and_the_outputs_stay_ours(ledger: Ledger, tmp_path: Path) -> None:
    what = job(tmp_path, draw(tmp_path / "art" / "a.png").name)
    make(ledger, what)
    what.source.write_bytes(b"no picture")
    outcome = run_job(what, None, ledger)
    ledger.fail(what, outcome, "")
    row = ledger.row(what.destination)
    assert row is not None
    assert (row.state, len(row.outputs)) == ("failed", 1)
    assert row.error is not None
    assert row.error["kind"] == "picture"
    assert ledger.examine(what, "").verdict == "convert"
    assert ledger.examine(what, "", patient=True).verdict == "failed"
    ledger.fail(what, outcome, "", crashed=True)
    assert ledger.examine(what, "").verdict == "crashed"
    assert ledger.examine(what, "", retry=True).verdict == "convert"


def test_several_processes_may_write(ledger: Ledger, tmp_path: Path) -> None:
    with Ledger(ledger.path, ledger.base) as second:
        make(second, job(tmp_path, draw(tmp_path / "art" / "a.png").name))
        make(ledger, job(tmp_path, draw(tmp_path / "art" / "b.png", red=1).name))
        assert [path.name for path, _ in second.rows()] == ["a.png", "b.png"]
        assert ledger.counts() == {"made": 2}


def test_rows_of_a_folder_are_found_by_its_name_alone(ledger: Ledger, tmp_path: Path) -> None:
    for name in ("npc/a.png", "npc/old/b.png", "npc-2/c.png", "npc.png"):
        make(
            ledger, job(tmp_path, draw(tmp_path / "art" / name, red=len(name)).relative_to(tmp_path / "art").as_posix())
        )
    found = [path.name for path, _ in ledger.from_source(tmp_path / "art" / "npc")]
    assert found == ["a.png", "b.png"]


@pytest.mark.parametrize(
    "name", ["a.png", "x/ü \N{GRINNING FACE} ' \" \n.png", b"\xff\xfe.png", "../art/a.png", "0" * 200]
)
def test_every_path_is_written_and_read_back(tmp_path: Path, name: str | bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    names = Names(tmp_path)
    text = names.write(path)
    assert names.read(text) == Path(os.path.abspath(path))  # noqa: PTH100  # without the links that resolve follows
    assert names.locate(text) == os.path.abspath(path)  # noqa: PTH100
    text.encode()


def test_a_moved_tree_keeps_its_ledger(ledger: Ledger, tmp_path: Path) -> None:
    make(ledger, job(tmp_path, draw(tmp_path / "art" / "a.png").name))
    ledger.close()
    new = tmp_path / "elsewhere"
    new.mkdir()
    (tmp_path / "out").rename(new / "out")
    (tmp_path / "art").rename(new / "art")
    with Ledger(new / "out" / ".pixforge" / "ledger.db", new / "out") as moved:
        assert moved.examine(job(new, "a.png"), "").verdict == "current"


def test_a_broken_or_newer_ledger_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database" * 1000)
    with pytest.raises(OutputError, match="may be deleted"):
        Ledger(broken, tmp_path)
    newer = tmp_path / "newer.db"
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(OutputError, match="newer pixforge"):
        Ledger(newer, tmp_path)

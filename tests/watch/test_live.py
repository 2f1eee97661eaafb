"""The watch as a process, with real files and real events; the long versions are in benchmarks."""

from __future__ import annotations

import json
import plistlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pixforge.cli import boundary
from pixforge.engine.lock import Lock
from pixforge.errors import SettingsError
from pixforge.project.tree import Tree, plain_tree
from pixforge.watch import polling
from pixforge.watch.daemon import check
from pixforge.watch.settling import Settler, is_being_written
from pixforge.watch.units import MANAGERS, unit

ROOT = Path(__file__).resolve().parents[2]
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def script(*words: str) -> str:
    """Run a benchmark; what it asserts, this test asserts."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("more", [(), ("--poll",)], ids=["native", "polling"])
def test_files_that_arrive_in_every_way_are_converted_once_and_whole(more: tuple[str, ...]) -> None:
    assert json.loads(script("benchmarks.live_watch", "--files", "60" if not more else "24", *more))["files"] > 0


@ON_LINUX
@pytest.mark.parametrize("kind", ["worker", "batch", "watch"])
def test_a_process_killed_at_any_moment_costs_nothing(kind: str) -> None:
    rounds = "2" if kind == "watch" else "3"
    script("benchmarks.kills", "--rounds", rounds, "--files", "24", "--kind", kind)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "art").mkdir()
    monkeypatch.chdir(tmp_path)
    return iter([tmp_path]).__next__()


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("art", "art/out"), 5, "lies inside the watched folder"),
        (("art", "art"), 5, "same folder"),
        (("nowhere", "out"), 4, "not a folder"),
        (("art", "out", "--status"), 10, "nothing watches"),
        (("art", "out", "--dry-run"), 2, "no dry run"),
        (("art", "out", "--settle", "0"), 5, "a number from"),
        (("art",), 2, "needs DST"),
        ((), 5, "there is no pixforge.toml"),
        (("art", "out", "--hook", "after=x"), 5, "EVENT=COMMAND"),
    ],
)
def test_what_cannot_work_is_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    assert boundary.run(["watch", *words]) == code
    assert said in capsys.readouterr().err


def test_an_output_inside_the_source_is_watched_if_it_is_ignored(folders: Path) -> None:
    from pixforge import preset

    chosen = preset.parse({"direction": "to-pixel"}, "x")

    def tree(*ignore: str) -> Tree:
        return plain_tree(folders / "art", folders / "art" / "game" / "out", chosen, ignore)

    with pytest.raises(SettingsError, match=r"--ignore|inside"):
        check(tree())
    check(tree("game/out"))
    check(tree("game"))


def test_a_second_watch_is_refused(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Lock(folders / "out" / ".pixforge", "watch"):
        assert boundary.run(["watch", "art", "out"]) == 8
    assert "works here" in capsys.readouterr().err


@ON_LINUX
def test_a_file_that_somebody_writes_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    assert not is_being_written(path)
    with path.open("ab"):
        assert is_being_written(path)
    with path.open("rb"):
        assert not is_being_written(path)
    assert not is_being_written(tmp_path / "missing.png")


def test_a_settler_forgets_what_it_gave(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    settler = Settler(1.0, lambda _: False)
    settler.touch(path, 0.0)
    assert list(settler.due(2.0)) == [], "what is gone waits longer: it may be about to be replaced"
    path.write_bytes(b"x")
    assert list(settler.due(3.0)) == []
    assert list(settler.due(4.0)) == [(path, True)]
    assert len(settler) == 0


def test_polling_finds_new_changed_and_lost_files(tmp_path: Path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    first.write_bytes(b"1")
    source = polling.PollingSource(lambda: iter(sorted(tmp_path.glob("*.png"))), interval=0.0)
    assert source.take(0.0).paths == frozenset()
    second.write_bytes(b"2")
    assert source.take(0.0).paths == {second}
    first.write_bytes(b"11")
    second.unlink()
    assert source.take(0.0).paths == {first, second}


SIGNALLED = """
import signal, sys, time
from pathlib import Path
from pixforge.watch.native import NativeSource
def handle(number, frame):
    while time.monotonic() < end:
        pass
source = NativeSource(Path(sys.argv[1]))
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.05)
end = time.monotonic() + 0.4
assert not source.take(0.2).paths
assert time.monotonic() >= end
source.close()
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such signals")
def test_a_signal_whose_handler_outlasts_the_wait_does_not_stop_the_watch_for_ever(tmp_path: Path) -> None:
    """A watch on a busy machine slept through its SIGTERM."""
    subprocess.run([sys.executable, "-c", SIGNALLED, str(tmp_path)], cwd=ROOT, check=True, timeout=60)


def test_network_shares_are_known_by_the_list_of_mounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounts = [("/", "ext4"), (str(tmp_path), "nfs4"), (str(tmp_path / "local"), "xfs")]
    monkeypatch.setattr(polling, "_mounts", lambda: iter(mounts))
    monkeypatch.setattr(sys, "platform", "linux")
    assert polling.on_network(tmp_path / "share")
    assert not polling.on_network(tmp_path / "local" / "art")
    assert not polling.on_network(Path("/elsewhere"))


@pytest.mark.parametrize("manager", MANAGERS)
def test_units_hold_the_command_whatever_its_letters(manager: str) -> None:
    command = ["/opt/py thon", "-m", "pixforge", "watch", 'a "b" & <c>', "50%", "$HOME"]
    text = unit(manager, command, Path("/srv/art & co"), "pixforge-art")  # type: ignore[arg-type]  # one of MANAGERS
    if manager == "systemd":
        assert 'ExecStart="/opt/py thon" "-m" "pixforge" "watch" "a \\"b\\" & <c>" "50%%" "$$HOME"' in text
    elif manager == "launchd":
        assert plistlib.loads(text.encode())["ProgramArguments"] == command
    else:
        task = ET.fromstring(text.partition("?>")[2])
        found = task.find(".//{*}Arguments")
        assert found is not None
        assert found.text == subprocess.list2cmdline(command[1:])


@pytest.mark.usefixtures("folders")
def test_a_unit_runs_the_command_that_printed_it(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["watch", "art", "out", "--size", "8x9", "--poll", "--ignore", "a*", "--install-unit", "systemd"]
    assert boundary.run(words) == 0
    assert '"watch" "art" "out" "--ignore" "a*" "--size" "8x9" "--poll"' in capsys.readouterr().out


@pytest.fixture
def started(folders: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a watch; it is ended after the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pixforge", "watch", "art", "out", *words]
        processes.append(subprocess.Popen(command, cwd=folders, stderr=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_watch_says_how_it_is_and_ends_well_when_told(
    started: Callable[..., subprocess.Popen[str]], folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process = started("-m", "identity", "--settle", "0.1")
    assert process.stderr is not None
    for line in process.stderr:
        if "gone through" in line:
            break
    assert boundary.run(["watch", "art", "out", "--status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["running"], status["watch"]["pid"], status["watch"]["alive"]) == (True, process.pid, True)
    process.terminate()
    assert process.wait(60) == 0
    assert "stopped" in (folders / "out" / ".pixforge" / "watch.log").read_text()
    assert boundary.run(["watch", "art", "out", "--status"]) == 10

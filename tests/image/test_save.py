"""A file is written whole or not at all, and only when its bytes change."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pixforge.errors import OutputError
from pixforge.image import save
from pixforge.image.save import TEMPORARY_PREFIX, write_atomic


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(path: Path, match: str, data: bytes = b"new") -> OutputError:
    with pytest.raises(OutputError, match=match) as caught:
        write_atomic(path, data)
    assert caught.value.path == path
    assert caught.value.remedy
    return caught.value


def test_bytes_arrive_and_nothing_else_is_left(tmp_path: Path) -> None:
    assert write_atomic(tmp_path / "a.png", b"one") is True
    assert (tmp_path / "a.png").read_bytes() == b"one"
    assert write_atomic(str(tmp_path / "a.png"), b"two") is True
    assert (tmp_path / "a.png").read_bytes() == b"two"
    assert names(tmp_path) == ["a.png"]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    assert write_atomic(tmp_path / "x" / "y" / "a.png", b"one")
    assert (tmp_path / "x" / "y" / "a.png").read_bytes() == b"one"


def test_equal_bytes_are_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_atomic(path, b"same")
    os.utime(path, ns=(10**18, 10**18))
    before = path.stat()
    assert write_atomic(path, b"same") is False
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert write_atomic(path, b"diff") is True
    assert path.stat().st_mtime_ns != before.st_mtime_ns


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    assert write_atomic(tmp_path / "a", b"") is True
    assert write_atomic(tmp_path / "a", b"") is False


@pytest.mark.skipif(os.name == "nt", reason="no umask")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_any_new_file(tmp_path: Path, umask: int) -> None:
    old = os.umask(umask)
    try:
        (tmp_path / "plain").touch()
        write_atomic(tmp_path / "ours", b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_a_name_as_long_as_the_system_allows(tmp_path: Path) -> None:
    assert write_atomic(tmp_path / ("n" * 251 + ".png"), b"x")
    refused(tmp_path / ("n" * 300), "cannot be written")


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.png"
    target.write_bytes(b"old")
    link = tmp_path / "link.png"
    link.symlink_to(target)
    assert write_atomic(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names(tmp_path / "real") == ["a.png"]


def test_a_dangling_link_makes_its_target_and_a_loop_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "later" / "a")
    assert write_atomic(link, b"new")
    assert (tmp_path / "later" / "a").read_bytes() == b"new"
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    refused(tmp_path / "one", "cannot be written")


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "folder has this name")


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    refused(tmp_path / "file" / "a.png", "part of the path is a file")
    refused(tmp_path / "file" / "deep" / "a.png", "part of the path is a file")


def test_a_read_only_file_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "locked.png"
    path.write_bytes(b"old")
    path.chmod(0o444)
    assert "version control" in refused(path, "read-only").remedy
    assert write_atomic(path, b"old") is False, "nothing to write, nothing to refuse"
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["locked.png"]


def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("the superuser may write everywhere")
    refused(folder / "a.png", "cannot be written")


@pytest.mark.skipif(not Path("/dev/null").is_char_device(), reason="no devices here")
def test_a_device_is_refused() -> None:
    refused(Path("/dev/null"), "ordinary file")


@pytest.mark.parametrize(
    ("code", "match"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "cannot be written"), (errno.EIO, "cannot be written")],
)
def test_a_failure_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, match: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(save.os, "fsync", fail)
    refused(path, match)
    assert names(tmp_path) == ["a.png"]
    assert path.read_bytes() == b"old"


def test_an_interruption_by_the_user_leaves_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(save.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "a.png", b"new")
    assert names(tmp_path) == []


def test_the_bytes_are_on_the_disk_before_they_get_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    seen = []
    real = os.fsync

    def watch(handle: int) -> None:
        seen.append((path.read_bytes(), stat.S_ISREG(os.fstat(handle).st_mode)))
        real(handle)

    monkeypatch.setattr(save.os, "fsync", watch)
    write_atomic(path, b"new")
    assert seen[0] == (b"old", True)


def test_the_temporary_file_is_a_hidden_neighbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = Path.replace

    def watch(source: Path, target: Path) -> None:
        seen.append((source, target))
        return real(source, target)

    monkeypatch.setattr(Path, "replace", watch)
    write_atomic(tmp_path / "a.png", b"new")
    ((source, target),) = seen
    assert source.parent == target.parent
    assert source.name.startswith(TEMPORARY_PREFIX)
    assert TEMPORARY_PREFIX.startswith(".")


# The child process replaces 3 MB of "o" by 3 MB of "n"; `stage` is code that has it killed on the way.
WRITER = """
import os, resource, signal, sys
from pathlib import Path
from pixforge.image import save

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

{stage}
print("start", flush=True)
save.write_atomic(Path(sys.argv[1]), b"n" * 3_000_000)
print("done", flush=True)
"""
HALF_WRITTEN = """
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # the kernel kills a process that passes its limit
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
"""
STAGES = {
    "half written": (HALF_WRITTEN, b"o"),
    "not yet flushed": ("os.fsync = die", b"o"),
    "not yet renamed": ("Path.replace = die", b"o"),
    "just renamed": ("save._sync_folder = die", b"n"),
    "at any moment": ("", None),
}


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
@pytest.mark.parametrize("moment", STAGES)
def test_a_killed_process_leaves_the_old_file_or_the_new_one_whole(tmp_path: Path, moment: str) -> None:
    stage, expected = STAGES[moment]
    path = tmp_path / "a.bin"
    path.write_bytes(b"o" * 3_000_000)
    command = [sys.executable, "-c", WRITER.format(stage=stage), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"start\n"
        if not stage:
            process.kill()
        assert process.wait() in {-signal.SIGKILL, -signal.SIGXFSZ, 0 if not stage else -signal.SIGKILL}
    data = path.read_bytes()
    assert data in ({b"o" * 3_000_000, b"n" * 3_000_000} if expected is None else {expected * 3_000_000})
    left = [name for name in names(tmp_path) if name != "a.bin"]
    assert len(left) <= 1
    assert all(name.startswith(TEMPORARY_PREFIX) for name in left)
    assert write_atomic(path, b"next"), "the litter of a crash is in nobody's way"


@pytest.mark.skipif(os.name == "nt", reason="no limits on files")
def test_a_file_that_cannot_grow_is_refused_and_cleaned_up(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    stage = HALF_WRITTEN.replace("SIG_DFL", "SIG_IGN")
    command = [sys.executable, "-c", WRITER.format(stage=stage), str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "OutputError" in result.stderr
    assert "disk is full" in result.stderr
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]

"""What a night can bring: full disks, closed files, sources that go, odd names. Real processes; others' files stay."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pixforge.batch import Batch, Options
from pixforge.engine import files
from pixforge.engine.events import Facts, Product
from pixforge.engine.plan import Job
from pixforge.errors import OutputError
from pixforge.project.schema import HooksTable
from pixforge.project.tree import Tree

Make = Callable[..., Tree]
Draw = Callable[..., Path]
COMMAND = (sys.executable, "-m", "pixforge", "batch")
FLAGS = ("-m", "identity", "--width", "8", "--json")
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="rights and links are POSIX's")


def without_rights() -> None:
    """Let the program that follows obey the rights of files, also if it is root's (Linux: the bounding set)."""
    if os.geteuid() == 0:
        drop_from_bounding_set, override, read_search = 24, 1, 2
        system = ctypes.CDLL(None, use_errno=True)
        for right in (override, read_search):
            if system.prctl(drop_from_bounding_set, right, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "the right cannot be given up")


def batch(folder: Path, *more: str, obedient: bool = False) -> tuple[int, dict[str, Any]]:
    """Run a batch from art to out and return its exit code and its JSON."""
    command = [*COMMAND, "art", "out", *FLAGS, *more]
    before = without_rights if obedient else None
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, preexec_fn=before)
    assert done.stdout, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)


def statuses(report: dict[str, Any]) -> dict[str, str]:
    return {Path(each["source"]).name: each["status"] for each in report["outcomes"]}


def causes(report: dict[str, Any]) -> dict[str, str]:
    return {Path(each["source"]).name: each["error"]["cause"] for each in report["outcomes"] if each["error"]}


@pytest.fixture
def obedient() -> None:
    """Skip where processes of root cannot be made to obey the rights of files."""
    if os.name != "posix" or (os.geteuid() == 0 and sys.platform != "linux"):
        pytest.skip("this user may read and write everything")


@pytest.mark.usefixtures("obedient")
def test_what_may_not_be_read_or_written_fails_alone_and_is_done_once_it_may(make_tree: Make) -> None:
    """An unreadable source, a closed output folder, a read-only output: each an outcome; then nothing is left over."""
    tree = make_tree("a.png", "b.png", "closed/c.png", "d.png", "e.png", "f.png", "locked.png")
    folder = tree.source.parent
    assert batch(folder, "-j", "2")[0] == 0
    before = (tree.output / "locked.png").read_bytes()
    (tree.output / "a.png").unlink()
    (tree.output / "closed" / "c.png").unlink()
    shutil.copy(tree.source / "b.png", tree.source / "locked.png")
    (tree.source / "a.png").chmod(0)
    (tree.output / "closed").chmod(0o500)
    (tree.output / "locked.png").chmod(0o400)
    code, report = batch(folder, "-j", "2", obedient=True)
    assert code == 3
    said = causes(report)
    assert set(said) == {"a.png", "c.png", "locked.png"}
    assert "cannot be read" in said["a.png"] or "may not be read" in said["a.png"]
    assert "cannot be written" in said["c.png"]
    assert "read-only" in said["locked.png"]
    assert (tree.output / "locked.png").read_bytes() == before
    (tree.source / "a.png").chmod(0o600)
    (tree.output / "closed").chmod(0o700)
    (tree.output / "locked.png").chmod(0o600)
    code, report = batch(folder, obedient=True)
    assert code == 0
    again = {name for name, status in statuses(report).items() if status == "written"}
    assert again == {"a.png", "c.png", "locked.png"}


@pytest.mark.usefixtures("obedient")
def test_a_folder_that_may_not_be_listed_is_told_and_the_others_are_done(make_tree: Make) -> None:
    tree = make_tree("a.png", "secret/b.png")
    (tree.source / "secret").chmod(0)
    try:
        code, report = batch(tree.source.parent, "--prune", obedient=True)
    finally:
        (tree.source / "secret").chmod(0o700)
    assert (code, statuses(report)) == (3, {"a.png": "written"})
    assert "cannot be listed" in report["troubles"][0]["cause"]


@pytest.mark.usefixtures("obedient")
def test_an_output_that_may_not_be_written_at_all_is_one_error(make_tree: Make) -> None:
    tree = make_tree("a.png")
    tree.output.mkdir(mode=0o500)
    code, report = batch(tree.source.parent, obedient=True)
    assert code == OutputError.exit_code
    assert "writable" in report["error"]["remedy"]
    assert list(tree.output.iterdir()) == []


def mounted() -> list[str]:
    """Return what to put before a command so that it may mount a file system that only it sees."""
    for words in (["unshare", "-m"], ["unshare", "-U", "-r", "-m"]):
        if shutil.which(words[0]) and not subprocess.run([*words, "true"], check=False, capture_output=True).returncode:
            return words
    pytest.skip("no file system can be mounted here")


SMALL_DISK = """
set -e
mount -t tmpfs -o size=160k pixforge-test out
run() { "$@" > "$name.json" 2> "$name.err" || echo $? > "$name.code"; cp -r out "$name"; }
name=full run "$@"
mount -o remount,size=16m out
name=free run "$@"
"""


@pytest.mark.parametrize("ledger", ["on the disk that is full", "elsewhere"])
def test_a_full_disk_fails_pictures_leaves_nothing_half_written_and_passes(
    make_tree: Make, tmp_path: Path, ledger: str
) -> None:
    """Some are made, the others say why not; with room for them the same command does the rest, nothing twice."""
    before = mounted()
    tree = make_tree(60)
    tree.output.mkdir()
    words = ["art", "out", *FLAGS] if ledger != "elsewhere" else ["--json"]
    if ledger == "elsewhere":
        (tmp_path / "pixforge.toml").write_text(
            'source = "art"\noutput = "out"\n[[rule]]\nmatch = "**"\n'
            'set = { method.name = "identity", grid.width = 8, export.preview = 16 }\n'
        )
    script = [*before, "sh", "-c", SMALL_DISK, "sh", *COMMAND, *words, "-j", "2"]
    done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "full.code").read_text() == "3\n", (tmp_path / "full.err").read_text()
    full, free = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("full", "free"))
    written = [name for name, status in statuses(full).items() if status == "written"]
    assert 0 < len(written) < 60
    assert all("disk is full" in cause for cause in causes(full).values())
    assert len(causes(full)) == 60 - len(written)
    assert not [path for path in (tmp_path / "full").rglob("*") if path.name.endswith(".tmp")]
    assert not (tmp_path / "free.code").exists(), (tmp_path / "free.json").read_text()[-2000:]
    assert statuses(free) == {f"{n:03}.png": "unchanged" if f"{n:03}.png" in written else "written" for n in range(60)}
    whole = {path.name: path.read_bytes() for path in (tmp_path / "free").glob("*.png")}
    assert {path.name: path.read_bytes() for path in (tmp_path / "full").glob("*.png")}.items() <= whole.items()


@ON_POSIX
def test_sources_that_disappear_before_and_while_they_are_read_fail_alone(
    make_tree: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the folder and the conversion (a hook removes it), and in the middle of it."""
    tree = make_tree("a.png", "before.png", "during.png", "z.png")
    (tree.source / "nowhere.png").symlink_to(tree.source / "nothing.png")
    script = tmp_path / "hook.py"
    script.write_text(
        "import json, os, sys\nsource = json.load(sys.stdin)['source']\n"
        "if os.path.basename(source) == 'before.png': os.remove(source)\n"
    )
    tree.hooks = HooksTable(before_job=(f'"{sys.executable}" "{script}"',))
    make = files.make_files

    def vanishing(job: Job, **more: Any) -> tuple[tuple[Product, ...], Facts]:  # noqa: ANN401
        made = make(job, **more)
        if job.source.name == "during.png":
            job.source.unlink()
        return made

    monkeypatch.setattr(files, "make_files", vanishing)
    outcomes = {outcome.source.name: outcome for outcome in Batch(tree, Options(workers=1))}
    failed = {name for name, outcome in outcomes.items() if outcome.status == "failed"}
    assert failed == {"before.png", "during.png", "nowhere.png"}
    assert all(outcomes[name].failure.error["kind"] == "picture" for name in failed)  # type: ignore[union-attr]
    assert sorted(path.name for path in tree.output.glob("*.png")) == ["a.png", "z.png"]


@ON_POSIX
def test_links_that_lead_in_a_circle_are_no_trap(make_tree: Make) -> None:
    tree = make_tree("a.png", "deep/b.png")
    (tree.source / "self.png").symlink_to("self.png")
    (tree.source / "one.png").symlink_to("two.png")
    (tree.source / "two.png").symlink_to("one.png")
    (tree.source / "deep" / "up").symlink_to(tree.source, target_is_directory=True)
    code, report = batch(tree.source.parent)
    wanted = {"a.png": "written", "b.png": "written", **dict.fromkeys(("one.png", "self.png", "two.png"), "failed")}
    assert (code, statuses(report)) == (3, wanted)
    assert sorted(path.name for path in tree.output.rglob("*.png")) == ["a.png", "b.png"]


def test_odd_names_go_through_processes_reports_and_previews(make_tree: Make, tmp_path: Path) -> None:
    names = ["a b.png", 'it\'s "so".png', "new\nline.png", "\N{GRINNING FACE}.png", f"{'n' * 200}.png", "%41{x}[y].png"]
    names += ["-rf.png", "tab\t.png", "dot..png", "CON.png", "ü.png", "u\N{COMBINING DIAERESIS}.png"]
    if sys.platform == "linux":
        names.append(os.fsdecode(b"not-\xff-text.png"))
    if os.name == "nt":
        names = [name for name in names if not set('"\n\t') & set(name) and name != "CON.png"]
    tree = make_tree(*names)
    code, report = batch(tmp_path, "-j", "2", "--preview", "2", "--junit", "junit.xml")
    assert (code, statuses(report)) == (0, dict.fromkeys(names, "written"))
    outputs = {path.name for path in tree.output.glob("*.png")}
    assert outputs == {*names, *(f"{name[:-4]}@2x.png" for name in names)}
    assert len(list(ET.parse(tmp_path / "junit.xml").iter("testcase"))) == len(names)
    assert set(statuses(batch(tmp_path, "-j", "2", "--preview", "2")[1]).values()) == {"unchanged"}


@pytest.mark.parametrize("second", ["a.webp", "a@2x.webp"])
def test_two_sources_of_one_output_are_refused_with_both_names(make_tree: Make, drawn: Draw, second: str) -> None:
    tree = make_tree("a.png", "b.png")
    name = Path(second).name
    drawn(tree.source / name, 7)
    code, report = batch(tree.source.parent, "--preview", "2")
    assert code == OutputError.exit_code
    assert all(str(Path("art", each)) in report["error"]["cause"] for each in ("a.png", name))
    assert not list(tree.output.rglob("*.png"))

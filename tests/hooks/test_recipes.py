"""The Makefile snippet, the workflow and the nightly run, each as it is shipped."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from pixforge import __version__

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="runs /bin/sh")]


def test_the_makefile_converts_checks_and_cleans(repository: Any, hooks: Path) -> None:  # noqa: ANN401
    shutil.copy(hooks / "sprites.mk", repository.folder)
    (repository.folder / "Makefile").write_text("include sprites.mk\n")
    repository("make", "sprites-check")
    repository.draw("new.png", seed=2)
    repository("make", "sprites-check", code=2)
    repository("make", "sprites")
    repository("make", "sprites-check")
    repository("make", "sprites-clean")
    assert not (repository.folder / "sprites").exists()
    assert (repository.folder / "art" / "new.png").is_file()
    repository("make", "sprites")
    repository("make", "sprites-check")


def _workflow(hooks: Path) -> dict[Any, Any]:
    found = yaml.safe_load((hooks / "github-actions.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_the_workflow_is_one_that_github_takes(hooks: Path) -> None:
    """The keys of GitHub's workflow syntax, spelled right: it ignores none that it does not know."""
    workflow = _workflow(hooks)
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow) == {"name", True, "permissions", "jobs"}
    assert set(workflow[True]) <= {"push", "pull_request", "schedule", "workflow_dispatch"}
    for job in workflow["jobs"].values():
        assert set(job) <= {"runs-on", "timeout-minutes", "steps"}
        for step in job["steps"]:
            assert set(step) <= {"name", "uses", "with", "run", "if", "env"}
            assert ("uses" in step) != ("run" in step)
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step.get("uses", "actions/none@v1"))


def test_the_steps_of_the_workflow_do_what_they_say(repository: Any, hooks: Path) -> None:  # noqa: ANN401
    """All but the installation, which would fetch a release: it names the version that these sources are."""
    steps = [step["run"] for job in _workflow(hooks)["jobs"].values() for step in job["steps"] if "run" in step]
    install, *rest = steps
    assert f'"pixforge=={__version__}"' in install
    assert len(rest) == 2
    for step in rest:
        repository("bash", "-e", "-c", step)
    repository.draw("hero.png", seed=9)
    repository("bash", "-e", "-c", rest[0])
    repository("bash", "-e", "-c", rest[1], code=11)
    assert json.loads((repository.folder / "sprites.json").read_text())["summary"]["failed"] == 1
    failures = list(ET.parse(repository.folder / "sprites.xml").iter("failure"))
    assert [failure.get("message") for failure in failures] == ["is out of date"]


def test_a_night_converts_what_changed_and_leaves_a_report(repository: Any, hooks: Path) -> None:  # noqa: ANN401
    repository.draw("new.png", seed=2)
    repository(hooks / "nightly", repository.folder)
    assert (repository.folder / "sprites" / "new.png").is_file()
    (report,) = (repository.folder / "reports").glob("*.json")
    assert json.loads(report.read_text())["summary"] == {
        "written": 1, "unchanged": 1, "skipped": 0, "planned": 0, "failed": 0
    }  # fmt: skip
    assert ET.parse(report.with_suffix(".xml")).getroot().find("testsuite") is not None


def test_a_night_in_which_a_picture_failed_says_so(repository: Any, hooks: Path, tmp_path: Path) -> None:  # noqa: ANN401
    (repository.folder / "art" / "bad.png").write_text("no picture")
    ran = repository(hooks / "nightly", repository.folder, tmp_path / "my reports", code=3)
    assert "bad.png" in ran.err
    (report,) = (tmp_path / "my reports").glob("*.json")
    assert json.loads(report.read_text())["summary"]["failed"] == 1


def test_old_reports_go_and_other_files_stay(repository: Any, hooks: Path, tmp_path: Path) -> None:  # noqa: ANN401
    reports = tmp_path / "reports"
    reports.mkdir()
    names = [f"2020-01-{day:02}T030000" for day in range(1, 6)]
    for name in names:
        for kind in ("json", "xml", "log"):
            (reports / f"{name}.{kind}").touch()
    (reports / "notes.json").touch()
    repository.variables["PIXFORGE_KEEP"] = "3"
    repository(hooks / "nightly", repository.folder, reports)
    kept = sorted(path.name for path in reports.glob("*.json"))
    assert kept[:2] == ["2020-01-04T030000.json", "2020-01-05T030000.json"]
    assert kept[3:] == ["notes.json"]
    assert len(list(reports.glob("*.log"))) == 3


def test_systemd_takes_the_units(hooks: Path, tmp_path: Path) -> None:
    timer, service = configparser.ConfigParser(interpolation=None), configparser.ConfigParser(interpolation=None)
    for parser in (timer, service):
        parser.optionxform = str  # type: ignore[assignment,method-assign]
    timer.read(hooks / "pixforge-nightly.timer")
    service.read(hooks / "pixforge-nightly.service")
    assert service["Service"]["ExecStart"].startswith("%h/.local/bin/pixforge-nightly ")
    assert timer["Install"]["WantedBy"] == "timers.target"
    if shutil.which("systemd-analyze") is None:
        return
    program = tmp_path / "pixforge-nightly"
    shutil.copy(hooks / "nightly", program)
    text = (hooks / "pixforge-nightly.service").read_text(encoding="utf-8")
    (tmp_path / "pixforge-nightly.service").write_text(text.replace("%h/.local/bin/pixforge-nightly", str(program)))
    shutil.copy(hooks / "pixforge-nightly.timer", tmp_path)
    units = [str(tmp_path / "pixforge-nightly.service"), str(tmp_path / "pixforge-nightly.timer")]
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert "pixforge-nightly" not in said.stderr, said.stderr
    calendar = ["systemd-analyze", "calendar", timer["Timer"]["OnCalendar"]]
    assert subprocess.run(calendar, capture_output=True, check=False).returncode == 0

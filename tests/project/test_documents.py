"""What README, Makefile, constraints and credits promise is there."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pixforge.cli.app import COMMANDS, EXIT_CODES, app

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FREE = ("CC0", "CC BY 4.0", "public domain")


def _commands(path: Path, program: str) -> list[list[str]]:
    """Words of every line that begins with `program` inside the code blocks of a Markdown file."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith(f"{program} ")]


def test_every_make_target_in_the_documents_exists(root: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {words[1] for page in ("README.md", "CONTRIBUTING.md") for words in _commands(root / page, "make")}
    assert {"demo", "test"} <= named <= targets


def test_every_command_and_flag_in_the_readme_exists(root: Path) -> None:
    lines = _commands(root / "README.md", "pixforge")
    assert lines
    unknown = []
    for words in lines:
        command: click.Command = app
        with click.Context(app) as context:
            rest = words[1:]
            while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
                inner = command.get_command(context, rest.pop(0))
                assert inner is not None, words
                command = inner
            flags = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
        unknown += [f"{' '.join(words)}: {word}" for word in rest if word.startswith("-") and word not in flags]
    assert unknown == []


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_has_help_with_its_examples_on_their_own_lines(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output
    assert "\\b" not in result.output


def test_the_readme_lists_the_exit_codes_of_the_command_line(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert listed == {code for code, _ in EXIT_CODES}


def test_the_readme_lists_every_shipped_preset(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    shipped = {path.stem for path in (root / "presets").glob("*.toml")}
    assert shipped - set(re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE)) == set()


def test_every_file_that_a_document_links_to_exists(root: Path) -> None:
    missing = [
        f"{page.name}: {target}"
        for page in (root / "README.md", root / "CONTRIBUTING.md", root / "examples" / "CREDITS.md")
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert missing == []


def test_every_pip_call_is_constrained(root: Path) -> None:
    """An unconstrained call would take a torch that is gigabytes larger."""
    calls = [
        line
        for name in ("Makefile", "benchmarks/run.sh", ".ci/run")
        for line in (root / name).read_text(encoding="utf-8").splitlines()
        if re.search(r"\bpip\b.*\binstall\b", line)
    ]
    assert len(calls) >= 2
    assert [line for line in calls if "-c constraints.txt" not in line] == []


def test_every_direct_requirement_is_pinned(root: Path) -> None:
    pins = dict(re.findall(r"^([a-z0-9-]+)==([^;\s]+)", (root / "constraints.txt").read_text(), re.MULTILINE))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for lines in project["optional-dependencies"].values() for line in lines),
    ]
    names = {re.split(r"[^A-Za-z0-9-]", line)[0].lower() for line in wanted} - {"pixforge"}
    assert pins["torch"] == "2.13.0"
    assert names - set(pins) == {"tomli"}, "tomli is for Python 3.10 alone"


def test_every_example_is_credited_under_a_free_licence(root: Path) -> None:
    table = (root / "examples" / "CREDITS.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` \|(.*)\|$", table, re.MULTILINE))
    folder = root / "examples"
    shipped = {
        str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.suffix not in {".md", ".py", ".pyc"}
    }
    assert set(rows) == shipped
    assert [name for name, row in rows.items() if not any(word in row.split("|")[-1] for word in FREE)] == []


def test_the_examples_stay_small(root: Path) -> None:
    assert sum(path.stat().st_size for path in (root / "examples").rglob("*") if path.is_file()) < 3_000_000


def test_presets_and_integrations_travel_in_the_wheel(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {name: f"pixforge/{name}" for name in ("presets", "integrations")}

"""What the documents, Makefile, constraints and credits promise is there; tests/guides types the commands."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pixforge.cli.app import COMMANDS, EXIT_CODES, app
from tests.guides.fences import ROOT, blocks, documents

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FREE = ("CC0", "CC BY 4.0", "public domain")


def _commands(path: Path, program: str) -> list[list[str]]:
    """Words of every command of a program inside the code blocks of a document, also of those that no test runs."""
    lines = [line for block in blocks(path) for line in block.commands]
    parts = [part.strip() for line in lines for part in re.split(r"&&|[|>]", line.partition(" #")[0])]
    return [shlex.split(part) for part in parts if part.startswith(f"{program} ")]


def test_every_make_target_in_the_documents_exists(root: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {words[1] for page in ("README.md", "CONTRIBUTING.md") for words in _commands(root / page, "make")}
    assert {"demo", "test"} <= named <= targets


@pytest.mark.parametrize("page", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_and_flag_in_a_document_exists(page: Path) -> None:
    unknown = []
    for words in _commands(page, "pixforge"):
        command: click.Command = app
        with click.Context(app) as context:
            rest = words[1:]
            while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
                inner = command.get_command(context, rest.pop(0))
                assert inner is not None, words
                command = inner
            flags = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
        unknown += [f"{' '.join(words)}: {word}" for word in rest if re.match("--?[a-z]", word) and word not in flags]
    assert unknown == []


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_has_help_with_its_examples_on_their_own_lines(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output
    assert "\\b" not in result.output


def test_the_guide_lists_the_exit_codes_of_the_command_line(root: Path) -> None:
    text = (root / "docs" / "guides" / "build-engineers.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d+) \| (.*) \|$", text, re.MULTILINE)
    assert [(int(code), meaning) for code, meaning in listed] == list(EXIT_CODES)


def test_every_shipped_preset_is_listed(root: Path) -> None:
    text = (root / "docs" / "presets.md").read_text(encoding="utf-8")
    shipped = {path.stem for path in (root / "presets").glob("*.toml")}
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE)) == shipped


def _anchors(page: Path) -> set[str]:
    """The anchors that a document's headings have on a web page."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", [*documents(), ROOT / "examples" / "CREDITS.md"], ids=lambda path: path.name)
def test_every_file_and_heading_that_a_document_links_to_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = []
    for target in [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'src="([^"]+)"', text)]:
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if "://" not in target and not (file.exists() and (not anchor or anchor in _anchors(file))):
            missing.append(target)
    assert missing == []


def test_the_index_names_every_document(root: Path) -> None:
    docs = root / "docs"
    named = re.findall(r"\]\(([^)\s]+)\)", (docs / "index.md").read_text(encoding="utf-8"))
    found = {(docs / name).resolve() for name in named}
    assert {page for page in documents() if page.name != "index.md"} - found == set()


def test_the_readme_stays_short(root: Path) -> None:
    assert len((root / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


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

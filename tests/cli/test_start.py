"""The command line starts fast, explains itself and suggests what was meant."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from pixforge import __version__
from pixforge.cli.app import COMMANDS, EXIT_CODES, app
from pixforge.errors import PixforgeError

Runner = Callable[..., Any]


HEAVY = ("numpy", "PIL", "rich", "onnxruntime", "torch", "tensorflow", "scipy")


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after running the code."""
    script = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


@pytest.mark.parametrize(
    "args", [["--help"], ["convert", "--help"], ["batch", "--help"], ["presets", "check"], ["--version"]]
)
def test_help_and_presets_import_nothing_heavy(args: list[str]) -> None:
    held = modules_after(f"from pixforge.cli.boundary import run\nrun({args!r})")
    assert not held & set(HEAVY)


def test_the_package_itself_imports_nothing_heavy() -> None:
    assert not modules_after("import pixforge, pixforge.preset, pixforge.methods.registry") & {*HEAVY, "click"}


def test_help_is_there_at_once() -> None:
    """The budget of 0.3 s, in processor time from the start of the interpreter: a busy machine does not count."""
    script = (
        "import sys, time\nfrom pixforge.cli.boundary import run\nrun(['--help'])\n"
        "sys.stderr.write(str(time.process_time()))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True) for _ in range(3)
    ]
    assert min(float(run.stderr) for run in runs) < 0.3


def commands(group: click.Group, context: click.Context, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the words of every command."""
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append((*words, name))
        if isinstance(command, click.Group):
            found += commands(command, context, (*words, name))
    return found


ALL = commands(app, click.Context(app))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help(pixforge: Runner, words: tuple[str, ...]) -> None:
    ran = pixforge(*words, "--help")
    assert ran.code == 0
    assert f"Usage: pixforge {' '.join(words)}" in ran.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_commands_say(name: str) -> None:
    command = app.get_command(click.Context(app), name)
    assert command is not None
    assert command.short_help == COMMANDS[name].help


def test_every_error_has_an_exit_code_that_the_help_explains(pixforge: Runner) -> None:
    def every(cls: type[PixforgeError]) -> set[int]:
        return {cls.exit_code}.union(*(every(sub) for sub in cls.__subclasses__()))

    assert every(PixforgeError) <= {code for code, _ in EXIT_CODES}
    out = pixforge("--help").out
    for code, meaning in EXIT_CODES:
        assert f"{code}  {meaning}" in out


def test_the_version_is_said(pixforge: Runner) -> None:
    assert pixforge("--version").out == f"pixforge {__version__}\n"


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["convret"], 'did you mean "convert"?'),
        (["convert", "a.png"], "--out"),
        (["convert", "a.png", "-o", "b.png", "--siez", "3x3"], "--size"),
        (["convert", "a.png", "-o", "b.png", "--size", "64"], "64x64"),
        (["convert", "a.png", "-o", "b.png", "--cell", "big"], '"auto"'),
        (["convert", "a.png", "-o", "b.png", "--dither", "bayer3"], "bayer4"),
        (["convert", "a.png", "-o", "b.png", "--size", "8x8", "--cell", "3"], "--size and --cell exclude each other"),
        (["presets", "lsit"], "lsit"),
    ],
)
def test_wrong_usage_is_explained_and_ends_with_2(pixforge: Runner, args: list[str], hint: str) -> None:
    ran = pixforge(*args)
    assert ran.code == 2
    assert hint in ran.err
    assert "--help` shows how it is used" in ran.err
    assert ran.out == ""


def test_wrong_usage_is_json_for_machines(pixforge: Runner) -> None:
    document = pixforge("convert", "--json").json
    assert document["error"]["kind"] == "usage"
    assert document["schema"] == "pixforge/1"


def test_the_version_is_that_of_the_project() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{__version__}"\n' in text or 'dynamic = ["version"]' in text


@pytest.mark.parametrize(("given", "held"), [(None, "1"), ("3", "3")])
def test_numpy_works_on_one_thread_unless_told_otherwise(given: str | None, held: str) -> None:
    """Its threads gain a conversion nothing and cost processor time; who sets their number is obeyed."""
    script = (
        "import os, sys\nfrom pixforge.cli import main\nsys.argv[1:] = ['--version']\n"
        "try:\n    main()\nexcept SystemExit:\n    sys.stderr.write(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    others = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    environment = others if given is None else others | {"OPENBLAS_NUM_THREADS": given}
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert ran.stderr == held

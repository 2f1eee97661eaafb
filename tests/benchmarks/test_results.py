"""The results page is built from the files in benchmarks/results, and every number there can be made again."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import click
import pytest

from benchmarks import plots
from benchmarks.record import FOLDER, PICTURES, ROOT, Figure, Plot, Point, Result, Table, read, read_all, write
from benchmarks.results import PAGE, anew, arguments, build, ordered, split, text
from benchmarks.training import columns, thinned
from pixforge.cli.app import app

RESULTS = sorted(FOLDER.glob("*.json"))
MADE = Result(
    "Title",
    "make bench",
    points=(Point("cyclegan", "a point", "theirs | in the report", "", "ours"),),
    tables=(Table("Table", ["who", "s"], [["pixforge", 0.123456], ["other", None]]),),
    plots=(Plot("lines", lines={"run": [(1, 0.5), (2, 0.25)]}, log="y"), Plot("bars", bars={"a": 1.0, "b": 2.0})),
    pictures=(Figure("one.png", "what is wrong"),),
)


def test_the_page_is_what_the_files_say() -> None:
    """`python -m benchmarks.results --page` was run after the last change of a result, and nobody edited the page."""
    assert PAGE.read_text("utf-8") == text(ordered(read_all())), "run: python -m benchmarks.results --page"


def test_the_page_is_built_whole_from_the_committed_files(tmp_path: Path) -> None:
    """Text and one SVG a plot, without an error; a plot that is of no result goes; again the same bytes."""
    pytest.importorskip("matplotlib")
    few = {name: replace(one, plots=one.plots[:1]) for name, one in read_all().items()}
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "plot-gone-1.svg").touch()
    build(few, tmp_path / "results.md", folder)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == set(plots.files(few))
    assert all(data.lstrip().startswith(b"<?xml") for data in first.values())
    build({"made": MADE}, tmp_path / "results.md", folder)
    again = {path.name: path.read_bytes() for path in folder.iterdir()}
    build({"made": MADE}, tmp_path / "results.md", folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == again


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_every_picture_and_plot_of_a_result_is_there(path: Path) -> None:
    """Committed beside the page, and small."""
    result = read(path)
    names = [*(figure.file for figure in result.pictures), *plots.files({path.stem: result})]
    assert [name for name in names if not (PICTURES / name).is_file()] == []
    assert all((PICTURES / name).stat().st_size < 1_000_000 for name in names)
    assert path.stat().st_size < 200_000


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_every_command_behind_a_number_exists(path: Path) -> None:
    """The make target, the benchmark's module and its flags, or pixforge's command and flags."""
    assert [command for command in split(read(path).command) if not _exists(shlex.split(command))] == []


def _exists(words: list[str]) -> bool:
    if words[0] == "make":
        targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        return set(words[1:]) <= set(targets)
    flags = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
    if words[:2] == ["python", "-m"] and words[2].startswith("benchmarks."):
        module = ROOT / f"{words[2].replace('.', '/')}.py"
        return module.is_file() and all(f'"{flag}"' in module.read_text("utf-8") for flag in flags - {"-m"})
    return words[0] == "pixforge" and flags <= _flags(words[1:])


def _flags(words: list[str]) -> set[str]:
    command: click.Command | None = app
    with click.Context(app) as context:
        while isinstance(command, click.Group) and words:
            command = command.get_command(context, words.pop(0))
    assert command is not None
    return {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}


def test_what_is_quickly_measured_is_measured_anew_by_its_own_command() -> None:
    """`make results` starts the command of every quick result once, and no other."""
    long = replace(MADE, kind="long", recipe="years", command="pixforge train cyclegan")
    same = replace(MADE, command="make bench && python -m benchmarks.clips")
    assert anew({"long": long, "made": MADE, "same": same}) == {
        "make bench": ["made", "same"], "python -m benchmarks.clips": ["same"],
    }  # fmt: skip
    assert arguments("python -m benchmarks.clips 'a b'")[1:] == ["-m", "benchmarks.clips", "a b"]
    with pytest.raises(ValueError, match="rm"):
        arguments("rm -r docs")
    target = re.search(r"^results:.*\n(?:\t.*\n)+", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert target is not None
    assert "-m benchmarks.results" in target[0]


def test_long_training_is_marked_and_its_recipe_given() -> None:
    """Under each heading stands one of two marks, and the recipe of what was not measured anew."""
    page = text({"quick": MADE, "long": replace(MADE, title="Long", kind="long", recipe="ten hours of base")})
    quick, long = page.split("## Title")[1].split("## Long")
    assert "**measured anew** · `make bench`" in quick
    assert "Recipe: ten hours of base" in long
    assert "**took training**" in long
    assert "ten hours" not in quick


def test_points_become_rows_of_the_comparison() -> None:
    """With a link to the part of the page that they are from; an unknown method is refused."""
    page = text({"made": MADE})
    assert "| a point | theirs \\| in the report | - | ours | [made](#title) |" in page
    assert "| pixforge | 0.123 |\n| other | - |" in page
    with pytest.raises(ValueError, match="made: point of method gan"):
        text({"made": replace(MADE, points=(Point("gan", "", "", "", ""),))})


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    """All keys come back; date, cores and load are added."""
    made = read(write(MADE, "made", tmp_path))
    assert replace(made, measured={}) == replace(read(write(made, "again", tmp_path)), measured={})
    assert made.tables == MADE.tables
    assert {"date", "cores", "load", "pixforge"} <= set(made.measured)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "format"),
        ({"kind": "long"}, "recipe"),
        ({"titel": ""}, "unknown keys"),
        ({"tables": [{"title": "", "columns": ["a"], "rows": [[1, 2]]}]}, "cells"),
        ({"pictures": [{"file": "a.png"}]}, "missing keys"),
    ],
)
def test_a_result_of_another_form_is_refused(tmp_path: Path, change: dict[str, object], words: str) -> None:
    """By the name of the file and the key."""
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"format": 1, "title": "t", "command": "make bench", **change}))
    with pytest.raises(ValueError, match=rf"wrong\.json.*{words}"):
        read(path)


def test_curves_are_thinned_to_means(tmp_path: Path) -> None:
    """A long curve keeps its ends and its mean; empty cells of the CSV are no points."""
    (tmp_path / "losses.csv").write_text("step,loss,judge\n1,1.0,\n2,0.5,2.0\n3,0.25,1.0\n")
    found = columns(tmp_path / "losses.csv")
    assert found == {"loss": [(1, 1.0), (2, 0.5), (3, 0.25)], "judge": [(2, 2.0), (3, 1.0)]}
    many = thinned([(step, float(step)) for step in range(1, 1001)], 100)
    assert len(many) == 100
    assert sum(value for _, value in many) / 100 == pytest.approx(500.5)
    assert (many[0][1], many[-1][1]) == (5.5, 995.5)

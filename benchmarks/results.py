"""docs/results.md from the files in benchmarks/results.

What is quickly measured is first measured anew, each file by the command that it names.

python -m benchmarks.results           # measures what can be measured quickly, then builds the page (make results)
python -m benchmarks.results --page    # only the page
python -m benchmarks.results --only review,live
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks import plots
from benchmarks.record import FOLDER, PICTURES, ROOT, Cell, Point, Result, read_all
from pixforge.image.save import write_atomic

PAGE: Final = ROOT / "docs" / "results.md"
METHODS: Final = {
    "all": "All three",
    "style": "Style transfer with VGG-19",
    "cyclegan": "CycleGAN",
    "diffusion": "Stable Diffusion, fine-tuned",
}
# The order of the page; what is not named here comes in between, by name.
FIRST: Final = ("report", "quality", "style", "diffusion", "peers", "scaling", "clips", "review", "live")
LAST: Final = ("training", "failures")
PROGRAMS: Final = {"python": [sys.executable], "pixforge": [sys.executable, "-m", "pixforge"], "make": ["make"]}


def main() -> int:
    """Measure and build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", action="store_true", help="measure nothing")
    parser.add_argument("--only", type=lambda words: words.split(","), help="measure only these")
    given = parser.parse_args()
    found = {} if given.page else anew(read_all(FOLDER))
    commands_of = {command: names for command, names in found.items() if not given.only or set(names) & set(given.only)}
    failed = [command for command in commands_of if not _measured(command)]
    results = build(read_all(FOLDER), PAGE, PICTURES)
    print(f"{PAGE.relative_to(ROOT)}: {len(results)} results" + "".join(f"; failed: {command}" for command in failed))
    return 1 if failed else 0


def anew(results: Mapping[str, Result]) -> dict[str, list[str]]:
    """Return the commands that measure the quick results anew, each with the names of those that it makes."""
    found: dict[str, list[str]] = {}
    for name, result in ordered(results).items():
        if result.kind == "quick":
            for command in split(result.command):
                found.setdefault(command, []).append(name)
    return found


def split(command: str) -> list[str]:
    """Return single commands."""
    return [one.strip() for one in command.split("&&")]


def arguments(command: str) -> list[str]:
    """Return a command as it is started.

    Raises:
        ValueError: it begins with a program that results must not name.
    """
    first, *rest = shlex.split(command)
    if first not in PROGRAMS:
        raise ValueError(f"a result's command begins with {', '.join(PROGRAMS)}, not {first}")
    return [*PROGRAMS[first], *rest]


def _measured(command: str) -> bool:
    print(f"measuring: {command}", file=sys.stderr)
    return subprocess.run(arguments(command), cwd=ROOT, check=False).returncode == 0


def build(found: Mapping[str, Result], page: Path, folder: Path) -> dict[str, Result]:
    """Write the page and its plots; plots that it no longer shows go. Return the results in the page's order."""
    results = ordered(found)
    drawn = plots.files(results)
    for name, plot in drawn.items():
        write_atomic(folder / name, plots.svg(plot))
    for old in folder.glob("plot-*.svg"):
        if old.name not in drawn:
            old.unlink()
    write_atomic(page, text(results).encode())
    return results


def ordered(found: Mapping[str, Result]) -> dict[str, Result]:
    """Return the results in the order of the page."""

    def place(name: str) -> tuple[int, str]:
        if name in FIRST:
            return FIRST.index(name), ""
        kin = next((at for at, last in enumerate(LAST) if name.startswith(last)), None)
        return (len(FIRST), name) if kin is None else (len(FIRST) + 1 + kin, name)

    return {name: found[name] for name in sorted(found, key=place)}


def text(results: Mapping[str, Result]) -> str:
    """Return the page as Markdown.

    Raises:
        ValueError: a point is of an unknown method.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    points: dict[str, list[tuple[str, Point]]] = {method: [] for method in METHODS}
    for name, result in results.items():
        for point in result.points:
            if point.method not in points:
                raise ValueError(f"{name}: point of method {point.method}, not {', '.join(METHODS)}")
            points[point.method].append((name, point))
    loader = FileSystemLoader(Path(__file__).parent)
    # no escaping: it is Markdown
    environment = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    words: dict[str, Any] = {
        "shown": shown,
        "anchor": anchor,
        "commands": commands,
        "conditions": conditions,
        "plot_name": plots.name,
    }
    made = environment.get_template("results.md.jinja").render(results=results, points=points, methods=METHODS, **words)
    return re.sub(r"\n{3,}", "\n\n", made).rstrip() + "\n"


def shown(cell: Cell) -> str:
    """Return a cell as it stands in a table: numbers with three figures."""
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else cell.replace("|", "\\|")


def anchor(title: str) -> str:
    """Return the anchor that a heading has on a web page."""
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def commands(command: str) -> str:
    """Return commands as code."""
    return ", ".join(f"`{one}`" for one in split(command))


def conditions(measured: Mapping[str, Any]) -> str:
    """Return when and on what something was measured, in words."""
    names = {"date": "{}", "machine": "{}", "cores": "{} cores", "load": "load {}", "pixforge": "pixforge {}"}
    return ", ".join(form.format(measured[key]) for key, form in names.items() if measured.get(key) is not None)


if __name__ == "__main__":
    sys.exit(main())

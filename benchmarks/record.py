"""What a benchmark leaves behind: one small JSON file in benchmarks/results, from which docs/results.md is built.

The format is described in benchmarks/README.md; `read` refuses what does not keep to it.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pixforge import __version__
from pixforge.image.save import write_atomic

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "benchmarks" / "results"
PICTURES: Final = ROOT / "docs" / "results"
FORMAT: Final = 1
Kind = Literal["quick", "long"]
Cell = str | int | float | None
Line = list[tuple[float, float]]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Point:
    """One row of the comparison with the student report, point by point.

    Attributes:
        method: of the report: "style", "cyclegan", "diffusion"; "all" for what concerns all three.
        point: what is compared, in a few words.
        report: what the report says, as it says it; "" if it says nothing.
        theirs: what the report's procedure gave in this run; "" if it was not run.
        ours: what pixforge gave in this run.
    """

    method: str
    point: str
    report: str
    theirs: str
    ours: str


@dataclass(frozen=True)
class Table:
    """A table; numbers are shown with three figures.

    Attributes:
        title: above it.
        columns: heads.
        rows: as many cells each as there are columns.
        note: below it.
    """

    title: str
    columns: list[str]
    rows: list[list[Cell]]
    note: str = ""


@dataclass(frozen=True)
class Plot:
    """A drawing of numbers: either lines or bars.

    Attributes:
        title: above it.
        x, y: words at the axes.
        lines: points of each line by its name.
        bars: by name, in order; the first is ours.
        log: axes that are logarithmic: "", "x", "y" or "xy".
    """

    title: str
    x: str = ""
    y: str = ""
    lines: dict[str, Line] = field(default_factory=dict)
    bars: dict[str, float] = field(default_factory=dict)
    log: str = ""


@dataclass(frozen=True)
class Figure:
    """A picture.

    Attributes:
        file: its name in docs/results; the benchmark writes it there.
        caption: what is to be seen, and what is wrong with it.
    """

    file: str
    caption: str


@dataclass(frozen=True)
class Result:
    """What one benchmark found.

    Attributes:
        title: heading of its part of the page.
        command: that makes it again, from the project's folder: `make TARGET`, `python -m benchmarks.NAME ...` or
            `pixforge ...`; several are joined by " && ".
        kind: "quick": `make results` measures it anew; "long": it took training, or data that is not in this
            repository, and is read from the file.
        recipe: of a long one: how, on what, and how long. Required there.
        summary: a few sentences in Markdown.
        values: named numbers, for tests and for words of the page.
        points, tables, plots, pictures: what is shown, in this order.
        measured: when and on what; `write` fills it in.
    """

    title: str
    command: str
    kind: Kind = "quick"
    recipe: str = ""
    summary: str = ""
    values: dict[str, float] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    pictures: tuple[Figure, ...] = ()
    measured: dict[str, Any] = field(default_factory=dict)


def write(result: Result, name: str, folder: Path = FOLDER) -> Path:
    """Write benchmarks/results/NAME.json and return its path.

    Raises:
        ValueError: the result does not keep to the format.
    """
    whole = {"format": FORMAT, **asdict(result)}
    whole["measured"] = dict(result.measured) or conditions()
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    text = re.sub(r"\[\s+((?:-?[\d.eE+-]+,?\s+)+)\]", lambda found: f"[{' '.join(found[1].split())}]", text)
    _result(json.loads(text), name)
    path = folder / f"{name}.json"
    write_atomic(path, f"{text}\n".encode())
    return path


def read(path: Path) -> Result:
    """Read a result.

    Raises:
        ValueError: it does not keep to the format; the message names the file and the key.
    """
    try:
        return _result(json.loads(path.read_text("utf-8")), path.name)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name}: {error}") from error


def read_all(folder: Path = FOLDER) -> dict[str, Result]:
    """Read every result of a folder, by name."""
    return {path.stem: read(path) for path in sorted(folder.glob("*.json"))}


def conditions() -> dict[str, Any]:
    """Return when and on what something is measured: the load tells how far clock times can be trusted."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    words = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "machine": words,
        "cores": cores,
        "load": load,
        "pixforge": __version__,
    }


def _result(values: Mapping[str, Any], name: str) -> Result:
    if values.get("format") != FORMAT:
        raise ValueError(f"{name}: format is {values.get('format')}, not {FORMAT}")
    parts = {"points": Point, "tables": Table, "plots": Plot, "pictures": Figure}
    made = {key: value for key, value in values.items() if key != "format"}
    for key, kind in parts.items():
        made[key] = tuple(_plain(kind, each, f"{name}: {key}") for each in values.get(key, ()))
    result = _plain(Result, made, name)
    if result.kind not in ("quick", "long") or (result.kind == "long" and not result.recipe):
        raise ValueError(f"{name}: kind is quick, or long with a recipe")
    for table in result.tables:
        if any(len(row) != len(table.columns) for row in table.rows):
            raise ValueError(f'{name}: a row of table "{table.title}" has not {len(table.columns)} cells')
    return result


def _plain(kind: type[_T], values: Mapping[str, Any], where: str) -> _T:
    known = fields(kind)  # type: ignore[arg-type]  # a dataclass
    unknown = sorted(set(values) - {each.name for each in known})
    needed = {each.name for each in known if each.default is MISSING and each.default_factory is MISSING}
    missing = sorted(needed - set(values))
    if unknown or missing:
        raise ValueError(f"{where}: unknown keys {unknown}, missing keys {missing}")
    return kind(**values)

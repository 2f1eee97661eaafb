"""The outcomes of a run as JUnit XML, which continuous integration servers show as tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TextIO
from xml.sax.saxutils import escape, quoteattr

# XML 1.0 allows neither control characters nor surrogates, however they are escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(
    file: TextIO, outcomes: Iterable[Mapping[str, Any]], counts: Mapping[str, int], seconds: float, source: Path
) -> None:
    """Write one test suite.

    Args:
        file: where to.
        outcomes: `Outcome.as_dict()` of each.
        counts: outcomes of every status.
        seconds: of the whole run.
        source: folder of the drawings; test cases are named by what is below it.
    """
    head = (
        f'tests="{sum(counts.values())}" failures="{counts.get("failed", 0)}" errors="0" '
        f'skipped="{counts.get("skipped", 0) + counts.get("planned", 0)}" time="{seconds:.3f}"'
    )
    file.write(f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n<testsuite name="pixforge" {head}>\n')
    for outcome in outcomes:
        _write_case(file, outcome, source)
    file.write("</testsuite>\n</testsuites>\n")


def _write_case(file: TextIO, outcome: Mapping[str, Any], source: Path) -> None:
    path = Path(outcome["source"])
    place = path.relative_to(source) if path.is_relative_to(source) else path
    folder = place.parent.as_posix().replace("/", ".").strip(".")
    name = f"pixforge.{folder}" if folder else "pixforge"
    head = f'classname={_attribute(name)} name={_attribute(place.name)} time="{outcome["seconds"]:.3f}"'
    error = outcome["error"]
    if error is not None:
        text = f"{error['path']}: {error['cause']}\nremedy: {error['remedy']}"
        about = f"type={_attribute(error['kind'])} message={_attribute(error['cause'])}"
        file.write(f"<testcase {head}><failure {about}>{escape(_plain(text))}</failure></testcase>\n")
    elif outcome["status"] in ("skipped", "planned"):
        file.write(f'<testcase {head}><skipped message="{outcome["status"]}"/></testcase>\n')
    else:
        file.write(f"<testcase {head}/>\n")


def _attribute(text: str) -> str:
    return quoteattr(_plain(text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _plain(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)

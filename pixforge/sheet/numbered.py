"""Files with numbers in their names: their order, and the animations they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_NUMBER = re.compile(r"(\d+)")
_LAST_NUMBER = re.compile(r"^(?P<name>.*?)[\s._\-#(]*(?P<number>\d+)\)?$")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sorting key by which "walk2" comes before "walk10"."""
    parts = _NUMBER.split(text.casefold())
    return tuple((0, int(part), part) if index % 2 else (1, 0, part) for index, part in enumerate(parts) if part)


def split_number(stem: str) -> tuple[str, int | None]:
    """A file's stem without the number at its end, and the number: "walk_03" gives "walk" and 3."""
    match = _LAST_NUMBER.match(stem)
    return (match["name"], int(match["number"])) if match and match["name"] else (stem, None)


def sequence(paths: Sequence[Path]) -> list[Path]:
    """The order in which files are frames.

    Files that all end in a number go by name and number, whatever order a shell lists them in; others stay as given.
    """
    if all(split_number(path.stem)[1] is not None or path.stem.isdigit() for path in paths):
        return sorted(paths, key=lambda path: natural_key(path.stem))
    return list(paths)


def runs(stems: Sequence[str]) -> list[tuple[str, int, int]]:
    """The animations that numbered files make: name, first and last index.

    Empty unless there are at least two names, and each name's files follow one another.
    """
    names = [split_number(stem)[0] for stem in stems]
    found: list[tuple[str, int, int]] = []
    for index, name in enumerate(names):
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1], index)
        else:
            found.append((name, index, index))
    distinct = {name for name, _, _ in found}
    is_sequence = len(distinct) == len(found) and any(first < last for _, first, last in found)
    return found if len(found) > 1 and is_sequence else []

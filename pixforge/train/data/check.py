"""What is wrong or doubtful about a data set."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pixforge.train.data.groups import near_duplicates
from pixforge.train.data.licences import is_accepted
from pixforge.train.data.manifest import Entry
from pixforge.train.data.perceptual import look
from pixforge.train.data.store import read_stored

_LARGE: Final = 128  # cells across or down beyond which pixel art is probably not at true 1x
_MANY: Final = 256


@dataclass(frozen=True)
class Finding:
    """One remark.

    Attributes:
        kind: missing, licence, leak, duplicate, size, colours or soft.
        file: the picture concerned.
        text: what is the matter.
        grave: training must not start with it.
    """

    kind: str
    file: str
    text: str
    grave: bool


def lint(root: Path, entries: Sequence[Entry]) -> list[Finding]:
    """Return the findings about a data set, grave ones first; the pictures are read."""
    missing = [entry for entry in entries if not (root / entry.file).is_file()]
    found = [Finding("missing", entry.file, "the file is not there", grave=True) for entry in missing]
    found += _licences(entries) + _leaks(entries) + _shapes(entries)
    if not missing:
        found += _duplicates(root, entries)
    return sorted(found, key=lambda finding: (not finding.grave, finding.kind, finding.file))


def _licences(entries: Sequence[Entry]) -> list[Finding]:
    return [
        Finding("licence", entry.file, f'"{entry.licence}" is not accepted and nothing overrides it', grave=True)
        for entry in entries
        if not is_accepted(entry.licence) and not entry.note
    ]


def _leaks(entries: Sequence[Entry]) -> list[Finding]:
    splits: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        splits[entry.group].add(entry.split)
    return [
        Finding(
            "leak", entry.file, f"group {entry.group} is divided between {', '.join(sorted(splits[entry.group]))}", True
        )
        for entry in entries
        if len(splits[entry.group]) > 1
    ]


def _shapes(entries: Sequence[Entry]) -> list[Finding]:
    found: list[Finding] = []
    for entry in entries:
        if entry.kind != "pixel":
            continue
        if max(entry.width, entry.height) > _LARGE:
            found.append(
                Finding("size", entry.file, f"{entry.width}x{entry.height} cells: is it at true 1x?", grave=False)
            )
        if entry.colours > _MANY:
            found.append(Finding("colours", entry.file, f"{entry.colours} colours: is it pixel art?", grave=False))
        if entry.alpha == "soft":
            found.append(Finding("soft", entry.file, "partial alpha: it is hardened for training", grave=False))
    return found


def _duplicates(root: Path, entries: Sequence[Entry]) -> list[Finding]:
    """Near-duplicates that a split divides are leaks; the others are counted once a group."""
    found: list[Finding] = []
    together: Counter[str] = Counter()
    for first, second in near_duplicates([look(read_stored(root, entry)) for entry in entries]):
        one, other = entries[first], entries[second]
        if one.kind != other.kind:
            continue
        if one.split != other.split:
            text = f"looks like {one.file}, which is in split {one.split}: regroup and split again"
            found.append(Finding("leak", other.file, text, grave=True))
        else:
            together[one.group] += 1
    found += [
        Finding("duplicate", group, f"{count} pairs look alike", grave=False) for group, count in together.items()
    ]
    return found

"""Leak-safe splits: whole groups, by a hash of their name, so that adding pictures moves none of the old ones."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from pixforge.train.data.manifest import Entry, Split

_TELLING: Final = 0.5  # a group with a larger share of the pictures of its kind than this says nothing
_FEW: Final = 8


def split_entries(entries: Iterable[Entry], validate: float, held_out: Collection[str]) -> tuple[Entry, ...]:
    """Return the entries with their split.

    Args:
        entries: of one data set.
        validate: share of the groups that go to validation, 0..1.
        held_out: sources of which every picture is kept from training and from validation. A group that reaches into
            such a source is held out as a whole.

    Files that are named by numbers alone are one group, as the frames of a clip are. Where that makes one group of
    most of a data set, its pictures are divided one by one (those that look the same still together).
    """
    entries = tuple(entries)
    apart = {entry.group for entry in entries if entry.source in held_out}
    dull = _dull(entries)
    return tuple(replace(entry, split=_split(entry, validate, apart, dull)) for entry in entries)


def _split(entry: Entry, validate: float, apart: Collection[str], dull: Collection[str]) -> Split:
    if entry.group in apart:
        return "held-out"
    name = f"{entry.group} {entry.hash}" if entry.group in dull else entry.group
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
    return "validate" if number < validate else "train"


def _dull(entries: Sequence[Entry]) -> frozenset[str]:
    """Groups that hold most pictures of their kind."""
    kinds = Counter(entry.kind for entry in entries)
    sizes = Counter((entry.kind, entry.group) for entry in entries)
    return frozenset(group for (kind, group), size in sizes.items() if size > _FEW and size > _TELLING * kinds[kind])

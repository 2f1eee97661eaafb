"""Leak-safe splits: whole groups, by a hash of their name, so that adding pictures moves none of the old ones."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace

from pixforge.train.data.manifest import Entry, Split


def split_entries(entries: Iterable[Entry], validate: float, held_out: Collection[str]) -> tuple[Entry, ...]:
    """Return the entries with their split.

    Args:
        entries: of one data set.
        validate: share of the groups that go to validation, 0..1.
        held_out: sources of which every picture is kept from training and from validation. A group that reaches into
            such a source is held out as a whole.
    """
    entries = tuple(entries)
    apart = {entry.group for entry in entries if entry.source in held_out}
    return tuple(replace(entry, split=_split(entry.group, validate, apart)) for entry in entries)


def _split(group: str, validate: float, apart: Collection[str]) -> Split:
    if group in apart:
        return "held-out"
    number = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64
    return "validate" if number < validate else "train"

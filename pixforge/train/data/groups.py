"""Groups of pictures that belong together: variants, frames of one clip, near-duplicates. A split never divides one."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from pixforge.train.data.manifest import Entry
from pixforge.train.data.perceptual import Look, distance

_VARIANT: Final = re.compile(r"([\s_\-.]*\d+|[\s_\-.]+[a-z]?)$")
_ALIKE: Final = 0.97
_BLOCK: Final = 1024


def name_group(source: str, origin: str) -> str:
    """Return the group that a file name suggests: its stem without frame number and variant letter.

    Args:
        source: name of the collection.
        origin: path in the collection; "#3" at the end means the third picture of a sheet.
    """
    path = PurePosixPath(origin.partition("#")[0].casefold())
    stem = path.stem
    while (shorter := _VARIANT.sub("", stem)) != stem and len(shorter) >= 3:
        stem = shorter
    name = stem if len(re.sub(r"[\W\d_]", "", stem)) >= 3 else f"{path.parent}/"
    return f"{source}:{name}"


def merge_groups(entries: Sequence[Entry], looks: Sequence[Look], limit: int = 10) -> tuple[Entry, ...]:
    """Return the entries with groups joined where pictures are near-duplicates, also mirrored, or share a pair key.

    Args:
        entries: of one data set.
        looks: of each picture.
        limit: bits by which hashes of duplicates may differ.
    """
    forest = _Forest(entry.group for entry in entries)
    for first, second in near_duplicates(looks, limit):
        if entries[first].kind == entries[second].kind:
            forest.join(entries[first].group, entries[second].group)
    by_pair: dict[str, str] = {}
    for entry in entries:
        if entry.pair:
            forest.join(by_pair.setdefault(entry.pair, entry.group), entry.group)
    return tuple(replace(entry, group=str(forest.root(entry.group))) for entry in entries)


def near_duplicates(looks: Sequence[Look], limit: int = 10) -> list[tuple[int, int]]:
    """Return pairs of indices of pictures that look alike, or like each other's mirror image.

    Small pictures must correlate and hashes be near; nearly flat pictures say too little and are left out.
    """
    kept = [index for index, look in enumerate(looks) if not look.flat]
    if not kept:
        return []
    found: set[tuple[int, int]] = set()
    plain = np.stack([looks[index].direction for index in kept])
    hashes = [looks[index].hash for index in kept]
    for start in range(0, len(kept), _BLOCK):
        for mirrored in (False, True):
            rows = [looks[index].mirrored() if mirrored else looks[index] for index in kept[start : start + _BLOCK]]
            likeness = np.stack([row.direction for row in rows]) @ plain[: start + _BLOCK].T
            for row, column in zip(*np.nonzero(likeness > _ALIKE), strict=True):
                if column < start + row and distance(hashes[column], rows[row].hash) <= limit:
                    found.add((kept[column], kept[start + row]))
    return sorted(found)


class _Forest:
    """Disjoint sets; the root of a set is its least member, so that the result does not depend on the order."""

    def __init__(self, members: Iterable[str]) -> None:
        self._parent: dict[Hashable, str] = {member: member for member in members}

    def root(self, member: str) -> str:
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def join(self, first: str, second: str) -> None:
        low, high = sorted((self.root(first), self.root(second)))
        self._parent[high] = low

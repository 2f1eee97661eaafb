"""What a file holds and when it was last touched: the ground of "unchanged". Free of numpy."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import ClassVar, Final

from pixforge.errors import PictureError

# A file changed again within one tick of its file system's clock keeps its time: kernels count in steps of up to 10 ms,
# old file systems in steps of 2 s, which shows as a time without a fraction.
_FINE_TICK_NS: Final = 30_000_000
_COARSE_TICK_NS: Final = 2_000_000_000
_SECOND_NS: Final = 1_000_000_000
_BLOCK: Final = 1 << 20


class MovingSourceError(PictureError):
    """A source was written while it was being read; nothing was kept of it."""

    kind: ClassVar[str] = "moving"

    def __init__(self, path: Path) -> None:
        super().__init__("changed while it was being read", "run again when the program that writes it is done", path)

    def __reduce__(self) -> tuple[type[MovingSourceError], tuple[Path | None]]:
        return type(self), (self.path,)


@dataclass(frozen=True)
class Stamp:
    """What the file system tells about a file without reading it.

    Attributes:
        size: bytes.
        mtime_ns: time of the last change, in nanoseconds.
        inode: the file's number; 0 where there is none.
    """

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def over(cls, paths: Sequence[Path]) -> Stamp:
        """Return one stamp for several files: their sizes together, the latest time, and a number made of the rest.

        Raises:
            OSError: one cannot be looked at.
        """
        if len(paths) == 1:
            return cls.of(paths[0])
        stamps = [cls.of(path) for path in paths]
        text = repr([(path.name, *astuple(stamp)) for path, stamp in zip(paths, stamps, strict=True)])
        mark = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[:7], "big")
        latest = max((stamp.mtime_ns for stamp in stamps), default=0)
        return cls(sum(stamp.size for stamp in stamps), latest, mark)

    @classmethod
    def of(cls, path: Path | str) -> Stamp:
        """Return the stamp of a file (of its target, for a link).

        Raises:
            OSError: it cannot be looked at.
        """
        status = os.stat(path)  # noqa: PTH116  # twice as fast as Path.stat, and called for every file of a tree
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)

    def settled(self, now_ns: int) -> bool:
        """Whether a change after `now_ns` would give another stamp."""
        tick = _FINE_TICK_NS if self.mtime_ns % _SECOND_NS else _COARSE_TICK_NS
        return now_ns - self.mtime_ns > tick


def hash_file(path: Path | str) -> str:
    """Return the SHA-256 (hex) of a file's bytes.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # a str or a Path, without a detour
        buffer = bytearray(_BLOCK)
        view = memoryview(buffer)
        while count := file.readinto(buffer):
            digest.update(view[:count])
    return digest.hexdigest()


def hash_bytes(data: bytes) -> str:
    """Return the SHA-256 (hex) of bytes."""
    return hashlib.sha256(data).hexdigest()


def hash_files(paths: Sequence[Path]) -> str:
    """Return the SHA-256 (hex) of a source: of a file's bytes, or of the names and bytes of several in their order.

    Raises:
        OSError: one cannot be read.
    """
    if len(paths) == 1:
        return hash_file(paths[0])
    return hash_contents((path.name, hash_file(path)) for path in paths)


def hash_contents(named: Iterable[tuple[str, str]]) -> str:
    """Return the digest of several files out of the name and the digest of each."""
    digest = hashlib.sha256()
    for name, content in named:
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + content.encode() + b"\n")
    return digest.hexdigest()


@dataclass(frozen=True)
class Reading:
    """A source as it was when a job began to read it.

    Attributes:
        paths: its files, mostly one.
        stamp: of the moment before the first byte was read.
        content: hex digest of its bytes (see `hash_files`).
        settled: whether a later change must show in the stamp.
    """

    paths: tuple[Path, ...]
    stamp: Stamp
    content: str
    settled: bool

    @classmethod
    def begin(cls, *paths: Path) -> Reading:
        """Hash a source; one that was written this instant is given a tick of the clock first.

        Raises:
            OSError: it cannot be read.
            MovingSourceError: it changed meanwhile.
        """
        stamp = Stamp.over(paths)
        now = time.time_ns()
        if not stamp.settled(now) and abs(now - stamp.mtime_ns) <= _FINE_TICK_NS:
            time.sleep(_FINE_TICK_NS / _SECOND_NS)
            stamp, now = Stamp.over(paths), time.time_ns()
        reading = cls(paths, stamp, hash_files(paths), stamp.settled(now))
        reading.check()
        return reading

    def check(self) -> None:
        """Make sure that the file is still the one that was begun.

        Raises:
            MovingSourceError: it is another, or gone.
        """
        try:
            same = Stamp.over(self.paths) == self.stamp
        except OSError as error:
            raise MovingSourceError(self.paths[0]) from error
        if not same:
            raise MovingSourceError(self.paths[0])

"""Readable notes beside pictures that cannot be converted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

SUFFIX: Final = ".pixforge-error.txt"
_LONGEST: Final = 255  # bytes of a file name, on all usual file systems


def note_of(source: Path) -> Path:
    """Return where the note about a picture stands, or about the frames known by a name such as walk*."""
    name = source.name.rstrip("*") or source.parent.name
    while len((name + SUFFIX).encode("utf-8", "surrogateescape")) > _LONGEST:
        name = name[:-1]
    return source.with_name(name + SUFFIX)


def write_note(source: Path, error: Mapping[str, Any], fallback: Path) -> None:
    """Say beside a picture why it was not converted; in `fallback`, a folder, where that may not be written."""
    text = (
        f"{source.name} was not converted.\n\n{error['cause']}\n\nWhat to do: {error['remedy']}.\n\n"
        "It is tried again when it is changed; then this note goes away.\n"
    ).encode("utf-8", "backslashreplace")
    try:
        note_of(source).write_bytes(text)
    except OSError:
        with suppress(OSError):
            fallback.mkdir(exist_ok=True)
            (fallback / note_of(source).name).write_bytes(text)


def remove_note(source: Path, fallback: Path) -> None:
    """Remove the note about a picture, if there is one."""
    for path in (note_of(source), fallback / note_of(source).name):
        with suppress(OSError):
            path.unlink()

"""Exported files onto the disk: whole or not at all, only where bytes differ, never over a source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pixforge.errors import OutputError
from pixforge.exporters.target import File
from pixforge.image.save import write_atomic

Status = Literal["written", "unchanged", "kept", "planned"]


@dataclass(frozen=True)
class Written:
    """What became of a file.

    Attributes:
        path: where.
        status: written; unchanged: the same bytes were there; kept: a file was there and is left alone; planned: a dry
            run would write it.
        size: bytes.
    """

    path: Path
    status: Status
    size: int


def write_files(
    files: Sequence[File],
    folder: Path,
    sources: Iterable[Path] = (),
    *,
    overwrite: bool | None = None,
    dry_run: bool = False,
) -> list[Written]:
    """Write exported files.

    Args:
        files: what to write.
        folder: where; it is made if it is not there.
        sources: files that were read: none of them is overwritten.
        overwrite: True: also files that are normally kept once they are there; False: keep every file that is there.
        dry_run: write nothing.

    Raises:
        OutputError: a file cannot be written, or would replace a source.
    """
    known = {source.resolve() for source in sources}
    for file in files:
        if (folder / file.path).resolve() in known:
            raise OutputError(
                "the output would overwrite a source", "give another name or folder for the output", folder / file.path
            )
    return [_write(file, folder / file.path, overwrite, dry_run=dry_run) for file in files]


def _write(file: File, path: Path, overwrite: bool | None, *, dry_run: bool) -> Written:
    keep = file.keep if overwrite is None else not overwrite
    if keep and path.exists():
        return Written(path, "kept", len(file.data))
    if dry_run:
        return Written(path, "planned", len(file.data))
    return Written(path, "written" if write_atomic(path, file.data) else "unchanged", len(file.data))


def godot_folder(folder: Path) -> str | None:
    """How the Godot project above a folder calls it, such as "res://art"; None where there is no project."""
    here = folder.resolve()
    for above in (here, *here.parents):
        if (above / "project.godot").is_file():
            inside = here.relative_to(above).as_posix()
            return "res://" if inside == "." else f"res://{inside}"
    return None


def unity_folder(folder: Path) -> str:
    """How a Unity project calls a folder, such as "Assets/Art"; "" outside of a project."""
    here = folder.resolve()
    for above in (here, *here.parents):
        if above.name == "Assets":
            return here.relative_to(above.parent).as_posix()
    return ""

"""Files to add: folders, tar and zip archives, single files, in a fixed order."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pixforge.errors import PictureError

_PICTURES: Final = frozenset({".png", ".gif", ".webp", ".bmp", ".jpg", ".jpeg", ".apng", ".tif", ".tiff"})


def incoming_files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of every picture file in a folder or an archive, sorted by name, or of the one file.

    Raises:
        PictureError: the archive cannot be read.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if _is_picture(file.name):
                yield file.relative_to(path).as_posix(), file.read_bytes()
        return
    try:
        yield from _archived(path)
    except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise PictureError(
            f"cannot be read: {error}", "give a folder, a picture, a tar or a zip archive", path
        ) from error


def _archived(path: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(filter(_is_picture, archive.namelist())):
                yield name, archive.read(name)
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            members = [member for member in archive.getmembers() if member.isfile() and _is_picture(member.name)]
            for member in sorted(members, key=lambda member: member.name):
                content = archive.extractfile(member)
                if content is not None:
                    yield member.name.removeprefix("./"), content.read()
    else:
        yield path.name, path.read_bytes()


def _is_picture(name: str) -> bool:
    return Path(name).suffix.casefold() in _PICTURES and not Path(name).name.startswith(".")

"""Which files of a folder are pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pixforge.errors import PictureError

PICTURE_SUFFIXES: Final = frozenset(
    [
        ".png",
        ".apng",
        ".jpg",
        ".jpeg",
        ".jfif",
        ".webp",
        ".aseprite",
        ".gif",
        ".bmp",
        ".dib",
        ".tga",
        ".tif",
        ".tiff",
        ".svg",
        ".svgz",
    ]
)


def find_pictures(root: Path, skip: Path | None = None) -> Iterator[Path]:
    """Yield the pictures below a folder, in the order of their names, without hidden files and folders.

    Args:
        root: the folder. Links to folders below it are not followed.
        skip: a folder to leave out: the output's, if it lies inside.

    Raises:
        PictureError: `root` is not a folder, or a folder below it cannot be listed.
    """
    if not root.is_dir():
        raise PictureError("is not a folder", "name a folder; `pixforge convert` takes files", root)
    left_out = None if skip is None else skip.resolve()
    for folder, folders, files in os.walk(root, onerror=_raise):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if name[0] != "." and (here / name).resolve() != left_out)
        for name in sorted(files):
            if name[0] != "." and Path(name).suffix.lower() in PICTURE_SUFFIXES:
                yield here / name


def _raise(error: OSError) -> None:
    raise PictureError(f"cannot be listed: {error.strerror}", "check the permissions", error.filename) from error

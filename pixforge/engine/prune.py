"""Outputs that have lost their source, and the litter of runs that were killed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pixforge.engine.ledger import Ledger
from pixforge.engine.ledger_rows import Row, verified

Wanted = Callable[[Path, Path], bool]
_YOUNG: Final = 5.0  # seconds: a file of a `pixforge convert` that runs beside us


def prune(ledger: Ledger, wanted: Wanted, output: Path, dry: bool = False) -> list[Path]:
    """Remove outputs that nothing asks for any more, if they are what we made, to the byte.

    Args:
        ledger: what was made.
        wanted: whether (destination, source) is still asked for.
        output: folders below it that become empty are removed too.
        dry: only say what would be removed.

    Returns:
        The files that were removed.
    """
    gone = [(path, row) for path, row in ledger.rows() if not wanted(path, row.source)]
    removed = []
    for destination, row in gone:
        removed += remove(ledger, destination, row, output, dry)
    return removed


def remove(ledger: Ledger, destination: Path, row: Row, output: Path, dry: bool = False) -> list[Path]:
    """Remove the outputs of one row, and the row; a file that was changed since is the user's and stays."""
    removed = []
    for known in row.outputs:
        if verified(known, time.time_ns()) is not None:
            removed.append(known.path)
            if not dry:
                with suppress(OSError):
                    known.path.unlink()
                _remove_empty(known.path.parent, output)
    if not dry:
        ledger.forget(destination)
    return removed


def sweep(folder: Path) -> None:
    """Remove half-written files that killed processes left below a folder."""
    from pixforge.image.save import TEMPORARY_PREFIX  # here: it brings numpy, which a run over unchanged files spares

    now = time.time()
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.startswith(TEMPORARY_PREFIX) and name.endswith(".tmp"):
                path = Path(place) / name
                with suppress(OSError):
                    if now - path.stat().st_mtime > _YOUNG:
                        path.unlink()


def _remove_empty(folder: Path, output: Path) -> None:
    top = output.absolute()
    while folder != top and folder.is_relative_to(top):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent

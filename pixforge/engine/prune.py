"""Outputs that have lost their source, and the litter of runs that were killed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pixforge.engine.ledger import Ledger
from pixforge.engine.ledger_rows import Output, Row, verified

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
    removed = []
    for destination, row in list(_to_prune(ledger, wanted)):
        if wanted(destination, row.source):
            removed += remove_stale(ledger, destination, row, output, dry)
        else:
            removed += remove(ledger, destination, row, output, dry)
    return removed


def _to_prune(ledger: Ledger, wanted: Wanted) -> Iterator[tuple[Path, Row]]:
    for path, row in ledger.rows():
        if any(known.role == "stale" for known in row.outputs) or not wanted(path, row.source):
            yield path, row


def remove_stale(ledger: Ledger, destination: Path, row: Row, output: Path, dry: bool = False) -> list[Path]:
    """Remove what earlier conversions of a source made and the last one did not, such as files of a former target."""
    stale = [known for known in row.outputs if known.role == "stale"]
    removed = _unlink(stale, output, dry)
    if stale and not dry:
        ledger.drop_stale(destination)
    return removed


def remove(ledger: Ledger, destination: Path, row: Row, output: Path, dry: bool = False) -> list[Path]:
    """Remove the outputs of one row, and the row; a file that was changed since is the user's and stays."""
    removed = _unlink(row.outputs, output, dry)
    if not dry:
        ledger.forget(destination)
    return removed


def _unlink(outputs: Iterable[Output], top: Path, dry: bool) -> list[Path]:
    removed = []
    for known in outputs:
        if verified(known, time.time_ns()) is not None:
            removed.append(known.path)
            if not dry:
                with suppress(OSError):
                    known.path.unlink()
                _remove_empty(known.path.parent, top)
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

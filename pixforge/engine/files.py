"""From the sources of a job to the files that it writes. Every driver (command, batch, watcher) goes through here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from pixforge.engine import marks
from pixforge.engine.converted import Converted
from pixforge.engine.events import Facts, Outcome, Product, Progress, Status, Written
from pixforge.engine.pipeline import convert_picture
from pixforge.engine.plan import Job, overwrites
from pixforge.errors import OutputError
from pixforge.image import load, save

Overwrite = bool | Collection[Path] | None
Claim = Callable[[Sequence[Product], Facts], None]


def convert_file(
    job: Job, overwrite: Overwrite = None, claim: Claim | None = None, progress: Progress | None = None
) -> Outcome:
    """Load, convert, check and write what a job names.

    Args:
        job: what to do.
        overwrite: None replaces a file that pixforge made if the bytes differ and refuses any other; so do paths, which
            are known to be ours whatever they hold now; True replaces any file; False keeps every file that is there.
        claim: called with what will be written, before any of it is; it may raise to prevent it.
        progress: as for `pixforge.engine.clip.convert_clip`.

    Raises:
        PixforgeError: nothing was written.
    """
    started = time.perf_counter()
    if overwrite is False and any(output.exists() for output in job.outputs):
        return Outcome(job.source, job.destination, job.preview, "skipped", time.perf_counter() - started)
    if not isinstance(overwrite, bool):  # before the work is done
        refuse_foreign((path for path in job.outputs if path.suffix == ".png"), overwrite)
    products, facts = make_files(job, progress=progress)
    if overwrite is False and any(product.path.exists() for product in products):
        return Outcome(job.source, job.destination, job.preview, "skipped", time.perf_counter() - started)
    _refuse_sources(job, products)
    if not isinstance(overwrite, bool):
        refuse_changed(products, overwrite)
    products = due(products, overwrite)
    if claim is not None:
        claim(products, facts)
    status, files = write_files(products, overwrite)
    seconds = time.perf_counter() - started
    return Outcome(job.source, job.destination, job.preview, status, seconds, facts, files=files)


def make_files(
    job: Job, copies: Path | None = None, progress: Progress | None = None
) -> tuple[tuple[Product, ...], Facts]:
    """Convert in memory.

    Args:
        job: what to do.
        copies: a folder with copies, of the same names, that are read instead of the job's sources.
        progress: as for `pixforge.engine.clip.convert_clip`.

    Returns:
        The bytes of every output, checked, the main file first; and what is known about them.

    Raises:
        PixforgeError: it cannot be done.
    """
    preset = job.preset
    if job.intake.kind == "file" and not job.frames:
        source = job.source if copies is None else copies / job.source.name
        frames = load.load_frames(source, preset.limits)
        if len(frames) == 1 and not (preset.export.targets or preset.export.tiles):
            converted = convert_picture(frames[0].picture, preset)
            return still_files(converted, job.destination, job.preview), converted.facts
    from pixforge.engine.assets import make_asset_files

    return make_asset_files(job, copies, progress)


def still_files(converted: Converted, path: Path, preview: Path | None) -> tuple[Product, ...]:
    """The PNG of a still, and its enlarged copy.

    Raises:
        ContractError: the bytes do not hold what was promised.
    """
    made = Product(path, converted.encode())
    if preview is None:
        return (made,)
    return made, Product(preview, converted.encode_preview(converted.preset.export.preview))


def due(products: Sequence[Product], overwrite: Overwrite) -> tuple[Product, ...]:
    """What is to be written: not what belongs to the user by now.

    What will belong to the user comes first: were it last, a process killed before it would have done all that a later
    run checks.
    """
    kept = [product for product in products if product.keep and (overwrite is True or not product.path.exists())]
    return *kept, *(product for product in products if not product.keep)


def write_files(products: Iterable[Product], overwrite: Overwrite = None) -> tuple[Status, tuple[Written, ...]]:
    """Write outputs, each whole or not at all; "unchanged" if all of them were there to the byte.

    Raises:
        OutputError: one cannot be written.
    """
    written = []
    for product in products:
        if product.keep and overwrite is not True and product.path.exists():
            written.append(Written(product.path, "kept", len(product.data)))
            continue
        changed = save.write_atomic(product.path, product.data)
        written.append(Written(product.path, "written" if changed else "unchanged", len(product.data)))
    status: Status = "written" if any(file.status == "written" for file in written) else "unchanged"
    return status, tuple(written)


def refuse_foreign(paths: Iterable[Path], ours: Collection[Path] | None = None) -> None:
    """Make sure that no output would replace a file which pixforge did not make.

    Args:
        paths: the outputs.
        ours: absolute paths of files that pixforge made, whatever they hold now.

    Raises:
        OutputError: one would.
    """
    for path in paths:
        if path.exists() and not (ours and path.absolute() in ours) and not marks.is_ours(path):
            raise OutputError(
                "is there already and was not made by pixforge", "choose another output, or give --overwrite", path
            )


def refuse_changed(products: Iterable[Product], ours: Collection[Path] | None = None) -> None:
    """The same, once the bytes are known: a file that already holds them may stay, whoever wrote it.

    Raises:
        OutputError: a file of somebody else would be replaced.
    """
    refuse_foreign((product.path for product in products if not product.keep and not _holds(product)), ours)


def _holds(product: Product) -> bool:
    try:
        same_size = product.path.stat().st_size == len(product.data)
        return same_size and product.path.read_bytes() == product.data
    except OSError:
        return False


def _refuse_sources(job: Job, products: Iterable[Product]) -> None:
    known = {os.path.realpath(path): path for path in job.read}
    for product in products:
        source = known.get(os.path.realpath(product.path))
        if source is not None:
            raise overwrites(job, source, product.path)

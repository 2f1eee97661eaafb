"""One picture from the source to a checked PNG. Every driver (command, batch, watcher, Python) goes through here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pixforge import __version__
from pixforge.engine import geometry, palette, provenance, sessions
from pixforge.engine.events import Facts, Outcome, Status
from pixforge.engine.plan import Job
from pixforge.errors import ContractError, OutputError
from pixforge.image import load, resample, save
from pixforge.image.picture import Picture
from pixforge.methods.contract import Request
from pixforge.pixel import stage, verify
from pixforge.pixel.draft import Draft
from pixforge.preset import Preset

if TYPE_CHECKING:
    from numpy.typing import NDArray

Claim = Callable[[Mapping[Path, bytes], Facts], None]


@dataclass(frozen=True, eq=False)
class Converted:
    """A converted picture in memory.

    Attributes:
        picture: the output, one pixel a cell (to-pixel) or the drawing (to-drawing).
        promised: the size that was asked for, (width, height).
        palette: uint8 (K, 3), the only colours that the output may have; None in direction to-drawing.
        facts: about it.
        preset: what made it.
    """

    picture: Picture
    promised: tuple[int, int]
    palette: NDArray[np.uint8] | None
    facts: Facts
    preset: Preset

    @cached_property
    def text(self) -> dict[str, str]:
        """The provenance that is written into the file."""
        facts = self.facts
        names = ("direction", "method", "model_digest", "preset", "preset_digest")
        return provenance.text_chunks({name: getattr(facts, name) for name in names})

    def encode(self) -> bytes:
        """Return the PNG, read back and checked against the contract.

        Raises:
            ContractError: the bytes do not hold what was promised.
        """
        indexed = self.palette if self.preset.export.indexed else None
        data = save.encode_png(self.picture, indexed, self.text)
        if self.palette is not None:
            verify.check(data, *self.promised, self.palette)
        elif (self.picture.width, self.picture.height) != self.promised:
            raise ContractError(f"the drawing is not {self.promised[0]} x {self.promised[1]}", "please report it")
        return data

    def encode_preview(self, factor: int) -> bytes:
        """Return the PNG of the picture enlarged by `factor`, read back and checked.

        Raises:
            ContractError: a cell is not a block of one colour.
        """
        indexed = self.palette if self.preset.export.indexed else None
        data = save.encode_preview(self.picture, factor, indexed, self.text)
        verify.check_preview(data, save.encode_png(self.picture, None, {}), factor)
        return data


def convert_picture(source: Picture, preset: Preset) -> Converted:
    """Convert one picture.

    Raises:
        PixforgeError: the picture cannot be converted this way, or the method is not installed.
    """
    picture = geometry.trim(source) if preset.grid.trim else source
    grid: dict[str, float] | None = None
    if preset.grid.cell == "auto":
        picture, grid = _recover(picture)
    if preset.direction == "to-drawing":
        return _to_drawing(source, picture, preset, grid)
    return _to_pixel(source, picture, preset, grid)


def convert_file(job: Job, overwrite: bool | None = None, claim: Claim | None = None) -> Outcome:
    """Load, convert, check and write one file.

    Args:
        job: what to do.
        overwrite: None replaces a file that pixforge made if the bytes differ and refuses any other; True replaces any
            file; False keeps every file that is there.
        claim: called with what will be written, before any of it is; it may raise to prevent it.

    Raises:
        PixforgeError: nothing was written.
    """
    started = time.perf_counter()
    if overwrite is False and any(output.exists() for output in job.outputs):
        return Outcome(job.source, job.destination, job.preview, "skipped", time.perf_counter() - started)
    if overwrite is None:
        refuse_foreign(job)
    files, facts = make_files(job)
    if claim is not None:
        claim(files, facts)
    status = write_files(files)
    seconds = time.perf_counter() - started
    return Outcome(job.source, job.destination, job.preview, status, seconds, facts)


def make_files(job: Job, source: Path | None = None) -> tuple[dict[Path, bytes], Facts]:
    """Convert one file in memory.

    Args:
        job: what to do.
        source: read this copy of the job's source instead.

    Returns:
        The bytes of every output, checked, in the order of `job.outputs`; and what is known about them.

    Raises:
        PixforgeError: it cannot be done.
    """
    converted = convert_picture(load.load(source or job.source, job.preset.limits), job.preset)
    files = {job.destination: converted.encode()}
    if job.preview is not None:
        files[job.preview] = converted.encode_preview(job.preset.export.preview)
    return files, converted.facts


def write_files(files: Mapping[Path, bytes]) -> Status:
    """Write outputs, each whole or not at all; "unchanged" if all of them were there to the byte.

    Raises:
        OutputError: one cannot be written.
    """
    changed = [save.write_atomic(path, data) for path, data in files.items()]
    return "written" if any(changed) else "unchanged"


def refuse_foreign(job: Job) -> None:
    """Make sure that no output would replace a file which pixforge did not make.

    Raises:
        OutputError: one would.
    """
    for output in job.outputs:
        _refuse_foreign(output)


def _refuse_foreign(output: Path) -> None:
    if output.exists() and provenance.read_provenance(output) is None:
        raise OutputError(
            "is there already and was not made by pixforge", "choose another output, or give --overwrite", output
        )


def _recover(picture: Picture) -> tuple[Picture, dict[str, float]]:
    """Return existing pixel art at one pixel a cell, and where its grid was."""
    from pixforge.pixel import grid as recovery

    found = recovery.recover(picture)
    names = ("pitch_x", "pitch_y", "phase_x", "phase_y", "confidence")
    return recovery.sample(picture, found), {name: float(getattr(found, name)) for name in names}


def _to_pixel(source: Picture, picture: Picture, preset: Preset, grid: dict[str, float] | None) -> Converted:
    opaque = preset.alpha.mode == "opaque"
    digest = ""
    if grid is not None:
        prepared = _on_background(picture, preset) if opaque else picture
        colours = palette.resolve(preset, [prepared])
        prepared = palette.matched(prepared, colours, preset)
        draft, size = _as_cells(prepared), (prepared.width, prepared.height)
    else:
        plan = geometry.layout(picture.width, picture.height, preset.grid, fill=opaque)
        preset.limits.check_size(picture.width + sum(plan.margins[::2]), picture.height + sum(plan.margins[1::2]))
        prepared = geometry.fit(picture, plan)
        prepared = _on_background(prepared, preset) if opaque else prepared
        colours = palette.resolve(preset, [prepared])
        prepared = palette.matched(prepared, colours, preset)
        session = sessions.get(preset.method)
        draft = session.convert(_request(prepared, plan.inner_width, plan.inner_height, colours, preset))
        draft, digest, size = geometry.place(draft, plan), session.model_digest, (plan.width, plan.height)
    finished = stage.finish(draft, colours, preset.outline, preset.cleanup, preset.alpha, preset.palette)
    count = int(np.count_nonzero(np.bincount(finished.indices[finished.opaque])))
    return Converted(finished.picture(), size, colours, _facts(size, count, digest, source, preset, grid), preset)


def _to_drawing(source: Picture, picture: Picture, preset: Preset, grid: dict[str, float] | None) -> Converted:
    width, height = geometry.drawing_size(picture.width, picture.height, preset.grid)
    session = sessions.get(preset.method)
    draft = session.convert(_request(picture, width, height, None, preset))
    pixels = np.dstack([draft.cells, draft.alpha * 255.0])
    drawing = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    drawing[drawing[..., 3] == 0] = 0
    count = len(np.unique(drawing[drawing[..., 3] > 0][:, :3], axis=0))
    facts = _facts((width, height), count, session.model_digest, source, preset, grid)
    return Converted(Picture(drawing), (width, height), None, facts, preset)


def _request(picture: Picture, width: int, height: int, colours: NDArray[np.uint8] | None, preset: Preset) -> Request:
    return Request(
        picture=picture,
        width=width,
        height=height,
        palette=colours,
        direction=preset.direction,
        alpha=preset.alpha,
        outline=preset.outline,
        cleanup=preset.cleanup,
        dither=preset.palette.dither,
        seed=preset.method.seed,
    )


def _on_background(picture: Picture, preset: Preset) -> Picture:
    red, green, blue = bytes.fromhex(preset.alpha.background[1:])
    return resample.composite(picture, (red, green, blue))


def _as_cells(picture: Picture) -> Draft:
    """Pixel art is its own draft: every cell was decided by an artist and is protected."""
    return Draft(
        cells=picture.pixels[..., :3].astype(np.float32),
        alpha=picture.pixels[..., 3].astype(np.float32) / 255.0,
        protected=np.ones(picture.pixels.shape[:2], np.bool_),
    )


def _facts(
    size: tuple[int, int],
    colors: int,
    model_digest: str,
    source: Picture,
    preset: Preset,
    grid: dict[str, float] | None,
) -> Facts:
    recovered = grid is not None and preset.direction == "to-pixel"
    return Facts(
        width=size[0],
        height=size[1],
        colors=colors,
        source_width=source.width,
        source_height=source.height,
        direction=preset.direction,
        method="grid" if recovered else preset.method.name,
        model_digest=model_digest,
        preset=preset.name,
        preset_digest=preset.digest,
        version=__version__,
        grid=grid,
    )

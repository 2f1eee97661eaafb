"""The work of a job file: stills by the engine, clips and targets by the exporters."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pixforge.cli.job_file import JobFile
from pixforge.cli.options import out_is_folder
from pixforge.engine.events import Facts, Outcome, Status
from pixforge.engine.plan import Job, plan_files, plan_tree
from pixforge.engine.run import guarded, run
from pixforge.engine.sources import find_pictures
from pixforge.preset import Preset

if TYPE_CHECKING:
    from pixforge.sheet.clip import Clip

DEFAULT_TARGETS = ("png",)
CLIP_SUFFIXES = frozenset({".ase", ".aseprite", ".gif", ".apng", ".webp"})


def carry_out(job: JobFile, preset: Preset) -> list[tuple[Outcome, Sequence[Path]]]:
    """Return what became of every source, in their order, and the files that were made of it.

    Raises:
        OutputError: two sources would write one file, or an output is a source.
    """

    def order(result: tuple[Outcome, Sequence[Path]]) -> int:
        path = result[0].source
        return next(index for index, source in enumerate(job.sources) if source in (path, *path.parents))

    return sorted(_carried_out(job, preset), key=order)


def _carried_out(job: JobFile, preset: Preset) -> Iterator[tuple[Outcome, Sequence[Path]]]:
    for source in job.sources:
        if job.targets is not None or source.suffix.lower() in CLIP_SUFFIXES:
            yield _exported(job, source, preset)
    jobs = _planned(job, preset)
    for planned, outcome in zip(jobs, run(jobs, job.overwrite, job.dry_run), strict=True):
        yield outcome, planned.outputs


def _planned(job: JobFile, preset: Preset) -> list[Job]:
    if job.targets is not None:
        return []
    stills = [source for source in job.sources if source.suffix.lower() not in CLIP_SUFFIXES]
    files = [source for source in stills if not source.is_dir()]
    out = Path(job.out)
    is_folder = job.out.endswith("/") or out_is_folder(out, len(job.sources)) or len(files) < len(stills)
    planned: list[Job] = []
    if files:
        planned += plan_files(files, out, preset, is_folder)
    for folder in stills:
        if folder.is_dir():
            planned += plan_tree(find_pictures(folder, out), folder, out, preset)
    if job.name is not None and len(planned) == 1 and is_folder:
        planned = [dataclasses.replace(planned[0], destination=out / f"{job.name}.png")]
    return planned


def _exported(job: JobFile, source: Path, preset: Preset) -> tuple[Outcome, Sequence[Path]]:
    out = Path(job.out)
    single = out.suffix.lower() == ".png" and not job.out.endswith("/")
    folder, name = (out.parent, out.stem) if single else (out, job.name or source.stem)
    made: list[Path] = []

    def work() -> Outcome:
        started = time.perf_counter()
        facts, status = _write(job, source, preset, (folder, name), made)
        return Outcome(source, folder, None, status, time.perf_counter() - started, facts)

    return guarded(Job(source, folder, preset), work), made


def _write(
    job: JobFile, source: Path, preset: Preset, place: tuple[Path, str], made: list[Path]
) -> tuple[Facts | None, Status]:
    from pixforge.exporters.options import TargetOptions
    from pixforge.exporters.registry import export
    from pixforge.exporters.target import Asset
    from pixforge.exporters.tree import godot_folder, unity_folder, write_files
    from pixforge.sheet.atlas import build
    from pixforge.sheet.sources import read

    folder, name = place
    clip = read([source], preset.limits)
    facts = None
    if job.preset is not None:
        clip, facts = _converted(clip, preset)
    options = TargetOptions(godot_folder=godot_folder(folder), unity_folder=unity_folder(folder))
    files = export(Asset(name, clip, build(clip, preset.sheet), options), job.targets or DEFAULT_TARGETS)
    written = write_files(files, folder, [source], overwrite=job.overwrite, dry_run=job.dry_run)
    made += [file.path for file in written]
    if job.dry_run:
        return facts, "planned"
    return facts, "written" if any(file.status == "written" for file in written) else "unchanged"


def _converted(clip: Clip, preset: Preset) -> tuple[Clip, Facts]:
    """Convert every frame with one palette."""
    from pixforge.engine import palette
    from pixforge.engine.pipeline import convert_picture
    from pixforge.image.picture import Frame
    from pixforge.palettes.palette import Palette
    from pixforge.sheet.clip import Clip

    colours = None
    if preset.direction == "to-pixel":
        colours = palette.resolve(preset, clip.pictures)
        fixed = Palette("clip", tuple((int(red), int(green), int(blue)) for red, green, blue in colours))
        trim = preset.grid.trim and len(clip.frames) == 1  # frames trimmed one by one would not fit together
        preset = dataclasses.replace(preset, colors=fixed, grid=dataclasses.replace(preset.grid, trim=trim))
    results = [convert_picture(picture, preset) for picture in clip.pictures]
    frames = tuple(Frame(result.picture, time_of) for result, time_of in zip(results, clip.durations, strict=True))
    return Clip(frames, clip.tags, palette=colours, names=clip.names), results[0].facts

"""The work of a job file: conversions by the engine; without a preset, exports of the pixels as they are."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pixforge.cli.convert import plan_sources
from pixforge.cli.job_file import JobFile
from pixforge.cli.options import out_is_folder
from pixforge.engine.events import Outcome, Status, Written
from pixforge.engine.plan import Intake, Job, checked, main_ending, plan_tree
from pixforge.engine.run import guarded, run
from pixforge.engine.sources import find_pictures
from pixforge.preset import Preset


def carry_out(job: JobFile, preset: Preset) -> Iterator[Outcome]:
    """Yield what became of every source, in their order.

    Raises:
        OutputError: two sources would write one file, or an output is a source.
    """
    if job.preset is None:
        return (_as_they_are(job, source, preset) for source in job.sources)
    return run(_planned(job, preset), job.overwrite, job.dry_run)


def _planned(job: JobFile, preset: Preset) -> tuple[Job, ...]:
    intake = Intake(job.kind)
    if job.kind != "file" or not any(source.is_dir() for source in job.sources):
        return _named(job, plan_sources(job.sources, _out(job), preset, intake))
    jobs: list[Job] = []
    for source in job.sources:
        out = Path(job.out)
        if source.is_dir():
            jobs += plan_tree(find_pictures(source, out), source, out, preset)
        else:
            jobs += plan_sources([source], f"{job.out}/", preset, intake)
    return checked(jobs)


def _out(job: JobFile) -> str:
    """A name is for a file in a folder, whether the folder is there already or not."""
    return job.out if job.name is None or job.out.endswith("/") else f"{job.out}/"


def _named(job: JobFile, jobs: Sequence[Job]) -> tuple[Job, ...]:
    if job.name is None or job.kind == "cast":
        return tuple(jobs)
    (only,) = jobs
    named = only.folder / f"{job.name}{main_ending(only.preset)}"
    return checked([dataclasses.replace(only, destination=named)])


def _as_they_are(job: JobFile, source: Path, preset: Preset) -> Outcome:
    out = Path(job.out)
    inside = job.out.endswith("/") or job.name is not None or out_is_folder(out, len(job.sources)) or not out.suffix
    folder, name = (out, job.name or source.stem) if inside else (out.parent, out.stem)

    def work() -> Outcome:
        started = time.perf_counter()
        files = _exported(job, source, preset, folder, name)
        done = {file.status for file in files}
        status: Status = "planned" if job.dry_run else "written" if "written" in done else "unchanged"
        return Outcome(source, folder / name, None, status, time.perf_counter() - started, files=files)

    return guarded(Job(source, folder / name, preset), work)


def _exported(job: JobFile, source: Path, preset: Preset, folder: Path, name: str) -> tuple[Written, ...]:
    from pixforge.exporters.options import TargetOptions
    from pixforge.exporters.registry import export
    from pixforge.exporters.target import Asset
    from pixforge.exporters.tree import godot_folder, unity_folder, write_files
    from pixforge.sheet.atlas import build
    from pixforge.sheet.sources import read

    clip = read([source], preset.limits)
    options = TargetOptions(godot_folder=godot_folder(folder), unity_folder=unity_folder(folder))
    files = export(Asset(name, clip, build(clip, preset.sheet), options), job.targets or ())
    written = write_files(files, folder, [source], overwrite=job.overwrite, dry_run=job.dry_run)
    return tuple(Written(file.path, file.status, file.size) for file in written)

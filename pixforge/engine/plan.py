"""Sources to jobs. Pure: nothing is read or written, so that a dry run is free."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pixforge.errors import OutputError
from pixforge.preset import Preset

SUFFIX = ".png"


@dataclass(frozen=True)
class Job:
    """One picture to convert.

    Attributes:
        source: the file to read.
        destination: the PNG to write.
        preset: how.
    """

    source: Path
    destination: Path
    preset: Preset

    @property
    def preview(self) -> Path | None:
        """The enlarged copy to write as well: hero.png gets hero@4x.png; None when the preset wants none."""
        factor = self.preset.export.preview
        if factor == 0:
            return None
        return self.destination.with_name(f"{self.destination.stem}@{factor}x{SUFFIX}")

    @property
    def outputs(self) -> tuple[Path, ...]:
        """Every file that the job writes."""
        return (self.destination,) if self.preview is None else (self.destination, self.preview)


def plan_files(sources: Sequence[Path], out: Path, preset: Preset, out_is_folder: bool) -> tuple[Job, ...]:
    """Plan single files.

    Args:
        sources: files, at least one.
        out: the file to write; or, with `out_is_folder`, the folder for <stem>.png of every source.
        preset: how.
        out_is_folder: what `out` is; several sources need a folder.

    Raises:
        OutputError: `out` is no PNG name, two sources would write one file, or an output is a source.
    """
    if not out_is_folder:
        if len(sources) > 1:
            raise OutputError("is one file for several pictures", "name a folder, with a / at its end", out)
        if out.suffix.lower() != SUFFIX:
            raise OutputError(
                f"pixel art is written as PNG, not {out.suffix or 'a name without ending'}", "end it in .png", out
            )
        return checked([Job(sources[0], out, preset)])
    return checked([Job(source, out / (source.stem + SUFFIX), preset) for source in sources])


def plan_tree(sources: Iterable[Path], root: Path, out: Path, preset: Preset) -> tuple[Job, ...]:
    """Plan a folder: every source below `root` gets the same place below `out`, with the ending .png.

    Raises:
        OutputError: two sources would write one file, or an output is a source.
    """
    return checked([Job(source, (out / source.relative_to(root)).with_suffix(SUFFIX), preset) for source in sources])


def checked(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Return the jobs if no two of them write one file and none writes over a source.

    Raises:
        OutputError: naming both files.
    """
    sources = {_key(job.source): job.source for job in jobs}
    writers: dict[str, Path] = {}
    for job in jobs:
        for output in job.outputs:
            key = _key(output)
            if key in sources:
                raise OutputError(
                    f"converting {job.source} would overwrite the source {sources[key]}",
                    "choose another output",
                    output,
                )
            if key in writers:
                raise OutputError(
                    f"both {writers[key]} and {job.source} would be written here",
                    "rename one of them or convert them into different folders",
                    output,
                )
            writers[key] = job.source
    return tuple(jobs)


def _key(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))

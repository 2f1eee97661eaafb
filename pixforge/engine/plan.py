"""Sources to jobs. Pure: nothing is read or written, so that a dry run is free."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from pixforge.errors import OutputError
from pixforge.preset import Preset
from pixforge.sheet.numbered import split_number

SUFFIX: Final = ".png"
CLIP_TARGETS: Final = ("png", "aseprite-json")  # of a clip for which none was named
TILE_TARGETS: Final = ("png", "tiled")  # likewise of a tile set
_CLIP_ENDINGS: Final = (SUFFIX, ".json")

Kind = Literal["file", "clip", "cast", "sheet"]
Anchor = Literal["center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right"]


@dataclass(frozen=True)
class Intake:
    """How the sources of a job are read.

    Attributes:
        kind: file: one file, a clip if it is an animation and else a still. clip: the files are the frames of one clip.
            cast: they must match, one palette and one scale for all, but each has outputs of its own. sheet: one
            picture is cut into frames, by `cut`, else by the JSON beside it.
        cut: width and height in pixels of the cells of a sheet.
        pad: where smaller frames lie on a canvas as large as the largest; None: all must be of one size (in a cast
            stills keep theirs, and animations stand on the bottom of the largest).
        duration: milliseconds of every frame; None: as the source says, 100 where it says nothing.
    """

    kind: Kind = "file"
    cut: tuple[int, int] | None = None
    pad: Anchor | None = None
    duration: int | None = None


ONE_FILE: Final = Intake()


@dataclass(frozen=True)
class Job:
    """One picture or clip to convert, or one cast.

    Attributes:
        source: the file to read; for several a name for all of them: their folder, or a pattern such as art/walk*.
        destination: the main file to write, by which the ledger knows the job; of a cast the folder.
        preset: how.
        intake: how the sources are read.
        frames: all files that are read, in their order; empty: `source` alone.
    """

    source: Path
    destination: Path
    preset: Preset
    intake: Intake = ONE_FILE
    frames: tuple[Path, ...] = ()

    @property
    def read(self) -> tuple[Path, ...]:
        """Every file that the job reads."""
        return self.frames or (self.source,)

    @property
    def digest(self) -> str:
        """Hex digest of what steers the output beside the sources."""
        return self.preset.digest if self.intake == ONE_FILE else self._digest

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(f"{self.preset.digest} {self.intake}".encode()).hexdigest()

    @property
    def folder(self) -> Path:
        """Where the outputs go."""
        return self.destination if self.intake.kind == "cast" else self.destination.parent

    @property
    def names(self) -> tuple[str, ...]:
        """The stems of the outputs: one, or those of a cast's members."""
        if self.intake.kind == "cast":
            return tuple(path.stem for path in self.read)
        return (self.destination.name.removesuffix(main_ending(self.preset)),)

    @property
    def preview(self) -> Path | None:
        """The enlarged copy to write as well: hero.png gets hero@4x.png; None when the preset wants none."""
        if self.intake.kind == "cast":
            return None
        return self.preview_of(self.names[0])

    def preview_of(self, name: str) -> Path | None:
        """The enlarged copy of one of the outputs."""
        factor = self.preset.export.preview
        return None if factor == 0 else self.folder / f"{name}@{factor}x{SUFFIX}"

    @property
    def outputs(self) -> tuple[Path, ...]:
        """The files that the job will write, as far as they are known before: a clip may have several pages."""
        found = []
        for name in self.names:
            found += [self.folder / f"{name}{ending}" for ending in self._endings()]
            preview = self.preview_of(name)
            found += [] if preview is None else [preview]
        return tuple(found)

    def _endings(self) -> tuple[str, ...]:
        targets = self.preset.export.targets
        if not targets:
            return _CLIP_ENDINGS if self.intake.kind in ("clip", "sheet") else (SUFFIX,)
        from pixforge.exporters.registry import endings

        return tuple(dict.fromkeys(ending for target in targets for ending in endings(target)))


def main_ending(preset: Preset) -> str:
    """What the main file of an output has after its name: that of the first target, .png without any."""
    targets = preset.export.targets
    if not targets or targets[0] == "png":
        return SUFFIX
    from pixforge.exporters.registry import endings

    return endings(targets[0])[0]


def plan_files(
    sources: Sequence[Path],
    out: Path,
    preset: Preset,
    out_is_folder: bool,
    intake: Intake = ONE_FILE,
    frames: Sequence[Path] = (),
) -> tuple[Job, ...]:
    """Plan single files, or a clip or a cast of several.

    Args:
        sources: files, at least one.
        out: the file to write, whose ending names a target where the preset names none; or, with `out_is_folder`, the
            folder for the outputs of every source.
        preset: how.
        out_is_folder: what `out` is; several outputs need a folder.
        intake: how the sources are read: each by itself, or all together.
        frames: of a clip or a cast the files that the sources mean, if there are folders among them.

    Raises:
        OutputError: `out` has an ending of no target, two sources would write one file, or an output is a source.
    """
    if intake.kind == "cast":
        if not out_is_folder:
            raise OutputError("is one file for several pictures", "name a folder, with a / at its end", out)
        return checked([Job(_common(sources), out, preset, intake, tuple(frames or sources))])
    together = intake.kind == "clip"
    if not out_is_folder:
        if len(sources) > 1 and not together:
            raise OutputError("is one file for several pictures", "name a folder, with a / at its end", out)
        preset, out = with_target_of(out, preset)
        return checked([_job(sources, out, preset, intake, frames)])
    ending = main_ending(preset)
    if together:
        return checked([_job(sources, out / f"{clip_name(sources)}{ending}", preset, intake, frames)])
    return checked([_job([source], out / f"{source.stem}{ending}", preset, intake) for source in sources])


def clip_name(sources: Sequence[Path]) -> str:
    """What a clip of these sources is called: as their folder, or as what is before their numbers."""
    first = sources[0]
    if len(sources) == 1:
        return first.absolute().name if not first.suffix else first.stem
    return split_number(first.stem)[0]


def _job(sources: Sequence[Path], out: Path, preset: Preset, intake: Intake, frames: Sequence[Path] = ()) -> Job:
    if intake.kind == "file" and sources[0].suffix.lower() == ".json":
        intake = dataclasses.replace(intake, kind="sheet")
    several = tuple(frames or sources) if len(sources) > 1 or frames else ()
    return Job(_common(sources), out, preset, intake, several)


def _common(sources: Sequence[Path]) -> Path:
    """A name for several files: what is before their numbers, or their folder's, with a star."""
    first = sources[0]
    if len(sources) == 1:
        return first
    bases = {split_number(source.stem)[0] for source in sources}
    return first.with_name(f"{bases.pop()}*" if len(bases) == 1 else "*")


def with_target_of(out: Path, preset: Preset) -> tuple[Preset, Path]:
    """Return the preset with the target that the name of the output asks for, and the main file.

    Raises:
        OutputError: the name has the ending of no target, or of none of the preset's.
    """
    targets = preset.export.targets
    if not targets:
        if out.suffix.lower() == SUFFIX:
            return preset, out
        return _with_target(out, preset)
    from pixforge.exporters.registry import endings

    known = [ending for target in targets for ending in endings(target)]
    ending = next((ending for ending in sorted(known, key=len, reverse=True) if out.name.endswith(ending)), "")
    if not ending and out.suffix:
        raise OutputError(
            f"does not end as a file of the target {' or '.join(targets)}",
            f"end it in {' or '.join(dict.fromkeys(known))}, or name a folder",
            out,
        )
    return preset, out.with_name(out.name.removesuffix(ending) + main_ending(preset))


def _with_target(out: Path, preset: Preset) -> tuple[Preset, Path]:
    """Without targets the ending decides: walk.gif, walk.aseprite, walk.tres."""
    from pixforge.exporters.registry import by_ending

    target = by_ending(out.suffix.lower()) if out.suffix else None
    if target is None:
        raise OutputError(
            f"pixel art is written as PNG, not {out.suffix or 'a name without ending'}",
            "end it in .png (or .gif, .apng, .webp, .aseprite, ...), or name a --target",
            out,
        )
    chosen = dataclasses.replace(preset, export=dataclasses.replace(preset.export, targets=(target,)))
    return chosen, out.with_name(out.stem + main_ending(chosen))


def plan_tree(sources: Iterable[Path], root: Path, out: Path, preset: Preset) -> tuple[Job, ...]:
    """Plan a folder: every source below `root` gets the same place below `out`, with the ending of its main file.

    Raises:
        OutputError: two sources would write one file, or an output is a source.
    """
    ending = main_ending(preset)
    places = [(source, (out / source.relative_to(root)).with_suffix("")) for source in sources]
    return checked([Job(source, place.with_name(source.stem + ending), preset) for source, place in places])


def checked(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Return the jobs if no two of them write one file and none writes over a source.

    Raises:
        OutputError: naming both files.
    """
    sources = {_key(path): path for job in jobs for path in job.read}
    writers: dict[str, Path] = {}
    for job in jobs:
        for output in job.outputs:
            key = _key(output)
            if key in sources:
                raise overwrites(job, sources[key], output)
            if key in writers:
                raise collide(writers[key], job.source, output)
            writers[key] = job.source
    return tuple(jobs)


def overwrites(job: Job, source: Path, output: Path) -> OutputError:
    """Return the error of a job that would be written over a source."""
    cause = f"converting {job.source} would overwrite the source {source}"
    return OutputError(cause, "choose another output", output)


def collide(first: Path, second: Path, output: Path) -> OutputError:
    """Return the error of two sources with one output."""
    cause = f"both {first} and {second} would be written here"
    return OutputError(cause, "rename one of them or convert them into different folders", output)


def _key(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))

"""The job file of host programs (Aseprite, Godot): JSON in, one frozen Job out, or every mistake at once."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from pixforge.errors import SettingsError
from pixforge.palettes.palette import Palette
from pixforge.pixel.options import Color
from pixforge.preset import DEFAULT_PRESET, Preset
from pixforge.preset import find as find_preset
from pixforge.preset import load as load_preset
from pixforge.preset.files import files_of
from pixforge.preset.overrides import flatten
from pixforge.typed_toml import InvalidSettingsError, Problem, read

STDIN: Final = "-"


@dataclass(frozen=True)
class JobFile:
    """What a host program asks for.

    Attributes:
        version: of this format.
        sources: pictures, clips, folders; relative paths start from the folder of the job file.
        kind: file: each source by itself. clip: the sources are the frames of one clip (a folder, or numbered files).
            cast: they must match, one palette and one scale for all.
        out: a file, or a folder, with "/" at its end where it is not there yet.
        preset: a name, or a path; null converts nothing: the pixels are exported as they are.
        project: the folder from which the names of presets are searched; None: that of the job file.
        set: keys that override the preset's, dotted or nested, as `--set` of `pixforge convert` takes them.
        palette: the colours that the output may have, in place of `palette.source`.
        targets: what to write; None: what the preset says, else a PNG.
        name: stem of the files of a single source; None: each source's own.
        overwrite: True replaces any file, False keeps every file, None replaces what pixforge made.
        dry_run: only say what would be written.
        describe: do nothing but answer as `pixforge job --describe`.
        report: the file of the answer; None: stdout.
    """

    version: Literal[1] = 1
    sources: tuple[Path, ...] = ()
    kind: Literal["file", "clip", "cast"] = "file"
    out: str = ""
    preset: str | None = DEFAULT_PRESET
    project: Path | None = None
    set: dict[str, object] = field(default_factory=dict)
    palette: tuple[Color, ...] | None = None
    targets: tuple[str, ...] | None = None
    name: str | None = None
    overwrite: bool | None = None
    dry_run: bool = False
    describe: bool = False
    report: Path | None = None


def read_text(file: str) -> tuple[str, Path]:
    """Return the text of a job file, or of stdin for "-", and the folder that its relative paths start from.

    Raises:
        SettingsError: it cannot be read, or is not UTF-8.
    """
    path = None if file == STDIN else Path(file)
    try:
        data = sys.stdin.buffer.read() if path is None else path.read_bytes()
        return data.decode("utf-8-sig"), Path.cwd() if path is None else path.absolute().parent
    except OSError as error:
        raise SettingsError(f"the job cannot be read ({error.strerror})", "check the path", path) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"the job is not UTF-8 text (byte {error.start})", "write it as UTF-8", path) from error


def parse_json(text: str, path: Path | None) -> dict[str, Any]:
    """Return the plain values of a job.

    Raises:
        SettingsError: it is no JSON object; line and column are named.
    """
    try:
        table = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"the job is not valid JSON: {error}", "correct the line named here", path) from error
    except RecursionError as error:
        raise SettingsError("the job is nested too deeply", "write one flat object", path) from error
    if not isinstance(table, dict):
        raise SettingsError("the job is no JSON object", 'write {"version": 1, "sources": [...], "out": ...}', path)
    return table


def report_of(table: Mapping[str, Any], folder: Path) -> Path | None:
    """Return where the answer goes, even when the rest of the job is wrong."""
    report = table.get("report")
    return folder / report if isinstance(report, str) and report else None


def parse(table: Mapping[str, Any], folder: Path, path: Path | None = None) -> JobFile:
    """Turn the plain values of a job into a JobFile with absolute paths.

    Args:
        table: as JSON gives them.
        folder: where relative paths start.
        path: the job file, for messages.

    Raises:
        InvalidSettingsError: with every mistake.
    """
    job = read(JobFile, table, path)
    problems = [] if "version" in table else [Problem("", "version", "1, the version of this format", "nothing")]
    if not job.describe:
        problems += _missing(job)
    if job.palette is not None:
        problems += _palette_problems(job)
    if job.preset is None and not job.targets:
        problems.append(Problem("", "targets", "at least one target, as the preset is null", "nothing"))
    problems += _name_problems(job)
    if problems:
        raise InvalidSettingsError(problems, path)
    return dataclasses.replace(
        job,
        sources=tuple(folder / source for source in job.sources),
        out=_anchored(job.out, folder),
        report=None if job.report is None else folder / job.report,
        project=folder if job.project is None else folder / job.project,
    )


def preset_of(job: JobFile, folder: Path) -> Preset:
    """Return the preset of a job with its overrides; paths start from `folder`, names are searched from the project.

    Raises:
        SettingsError: there is no such preset, or it has mistakes.
    """
    found, overrides = _preset_file(job, folder), _overrides(job, folder)
    preset = load_preset(found, overrides)
    if job.palette is None:
        return preset
    colors = tuple((int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)) for text in job.palette)
    return dataclasses.replace(preset, colors=Palette("job", colors))


def depends_of(job: JobFile, folder: Path) -> tuple[Path, ...]:
    """Return the files beside the sources that decide about the outputs: the preset's and the palette's."""
    if job.preset is None:
        return ()
    try:
        return files_of(_preset_file(job, folder).absolute(), _overrides(job, folder))
    except SettingsError:
        return ()


def _preset_file(job: JobFile, folder: Path) -> Path:
    name = job.preset or DEFAULT_PRESET  # null: only what it says about sheets is used
    is_path = name.lower().endswith(".toml") or len(Path(name).parts) > 1
    return find_preset(folder / name if is_path else name, job.project or folder)


def _overrides(job: JobFile, folder: Path) -> dict[str, object]:
    overrides = flatten(job.set)
    source = overrides.get("palette.source")
    if isinstance(source, str) and (folder / source).is_file():
        overrides["palette.source"] = str(folder / source)
    if job.palette is not None:
        overrides["palette.source"] = "fit"
    if job.targets is not None and job.preset is not None:
        overrides["export.targets"] = list(job.targets)
    return overrides


def _missing(job: JobFile) -> list[Problem]:
    found = []
    if not job.sources:
        found.append(Problem("", "sources", "a list of at least one path", "[]"))
    if not job.out:
        found.append(Problem("", "out", "a file or a folder", '""'))
    return found


def _name_problems(job: JobFile) -> list[Problem]:
    if job.name is None:
        return []
    found = []
    if len(job.sources) > 1 and job.kind != "clip":
        found.append(Problem("", "name", "nothing, as there are several sources", hint="each keeps its own name"))
    if not job.name or set(job.name) & set('/\\:*?"<>|'):
        found.append(Problem("", "name", "a file name without folders", json.dumps(job.name, ensure_ascii=False)))
    return found


def _palette_problems(job: JobFile) -> list[Problem]:
    if not job.palette:
        return [Problem("", "palette", "a list of at least one colour", "[]")]
    if "palette.source" in flatten(job.set):
        return [Problem("set", "palette.source", 'nothing beside "palette"', hint="keep one of them")]
    return []


def _anchored(out: str, folder: Path) -> str:
    """Make `out` absolute and keep the slash at its end, which says that it is a folder."""
    return str(folder / out) + ("/" if out.endswith(("/", "\\")) else "") if out else out

"""One source picture and what was made of it, as the page shows them. Runs in worker processes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pixforge.engine.assets import read_clip
from pixforge.engine.content import hash_file
from pixforge.engine.events import known_error
from pixforge.engine.plan import Intake
from pixforge.engine.provenance import read_provenance
from pixforge.errors import PixforgeError
from pixforge.image.limits import Limits
from pixforge.preset import Preset
from pixforge.report.films import in_place, output_film, source_film
from pixforge.report.model import FORMAT, Outcome, Subject, Variant
from pixforge.report.scores import palette_use, score
from pixforge.report.ways import Way
from pixforge.sheet.clip import Clip
from pixforge.sheet.sources import PICTURE_SUFFIXES, is_aseprite, read

_SCORED_FRAMES: Final = 4
_ANY: Final = Limits()
_CLIPS: Final = frozenset({".aseprite", ".gif", ".apng", ".webp"})


@dataclass(frozen=True)
class Task:
    """What is to be looked at.

    Attributes:
        name: of the source, below the tree's source.
        sources: every file that is read.
        intake: how they are read.
        preset: with which the tree converts it.
        rule: name or file of that preset, as a rule would name it.
        outputs: what the ledger says was made of it, with the digests.
        error: of its last conversion, if that failed.
        ways: others to try.
        root: folder to which the page's paths are relative.
    """

    name: str
    sources: tuple[Path, ...]
    intake: Intake
    preset: Preset
    rule: str
    outputs: tuple[tuple[Path, str], ...]
    error: Mapping[str, Any] | None
    ways: tuple[Way, ...]
    root: Path

    def shown(self, path: Path) -> str:
        """Return a path as the page shows it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    @property
    def key(self) -> str:
        """Digest of all that the record depends on."""
        wanted = [
            FORMAT,
            str(self.intake),
            [content_of(path) for path in self.sources],
            self.preset.digest,
            self.preset.name,
            self.error,
        ]
        wanted += [[str(path), digest] for path, digest in self.outputs]
        wanted += [[way.text, way.preset.digest] for way in self.ways]
        return hashlib.sha256(json.dumps(wanted, sort_keys=True, default=str).encode()).hexdigest()


def look(task: Task, folder: Path) -> Subject:
    """Write the pictures of a task into the page's folder and return its record; no fault of it raises."""
    try:
        clip = read_clip(task.sources, task.intake, task.preset.limits)
        film = source_film(clip, task.preset, folder)
    except PixforgeError as error:
        failed = known_error(error, task.sources[0])
        variant = Variant(task.preset.name, task.rule, {}, task.preset.method.name, "failed", error=failed)
        return Subject(task.name, task.key, None, (variant,))
    own = _own(task, clip, folder)
    return Subject(task.name, task.key, film, (own, *(_tried(way, clip, task, folder) for way in task.ways)))


def _own(task: Task, clip: Clip, folder: Path) -> Variant:
    """What the tree made."""
    label, method = task.preset.name, task.preset.method.name
    shown = _best(task.outputs, len(clip.frames) > 1)
    if task.error is not None or shown is None:
        outcome: Outcome = "missing" if task.error is None else "failed"
        return Variant(label, task.rule, {}, method, outcome, error=None if task.error is None else dict(task.error))
    path, digest = shown
    try:
        made = read([path], _ANY)
    except PixforgeError as error:
        return Variant(label, task.rule, {}, method, "failed", task.shown(path), error=known_error(error, path))
    method = str((read_provenance(path) or {}).get("method", method))
    return _variant(
        Variant(label, task.rule, {}, method, "made", task.shown(path), digest), made, clip, task.preset, folder
    )


def _tried(way: Way, clip: Clip, task: Task, folder: Path) -> Variant:
    """What another preset makes of it."""
    from pixforge.engine.clip import convert_clip

    blank = Variant(way.text, way.name, dict(way.set), way.preset.method.name, "made")
    try:
        made = convert_clip(clip, way.preset).clip
    except PixforgeError as error:
        values = {**vars(blank), "outcome": "failed", "error": known_error(error, task.sources[0])}
        return Variant(**values)
    return _variant(blank, made, clip, way.preset, folder)


def _variant(blank: Variant, made: Clip, source: Clip, preset: Preset, folder: Path) -> Variant:
    film = output_film(made, folder)
    palette = palette_use([picture.pixels for picture in made.pictures]) if preset.direction == "to-pixel" else ()
    scores = _scores(made, source, preset) if preset.direction == "to-pixel" else None
    found = {"film": film, "palette": palette, "scores": scores, "digest": blank.digest or film.file}
    return Variant(**{**vars(blank), **found})


def _scores(made: Clip, source: Clip, preset: Preset) -> dict[str, float | None]:
    """The mean over some frames, where a frame of the output is a frame of the source."""
    if len(made.frames) != len(source.frames):
        return {}
    step = max(1, len(made.frames) // _SCORED_FRAMES)
    before = in_place(source.pictures, preset)
    pairs = list(zip(before, made.pictures, strict=True))[::step]
    return _means([score(drawing, cells) for drawing, cells in pairs])


def _means(values: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name in values[0]:
        known = [number for each in values if (number := each[name]) is not None]
        found[name] = round(sum(known) / len(known), 4) if known else None
    return found


def _best(outputs: Sequence[tuple[Path, str]], moves: bool) -> tuple[Path, str] | None:
    """The output that shows most: of a clip one that knows its frames, else a picture."""
    there = [output for output in outputs if output[0].is_file()]
    clips = [output for output in there if output[0].suffix.lower() in _CLIPS or _is_sheet(output[0])]
    stills = [output for output in there if output[0].suffix.lower() in PICTURE_SUFFIXES or is_aseprite(output[0])]
    return next(iter([*(clips if moves else ()), *stills]), None)


def _is_sheet(path: Path) -> bool:
    """Whether a file is the JSON of a sheet whose page is there."""
    return path.suffix.lower() == ".json" and path.with_suffix(".png").is_file()


def content_of(path: Path) -> str:
    """Return the digest of a file, "" if it cannot be read."""
    try:
        return hash_file(path)
    except OSError:
        return ""

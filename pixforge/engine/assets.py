"""Clips, casts and tile sets: from the files of a job to those of its targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pixforge.engine import marks
from pixforge.engine.clip import ConvertedClip, convert_clip
from pixforge.engine.clip_set import convert_set
from pixforge.engine.converted import Converted
from pixforge.engine.events import Facts, Product, Progress
from pixforge.engine.files import still_files
from pixforge.engine.pipeline import convert_picture
from pixforge.engine.plan import CLIP_TARGETS, TILE_TARGETS, Intake, Job
from pixforge.errors import PictureError
from pixforge.exporters import apng, registry
from pixforge.exporters.options import TargetOptions
from pixforge.exporters.target import Asset, File, TileAsset
from pixforge.exporters.tree import godot_folder, unity_folder
from pixforge.image import load
from pixforge.image.limits import Limits
from pixforge.image.picture import Frame
from pixforge.image.resample import enlarge
from pixforge.preset import Preset
from pixforge.sheet import sources as reader
from pixforge.sheet import tiles
from pixforge.sheet.atlas import build
from pixforge.sheet.clip import Clip


@dataclass(frozen=True, eq=False)
class _Subject:
    """One asset on its way: its name, its converted frames, and what each of them was converted to."""

    name: str
    clip: Clip
    frames: tuple[Converted, ...]

    @property
    def still(self) -> Converted | None:
        return self.frames[0] if len(self.frames) == 1 else None


def make_asset_files(
    job: Job, copies: Path | None, progress: Progress | None = None
) -> tuple[tuple[Product, ...], Facts]:
    """As `pixforge.engine.files.make_files`, for everything but a plain still.

    Raises:
        PixforgeError: it cannot be done.
    """
    paths = job.read if copies is None else [copies / path.name for path in job.read]
    preset = job.preset
    if job.intake.kind == "cast":
        members = [_timed(reader.read([path], preset.limits), job.intake) for path in paths]
        subjects, facts = _converted_cast(job, members, progress)
    else:
        subject, facts = _converted(job.names[0], read_clip(paths, job.intake, preset.limits), preset, progress)
        subjects = [subject]
    products: list[Product] = []
    pages = 0
    for subject in subjects:
        made, count = _product(job, subject)
        products += made
        pages += count
    return tuple(products), replace(facts, pages=pages)


def read_clip(paths: Sequence[Path], intake: Intake, limits: Limits) -> Clip:
    """Read the frames of a job that is no cast.

    Raises:
        PictureError: a file is missing, damaged or of no use; the frames are of different sizes.
        LimitError: too large, or too many frames.
    """
    if intake.kind != "sheet":
        return _timed(reader.read(paths, limits, intake.pad), intake)
    image = paths[0]
    if intake.cut is not None:
        grid = reader.Grid(*intake.cut)
        try:
            return _timed(reader.cut_grid(load.load(image, limits), grid), intake)
        except PictureError as error:
            error.path = error.path or image
            raise
    data = next((path for path in paths if path.suffix.lower() == ".json"), image.with_suffix(".json"))
    return _timed(reader.read_sheet(data, limits, None if image == data else image), intake)


def _timed(clip: Clip, intake: Intake) -> Clip:
    if intake.duration is None:
        return clip
    return replace(clip, frames=tuple(Frame(frame.picture, intake.duration) for frame in clip.frames))


def _converted(name: str, clip: Clip, preset: Preset, progress: Progress | None) -> tuple[_Subject, Facts]:
    if len(clip.frames) == 1 and not clip.slices:
        made = convert_picture(clip.pictures[0], preset)
        frame = Frame(made.picture, clip.durations[0])
        shown = replace(clip, frames=(frame,), layers=(), pivot=None, palette=made.palette)
        return _Subject(name, shown, (made,)), made.facts
    made_clip = convert_clip(clip, preset, progress)
    return _Subject(name, made_clip.clip, _checked(made_clip)), clip_facts(made_clip)


def _checked(made: ConvertedClip) -> tuple[Converted, ...]:
    """The frames, each held against the contract."""
    for frame in made.frames:
        frame.encode()
    return made.frames


def clip_facts(made: ConvertedClip) -> Facts:
    """What is known about a converted clip."""
    durations = made.clip.durations
    return replace(made.facts, frames=len(durations), milliseconds=sum(durations), flicker=made.flicker)


def _converted_cast(job: Job, members: Sequence[Clip], progress: Progress | None) -> tuple[list[_Subject], Facts]:
    """Convert what must match: stills each at its own size, animations as the frames of one clip on one canvas."""
    frames = [frame for member in members for frame in member.frames]
    job.preset.limits.check_clip(1, 1, len(frames))
    if job.intake.pad is None and all(len(member.frames) == 1 for member in members):
        return _matched_stills(job, members)
    canvas = reader.padded(frames, job.intake.pad or "bottom")
    preset = replace(job.preset, clip=replace(job.preset.clip, mode="set"))
    made = convert_clip(Clip(tuple(canvas)), preset, progress)
    _checked(made)
    subjects, start = [], 0
    for name, member in zip(job.names, members, strict=True):
        end = start + len(member.frames)
        own = Clip(made.clip.frames[start:end], member.tags, palette=made.clip.palette)
        subjects.append(_Subject(name, own, made.frames[start:end]))
        start = end
    return subjects, clip_facts(made)


def _matched_stills(job: Job, members: Sequence[Clip]) -> tuple[list[_Subject], Facts]:
    done = convert_set([member.pictures[0] for member in members], job.preset, job.names)
    subjects = []
    for name, member, each in zip(job.names, members, done, strict=True):
        each.encode()
        frame = Frame(each.picture, member.durations[0])
        subjects.append(_Subject(name, Clip((frame,), palette=each.palette), (each,)))
    return subjects, replace(done[0].facts, frames=len(done))


def _product(job: Job, subject: _Subject) -> tuple[list[Product], int]:
    """The files of one asset, and how many pages its sheet has."""
    preset, still = job.preset, subject.still
    preview = job.preview_of(subject.name)
    if preset.export.tiles is not None:
        files, pages = _tile_files(job, subject), 1
    elif still is not None and not preset.export.targets:
        return list(still_files(still, job.folder / f"{subject.name}.png", preview)), 0
    else:
        files, pages = export_clip(subject.name, subject.clip, preset, job.folder)
    text = subject.frames[0].text
    made = _marked(files, job.folder, text)
    made.sort(key=lambda product: product.path != job.destination)  # the main file first
    if preview is not None:
        made.append(Product(preview, marks.marked(preview.name, _preview(subject, preset.export.preview), text)))
    return made, pages


def _marked(files: Sequence[File], folder: Path, text: dict[str, str]) -> list[Product]:
    return [Product(folder / file.path, marks.marked(file.path, file.data, text), file.keep) for file in files]


def clip_products(name: str, made: ConvertedClip, preset: Preset, folder: Path) -> tuple[Product, ...]:
    """The files of a converted clip for the preset's targets, as they are written into a folder.

    Raises:
        ContractError: a frame does not hold what was promised.
        SettingsError: a frame does not fit on a page, or a target cannot hold the clip.
    """
    _checked(made)
    files, _ = export_clip(name, made.clip, preset, folder)
    return tuple(_marked(files, folder, made.frames[0].text))


def export_clip(name: str, clip: Clip, preset: Preset, folder: Path) -> tuple[tuple[File, ...], int]:
    """The files of a converted clip for the preset's targets, and how many pages its sheet has.

    A still keeps its whole size: only where there are several frames are borders trimmed off.

    Raises:
        SettingsError: a frame does not fit on a page, or a target cannot hold the clip.
    """
    options = preset.sheet if len(clip.frames) > 1 else replace(preset.sheet, trim=False)
    sheet = build(clip, options)
    asset = Asset(name, clip, sheet, _placed(preset.export, folder))
    return registry.export(asset, preset.export.targets or CLIP_TARGETS), len(sheet.pages)


def _tile_files(job: Job, subject: _Subject) -> tuple[File, ...]:
    if subject.still is None:
        raise PictureError("an animation is no tile set", "leave out export.tiles, or give one picture", job.source)
    preset = job.preset
    size, sheet = preset.export.tiles, preset.sheet
    assert size is not None
    try:
        cut = tiles.cut(subject.still.picture, size)
    except PictureError as error:
        error.path = error.path or job.source
        raise
    page = tiles.lay_out_tiles(cut, sheet.border, sheet.spacing, sheet.extrude)
    asset = TileAsset(subject.name, cut, page, _placed(preset.export, job.folder))
    return registry.export_tiles(asset, preset.export.targets or TILE_TARGETS)


def _placed(options: TargetOptions, folder: Path) -> TargetOptions:
    """The choices of the targets, with the folder in the engine's project that the output has."""
    found = options.godot_folder or godot_folder(folder)
    return replace(options, godot_folder=found, unity_folder=options.unity_folder or unity_folder(folder))


def _preview(subject: _Subject, factor: int) -> bytes:
    """The enlarged copy: a PNG, animated for a clip."""
    if subject.still is not None:
        return subject.still.encode_preview(factor)
    frames = tuple(Frame(enlarge(frame.picture, factor), frame.duration) for frame in subject.clip.frames)
    return apng.of_clip(replace(subject.clip, frames=frames, slices=()))

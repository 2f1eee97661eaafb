"""Options of sheets and targets, which several commands share, and what they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from pixforge.cli.output import Output
from pixforge.errors import SettingsError
from pixforge.exporters.options import JsonForm, TargetOptions
from pixforge.sheet.options import Layout, SheetOptions

if TYPE_CHECKING:
    from pixforge.exporters.target import File
    from pixforge.sheet.clip import Clip, Tag

F = TypeVar("F", bound=Callable[..., Any])

SHEET_FLAGS = ("layout", "columns", "trim", "merge", "border", "spacing", "inner", "extrude", "power_of_two",
               "multiple_of", "max_size")  # fmt: skip
TARGET_FLAGS = ("json_form", "frame_names", "godot_folder", "slices")
_DEFAULT = SheetOptions()
_TAG = re.compile(r"(?P<name>.+?):(?P<first>\d+)-(?P<last>\d+)(?::(?P<direction>[a-z_]+))?(?::(?P<repeat>\d+))?")


def _options(command: F, options: Sequence[Callable[[F], F]]) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def layout(command: F) -> F:
    """Add how frames lie on the pages."""
    side = click.IntRange(0, 256)
    return _options(
        command,
        (
            click.option(
                "--layout",
                type=click.Choice(get_args(Layout)),
                default=_DEFAULT.layout,
                show_default=True,
                help="How frames lie on the sheet.",
            ),
            click.option(
                "--columns", type=click.IntRange(0, 65535), metavar="N", help="Frames a row (or a column). 0: no limit."
            ),
            click.option("--trim/--no-trim", default=True, help="Leave out transparent borders.  [default: trim]"),
            click.option("--merge/--no-merge", default=True, help="Keep equal frames once.  [default: merge]"),
            click.option("--border", type=side, default=0, metavar="N", help="Empty pixels round the page."),
            click.option("--spacing", type=side, default=0, metavar="N", help="Empty pixels between frames."),
            click.option("--inner", type=side, default=0, metavar="N", help="Empty pixels round each frame."),
            click.option(
                "--extrude",
                type=click.IntRange(0, 16),
                default=0,
                metavar="N",
                help="Repeat edge pixels N times outside each frame.",
            ),
            click.option("--power-of-two", is_flag=True, help="Page sides are powers of two."),
            click.option(
                "--multiple-of",
                type=click.IntRange(1, 1024),
                default=1,
                metavar="N",
                help="Page sides are multiples of N.",
            ),
            click.option(
                "--max-size",
                type=click.IntRange(1, 16384),
                default=_DEFAULT.max_size,
                show_default=True,
                metavar="N",
                help="Longest side of a page; what does not fit goes to further pages.",
            ),
        ),
    )


def targets(command: F) -> F:
    """Add what is written, and how."""
    return _options(
        command,
        (
            click.option(
                "-t",
                "--target",
                "target",
                multiple=True,
                metavar="T",
                help="What to write; may be given several times. `--target list` lists them.",
            ),
            click.option(
                "--json-form",
                type=click.Choice(get_args(JsonForm)),
                default="hash",
                show_default=True,
                help="Form of Aseprite's JSON.",
            ),
            click.option(
                "--frame-names", default="", metavar="PATTERN", help="Names in JSON, such as {title}-{tag}-{tagframe}."
            ),
            click.option(
                "--godot-folder", metavar="RES", help='Folder in the Godot project. Default: found, or "next to me".'
            ),
            click.option("--slices/--no-slices", default=True, help="Write slices into .aseprite.  [default: slices]"),
            click.option(
                "--overwrite/--no-overwrite",
                default=None,
                help="Replace every file, or keep every file. Default: keep Godot's scenes and import settings.",
            ),
            click.option("-n", "--dry-run", is_flag=True, help="Say what would be written; write nothing."),
        ),
    )


def sheet_options(flags: dict[str, Any]) -> SheetOptions:
    """The flags of `layout` as options."""
    return SheetOptions(**{name: flags[name] for name in SHEET_FLAGS})


def target_options(flags: dict[str, Any], folder: Path) -> TargetOptions:
    """The flags of `targets` as options; the Godot project is looked for above the output folder.

    Raises:
        click.UsageError: --godot-folder is no folder of a project.
    """
    from pixforge.exporters.tree import godot_folder, unity_folder

    place = flags["godot_folder"]
    if place is not None and not place.startswith("res://"):
        raise click.UsageError(f'--godot-folder is a folder such as "res://art", not "{place}"')
    found = godot_folder(folder) if place is None else place
    return TargetOptions(flags["json_form"], flags["frame_names"], found, unity_folder(folder), flags["slices"])


def wants_list(chosen: Sequence[str], output: Output) -> bool:
    """Whether the user asked for the list of targets; it is then written."""
    if "list" not in chosen:
        return False
    import importlib

    from pixforge.exporters.registry import names

    titles = {name: importlib.import_module(f"pixforge.exporters.{name.replace('-', '_')}").TITLE for name in names()}
    for name, title in titles.items():
        output.line(f"{name:<14} {title}")
    output.document({"targets": titles})
    return True


def place_of(out: str, sources: Sequence[Path]) -> tuple[Path, str]:
    """The folder and the stem of the files: OUT is a folder if it is one or ends in a slash, else folder and stem."""
    path = Path(out)
    if out.endswith(("/", "\\")) or path.is_dir():
        return path, sources[0].resolve().stem
    return path.parent, path.name


def parse_tag(text: str, count: int) -> Tag:
    """A tag such as walk:0-7, blink:8-11:pingpong or die:12-20:forward:1.

    Raises:
        click.UsageError: it is not of this form.
        SettingsError: it goes past the frames, or plays in no known direction.
    """
    from pixforge.sheet.clip import DIRECTIONS, Tag

    match = _TAG.fullmatch(text)
    if match is None:
        raise click.UsageError(f'"{text}" is not a tag such as walk:0-7, blink:8-11:pingpong or die:12-20:forward:1')
    direction = match["direction"] or "forward"
    known = next((each for each in DIRECTIONS if each == direction), None)
    if known is None:
        raise SettingsError(f'tag "{match["name"]}" plays "{direction}"', f"use one of {', '.join(DIRECTIONS)}")
    first, last = int(match["first"]), int(match["last"])
    if not first <= last < count:
        raise SettingsError(
            f'tag "{match["name"]}" goes from frame {first} to {last}, but the frames are 0 to {count - 1}',
            "correct the range",
        )
    return Tag(match["name"], first, last, known, int(match["repeat"] or 0))


def adjusted(clip: Clip, tags: Sequence[str], duration: int | None, pivot: tuple[int, int] | None) -> Clip:
    """The clip with the tags, the duration and the pivot that the user gave."""
    from pixforge.image.picture import Frame

    if tags:
        clip = replace(clip, tags=tuple(parse_tag(text, len(clip.frames)) for text in tags))
    if duration is not None:
        clip = replace(clip, frames=tuple(Frame(frame.picture, duration) for frame in clip.frames))
    return clip if pivot is None else replace(clip, pivot=pivot)


def write(
    output: Output,
    files: Sequence[File],
    folder: Path,
    sources: Sequence[Path],
    overwrite: bool | None,
    dry_run: bool,
) -> list[dict[str, Any]]:
    """Write the files and a line about each; returns them as plain values.

    Raises:
        OutputError: one cannot be written, or would replace a source.
    """
    from pixforge.exporters.tree import write_files
    from pixforge.sheet.sources import files_of

    written = write_files(files, folder, files_of(sources), overwrite=overwrite, dry_run=dry_run)
    for file in written:
        output.line(f"{file.status:<10} {file.path}")
    return [{"path": str(file.path), "status": file.status, "bytes": file.size} for file in written]

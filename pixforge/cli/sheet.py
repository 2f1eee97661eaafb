"""pixforge sheet: frames onto a sheet, with the files that engines and editors import.

JSON: name; folder; frames; size [width, height]; pages [[width, height]]; tags [{name, first, last, direction, repeat,
color}]; files [{path, status (written | unchanged | kept | planned), bytes}]; seconds.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pixforge.cli import options, sheet_options
from pixforge.cli.output import Output

if TYPE_CHECKING:
    from pixforge.exporters.target import File
    from pixforge.sheet.atlas import Sheet
    from pixforge.sheet.clip import Clip
    from pixforge.sheet.sources import Anchor

ANCHORS = ("center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right")
DEFAULT_TARGETS = ("png", "aseprite-json")


@click.command(short_help="Put frames on a sheet for an engine.")
@click.argument("sources", metavar="FRAMES...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--out", metavar="OUT", help="Folder and stem of the files, such as art/hero; or a folder.")
@sheet_options.targets
@sheet_options.layout
@click.option("--cut", type=options.Size(), help="FRAMES is a sheet: cut it into cells of this size first.")
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="NAME:FIRST-LAST[:DIRECTION[:REPEAT]]; frames from 0."
)
@click.option("--duration", type=click.IntRange(1, 65535), metavar="MS", help="Milliseconds of every frame.")
@click.option("--pivot", type=options.Size(), metavar="XxY", help="The point that engines place, from the top left.")
@click.option("--pad", type=click.Choice(ANCHORS), help="Put smaller frames so on a canvas as large as the largest.")
@click.option("--max-frames", type=click.IntRange(1, 65535), default=2000, show_default=True, metavar="N",
              help="Refuse more frames than this.")  # fmt: skip
@options.manners
@click.pass_obj
def sheet(
    output: Output,
    /,
    sources: tuple[Path, ...],
    out: str | None,
    target: tuple[str, ...],
    cut: tuple[int, int] | None,
    tags: tuple[str, ...],
    duration: int | None,
    pivot: tuple[int, int] | None,
    pad: Any,  # noqa: ANN401  # one of ANCHORS
    max_frames: int,
    overwrite: bool | None,
    dry_run: bool,
    **flags: Any,  # noqa: ANN401  # the flags of `sheet_options`, one by one there
) -> int:
    """Put frames on a sheet and write it for engines and editors.

    FRAMES are pictures, numbered or not, a folder of them, animations (GIF, APNG, WebP), Aseprite files, or the JSON of
    a sheet. Animations become tags of their names; so do runs such as walk_1.png, walk_2.png, idle_1.png, ...

    \b
    pixforge sheet hero/*.png -o game/art/hero --target godot
    pixforge sheet walk.gif idle.gif -o hero -t aseprite -t texturepacker --extrude 1
    pixforge sheet old-sheet.png --cut 32x32 -o hero -t gif
    """
    output.command = "sheet"
    if sheet_options.wants_list(target, output):
        return 0
    if not sources or out is None:
        raise click.UsageError("give FRAMES and -o OUT")
    started = time.perf_counter()
    clip = sheet_options.adjusted(_clip(sources, cut, max_frames, pad), tags, duration, pivot)
    folder, name = sheet_options.place_of(out, sources)
    made, files = _exported(name, folder, clip, target or DEFAULT_TARGETS, flags)
    listed = sheet_options.write(output, files, folder, sources, overwrite, dry_run)
    output.document(
        {
            "name": name,
            "folder": str(folder),
            "frames": len(clip.frames),
            "size": [clip.width, clip.height],
            "pages": [[page.width, page.height] for page in made.pages],
            "tags": [dataclasses.asdict(tag) for tag in clip.tags],
            "files": listed,
            "seconds": round(time.perf_counter() - started, 3),
        }
    )
    return 0


def _clip(sources: tuple[Path, ...], cut: tuple[int, int] | None, max_frames: int, pad: Anchor | None) -> Clip:
    from pixforge.image.limits import Limits
    from pixforge.image.load import load
    from pixforge.sheet import sources as reader

    limits = Limits(max_frames=max_frames)
    if cut is None:
        return reader.read(sources, limits, pad)
    if len(sources) > 1:
        raise click.UsageError("--cut takes one sheet")
    return reader.cut_grid(load(sources[0], limits), reader.Grid(*cut))


def _exported(
    name: str, folder: Path, clip: Clip, targets: Sequence[str], flags: dict[str, Any]
) -> tuple[Sheet, tuple[File, ...]]:
    from pixforge.exporters.registry import export
    from pixforge.exporters.target import Asset
    from pixforge.sheet.atlas import build

    made = build(clip, sheet_options.sheet_options(flags))
    return made, export(Asset(name, clip, made, sheet_options.target_options(flags, folder)), targets)

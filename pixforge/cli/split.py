"""pixforge split: a sheet into frames, or a picture into tiles.

JSON: name; folder; frames (or tiles and map [columns, rows]); size [width, height]; files [{path, status, bytes}];
seconds.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pixforge.cli import options, sheet_options
from pixforge.cli.output import Output

if TYPE_CHECKING:
    from pixforge.image.limits import Limits
    from pixforge.sheet.clip import Clip

DEFAULT_TARGETS = ("frames",)


@click.command(short_help="Cut a sheet into frames, or a picture into tiles.")
@click.argument("source", metavar="SHEET", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--out", metavar="DIR", help="Folder of the files.")
@click.option("--name", metavar="STEM", help="Stem of the files. Default: the sheet's.")
@click.option("--grid", type=options.Size(), help="Size of a frame: the sheet is cut by a regular grid.")
@click.option("--data", type=click.Path(path_type=Path), metavar="JSON", help="The sheet's JSON. Default: beside it.")
@click.option("--tiles", type=options.Size(), help="Size of a tile: the picture becomes a tile set and a map.")
@click.option("--margin", type=click.IntRange(0), default=0, metavar="N", help="Pixels round the cells.")
@click.option("--gap", type=click.IntRange(0), default=0, metavar="N", help="Pixels between the cells.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="Number of frames. Default: to the last one.")
@click.option("--mirror/--no-mirror", default=True, help="Mirrored and turned tiles are one.  [default: mirror]")
@click.option("--merge/--no-merge", default=True, help="Equal tiles are one.  [default: merge]")
@click.option("--extrude", type=click.IntRange(0, 16), default=0, metavar="N", help="Repeat tiles' edges N times.")
@click.option("--duration", type=click.IntRange(1, 65535), metavar="MS", help="Milliseconds of every frame.")
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="NAME:FIRST-LAST[:DIRECTION[:REPEAT]]; frames from 0."
)
@sheet_options.targets
@options.manners
@click.pass_obj
def split(
    output: Output,
    /,
    source: Path | None,
    out: str | None,
    target: tuple[str, ...],
    tiles: tuple[int, int] | None,
    overwrite: bool | None,
    dry_run: bool,
    **flags: Any,  # noqa: ANN401  # the other flags, one by one above
) -> int:
    """Cut a sheet into its frames: by a grid, or by its JSON (Aseprite, TexturePacker). Or cut a picture into tiles.

    An animation or an Aseprite file is a sheet too. The frames go to PNG files of their own, or to any other target.

    \b
    pixforge split hero.png --grid 32x32 -o frames/
    pixforge split hero.json -o out/ -t aseprite
    pixforge split level.png --tiles 16x16 -o game/ -t godot -t tiled
    """
    output.command = "split"
    if sheet_options.wants_list(target, output):
        return 0
    if source is None or out is None:
        raise click.UsageError("give a SHEET and -o DIR")
    started = time.perf_counter()
    folder = Path(out)
    name = flags["name"] or source.stem
    chosen = target or (("png",) if tiles else DEFAULT_TARGETS)
    what, files, read = (
        _tiles(source, name, folder, chosen, tiles, flags) if tiles else _frames(source, name, folder, chosen, flags)
    )
    listed = sheet_options.write(output, files, folder, read, overwrite, dry_run)
    seconds = round(time.perf_counter() - started, 3)
    output.document({"name": name, "folder": str(folder), **what, "files": listed, "seconds": seconds})
    return 0


def _frames(
    source: Path, name: str, folder: Path, targets: tuple[str, ...], flags: dict[str, Any]
) -> tuple[dict[str, Any], tuple[Any, ...], list[Path]]:
    from pixforge.exporters.registry import export
    from pixforge.exporters.target import Asset
    from pixforge.image.limits import Limits
    from pixforge.sheet.atlas import build
    from pixforge.sheet.options import SheetOptions

    clip, read = _clip(source, flags, Limits())
    clip = sheet_options.adjusted(clip, flags["tags"], flags["duration"], None)
    sheet = build(clip, SheetOptions(extrude=flags["extrude"]))
    asset = Asset(name, clip, sheet, sheet_options.target_options(flags, folder))
    what = {"frames": len(clip.frames), "size": [clip.width, clip.height]}
    return what, export(asset, targets), read


def _clip(source: Path, flags: dict[str, Any], limits: Limits) -> tuple[Clip, list[Path]]:
    """The clip on a sheet, and the files it came from."""
    from pixforge.image.load import load
    from pixforge.sheet import sources as reader

    if flags["grid"] is not None:
        width, height = flags["grid"]
        grid = reader.Grid(width, height, flags["margin"], flags["gap"], flags["count"])
        return reader.cut_grid(load(source, limits), grid), [source]
    beside = source.with_suffix(".json")
    data = flags["data"] or (beside if source.suffix.lower() == ".png" and beside.is_file() else None)
    if data is not None:
        return reader.read_sheet(data, limits, source if source != data else None), [source, data]
    clip = reader.read([source], limits)
    if len(clip.frames) == 1 and source.suffix.lower() != ".json" and not reader.is_aseprite(source):
        raise click.UsageError("give --grid WxH, or --data with the sheet's JSON: it is not an animation")
    return clip, [source]


def _tiles(
    source: Path, name: str, folder: Path, targets: tuple[str, ...], size: tuple[int, int], flags: dict[str, Any]
) -> tuple[dict[str, Any], tuple[Any, ...], list[Path]]:
    from pixforge.exporters.registry import export_tiles
    from pixforge.exporters.target import TileAsset
    from pixforge.image.load import load
    from pixforge.sheet import tiles

    cut = tiles.cut(load(source), size, flags["margin"], flags["gap"], merge=flags["merge"], mirror=flags["mirror"])
    sheet = tiles.lay_out_tiles(cut, extrude=flags["extrude"])
    asset = TileAsset(name, cut, sheet, sheet_options.target_options(flags, folder))
    rows, columns = cut.numbers.shape
    what = {"tiles": len(cut.tiles), "map": [columns, rows], "size": list(cut.tile_size)}
    return what, export_tiles(asset, targets), [source]

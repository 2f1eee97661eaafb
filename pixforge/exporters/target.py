"""The contract of an exporter.

A module of this package that has a TITLE is a target; its name, with "-" for "_", is what users write. It has
`export(asset) -> tuple[File, ...]` for clips, or `export_tiles(asset) -> tuple[File, ...]` for tile sets, or both.
It may have ENDINGS, what its files of one page add to the asset's name, the main one first: by them two sources of one
output are refused before anything is converted, and an output that the user names finds its target.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pixforge.exporters.options import TargetOptions
from pixforge.sheet.atlas import Sheet
from pixforge.sheet.clip import Clip
from pixforge.sheet.tiles import TileMap


@dataclass(frozen=True)
class File:
    """A file to be written.

    Attributes:
        path: relative to the output folder, with "/".
        data: its bytes.
        keep: do not touch a file that is there already: it belongs to the user, or to the engine, from then on.
    """

    path: str
    data: bytes
    keep: bool = False


@dataclass(frozen=True, eq=False)
class Asset:
    """A clip to be exported.

    Attributes:
        name: stem of the files.
        clip: frames, tags, slices, layers.
        sheet: the frames on pages.
        options: choices of the targets.
    """

    name: str
    clip: Clip
    sheet: Sheet
    options: TargetOptions = field(default_factory=TargetOptions)


@dataclass(frozen=True, eq=False)
class TileAsset:
    """A tile set to be exported.

    Attributes:
        name: stem of the files.
        tiles: the tiles and where they lie.
        sheet: the tiles on one page, in cells of one size (`pixforge.sheet.tiles.lay_out_tiles`).
        options: choices of the targets.
    """

    name: str
    tiles: TileMap
    sheet: Sheet
    options: TargetOptions = field(default_factory=TargetOptions)

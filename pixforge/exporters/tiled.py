"""Tiled: a tile set (.tsx) with animated tiles, or a cut tile set with its map (.tmx).

Tiled cuts an image by a regular grid and knows no trimming, so a clip gets a page of its own.
Source of the format: TMX Map Format, of Tiled 1.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from pixforge.errors import SettingsError
from pixforge.exporters.pages import page_files, page_names, png
from pixforge.exporters.target import Asset, File, TileAsset
from pixforge.sheet.atlas import Sheet, lay_out
from pixforge.sheet.clip import Tag
from pixforge.sheet.layout import uniform
from pixforge.sheet.options import SheetOptions
from pixforge.sheet.tags import play_order
from pixforge.sheet.tiles import EMPTY, TileMap

TITLE: Final = "Tiled"
ENDINGS: Final = (".tsx", ".tiled.png")

_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_FLIP_H, _FLIP_V, _FLIP_D = 0x80000000, 0x40000000, 0x20000000  # in the number of a tile on a map


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.tsx and NAME.tiled.png: every frame a tile, every tag an animation on its first frame's tile.

    Where two tags begin with the same frame, that frame is there once more at the end.

    Raises:
        SettingsError: the frames do not fit on one page.
    """
    clip = asset.clip
    pictures = list(clip.pictures)
    starts: dict[int, Tag] = {}
    for tag in clip.animations(asset.name):
        first = play_order(tag)[0]
        if first in starts:
            pictures.append(clip.pictures[first])
            first = len(pictures) - 1
        starts[first] = tag
    sheet = lay_out(pictures, uniform(asset.sheet.options))
    if len(sheet.pages) > 1:
        raise SettingsError(
            f'the frames of "{asset.name}" need {len(sheet.pages)} pages, but Tiled knows one',
            "allow a larger page, or leave this target out",
        )
    image = f"{asset.name}.tiled.png"
    tiles = [_animated(number, tag, clip.durations) for number, tag in sorted(starts.items()) if tag.first < tag.last]
    text = _tile_set(_Grid.of(sheet, clip.width, clip.height), asset.name, image, tiles)
    return File(image, png(sheet.pages[0], clip)), File(f"{asset.name}.tsx", text.encode())


def export_tiles(asset: TileAsset) -> tuple[File, ...]:
    """NAME.tsx and NAME.png with the tiles, NAME.tmx with the map."""
    grid = _Grid.of(asset.sheet, *asset.tiles.tile_size)
    text = _tile_set(grid, asset.name, page_names(asset)[0], [])
    return (
        *page_files(asset),
        File(f"{asset.name}.tsx", text.encode()),
        File(f"{asset.name}.tmx", _map(asset.tiles, f"{asset.name}.tsx").encode()),
    )


@dataclass(frozen=True)
class _Grid:
    """The regular grid of a page."""

    width: int
    height: int
    margin: int
    spacing: int
    columns: int
    count: int
    page: tuple[int, int]

    @classmethod
    def of(cls, sheet: Sheet, width: int, height: int) -> _Grid:
        """The grid on which the cells of a sheet lie."""
        options: SheetOptions = sheet.options
        pad = options.inner + options.extrude
        margin, spacing = options.border + pad, options.spacing + 2 * pad
        page = sheet.pages[0]
        # As many columns as Tiled itself finds in the image, which rounding may have made wider than the frames need.
        columns = (page.width - margin + spacing) // (width + spacing)
        return cls(width, height, margin, spacing, columns, len(sheet.cells), (page.width, page.height))


def _tile_set(grid: _Grid, name: str, image: str, tiles: Sequence[str]) -> str:
    head = (
        f'<tileset version="1.10" tiledversion="1.10.2" name={quoteattr(name)} tilewidth="{grid.width}" '
        f'tileheight="{grid.height}" spacing="{grid.spacing}" margin="{grid.margin}" tilecount="{grid.count}" '
        f'columns="{grid.columns}">'
    )
    picture = f' <image source={quoteattr(image)} width="{grid.page[0]}" height="{grid.page[1]}"/>'
    return "\n".join([_XML, head, picture, *tiles, "</tileset>"]) + "\n"


def _animated(number: int, tag: Tag, durations: Sequence[int]) -> str:
    order = play_order(tag)
    frames = "".join(f'\n   <frame tileid="{frame}" duration="{durations[frame]}"/>' for frame in order)
    name = f'\n  <properties>\n   <property name="animation" value={quoteattr(tag.name)}/>\n  </properties>'
    return f' <tile id="{number}">{name}\n  <animation>{frames}\n  </animation>\n </tile>'


def _map(tiles: TileMap, source: str) -> str:
    rows, columns = tiles.numbers.shape
    width, height = tiles.tile_size
    lines = [",".join(str(_number(tiles, row, column)) for column in range(columns)) for row in range(rows)]
    return "\n".join(
        [
            _XML,
            (
                '<map version="1.10" tiledversion="1.10.2" orientation="orthogonal" renderorder="right-down" '
                f'width="{columns}" height="{rows}" tilewidth="{width}" tileheight="{height}" infinite="0" '
                'nextlayerid="2" nextobjectid="1">'
            ),
            f' <tileset firstgid="1" source={quoteattr(source)}/>',
            f' <layer id="1" name="Tiles" width="{columns}" height="{rows}">',
            '  <data encoding="csv">',
            ",\n".join(lines),
            "</data>",
            " </layer>",
            "</map>",
            "",
        ]
    )


def _number(tiles: TileMap, row: int, column: int) -> int:
    number = int(tiles.numbers[row, column])
    if number == EMPTY:
        return 0
    flip = tiles.flips[row][column]
    return number + 1 | flip.horizontal * _FLIP_H | flip.vertical * _FLIP_V | flip.diagonal * _FLIP_D

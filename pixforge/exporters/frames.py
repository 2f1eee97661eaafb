"""Each frame as a PNG of its own, untrimmed."""

from __future__ import annotations

from typing import Final

from pixforge.exporters.pages import png
from pixforge.exporters.target import Asset, File, TileAsset

TITLE: Final = "PNG files, one a frame"
ENDINGS: Final = ("_000.png",)


def export(asset: Asset) -> tuple[File, ...]:
    """NAME_000.png, NAME_001.png, ..."""
    digits = max(3, len(str(len(asset.clip.frames) - 1)))
    return tuple(
        File(f"{asset.name}_{number:0{digits}d}.png", png(picture, asset.clip))
        for number, picture in enumerate(asset.clip.pictures)
    )


def export_tiles(asset: TileAsset) -> tuple[File, ...]:
    """NAME_000.png, NAME_001.png, ..., one a tile."""
    tiles = asset.tiles.tiles
    digits = max(3, len(str(len(tiles) - 1)))
    return tuple(File(f"{asset.name}_{number:0{digits}d}.png", png(tile)) for number, tile in enumerate(tiles))

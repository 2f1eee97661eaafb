"""The sheet alone, as PNG."""

from __future__ import annotations

from typing import Final

from pixforge.exporters.pages import page_files
from pixforge.exporters.target import Asset, File, TileAsset

TITLE: Final = "PNG sheet"
ENDINGS: Final = (".png",)


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.png, or NAME-0.png, NAME-1.png, ... for several pages."""
    return page_files(asset)


def export_tiles(asset: TileAsset) -> tuple[File, ...]:
    """NAME.png with the tiles."""
    return page_files(asset)

"""The pages of a sheet as PNG files, which several targets refer to."""

from __future__ import annotations

from collections.abc import Sequence

from pixforge.exporters.target import Asset, File, TileAsset
from pixforge.image.encode import encode_png
from pixforge.image.picture import Picture
from pixforge.sheet.clip import Clip, used_colors


def page_names(asset: Asset | TileAsset) -> tuple[str, ...]:
    """The pages' file names: hero.png, or hero-0.png, hero-1.png, ... where there are several."""
    count = len(asset.sheet.pages)
    return (f"{asset.name}.png",) if count == 1 else tuple(f"{asset.name}-{page}.png" for page in range(count))


def page_files(asset: Asset | TileAsset) -> tuple[File, ...]:
    """The pages as PNG files: indexed by the clip's palette where it fits, else RGBA."""
    clip = asset.clip if isinstance(asset, Asset) else None
    named = zip(page_names(asset), asset.sheet.pages, strict=True)
    return tuple(File(name, png(page, clip)) for name, page in named)


def png(picture: Picture, clip: Clip | None = None, others: Sequence[Picture] = ()) -> bytes:
    """One PNG, indexed where the colours allow it.

    Args:
        picture: the pixels.
        clip: whose palette it has; None: its own colours, and those of `others`.
        others: pictures that shall have the same palette.
    """
    palette = used_colors((picture, *others)) if clip is None else clip.colors()
    room = 256 if picture.opaque else 255
    if palette is None or not 0 < len(palette) <= room:
        return encode_png(picture, None, {})
    return encode_png(picture, palette, {})

"""TexturePacker's JSON hash with animations, as PixiJS and many others read it."""

from __future__ import annotations

from typing import Any, Final

from pixforge.exporters.aseprite_json import Entry, frames, to_bytes
from pixforge.exporters.naming import distinct, frame_name
from pixforge.exporters.pages import page_files
from pixforge.exporters.target import Asset, File
from pixforge.sheet.tags import play_order

TITLE: Final = "sheet with TexturePacker's JSON (PixiJS)"
ENDINGS: Final = (".atlas.json", ".png")


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.atlas.json and NAME.png; for several pages one JSON a page, each of which names the others.

    Frames may have a pivot ("anchor", in shares of the size). PixiJS reads no durations, so they are there for others;
    an animation lists its frames as they are played, ping-pong written out.
    """
    pages = page_files(asset)
    documents = [f"{page.path.removesuffix('.png')}.atlas.json" for page in pages]
    names = _names(asset)
    made = []
    for number, (page, path) in enumerate(zip(pages, documents, strict=True)):
        table = _page(asset, names, number, page.path)
        if len(pages) > 1:
            table["meta"]["related_multi_packs"] = [other for other in documents if other != path]
        made.append(File(path, to_bytes(table)))
    return *pages, *made


def _names(asset: Asset) -> list[str]:
    """The frames' names: the user's pattern, the source files' names, or NAME_0, NAME_1, ..."""
    clip, pattern = asset.clip, asset.options.frame_names
    if pattern:
        wanted = [frame_name(pattern, f"{asset.name}.png", n, clip.tags) for n in range(len(clip.frames))]
    elif clip.names:
        wanted = list(clip.names)
    else:
        wanted = [f"{asset.name}_{number}" for number in range(len(clip.frames))]
    return distinct(wanted, asset.name)


def _page(asset: Asset, names: list[str], page: int, image: str) -> dict[str, Any]:
    clip, sheet = asset.clip, asset.sheet
    listed = zip(names, sheet.cells, clip.durations, strict=True)
    table = frames([Entry(name, cell, duration) for name, cell, duration in listed if cell.page == page], "hash")
    for number, name in enumerate(names):
        pivot = clip.pivot_at(number)
        if pivot is not None and name in table and isinstance(table, dict):
            table[name]["anchor"] = {"x": pivot[0] / clip.width, "y": pivot[1] / clip.height}
    picture = sheet.pages[page]
    meta = {
        "app": "https://www.codeandweb.com/texturepacker",
        "version": "1.0 (pixforge)",
        "image": image,
        "format": "RGBA8888",
        "size": {"w": picture.width, "h": picture.height},
        "scale": "1",
    }
    if page > 0:
        return {"frames": table, "meta": meta}
    tags = clip.animations(asset.name)
    titles = distinct([tag.name for tag in tags], asset.name)
    animations = {title: [names[number] for number in play_order(tag)] for title, tag in zip(titles, tags, strict=True)}
    return {"frames": table, "animations": animations, "meta": meta}

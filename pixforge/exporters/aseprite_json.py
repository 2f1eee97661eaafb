"""The sheet with its JSON as Aseprite writes it: for Aseprite's own users' pipelines, engines and libraries.

The order of keys is Aseprite's, as some readers depend on it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pixforge.errors import SettingsError
from pixforge.exporters.naming import distinct, frame_name
from pixforge.exporters.options import JsonForm
from pixforge.exporters.pages import page_files
from pixforge.exporters.target import Asset, File
from pixforge.sheet.atlas import Cell
from pixforge.sheet.clip import Clip, Layer, Slice, Tag

TITLE: Final = "sheet with Aseprite's JSON"
ENDINGS: Final = (".json", ".png")

# What readers look for to tell the form. No version of pixforge: a new one must not change every exported file.
APP: Final = "https://www.aseprite.org/"
VERSION: Final = "1.3 (pixforge)"
_MANY, _ONE = "{title} {frame}.{extension}", "{title}.{extension}"


@dataclass(frozen=True)
class Entry:
    """A frame in the list.

    Attributes:
        name: its name.
        cell: where it lies.
        duration: milliseconds.
        inner: padding that counts as part of the frame.
    """

    name: str
    cell: Cell
    duration: int
    inner: int = 0


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.json and NAME.png.

    Raises:
        SettingsError: the sheet has several pages.
    """
    pages = page_files(asset)
    return *pages, File(f"{asset.name}.json", to_bytes(content(asset, one_page(asset, pages, "aseprite-json"))))


def one_page(asset: Asset, pages: Sequence[File], target: str) -> str:
    """The name of the only page.

    Raises:
        SettingsError: there are several.
    """
    if len(pages) > 1:
        raise SettingsError(
            f'the sheet "{asset.name}" has {len(pages)} pages, but the target "{target}" knows one',
            "allow a larger page, or use the target texturepacker or godot",
        )
    return pages[0].path


def content(asset: Asset, image: str) -> dict[str, Any]:
    """The JSON of a clip."""
    clip = asset.clip
    names = frame_names(asset)
    listed = zip(names, asset.sheet.cells, clip.durations, strict=True)
    entries = [Entry(name, cell, duration) for name, cell, duration in listed]
    page = asset.sheet.pages[0]
    meta = head(image, (page.width, page.height), indexed=False)
    meta["frameTags"] = [tag_entry(tag) for tag in clip.tags]
    meta["layers"] = [layer_entry(layer) for layer in clip.layers if layer.visible]
    meta["slices"] = [slice_entry(each) for each in clip.slices]
    return {"frames": frames(entries, asset.options.json), "meta": meta}


def frame_names(asset: Asset) -> list[str]:
    """The frames' names, each once: as Aseprite would call them, or by the pattern that the user gave."""
    pattern = asset.options.frame_names or (_MANY if len(asset.clip.frames) > 1 else _ONE)
    file = f"{asset.name}.aseprite"
    names = [frame_name(pattern, file, number, asset.clip.tags) for number in range(len(asset.clip.frames))]
    return distinct(names, asset.name)


def to_bytes(table: dict[str, Any]) -> bytes:
    """JSON in UTF-8, keys in their order."""
    return (json.dumps(table, indent=1, ensure_ascii=False) + "\n").encode()


def frames(entries: Sequence[Entry], form: JsonForm) -> dict[str, Any] | list[dict[str, Any]]:
    """The frames by their names, or as a list."""
    if form == "array":
        return [{"filename": entry.name, **_frame(entry)} for entry in entries]
    return {entry.name: _frame(entry) for entry in entries}


def _frame(entry: Entry) -> dict[str, Any]:
    cell, pad = entry.cell, entry.inner
    return {
        "frame": {"x": cell.x - pad, "y": cell.y - pad, "w": cell.width + 2 * pad, "h": cell.height + 2 * pad},
        "rotated": False,
        "trimmed": cell.trimmed,
        "spriteSourceSize": {"x": cell.left, "y": cell.top, "w": cell.width, "h": cell.height},
        "sourceSize": {"w": cell.source_width, "h": cell.source_height},
        "duration": entry.duration,
    }


def head(image: str, size: tuple[int, int], *, indexed: bool) -> dict[str, Any]:
    """The head of "meta", to which lists are added."""
    return {
        "app": APP,
        "version": VERSION,
        **({"image": image} if image else {}),
        "format": "I8" if indexed else "RGBA8888",
        "size": {"w": size[0], "h": size[1]},
        "scale": "1",
    }


def tag_entry(tag: Tag, name: str | None = None) -> dict[str, Any]:
    """A tag, under another name if one is given."""
    entry: dict[str, Any] = {
        "name": tag.name if name is None else name,
        "from": tag.first,
        "to": tag.last,
        "direction": tag.direction,
    }
    if tag.repeat:
        entry["repeat"] = str(tag.repeat)
    if tag.color is not None:
        entry["color"] = _hex(tag.color)
    return entry


def layer_entry(layer: Layer) -> dict[str, Any]:
    """A layer."""
    entry: dict[str, Any] = {"name": layer.name}
    if layer.groups:
        entry["group"] = layer.groups[-1]
    return {**entry, "opacity": layer.opacity, "blendMode": layer.blend}


def group_entries(clip: Clip) -> list[dict[str, Any]]:
    """The visible layers with the groups they lie in, each group before what it holds."""
    found: list[dict[str, Any]] = []
    seen: set[tuple[str, ...]] = set()
    for layer in clip.layers:
        if not layer.visible:
            continue
        for depth in range(1, len(layer.groups) + 1):
            path = layer.groups[:depth]
            if path not in seen:
                seen.add(path)
                found.append({"name": path[-1], **({"group": path[-2]} if depth > 1 else {})})
        found.append(layer_entry(layer))
    return found


def slice_entry(each: Slice) -> dict[str, Any]:
    """A slice."""
    keys = []
    for key in each.keys:
        entry: dict[str, Any] = {"frame": key.frame, "bounds": _box(*key.bounds)}
        if key.center is not None:
            entry["center"] = _box(*key.center)
        if key.pivot is not None:
            entry["pivot"] = {"x": key.pivot[0], "y": key.pivot[1]}
        keys.append(entry)
    note = {"data": each.text} if each.text else {}
    color = {"color": _hex(each.color)} if each.color is not None else {}
    return {"name": each.name, **color, **note, "keys": keys}


def _box(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def _hex(color: tuple[int, int, int]) -> str:
    return f"#{bytes(color).hex()}ff"

"""The JSON beside a sheet, as Aseprite, TexturePacker, Pixi and Phaser write it: where each frame lies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pixforge.errors import PictureError
from pixforge.image.source import DEFAULT_DURATION
from pixforge.sheet.clip import DIRECTIONS, MAX_DURATION, Box, Direction, Slice, SliceKey, Tag

_REMEDY = "export it again from the program that made it"


@dataclass(frozen=True)
class Region:
    """A frame on a sheet.

    Attributes:
        name: its name in the file.
        image: file name of the page.
        box: x, y, width, height of what lies there, unrotated.
        rotated: it lies there turned clockwise by a quarter.
        left, top: what was trimmed off.
        source: width and height of the untrimmed frame.
        duration: milliseconds.
    """

    name: str
    image: str
    box: Box
    rotated: bool
    left: int
    top: int
    source: tuple[int, int]
    duration: int


@dataclass(frozen=True)
class SheetData:
    """What the file says.

    Attributes:
        regions: the frames in their order.
        tags: animations.
        slices: named areas.
    """

    regions: tuple[Region, ...]
    tags: tuple[Tag, ...]
    slices: tuple[Slice, ...]


def parse(text: str) -> SheetData:
    """Read the JSON of a sheet.

    Raises:
        PictureError: it is not JSON, or not of a known form; the message names the place.
    """
    try:
        root = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PictureError(f"the file is not valid JSON: {error}", _REMEDY) from error
    root = _table(root, "the file")
    meta = _table(root.get("meta", {}), "meta")
    regions = _regions(root, str(meta.get("image", "")))
    if not regions:
        raise PictureError("the sheet data has no frames", _REMEDY)
    tags = tuple(_tag(tag, f"meta.frameTags[{n}]", len(regions)) for n, tag in enumerate(_list(meta, "frameTags")))
    slices = tuple(_slice(each, f"meta.slices[{n}]") for n, each in enumerate(_list(meta, "slices")))
    if "animations" in root and not tags:
        regions, tags = _animated(regions, _table(root["animations"], "animations"))
    return SheetData(tuple(regions), tags, slices)


def _fail(where: str, expected: str) -> PictureError:
    return PictureError(f"the sheet data is wrong: {where} must be {expected}", _REMEDY)


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _fail(where, "an object")
    return cast("Mapping[str, Any]", value)


def _list(table: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise _fail(key, "a list")
    return value


def _number(table: Mapping[str, Any], key: str, where: str, default: int | None = None) -> int:
    value = table.get(key, default)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _fail(f"{where}.{key}", "a whole number")
    return value


def _box(value: object, where: str) -> Box:
    table = _table(value, where)
    x, y, width, height = (_number(table, key, where) for key in ("x", "y", "w", "h"))
    return x, y, width, height


def _regions(root: Mapping[str, Any], image: str) -> list[Region]:
    if isinstance(root.get("textures"), list):  # several pages in one file, as for Phaser
        found = []
        for number, page in enumerate(root["textures"]):
            table = _table(page, f"textures[{number}]")
            found += _regions(table, str(table.get("image", "")))
        return found
    frames = root.get("frames")
    if isinstance(frames, dict):
        return [_region(name, frame, f'frames["{name}"]', image) for name, frame in frames.items()]
    if isinstance(frames, list):
        named = [(_table(frame, f"frames[{n}]").get("filename", str(n)), frame) for n, frame in enumerate(frames)]
        return [_region(str(name), frame, f"frames[{n}]", image) for n, (name, frame) in enumerate(named)]
    raise _fail("frames", "an object or a list")


def _region(name: str, value: object, where: str, image: str) -> Region:
    table = _table(value, where)
    box = _box(table.get("frame"), f"{where}.frame")
    source = _table(table.get("sourceSize", {"w": box[2], "h": box[3]}), f"{where}.sourceSize")
    size = _number(source, "w", f"{where}.sourceSize"), _number(source, "h", f"{where}.sourceSize")
    spot = table.get("spriteSourceSize", {"x": 0, "y": 0, "w": box[2], "h": box[3]})
    left, top, _, _ = _box(spot, f"{where}.spriteSourceSize")
    duration = _number(table, "duration", where, DEFAULT_DURATION) or DEFAULT_DURATION
    fits = 0 <= left <= size[0] - box[2] and 0 <= top <= size[1] - box[3]
    if min(box) < 0 or not fits or not 0 < duration <= MAX_DURATION:
        raise _fail(where, "a frame inside its source size, with a duration of 1 to 65535 ms")
    return Region(name, image, box, bool(table.get("rotated")), left, top, size, duration)


def _tag(value: object, where: str, count: int) -> Tag:
    table = _table(value, where)
    first, last = _number(table, "from", where), _number(table, "to", where)
    direction = table.get("direction", "forward")
    if direction not in DIRECTIONS:
        raise _fail(f"{where}.direction", f"one of {', '.join(DIRECTIONS)}")
    if not 0 <= first <= last < count:
        raise _fail(where, f"a range inside the frames 0 to {count - 1}, not {first} to {last}")
    repeat = _number(table, "repeat", where, 0)
    color = _color(table.get("color"))
    return Tag(str(table.get("name", "")), first, last, cast("Direction", direction), repeat, color)


def _color(value: object) -> tuple[int, int, int] | None:
    """A colour such as "#ff8800ff"."""
    try:
        raw = bytes.fromhex(str(value).removeprefix("#"))
    except ValueError:
        return None
    return (raw[0], raw[1], raw[2]) if len(raw) >= 3 else None


def _slice(value: object, where: str) -> Slice:
    table = _table(value, where)
    keys = tuple(_key(key, f"{where}.keys[{n}]") for n, key in enumerate(_list(table, "keys")))
    return Slice(str(table.get("name", "")), keys, _color(table.get("color")), str(table.get("data", "")))


def _key(value: object, where: str) -> SliceKey:
    table = _table(value, where)
    center = _box(table["center"], f"{where}.center") if "center" in table else None
    pivot = None
    if "pivot" in table:
        point = _table(table["pivot"], f"{where}.pivot")
        pivot = _number(point, "x", f"{where}.pivot"), _number(point, "y", f"{where}.pivot")
    return SliceKey(_number(table, "frame", where, 0), _box(table.get("bounds"), f"{where}.bounds"), center, pivot)


def _animated(regions: list[Region], animations: Mapping[str, Any]) -> tuple[list[Region], tuple[Tag, ...]]:
    """The frames and tags of TexturePacker's lists of frame names.

    Where every list is a run of frames they stay as they are; else the frames are put in the order of the lists.
    """
    number = {region.name: index for index, region in enumerate(regions)}
    lists: dict[str, list[int]] = {}
    for name in animations:
        wanted = _list(animations, name)
        unknown = [frame for frame in wanted if str(frame) not in number]
        if unknown:
            raise _fail(f'animations["{name}"]', f'a list of frames; there is none called "{unknown[0]}"')
        if wanted:
            lists[name] = [number[str(frame)] for frame in wanted]
    if all(order == list(range(order[0], order[0] + len(order))) for order in lists.values()):
        return regions, tuple(Tag(name, order[0], order[-1]) for name, order in lists.items())
    ordered: list[Region] = []
    tags = []
    for name, order in lists.items():
        tags.append(Tag(name, len(ordered), len(ordered) + len(order) - 1))
        ordered += [regions[index] for index in order]
    used = {index for order in lists.values() for index in order}
    return ordered + [region for index, region in enumerate(regions) if index not in used], tuple(tags)

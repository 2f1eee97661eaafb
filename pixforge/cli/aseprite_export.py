"""What `pixforge-aseprite` writes: sheets with their JSON, and saved files, as Aseprite would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, cast

import numpy as np

from pixforge.cli.aseprite_compat import Filters, Run, UsageError
from pixforge.cli.aseprite_opened import Opened
from pixforge.exporters import aseprite as aseprite_file
from pixforge.exporters import aseprite_json, gif, webp
from pixforge.exporters.apng import export as apng_export
from pixforge.exporters.naming import distinct, frame_name
from pixforge.exporters.pages import png
from pixforge.exporters.target import Asset
from pixforge.image import aseprite
from pixforge.image.aseprite.model import INDEXED
from pixforge.image.picture import Frame, Picture
from pixforge.sheet.atlas import build, lay_out
from pixforge.sheet.clip import Clip, Tag
from pixforge.sheet.options import Layout, SheetOptions
from pixforge.sheet.sources import palette_of, slices_of
from pixforge.sheet.trim import crop, shown, union

_LAST_DIGITS = re.compile(r"^(.*?)(\d+)$")
_LARGEST = 16384


@dataclass(frozen=True, eq=False)
class _Sample:
    """One frame on the sheet: the picture, its name, its time, and the strip it belongs to."""

    picture: Picture
    name: str
    duration: int
    band: int


def sheet(done: Run) -> list[tuple[str, bytes]]:
    """The files of --sheet and --data; JSON without a name goes to "-", stdout.

    Raises:
        UsageError: nothing to export, or more than one page.
    """
    dropped: dict[int, list[int]] = {}
    samples = [sample for number in range(len(done.opened)) for sample in _samples(done, number, dropped)]
    if not samples:
        raise UsageError("there are no frames to export", "check --layer, --tag and --frame-range")
    options = _sheet_options(done)
    laid = lay_out([sample.picture for sample in samples], options, [sample.band for sample in samples])
    if len(laid.pages) > 1:
        raise UsageError(f"the sheet is larger than {_LARGEST} pixels", "use --sheet-type packed, or rows with columns")
    page, image = laid.pages[0], done.values.get("sheet", "")
    names = distinct([sample.name for sample in samples], "frame")
    entries = [
        aseprite_json.Entry(name, cell, sample.duration, options.inner)
        for name, cell, sample in zip(names, laid.cells, samples, strict=True)
    ]
    indexed = all(opened.document.depth == INDEXED for opened in done.opened)
    meta = aseprite_json.head(PurePath(image).name, (page.width, page.height), indexed=indexed)
    _add_lists(done, meta, dropped)
    form = "array" if done.values.get("format") == "json-array" else "hash"
    table = {"frames": aseprite_json.frames(entries, cast("Any", form)), "meta": meta}
    files = [(image, png(page, _palette_of(done)))] if image else []
    return [*files, (done.values.get("data", "-"), aseprite_json.to_bytes(table))]


def _palette_of(done: Run) -> Clip | None:
    """A clip whose palette the sheet has: the first file's, if it is the only one."""
    if len(done.opened) != 1 or done.opened[0].document.depth != INDEXED:
        return None
    document = done.opened[0].document
    frame = Frame(aseprite.render(document, 0), 1)
    return Clip((frame,), palette=palette_of(document))


def _sheet_options(done: Run) -> SheetOptions:
    kind = "packed" if "sheet-pack" in done.flags else done.values.get("sheet-type", "rows")
    columns = done.number("sheet-rows" if kind == "columns" else "sheet-columns")
    return SheetOptions(
        layout=cast("Layout", kind),
        columns=columns,
        trim="trim" in done.flags,
        merge="merge-duplicates" in done.flags or kind == "packed",
        border=done.number("border-padding"),
        spacing=done.number("shape-padding"),
        inner=done.number("inner-padding"),
        extrude=1 if "extrude" in done.flags else 0,
        max_size=_LARGEST,
    )


def _samples(done: Run, number: int, dropped: dict[int, list[int]]) -> Iterator[_Sample]:
    """The frames of one file; those that --ignore-empty leaves out are noted in `dropped`."""
    opened = done.opened[number]
    drawn = opened.drawn()
    selections = [[layer] for layer in drawn] if opened.filters.split_layers else [drawn]
    band = number << 24
    for tag in opened.tags():
        frames = opened.frames(tag)
        for layers in selections:
            band += 1
            kept = 0
            for frame in frames:
                picture = _scaled(aseprite.render(opened.document, frame, layers), done.scale)
                if "ignore-empty" in done.flags and shown(picture) is None:
                    dropped.setdefault(number, []).append(frame)
                    continue
                name = _name(done, opened, layers, tag, frame, kept, len(frames))
                yield _Sample(picture, name, max(opened.document.frames[frame].duration, 1), band)
                kept += 1


def _name(
    done: Run, opened: Opened, layers: Sequence[int], tag: aseprite.Tag | None, frame: int, place: int, count: int
) -> str:
    single = opened.filters.split_layers or len(opened.filters.layers) == 1
    pattern = done.values.get("filename-format") or _pattern(
        many=count > 1, layer=opened.filters.split_layers, tag=tag is not None
    )
    path = opened.layer_path(layers[0]).split("/") if single and len(layers) == 1 else [""]
    tags = _plain_tags(opened.document, tag)
    group = path[-2] if len(path) > 1 else ""
    return frame_name(pattern, opened.name, place, tags, layer=path[-1], group=group, at=frame)


def _pattern(*, many: bool, layer: bool, tag: bool) -> str:
    """How Aseprite calls frames where no pattern is given."""
    return (
        "{title}"
        + (" ({layer})" if layer else "")
        + (" #{tag}" if tag else "")
        + (" {frame}" if many else "")
        + ".{extension}"
    )


def _plain_tags(document: aseprite.Document, only: aseprite.Tag | None = None) -> tuple[Tag, ...]:
    tags = document.tags if only is None else (only,)
    return tuple(Tag(tag.name, tag.first, tag.last, cast("Any", tag.direction), tag.repeat, tag.color) for tag in tags)


def _add_lists(done: Run, meta: dict[str, Any], dropped: dict[int, list[int]]) -> None:
    if "list-tags" in done.flags:
        pattern = done.values.get("tagname-format", "{tag}")
        meta["frameTags"] = [
            aseprite_json.tag_entry(
                _moved(tag, dropped.get(number, [])), frame_name(pattern, opened.name, tag.first, (tag,))
            )
            for number, opened in enumerate(done.opened)
            for tag in _plain_tags(opened.document)
        ]
    if "list-layers" in done.flags or "list-layer-hierarchy" in done.flags:
        meta["layers"] = [_layer(opened, index) for opened in done.opened for index in opened.chosen()]
    if "list-slices" in done.flags:
        found = [each for opened in done.opened for each in slices_of(opened.document)]
        meta["slices"] = [aseprite_json.slice_entry(each) for each in found]


def _moved(tag: Tag, dropped: Sequence[int]) -> Tag:
    """A tag after frames were left out."""
    first = tag.first - sum(1 for frame in dropped if frame < tag.first)
    return replace(tag, first=first, last=tag.last - sum(1 for frame in dropped if frame <= tag.last))


def _layer(opened: Opened, index: int) -> dict[str, Any]:
    layer = opened.document.layers[index]
    path = opened.layer_path(index).split("/")
    entry: dict[str, Any] = {"name": layer.name}
    if opened.document.parents()[index] is not None:
        entry["group"] = path[-2]
    if layer.kind is not aseprite.LayerKind.GROUP:
        entry |= {"opacity": layer.opacity, "blendMode": layer.blend}
    if layer.data.color is not None and layer.data.color[3]:
        entry["color"] = f"#{bytes(layer.data.color).hex()}"
    if layer.data.text:
        entry["data"] = layer.data.text
    return entry


def _scaled(picture: Picture, factor: int) -> Picture:
    if factor == 1:
        return picture
    return Picture(np.ascontiguousarray(picture.pixels.repeat(factor, 0).repeat(factor, 1)))


def save_as(done: Run, target: str, opened: Opened) -> list[tuple[str, bytes]]:
    """The files of --save-as: one a layer or tag where the name has {layer} or {tag}, or the splits were asked for.

    Raises:
        UsageError: an unknown extension, or nothing to save.
    """
    split_layers = opened.filters.split_layers or "{layer}" in target
    split_tags = opened.filters.split_tags or "{tag}" in target
    opened = replace(opened, filters=replace(opened.filters, split_layers=split_layers, split_tags=split_tags))
    drawn = opened.drawn()
    files: list[tuple[str, bytes]] = []
    for tag in opened.tags():
        for layers in [[layer] for layer in drawn] if split_layers else [drawn]:
            frames = opened.frames(tag)
            if frames:
                files += _saved(done, target, opened, layers, tag, frames)
    if not files:
        raise UsageError("there are no frames to save", "check --layer, --tag and --frame-range")
    return files


def _saved(
    done: Run, target: str, opened: Opened, layers: Sequence[int], tag: aseprite.Tag | None, frames: Sequence[int]
) -> list[tuple[str, bytes]]:
    document = opened.document
    pictures = [_scaled(aseprite.render(document, frame, layers), done.scale) for frame in frames]
    if "trim" in done.flags:
        box = union([shown(picture) for picture in pictures])
        pictures = [crop(picture, box or (0, 0, 1, 1)) for picture in pictures]
    durations = [max(document.frames[frame].duration, 1) for frame in frames]
    suffix = PurePath(target).suffix.lower()
    layer = document.layers[layers[0]].name if opened.filters.split_layers and layers else ""
    tags = _plain_tags(document, tag)
    pattern = _file_pattern(target, opened.filters, many=len(frames) > 1 and suffix == ".png", done=done)

    def named(place: int) -> str:
        return frame_name(pattern, target, place, tags, layer=layer, at=frames[place])

    whole = tag is None and len(frames) == len(document.frames)
    clip = Clip(
        tuple(Frame(picture, time) for picture, time in zip(pictures, durations, strict=True)),
        _plain_tags(document) if whole else (),
        palette=palette_of(document),
    )
    return _encoded(suffix, clip, named)


def _encoded(suffix: str, clip: Clip, named: Callable[[int], str]) -> list[tuple[str, bytes]]:
    if suffix == ".png":
        return [(named(place), png(picture, clip)) for place, picture in enumerate(clip.pictures)]
    if suffix == ".gif":
        return [(named(0), gif.encode(clip.pictures, clip.durations, 0))]
    if suffix == ".webp":
        return [(named(0), webp.encode(clip.pictures, clip.durations, 0))]
    if suffix in {".ase", ".aseprite"}:
        return [(named(0), aseprite.encode(aseprite_file.document(clip)))]
    if suffix == ".apng":
        sheet = build(clip, SheetOptions())
        return [(named(0), apng_export(Asset("clip", clip, sheet))[0].data)]
    raise UsageError(f"a file cannot be saved as {suffix or 'nothing'}", "use .png, .gif, .apng, .webp or .aseprite")


def _file_pattern(target: str, filters: Filters, *, many: bool, done: Run) -> str:
    """How saved files are called: the name as it was given, with what tells them apart added to it."""
    if done.values.get("filename-format"):
        return done.values["filename-format"]
    path = PurePath(target)
    stem, number = path.stem, "{frame1}"
    if many and "{frame" not in target and "{tagframe" not in target:
        digits = _LAST_DIGITS.match(stem)
        if digits and not filters.split_layers and not filters.split_tags:
            stem, number = digits[1], f"{{frame{digits[2]}}}"
    else:
        number = ""
    if filters.split_layers and "{layer}" not in target:
        stem += " ({layer})"
    if filters.split_tags and "{tag}" not in target:
        stem += " #{tag}"
    if number and (filters.split_layers or filters.split_tags):
        number = " {frame}"
    return str(path.with_name(f"{stem}{number}{path.suffix}"))

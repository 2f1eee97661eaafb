"""Clips out of files: animations, numbered pictures, folders, Aseprite files, sheets cut by a grid or by their JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import PictureError, PixforgeError, SettingsError
from pixforge.image import aseprite
from pixforge.image.aseprite.decode import MAGIC
from pixforge.image.limits import Limits
from pixforge.image.load import load, load_frames
from pixforge.image.picture import Frame, Picture
from pixforge.image.source import DEFAULT_DURATION
from pixforge.sheet import data as sheet_data
from pixforge.sheet.clip import Cel, Clip, Direction, Layer, Slice, SliceKey, Tag
from pixforge.sheet.numbered import natural_key, runs, sequence

Anchor = Literal["center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right"]
PICTURE_SUFFIXES = {".png", ".apng", ".gif", ".webp", ".bmp", ".tga", ".tif", ".tiff", ".jpg", ".jpeg", ".svg"}
_DEFAULTS = Limits()


@dataclass(frozen=True)
class Grid:
    """A regular grid on a sheet.

    Attributes:
        width, height: pixels of a cell.
        margin: pixels round all cells.
        spacing: pixels between cells.
        count: number of frames; None: up to the last cell that shows something.
    """

    width: int
    height: int
    margin: int = 0
    spacing: int = 0
    count: int | None = None


def read(paths: Sequence[Path], limits: Limits = _DEFAULTS, pad: Anchor | None = None) -> Clip:
    """Read a clip.

    One path may be an animation, an Aseprite file, the JSON of a sheet, a folder of pictures or one picture. Several
    are put together: each animation among them becomes a tag of its name, and so do runs of numbered pictures where
    there are at least two ("walk_1.png", "walk_2.png", "idle_1.png", ...).

    Args:
        paths: at least one.
        limits: what the files may ask for, each and together.
        pad: where smaller frames lie on a canvas that holds the largest; None: frames must be of one size.

    Raises:
        PictureError: a file is missing, damaged or of no use; the frames are of different sizes.
        LimitError: too large, or too many frames.
    """
    files = files_of(paths)
    if len(files) > limits.max_frames:
        limits.check_clip(1, 1, len(files))
    parts = [_part(path, limits) for path in files]
    if len(parts) == 1:
        return parts[0][1]
    return _joined(parts, limits, pad)


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files that some paths mean, in the order of their frames: in a folder, numbered, or as given.

    Raises:
        PictureError: a folder has no pictures, or there are no paths.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [each for each in path.iterdir() if _is_source(each)]
            if not inside:
                raise PictureError("the folder has no pictures", "give a folder with pictures, or the files", path)
            files += sorted(inside, key=lambda each: natural_key(each.name))
        else:
            files.append(path)
    if not files:
        raise PictureError("there are no frames", "give at least one picture")
    return sequence(files)


def _is_source(path: Path) -> bool:
    known = PICTURE_SUFFIXES | {".ase", ".aseprite"}
    return path.suffix.lower() in known and not path.name.startswith(".") and path.is_file()


def _part(path: Path, limits: Limits) -> tuple[str, Clip]:
    if path.suffix.lower() == ".json":
        return path.stem, read_sheet(path, limits)
    if is_aseprite(path):
        return path.stem, read_aseprite(path, limits)
    return path.stem, Clip(load_frames(path, limits))


def is_aseprite(path: Path) -> bool:
    """Whether the file's content is that of an Aseprite file."""
    try:
        with path.open("rb") as file:
            return file.read(6)[4:] == MAGIC.to_bytes(2, "little")
    except OSError:
        return False  # the reader of pictures says what is wrong with it


def _joined(parts: Sequence[tuple[str, Clip]], limits: Limits, pad: Anchor | None) -> Clip:
    frames: list[Frame] = []
    names: list[str] = []
    tags: list[Tag] = []
    for name, clip in parts:
        offset = len(frames)
        own = clip.tags or ((Tag(name, 0, len(clip.frames) - 1),) if len(clip.frames) > 1 else ())
        tags += [replace(tag, first=tag.first + offset, last=tag.last + offset) for tag in own]
        frames += clip.frames
        names += [name] if len(clip.frames) == 1 else [f"{name}_{number}" for number in range(len(clip.frames))]
    limits.check_clip(1, 1, len(frames))
    if not tags:
        tags = [Tag(name, first, last) for name, first, last in runs(names)]
    if pad is not None:
        frames = padded(frames, pad)
    _same_size(parts if pad is None else ())
    return Clip(tuple(frames), tuple(tags), names=tuple(names))


def _same_size(parts: Sequence[tuple[str, Clip]]) -> None:
    for name, clip in parts:
        first, other = parts[0]
        if (clip.width, clip.height) != (other.width, other.height):
            raise PictureError(
                f'"{name}" is {clip.width} x {clip.height} pixels, but "{first}" is {other.width} x {other.height}',
                "make all frames one size, or have them padded to the largest (--pad)",
            )


def padded(frames: Sequence[Frame], anchor: Anchor) -> list[Frame]:
    """Frames on a transparent canvas that is as wide as the widest and as high as the highest of them."""
    width = max(frame.picture.width for frame in frames)
    height = max(frame.picture.height for frame in frames)
    result = []
    for frame in frames:
        pixels = np.zeros((height, width, 4), np.uint8)
        right, down = width - frame.picture.width, height - frame.picture.height
        x = 0 if "left" in anchor else right if "right" in anchor else right // 2
        y = 0 if "top" in anchor else down if "bottom" in anchor else down // 2
        pixels[y : y + frame.picture.height, x : x + frame.picture.width] = frame.picture.pixels
        result.append(Frame(Picture(pixels), frame.duration))
    return result


def cut_grid(picture: Picture, grid: Grid, duration: int = DEFAULT_DURATION) -> Clip:
    """Cut a sheet into frames by a regular grid, row after row.

    Raises:
        SettingsError: no cell fits, or there are fewer than `grid.count`.
        PictureError: every cell is empty.
    """
    if min(grid.width, grid.height) < 1 or min(grid.margin, grid.spacing) < 0:
        raise SettingsError(f"a cell of {grid.width} x {grid.height} cannot be cut", "give a size of at least 1x1")
    columns = (picture.width - 2 * grid.margin + grid.spacing) // (grid.width + grid.spacing)
    rows = (picture.height - 2 * grid.margin + grid.spacing) // (grid.height + grid.spacing)
    if columns < 1 or rows < 1 or (grid.count or 0) > rows * columns:
        raise SettingsError(
            f"the sheet of {picture.width} x {picture.height} has {max(columns, 0) * max(rows, 0)} cells of "
            f"{grid.width} x {grid.height}",
            "give the right cell size, margin and spacing, or fewer frames",
        )
    cells = []
    for row, column in np.ndindex(rows, columns):
        x = grid.margin + column * (grid.width + grid.spacing)
        y = grid.margin + row * (grid.height + grid.spacing)
        cells.append(Picture(np.ascontiguousarray(picture.pixels[y : y + grid.height, x : x + grid.width])))
    used = [number for number, cell in enumerate(cells) if cell.pixels[..., 3].any()]
    if not used:
        raise PictureError("every cell of the sheet is empty", "give a sheet that shows something")
    count = grid.count or used[-1] + 1
    return Clip(tuple(Frame(cell, duration) for cell in cells[:count]))


def pages_of(path: Path) -> tuple[Path, ...]:
    """The pictures that a sheet's JSON names, beside it; none where the file is of no use: its reader says why."""
    try:
        content = sheet_data.parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, PictureError):
        return ()
    names = dict.fromkeys(region.image or f"{path.stem}.png" for region in content.regions)
    return tuple(path.with_name(name) for name in names)


def read_sheet(path: Path, limits: Limits = _DEFAULTS, image: Path | None = None) -> Clip:
    """Read a sheet by its JSON, as Aseprite or TexturePacker writes it.

    Args:
        path: the JSON file.
        limits: what it may ask for.
        image: the page, instead of the one the file names (which lies beside it).

    Raises:
        PictureError: the JSON or a page is missing or broken; a frame lies outside its page; frames of several sizes.
        LimitError: too many or too large frames.
    """
    try:
        content = sheet_data.parse(path.read_text(encoding="utf-8-sig"))
        largest = max(region.source[0] * region.source[1] for region in content.regions)
        limits.check_clip(largest, 1, len(content.regions))
        frames, pages = [], dict[Path, Picture]()
        for region in content.regions:
            page = image or path.with_name(region.image or f"{path.stem}.png")
            if page not in pages:
                pages[page] = load(page, limits)
            frames.append(Frame(_region(pages[page], region), region.duration))
        return Clip(tuple(frames), content.tags, content.slices, names=tuple(each.name for each in content.regions))
    except OSError as error:
        raise PictureError(f"the file cannot be read ({error.strerror})", "check the name", path) from error
    except UnicodeDecodeError as error:
        raise PictureError("the file is not text in UTF-8", "give the JSON of a sheet", path) from error
    except PixforgeError as error:
        error.path = error.path or path
        raise


def _region(page: Picture, region: sheet_data.Region) -> Picture:
    x, y, width, height = region.box
    across, down = (height, width) if region.rotated else (width, height)
    if x + across > page.width or y + down > page.height:
        raise PictureError(
            f'frame "{region.name}" lies outside the page of {page.width} x {page.height}',
            "give the page that belongs to this file",
        )
    part = page.pixels[y : y + down, x : x + across]
    pixels = np.zeros((region.source[1], region.source[0], 4), np.uint8)
    turned = np.rot90(part) if region.rotated else part
    pixels[region.top : region.top + height, region.left : region.left + width] = turned
    return Picture(pixels)


def read_aseprite(path: Path, limits: Limits = _DEFAULTS) -> Clip:
    """Read an Aseprite file with its tags, slices, layers and palette.

    Raises:
        PictureError: missing, damaged, or a tag goes past the frames.
        LimitError: too large.
    """
    try:
        return from_document(aseprite.decode(path.read_bytes(), limits))
    except OSError as error:
        raise PictureError(f"the file cannot be read ({error.strerror})", "check the name", path) from error
    except PixforgeError as error:
        error.path = error.path or path
        raise


def from_document(document: aseprite.Document) -> Clip:
    """The clip that an Aseprite document shows: visible layers composed, all layers kept beside them."""
    moments = document.frames
    frames = tuple(
        Frame(aseprite.render(document, number), max(moment.duration, 1)) for number, moment in enumerate(moments)
    )
    tags = tuple(
        Tag(tag.name, tag.first, tag.last, _direction(tag.direction), tag.repeat, tag.color) for tag in document.tags
    )
    return Clip(frames, tags, slices_of(document), _layers(document), palette=palette_of(document))


def _direction(name: str) -> Direction:
    known: dict[str, Direction] = {"reverse": "reverse", "pingpong": "pingpong", "pingpong_reverse": "pingpong_reverse"}
    return known.get(name, "forward")


def slices_of(document: aseprite.Document) -> tuple[Slice, ...]:
    """The slices of an Aseprite document."""
    found = []
    for each in document.slices:
        keys = tuple(SliceKey(key.frame, key.bounds, key.center, key.pivot) for key in each.keys)
        found.append(Slice(each.name, keys, each.data.color and each.data.color[:3], each.data.text))
    return tuple(found)


def _layers(document: aseprite.Document) -> tuple[Layer, ...]:
    parents, shown = document.parents(), set(aseprite.visible_layers(document))
    found = []
    for index, layer in enumerate(document.layers):
        if layer.kind is aseprite.LayerKind.GROUP or layer.reference:
            continue
        groups: list[str] = []
        parent = parents[index]
        while parent is not None:
            groups.insert(0, document.layers[parent].name)
            parent = parents[parent]
        cels = tuple(_cel(document, number, index) for number in range(len(document.frames)))
        opacity = layer.opacity if document.opacity_valid else 255
        found.append(Layer(layer.name, cels, tuple(groups), opacity, layer.blend, index in shown))
    return tuple(found)


def _cel(document: aseprite.Document, frame: int, layer: int) -> Cel | None:
    cel = document.cel(frame, layer)
    if cel is None:
        return None
    pixels = np.array(aseprite.cel_pixels(document, frame, document.layers[layer], cel))
    pixels[pixels[..., 3] == 0] = 0
    return Cel(Picture(pixels), cel.x, cel.y, cel.opacity) if pixels.size else None


def palette_of(document: aseprite.Document) -> NDArray[np.uint8] | None:
    """The opaque colours of an indexed sprite's one palette, each once, without the transparent entry."""
    changes = [moment.palette for moment in document.frames if moment.palette is not None]
    if document.depth != aseprite.model.INDEXED or len(changes) != 1:
        return None
    table = (
        np.delete(changes[0], document.transparent, axis=0) if document.transparent < len(changes[0]) else changes[0]
    )
    unique = dict.fromkeys((int(r), int(g), int(b)) for r, g, b, alpha in table if alpha == 255)
    return np.array(list(unique), np.uint8).reshape(-1, 3)

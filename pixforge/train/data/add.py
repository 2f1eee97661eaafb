"""Pictures into a data set: decoded, brought to true 1x, described and written beside their manifest line."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from pixforge.errors import NotPixelArtError, PictureError, PixforgeError
from pixforge.image.picture import Picture
from pixforge.image.save import encode_png, write_atomic
from pixforge.train.data.describe import alpha_kind, opaque_colours, palette_words
from pixforge.train.data.groups import merge_groups, name_group
from pixforge.train.data.licences import check_licence
from pixforge.train.data.manifest import Entry, Kind
from pixforge.train.data.perceptual import look
from pixforge.train.data.store import read_stored
from pixforge.train.data.tables import Credit


@dataclass(frozen=True)
class Wish:
    """How pictures are added.

    Attributes:
        kind: what they are.
        logical: pixel art is at true 1x already; else its grid is recovered.
        tile: width and height of the pictures of a sheet, or None.
        note: the words that override a refused licence.
    """

    kind: Kind
    logical: bool = False
    tile: tuple[int, int] | None = None
    note: str = ""


@dataclass(frozen=True)
class Refusal:
    """A file that was not added, and why."""

    name: str
    reason: PixforgeError


def add_files(
    root: Path, files: Iterable[tuple[str, bytes]], credit: Callable[[str], Credit], wish: Wish
) -> Iterator[Entry | Refusal]:
    """Add files to the data set in the folder `root`, one event each; the manifest is the caller's to write.

    Args:
        root: folder of the data set.
        files: name and bytes of each.
        credit: where the file of that name comes from.
        wish: how they are added.
    """
    for name, data in files:
        yield from _added(root, name, data, credit, wish)


def regroup(root: Path, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries with groups joined over near-duplicates, also mirrored ones (the pictures are read)."""
    entries = tuple(entries)
    return merge_groups(entries, [look(read_stored(root, entry)) for entry in entries])


def _added(
    root: Path, name: str, data: bytes, credit: Callable[[str], Credit], wish: Wish
) -> Iterator[Entry | Refusal]:
    try:
        origin = credit(name)
        check_licence(origin.licence, wish.note)
        pictures = list(_pictures(data, wish.tile))
        for index, picture in enumerate(pictures):
            suffix = f"#{index}" if len(pictures) > 1 else ""
            yield _stored(root, picture, name + suffix, replace(origin, origin=origin.origin + suffix), wish)
    except PixforgeError as error:
        yield Refusal(name, error)


def _pictures(data: bytes, tile: tuple[int, int] | None) -> Iterator[Picture]:
    """The frames of a file, or the tiles of a sheet that are not empty."""
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            frames = [np.array(frame.convert("RGBA"), np.uint8) for frame in ImageSequence.Iterator(image)]
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise PictureError(f"cannot be read: {error}", "look at the file, or leave it out") from error
    for pixels in frames:
        for part in _tiles(pixels, tile) if tile else [pixels]:
            if part[..., 3].any():
                yield Picture(np.ascontiguousarray(part))


def _tiles(pixels: np.ndarray, tile: tuple[int, int]) -> Iterator[np.ndarray]:
    width, height = tile
    for top in range(0, pixels.shape[0] - height + 1, height):
        for left in range(0, pixels.shape[1] - width + 1, width):
            yield pixels[top : top + height, left : left + width]


def _stored(root: Path, picture: Picture, name: str, credit: Credit, wish: Wish) -> Entry:
    cell = 0.0
    if wish.kind == "pixel":
        picture, cell = (picture, 1.0) if wish.logical else _logical(picture)
    file = PurePosixPath("pictures") / wish.kind / _file_name(credit.source, name)
    write_atomic(root / file, encode_png(picture, None, {}))
    colours = opaque_colours(picture)
    return Entry(
        file=str(file),
        kind=wish.kind,
        source=credit.source,
        author=credit.author,
        licence=credit.licence,
        origin=credit.origin,
        group=f"{credit.source}:{credit.group}" if credit.group else name_group(credit.source, credit.origin),
        width=picture.width,
        height=picture.height,
        cell=cell,
        colours=len(colours),
        palette=palette_words(colours),
        alpha=alpha_kind(picture),
        hash=f"{look(picture).hash:032x}",
        pair=credit.pair,
        note=wish.note,
    )


def _logical(picture: Picture) -> tuple[Picture, float]:
    """The picture at true 1x and the cell size found; a picture in which no grid is found is taken as it is."""
    from pixforge.pixel.grid import recover, sample

    try:
        grid = recover(picture)
    except NotPixelArtError:
        return picture, 1.0
    return sample(picture, grid), float(grid.pitch_x)


def _file_name(source: str, name: str) -> str:
    stem = name.rsplit(".", 1)[0] + ("_" + name.rsplit("#", 1)[1] if "#" in name else "")
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in stem.removeprefix(f"{source}/"))
    return f"{source}/{safe}.png"

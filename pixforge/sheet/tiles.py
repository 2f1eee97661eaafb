"""Cutting a picture into a set of tiles and a map of them; tiles that are equal, or mirrored, are kept once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import PictureError, SettingsError
from pixforge.image.picture import Picture, Rgba
from pixforge.sheet.atlas import Sheet, lay_out
from pixforge.sheet.options import SheetOptions

EMPTY = -1


@dataclass(frozen=True)
class Flip:
    """How a tile is placed: first swapped along its diagonal, then mirrored (as in Tiled and Godot)."""

    horizontal: bool = False
    vertical: bool = False
    diagonal: bool = False

    def apply(self, pixels: Rgba) -> Rgba:
        """The tile's pixels (H, W, 4) as they are placed."""
        if self.diagonal:
            pixels = pixels.swapaxes(0, 1)
        if self.horizontal:
            pixels = pixels[:, ::-1]
        if self.vertical:
            pixels = pixels[::-1]
        return pixels


@dataclass(frozen=True, eq=False)
class TileMap:
    """Tiles, and where they lie.

    Attributes:
        tiles: different ones, in the order in which they first occur from the top left.
        numbers: int (rows, columns): number of the tile, or EMPTY for a fully transparent one.
        flips: for each row the flips of its tiles.
    """

    tiles: tuple[Picture, ...]
    numbers: NDArray[np.int64]
    flips: tuple[tuple[Flip, ...], ...]

    @property
    def tile_size(self) -> tuple[int, int]:
        """Width and height of every tile."""
        return self.tiles[0].width, self.tiles[0].height


def cut(
    picture: Picture,
    size: tuple[int, int],
    margin: int = 0,
    spacing: int = 0,
    *,
    merge: bool = True,
    mirror: bool = True,
) -> TileMap:
    """Cut a picture into tiles.

    Args:
        picture: the picture; what is left at its right and bottom edge after whole tiles must be transparent.
        size: width and height of a tile.
        margin: pixels round all tiles.
        spacing: pixels between tiles.
        merge: equal tiles become one.
        mirror: so do tiles that are equal once mirrored or (square ones) turned.

    Raises:
        SettingsError: no tile fits.
        PictureError: the picture is not a whole number of tiles, or there is nothing but transparency.
    """
    rows, columns = _counts(picture, size, margin, spacing)
    tiles: list[Picture] = []
    known: dict[bytes, tuple[int, Flip]] = {}
    numbers = np.full((rows, columns), EMPTY, np.int64)
    flips = [[Flip()] * columns for _ in range(rows)]
    for row, column in np.ndindex(rows, columns):
        x, y = margin + column * (size[0] + spacing), margin + row * (size[1] + spacing)
        pixels = np.ascontiguousarray(picture.pixels[y : y + size[1], x : x + size[0]])
        if not pixels[..., 3].any():
            continue
        found = known.get(pixels.tobytes()) if merge else None
        if found is None:
            found = len(tiles), Flip()
            tiles.append(Picture(pixels))
            for flip in _flips(size, mirror=mirror):
                known.setdefault(np.ascontiguousarray(flip.apply(pixels)).tobytes(), (found[0], flip))
        numbers[row, column], flips[row][column] = found
    if not tiles:
        raise PictureError("the picture has no tiles: it is fully transparent", "give a picture that shows something")
    return TileMap(tuple(tiles), numbers, tuple(tuple(row) for row in flips))


def _counts(picture: Picture, size: tuple[int, int], margin: int, spacing: int) -> tuple[int, int]:
    """Rows and columns of whole tiles."""
    if min(size) < 1 or margin < 0 or spacing < 0:
        raise SettingsError(f"a tile of {size[0]} x {size[1]} pixels cannot be cut", "give a size of at least 1x1")
    columns = (picture.width - 2 * margin + spacing) // (size[0] + spacing)
    rows = (picture.height - 2 * margin + spacing) // (size[1] + spacing)
    if columns < 1 or rows < 1:
        raise SettingsError(
            f"the picture of {picture.width} x {picture.height} has no room for a tile of {size[0]} x {size[1]}",
            "give a smaller tile, margin or spacing",
        )
    right = margin + columns * (size[0] + spacing) - spacing
    bottom = margin + rows * (size[1] + spacing) - spacing
    rest = picture.pixels[..., 3].copy()
    rest[:bottom, :right] = 0
    if rest.any():
        raise PictureError(
            f"the picture of {picture.width} x {picture.height} is not a whole number of tiles of "
            f"{size[0]} x {size[1]}",
            "give the right tile size, margin and spacing, or crop the picture",
        )
    return rows, columns


def _flips(size: tuple[int, int], *, mirror: bool) -> Iterator[Flip]:
    yield Flip()
    if not mirror:
        return
    for diagonal in (False, True) if size[0] == size[1] else (False,):
        for vertical in (False, True):
            for horizontal in (False, True):
                yield Flip(horizontal, vertical, diagonal)


def assemble(tiles: TileMap) -> Picture:
    """The picture that the map shows."""
    width, height = tiles.tile_size
    rows, columns = tiles.numbers.shape
    canvas = np.zeros((rows * height, columns * width, 4), np.uint8)
    for row, column in np.ndindex(rows, columns):
        number = int(tiles.numbers[row, column])
        if number != EMPTY:
            pixels = tiles.flips[row][column].apply(tiles.tiles[number].pixels)
            canvas[row * height : (row + 1) * height, column * width : (column + 1) * width] = pixels
    return Picture(canvas)


def lay_out_tiles(tiles: TileMap, margin: int = 0, spacing: int = 0, extrude: int = 0) -> Sheet:
    """The tiles on one page that a regular grid cuts, about square.

    Args:
        tiles: the tiles.
        margin: empty pixels round the page.
        spacing: empty pixels between tiles.
        extrude: how often each tile's edge is repeated outside it.

    Raises:
        SettingsError: they do not fit on one page of 16384 pixels a side.
    """
    columns = max(1, ceil(sqrt(len(tiles.tiles))))
    options = SheetOptions("grid", columns, trim=False, merge=False, border=margin, spacing=spacing, extrude=extrude)
    sheet = lay_out(tiles.tiles, replace(options, max_size=16384))
    if len(sheet.pages) > 1:
        raise SettingsError(f"{len(tiles.tiles)} tiles do not fit on one page", "cut a smaller picture")
    return sheet

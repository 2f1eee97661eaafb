"""The picture that a frame of an Aseprite file shows: palette, tiles, layers, groups and their order.

It is what the artist sees on Aseprite's canvas. (Aseprite's own export of an indexed sprite drops the opacity and the
blend modes of its layers, to stay within the palette; we keep them.)
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.aseprite.blend import blend, mul8
from pixforge.image.aseprite.chunks import FLIP_DIAGONAL, FLIP_X, FLIP_Y, TILE_NUMBER
from pixforge.image.aseprite.cursor import damaged
from pixforge.image.aseprite.decode import decode
from pixforge.image.aseprite.model import GREY, INDEXED, RGBA, Cel, Document, Layer, LayerKind, Tileset
from pixforge.image.limits import Limits
from pixforge.image.picture import Frame, Picture

_NO_TILE = 0xFFFFFFFF
_LARGEST_MAP = 1 << 26  # pixels
_COLOR_MODES = {"hsl_hue", "hsl_saturation", "hsl_color", "hsl_luminosity"}


def read_frames(data: bytes, limits: Limits | None = None) -> tuple[Frame, ...]:
    """The frames of an Aseprite file as an artist sees them: visible layers, composed.

    Raises:
        PictureError: it is no Aseprite file, or damaged.
        LimitError: too many pixels or frames.
    """
    document = decode(data, limits)
    return tuple(Frame(render(document, number), moment.duration) for number, moment in enumerate(document.frames))


def visible_layers(document: Document) -> tuple[int, ...]:
    """Indices of the layers (not groups) that are shown: visible themselves and in visible groups, no references."""
    parents = document.parents()
    shown: list[bool] = []
    for layer, parent in zip(document.layers, parents, strict=True):
        shown.append(layer.visible and not layer.reference and (parent is None or shown[parent]))
    return tuple(
        index for index, layer in enumerate(document.layers) if shown[index] and layer.kind is not LayerKind.GROUP
    )


def render(document: Document, frame: int, layers: Collection[int] | None = None) -> Picture:
    """Compose one frame.

    Args:
        document: the file.
        frame: its number.
        layers: indices of the layers (not groups) to draw; None: the visible ones.

    Returns:
        The picture, of the sprite's size; the colour of fully transparent pixels is 0.
    """
    chosen = set(visible_layers(document) if layers is None else layers)
    canvas = _Scene(document, frame, document.parents(), chosen).draw(None)
    canvas[canvas[..., 3] == 0] = 0
    return Picture(canvas)


@dataclass(frozen=True)
class _Item:
    """Something to draw: a cel or, where groups have a blend mode of their own, a whole group."""

    order: int
    z: int
    layer: int
    cel: Cel | None


@dataclass(frozen=True)
class _Scene:
    document: Document
    frame: int
    parents: tuple[int | None, ...]
    chosen: set[int]

    def draw(self, group: int | None) -> NDArray[np.uint8]:
        """The composed contents of a group, or of the sprite for None: (H, W, 4)."""
        canvas = np.zeros((self.document.height, self.document.width, 4), np.uint8)
        for item in sorted(self._items(group), key=lambda item: (item.order, item.z)):
            layer = self.document.layers[item.layer]
            if item.cel is None:
                canvas[:] = blend(canvas, self.draw(item.layer), layer.blend, layer.opacity)
            else:
                self._paint(canvas, layer, item.cel)
        return canvas

    def _items(self, group: int | None) -> list[_Item]:
        items = []
        for index, layer in enumerate(self.document.layers):
            if self._owner(index) != group:
                continue
            if layer.kind is LayerKind.GROUP:
                if self.document.groups_blend:
                    items.append(_Item(index, 0, index, None))
            elif index in self.chosen and (cel := self.document.cel(self.frame, index)) is not None:
                items.append(_Item(index + cel.z, cel.z, index, cel))
        return items

    def _owner(self, layer: int) -> int | None:
        """The group that is drawn as a whole and holds the layer."""
        return self.parents[layer] if self.document.groups_blend else None

    def _paint(self, canvas: NDArray[np.uint8], layer: Layer, cel: Cel) -> None:
        """Blend a cel into its place; what lies outside the sprite is cut off."""
        pixels = cel_pixels(self.document, self.frame, layer, cel)
        height, width = canvas.shape[:2]
        left, top = max(cel.x, 0), max(cel.y, 0)
        right, bottom = min(cel.x + pixels.shape[1], width), min(cel.y + pixels.shape[0], height)
        if left >= right or top >= bottom:
            return
        part = pixels[top - cel.y : bottom - cel.y, left - cel.x : right - cel.x]
        place = canvas[top:bottom, left:right]
        opacity = int(mul8(cel.opacity, layer.opacity)) if self.document.opacity_valid else cel.opacity
        mode = "normal" if self.document.depth == GREY and layer.blend in _COLOR_MODES else layer.blend
        place[:] = blend(place, part, mode, opacity)


def cel_pixels(document: Document, frame: int, layer: Layer, cel: Cel) -> NDArray[np.uint8]:
    """The RGBA pixels of a cel: (H, W, 4)."""
    pixels = cel.pixels
    if pixels is None:
        return np.zeros((0, 0, 4), np.uint8)
    if layer.kind is LayerKind.TILEMAP:
        tileset = next((each for n, each in enumerate(document.tilesets) if _is(each, n, layer.tileset)), None)
        if tileset is None or tileset.tiles is None:
            return np.zeros((0, 0, 4), np.uint8)
        pixels = _tiled(pixels.astype(np.uint32), tileset, document.transparent if document.depth == INDEXED else 0)
    return _rgba(document, pixels.astype(np.uint8), document.palette(frame), opaque=layer.background)


def _is(tileset: Tileset, position: int, wanted: int) -> bool:
    """A layer names its tileset by position among the tilesets, which in all known files is its identifier too."""
    return wanted in {position, tileset.identifier}


def _rgba(
    document: Document, pixels: NDArray[np.uint8], palette: NDArray[np.uint8], *, opaque: bool
) -> NDArray[np.uint8]:
    if document.depth == RGBA:
        return pixels
    if document.depth == GREY:
        return pixels[..., [0, 0, 0, 1]]
    table = np.zeros((256, 4), np.uint8)
    table[: min(len(palette), 256)] = palette[:256]
    if not opaque:
        table[document.transparent] = 0
    return table[pixels[..., 0]]


def _tiled(tiles: NDArray[np.uint32], tileset: Tileset, empty: int) -> NDArray[np.uint8]:
    """The pixels of a tilemap: (rows * tile height, columns * tile width, channels)."""
    width, height = tileset.size
    rows, columns = tiles.shape
    if tileset.tiles is None or rows * height * columns * width > _LARGEST_MAP:
        raise damaged(f"a map of {columns} x {rows} tiles, each {width} x {height}, cannot be drawn")
    canvas = np.full((rows * height, columns * width, tileset.tiles.shape[-1]), empty, np.uint8)
    for row, column in np.ndindex(rows, columns):
        value = int(tiles[row, column])
        number = value & TILE_NUMBER
        absent = (number == 0) if tileset.zero_is_empty else value == _NO_TILE
        if absent or number >= len(tileset.tiles):
            continue
        tile = flipped(tileset.tiles[number], value)
        place = canvas[row * height : (row + 1) * height, column * width : (column + 1) * width]
        place[: tile.shape[0], : tile.shape[1]] = tile[:height, :width]
    return canvas


def flipped(tile: NDArray[np.uint8], flags: int) -> NDArray[np.uint8]:
    """A tile (H, W, C) as its flags place it: first swapped along the diagonal, then mirrored."""
    if flags & FLIP_DIAGONAL:
        tile = tile.swapaxes(0, 1)
    if flags & FLIP_X:
        tile = tile[:, ::-1]
    if flags & FLIP_Y:
        tile = tile[::-1]
    return tile

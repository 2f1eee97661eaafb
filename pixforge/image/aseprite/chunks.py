"""One function for each kind of chunk: its bytes to a value."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.aseprite.cursor import Cursor, damaged
from pixforge.image.aseprite.model import (
    BLEND_MODES,
    DIRECTIONS,
    Cel,
    Layer,
    LayerKind,
    Rgba,
    Slice,
    SliceKey,
    Tag,
    Tileset,
    UserData,
)

OLD_PALETTE: Final = 0x0004
OLDER_PALETTE: Final = 0x0011
LAYER: Final = 0x2004
CEL: Final = 0x2005
COLOR_PROFILE: Final = 0x2007
TAGS: Final = 0x2018
PALETTE: Final = 0x2019
USER_DATA: Final = 0x2020
SLICE: Final = 0x2022
TILESET: Final = 0x2023

# Layer flags.
VISIBLE, BACKGROUND, REFERENCE = 1, 8, 64
# Kinds of cel.
RAW, LINKED, COMPRESSED, TILEMAP = 0, 1, 2, 3
# Tileset flags.
TILES_OUTSIDE, TILES_INSIDE, ZERO_IS_EMPTY = 1, 2, 4

# Where our own tile values keep the flips, whatever masks the file used: as in Aseprite's memory.
FLIP_X, FLIP_Y, FLIP_DIAGONAL = 0x80000000, 0x40000000, 0x20000000
TILE_NUMBER: Final = 0x1FFFFFFF

_LARGEST = 1 << 28  # bytes of pixels in one cel or tileset


def layer(body: Cursor, *, has_id: bool) -> Layer:
    """A layer (0x2004); `has_id`: a UUID follows it."""
    flags, kind, level, _, _, blend, opacity = body.numbers("HHHHHHB3x")
    name = body.text()
    if kind not in set(LayerKind):
        raise damaged(f"layer {name!r} is of the unknown kind {kind}")
    if blend >= len(BLEND_MODES):
        raise damaged(f"layer {name!r} has the unknown blend mode {blend}")
    tileset = body.u32() if kind == LayerKind.TILEMAP else 0
    if has_id and body.left >= 16:
        body.take(16)
    return Layer(
        name,
        LayerKind(kind),
        level,
        opacity,
        BLEND_MODES[blend],
        visible=bool(flags & VISIBLE),
        background=bool(flags & BACKGROUND),
        reference=bool(flags & REFERENCE),
        tileset=tileset,
        flags=flags,
    )


def cel(body: Cursor, channels: int) -> Cel:
    """A cel (0x2005) with pixels of so many channels."""
    index, x, y, opacity, kind, z = body.numbers("HhhBHh5x")
    if kind == LINKED:
        return Cel(index, x, y, None, opacity, z, link=body.u16())
    width, height = body.numbers("HH")
    if width * height * channels > _LARGEST:
        raise damaged(f"a cel claims to be {width} x {height}")
    pixels: NDArray[np.uint8] | NDArray[np.uint32]
    if kind == RAW:
        raw = body.take(width * height * channels)
        pixels = np.frombuffer(raw, np.uint8).reshape(height, width, channels)
    elif kind == COMPRESSED:
        raw = body.inflated(width * height * channels)
        pixels = np.frombuffer(raw, np.uint8).reshape(height, width, channels)
    elif kind == TILEMAP:
        pixels = _tiles(body, width, height)
    else:
        raise damaged(f"a cel is of the unknown kind {kind}")
    return Cel(index, x, y, pixels, opacity, z)


def _tiles(body: Cursor, width: int, height: int) -> NDArray[np.uint32]:
    bits, number, flip_x, flip_y, diagonal = body.numbers("HIIII10x")
    if bits not in {8, 16, 32}:
        raise damaged(f"a tile takes {bits} bits, not 8, 16 or 32")
    form = np.dtype(f"<u{bits // 8}")
    raw = np.frombuffer(body.inflated(width * height * form.itemsize), form).astype(np.uint32)
    shift = (number & -number).bit_length() - 1 if number else 0
    tiles = (raw & np.uint32(number)) >> np.uint32(shift)
    for mask, flag in ((flip_x, FLIP_X), (flip_y, FLIP_Y), (diagonal, FLIP_DIAGONAL)):
        if mask:
            tiles |= np.where((raw & np.uint32(mask)) == mask, np.uint32(flag), np.uint32(0))
    return tiles.reshape(height, width)


def tags(body: Cursor) -> tuple[Tag, ...]:
    """The tags (0x2018)."""
    (count,) = body.numbers("H8x")
    found = []
    for _ in range(count):
        first, last, direction, repeat, red, green, blue = body.numbers("HHBH6xBBBx")
        name = body.text()
        if direction >= len(DIRECTIONS):
            raise damaged(f"tag {name!r} plays in the unknown direction {direction}")
        found.append(Tag(name, first, last, DIRECTIONS[direction], repeat, (red, green, blue)))
    return tuple(found)


def palette(body: Cursor, before: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The palette (K, 4) after a palette chunk (0x2019) changed `before`."""
    size, first, last = body.numbers("III8x")
    if size == 0:  # as some programs write it for an RGBA sprite
        return np.zeros((0, 4), np.uint8)
    if size > 65536 or last < first or last >= size:
        raise damaged(f"a palette of {size} colours changes those from {first} to {last}")
    colors = _sized(before, size)
    for index in range(first, last + 1):
        flags, *rgba = body.numbers("HBBBB")
        if flags & 1:
            body.text()
        colors[index] = rgba
    return colors


def old_palette(body: Cursor, before: NDArray[np.uint8], top: int) -> NDArray[np.uint8]:
    """The palette after an old chunk (0x0004 with values to 255, 0x0011 with values to 63)."""
    colors, at = before, 0
    for _ in range(body.u16()):
        skip, count = body.numbers("BB")
        at, count = at + skip, count or 256
        colors = _sized(colors, max(len(colors), at + count))
        rgb = np.frombuffer(body.take(3 * count), np.uint8).reshape(count, 3)
        # 6-bit values become 8-bit ones by repeating their high bits.
        colors[at : at + count, :3] = rgb if top == 255 else (rgb << 2 | rgb >> 4)
        colors[at : at + count, 3] = 255
        at += count
    return colors


def _sized(colors: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """A copy with so many entries, new ones opaque black."""
    sized = np.zeros((size, 4), np.uint8)
    sized[:, 3] = 255
    sized[: len(colors)] = colors[:size]
    return sized


def user_data(body: Cursor) -> UserData:
    """User data (0x2020)."""
    flags = body.u32()
    text = body.text() if flags & 1 else ""
    color: Rgba | None = None
    if flags & 2:
        red, green, blue, alpha = body.numbers("BBBB")
        color = (red, green, blue, alpha)
    properties = b""
    if flags & 4:
        size = body.u32()
        properties = size.to_bytes(4, "little") + body.take(size - 4)
    return UserData(text, color, properties)


def slice_(body: Cursor) -> Slice:
    """A slice (0x2022)."""
    count, flags, _ = body.numbers("III")
    name = body.text()
    keys = []
    for _ in range(count):
        frame, x, y, width, height = body.numbers("IiiII")
        center = pivot = None
        if flags & 1:
            left, top, across, down = body.numbers("iiII")
            center = (left, top, across, down)
        if flags & 2:
            pivot_x, pivot_y = body.numbers("ii")
            pivot = (pivot_x, pivot_y)
        keys.append(SliceKey(frame, (x, y, width, height), center, pivot))
    return Slice(name, tuple(keys))


def tileset(body: Cursor, channels: int) -> Tileset:
    """A tileset (0x2023) with pixels of so many channels."""
    identifier, flags, count, width, height, _ = body.numbers("IIIHHh14x")
    name = body.text()
    if width == 0 or height == 0:
        raise damaged(f"the tiles of tileset {name!r} are {width} x {height}")
    if flags & TILES_OUTSIDE:
        body.numbers("II")
    tiles = None
    if flags & TILES_INSIDE:
        size = count * width * height * channels
        if size > _LARGEST:
            raise damaged(f"tileset {name!r} claims {count} tiles of {width} x {height}")
        raw = body.inflated(size, body.u32())
        tiles = np.frombuffer(raw, np.uint8).reshape(count, height, width, channels)
    return Tileset(identifier, name, tiles, (width, height), bool(flags & ZERO_IS_EMPTY))

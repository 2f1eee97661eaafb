"""A document to the bytes of an Aseprite file, in the order of chunks that every known reader takes."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from pixforge.image.aseprite import chunks
from pixforge.image.aseprite.decode import FRAME_HEADER_SIZE, FRAME_MAGIC, HEADER_SIZE, MAGIC
from pixforge.image.aseprite.model import (
    BLEND_MODES,
    DIRECTIONS,
    INDEXED,
    Cel,
    Document,
    Layer,
    LayerKind,
    Slice,
    Tag,
    Tileset,
    UserData,
)

_SRGB = 1
_LARGEST_SIDE = _LARGEST_COUNT = 0xFFFF


def encode(document: Document) -> bytes:
    """Write an Aseprite file: the same bytes for the same document.

    Raises:
        ValueError: the document does not fit the format (a side, a duration or a count over 65535; no frames).
    """
    _check(document)
    frames = b"".join(_frame(document, number) for number in range(len(document.frames)))
    return _header(document, HEADER_SIZE + len(frames)) + frames


def _check(document: Document) -> None:
    if not 1 <= len(document.frames) <= _LARGEST_COUNT:
        raise ValueError(f"an Aseprite file has 1 to 65535 frames, not {len(document.frames)}")
    if not (1 <= document.width <= _LARGEST_SIDE and 1 <= document.height <= _LARGEST_SIDE):
        raise ValueError(
            f"an Aseprite file is at most 65535 pixels wide and high, not {document.width} x {document.height}"
        )
    for number, moment in enumerate(document.frames):
        if not 1 <= moment.duration <= _LARGEST_COUNT:
            raise ValueError(f"frame {number} of an Aseprite file lasts 1 to 65535 ms, not {moment.duration}")


def _header(document: Document, size: int) -> bytes:
    flags = (1 if document.opacity_valid else 0) | (2 if document.groups_blend else 0)
    colors = min(len(document.palette(0)), 0xFFFF) if document.depth == INDEXED else 0
    head = struct.pack(
        "<IHHHHHIHIIB3xHBB4h",
        size,
        MAGIC,
        len(document.frames),
        document.width,
        document.height,
        document.depth,
        flags,
        document.frames[0].duration,
        0,
        0,
        document.transparent,
        colors,
        *document.pixel_ratio,
        *document.grid,
    )
    return head.ljust(HEADER_SIZE, b"\0")


def _frame(document: Document, number: int) -> bytes:
    moment = document.frames[number]
    parts: list[bytes] = []
    if number == 0:
        parts.append(_chunk(chunks.COLOR_PROFILE, struct.pack("<HHI8x", _SRGB, 0, 0)))
    if moment.palette is not None:
        parts.append(_palette(moment.palette))
    if number == 0:
        parts += _preamble(document)
    for cel in moment.cels:
        parts += [_cel(document, cel), *_noted(cel.data)]
    if number == 0:
        for each in document.slices:
            parts += [_slice(each), *_noted(each.data)]
    body = b"".join(parts)
    count = len(parts)
    head = struct.pack(
        "<IHHH2xI", FRAME_HEADER_SIZE + len(body), FRAME_MAGIC, min(count, 0xFFFF), moment.duration, count
    )
    return head + body


def _preamble(document: Document) -> list[bytes]:
    parts = _noted(document.data)
    for tileset in document.tilesets:
        parts += [_tileset(tileset), *_noted(tileset.data)]
    for layer in document.layers:
        parts += [_layer(layer), *_noted(layer.data)]
    if document.tags:
        parts.append(_tags(document.tags))
        for tag in document.tags:
            color = tag.data.color or (*tag.color, 255)
            parts.append(_user_data(UserData(tag.data.text, color, tag.data.properties)))
    return parts


def _chunk(kind: int, body: bytes) -> bytes:
    return struct.pack("<IH", len(body) + 6, kind) + body


def _text(value: str) -> bytes:
    raw = value.encode("utf-8")
    if len(raw) > 0xFFFF:
        raise ValueError(f"a name of {len(raw)} bytes does not fit an Aseprite file")
    return struct.pack("<H", len(raw)) + raw


def _noted(data: UserData) -> list[bytes]:
    return [] if data == UserData() else [_user_data(data)]


def _user_data(data: UserData) -> bytes:
    flags = bool(data.text) | (data.color is not None) << 1 | bool(data.properties) << 2
    text = _text(data.text) if data.text else b""
    color = b"" if data.color is None else bytes(data.color)
    return _chunk(chunks.USER_DATA, struct.pack("<I", flags) + text + color + data.properties)


def _palette(colors: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    head = struct.pack("<III8x", len(colors), 0, len(colors) - 1)
    entries = np.zeros((len(colors), 6), np.uint8)  # two bytes of flags before each colour
    entries[:, 2:] = colors
    return _chunk(chunks.PALETTE, head + entries.tobytes())


def _layer(layer: Layer) -> bytes:
    known = chunks.VISIBLE | chunks.BACKGROUND | chunks.REFERENCE
    flags = layer.flags & ~known
    flags |= layer.visible * chunks.VISIBLE | layer.background * chunks.BACKGROUND
    flags |= layer.reference * chunks.REFERENCE
    blend = BLEND_MODES.index(layer.blend)
    body = struct.pack("<HHHHHHB3x", flags, layer.kind, layer.level, 0, 0, blend, layer.opacity) + _text(layer.name)
    if layer.kind is LayerKind.TILEMAP:
        body += struct.pack("<I", layer.tileset)
    return _chunk(chunks.LAYER, body)


def _cel(document: Document, cel: Cel) -> bytes:
    if cel.link is not None:
        source = document.cel(cel.link, cel.layer)
        x, y = (cel.x, cel.y) if source is None else (source.x, source.y)
        head = struct.pack("<HhhBHh5x", cel.layer, x, y, cel.opacity, chunks.LINKED, cel.z)
        return _chunk(chunks.CEL, head + struct.pack("<H", cel.link))
    if cel.pixels is None:
        raise ValueError("a cel has either pixels or a link")
    height, width = cel.pixels.shape[:2]
    is_map = cel.pixels.dtype == np.uint32
    kind = chunks.TILEMAP if is_map else chunks.COMPRESSED
    body = struct.pack("<HhhBHh5xHH", cel.layer, cel.x, cel.y, cel.opacity, kind, cel.z, width, height)
    if is_map:
        masks = (chunks.TILE_NUMBER, chunks.FLIP_X, chunks.FLIP_Y, chunks.FLIP_DIAGONAL)
        body += struct.pack("<HIIII10x", 32, *masks)
        return _chunk(chunks.CEL, body + zlib.compress(cel.pixels.astype("<u4").tobytes(), 9))
    return _chunk(chunks.CEL, body + zlib.compress(cel.pixels.tobytes(), 9))


def _tags(tags: tuple[Tag, ...]) -> bytes:
    body = struct.pack("<H8x", len(tags))
    for tag in tags:
        way = DIRECTIONS.index(tag.direction)
        red, green, blue = tag.color
        body += struct.pack("<HHBH6xBBBx", tag.first, tag.last, way, tag.repeat, red, green, blue) + _text(tag.name)
    return _chunk(chunks.TAGS, body)


def _slice(each: Slice) -> bytes:
    patch = any(key.center is not None for key in each.keys)
    pivot = any(key.pivot is not None for key in each.keys)
    body = struct.pack("<III", len(each.keys), patch | pivot << 1, 0) + _text(each.name)
    for key in each.keys:
        body += struct.pack("<IiiII", key.frame, *key.bounds)
        if patch:
            body += struct.pack("<iiII", *(key.center or (0, 0, 0, 0)))
        if pivot:
            body += struct.pack("<ii", *(key.pivot or (0, 0)))
    return _chunk(chunks.SLICE, body)


def _tileset(tileset: Tileset) -> bytes:
    width, height = tileset.size
    flags = tileset.zero_is_empty * chunks.ZERO_IS_EMPTY | (tileset.tiles is not None) * chunks.TILES_INSIDE
    count = 0 if tileset.tiles is None else len(tileset.tiles)
    body = struct.pack("<IIIHHh14x", tileset.identifier, flags, count, width, height, 1) + _text(tileset.name)
    if tileset.tiles is not None:
        packed = zlib.compress(tileset.tiles.tobytes(), 9)
        body += struct.pack("<I", len(packed)) + packed
    return _chunk(chunks.TILESET, body)

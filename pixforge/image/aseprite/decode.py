"""Bytes of an Aseprite file to a document."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import PictureError
from pixforge.image.aseprite import chunks
from pixforge.image.aseprite.cursor import Cursor, damaged
from pixforge.image.aseprite.model import (
    CHANNELS,
    Box,
    Cel,
    Document,
    Layer,
    LayerKind,
    Moment,
    Slice,
    Tag,
    Tileset,
    UserData,
)
from pixforge.image.limits import Limits

MAGIC, FRAME_MAGIC = 0xA5E0, 0xF1FA
HEADER_SIZE, FRAME_HEADER_SIZE = 128, 16


def decode(data: bytes, limits: Limits | None = None) -> Document:
    """Read an Aseprite file.

    Args:
        data: the whole file.
        limits: what the file may ask for.

    Raises:
        PictureError: it is no Aseprite file, or damaged.
        LimitError: too many pixels or frames.
    """
    cursor = Cursor(data)
    if len(data) < HEADER_SIZE or Cursor(data, 4).u16() != MAGIC:
        raise PictureError(
            "this is not an Aseprite file, or its start is missing",
            "give a .aseprite or .ase file as Aseprite saves it",
        )
    header = _header(cursor.part(HEADER_SIZE))
    (limits or Limits()).check_clip(header.width, header.height, header.frames)
    state = _State(header)
    for number in range(header.frames):
        _frame(cursor, state, number)
    return state.document()


@dataclass(frozen=True)
class _Header:
    frames: int
    width: int
    height: int
    depth: int
    flags: int
    speed: int
    transparent: int
    pixel_ratio: tuple[int, int]
    grid: Box


def _header(cursor: Cursor) -> _Header:
    _, _, frames, width, height, depth, flags, speed = cursor.numbers("IHHHHHIH")
    transparent, _, ratio_x, ratio_y, *grid = cursor.numbers("8xB3xHBBhhHH")
    if depth not in CHANNELS:
        raise damaged(f"its colour depth is {depth} bits, not 8, 16 or 32")
    if frames == 0:
        raise PictureError("the Aseprite file has no frames", "add a frame in Aseprite and save it again")
    ratio = (ratio_x, ratio_y) if ratio_x and ratio_y else (1, 1)
    return _Header(frames, width, height, depth, flags, speed, transparent, ratio, (grid[0], grid[1], grid[2], grid[3]))


@dataclass
class _State:
    """What is known so far while the chunks go by, and to whom the next user data belongs."""

    header: _Header
    palette: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 4), np.uint8))
    modern_palette: bool = False
    palette_changed: bool = False
    layers: list[Layer] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    slices: list[Slice] = field(default_factory=list)
    tilesets: list[Tileset] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    cels: list[Cel] = field(default_factory=list)
    data: UserData = field(default_factory=UserData)
    owner: str = ""
    tags_named: int = 0

    @property
    def channels(self) -> int:
        return CHANNELS[self.header.depth]

    def document(self) -> Document:
        header = self.header
        return Document(
            header.width,
            header.height,
            header.depth,
            tuple(self.moments),
            tuple(self.layers),
            tuple(self.tags),
            tuple(self.slices),
            tuple(self.tilesets),
            header.transparent,
            groups_blend=bool(header.flags & 2),
            opacity_valid=bool(header.flags & 1),
            pixel_ratio=header.pixel_ratio,
            grid=header.grid,
            data=self.data,
        )


def _frame(cursor: Cursor, state: _State, number: int) -> None:
    size, magic, old_count, duration, new_count = cursor.numbers("IHHH2xI")
    if magic != FRAME_MAGIC:
        raise damaged(f"frame {number} does not begin where it should")
    body = cursor.part(size - FRAME_HEADER_SIZE)
    state.cels, state.palette_changed = [], False
    for _ in range(new_count or old_count):
        if body.left == 0:
            break
        length, kind = body.numbers("IH")
        _chunk(body.part(length - 6), kind, state, number)
    changed = state.palette if state.palette_changed else None
    state.moments.append(Moment(duration or state.header.speed, tuple(state.cels), changed))


def _chunk(body: Cursor, kind: int, state: _State, frame: int) -> None:
    match kind:
        case chunks.PALETTE | chunks.OLD_PALETTE | chunks.OLDER_PALETTE:
            _palette(body, kind, state)
        case chunks.LAYER:
            state.layers.append(chunks.layer(body, has_id=bool(state.header.flags & 4)))
            state.owner = "layer"
        case chunks.CEL:
            state.cels.append(_cel(body, state, frame))
            state.owner = "cel"
        case chunks.TAGS:
            state.tags.extend(chunks.tags(body))
            state.owner = "tag"
        case chunks.SLICE:
            state.slices.append(chunks.slice_(body))
            state.owner = "slice"
        case chunks.TILESET:
            state.tilesets.append(chunks.tileset(body, state.channels))
            state.owner = "tileset"
        case chunks.USER_DATA:
            _user_data(chunks.user_data(body), state)
        case _:  # colour profile, cel extra, external files, mask, path: nothing here is drawn by them
            pass


def _palette(body: Cursor, kind: int, state: _State) -> None:
    if kind == chunks.PALETTE:
        state.palette = chunks.palette(body, state.palette)
        state.modern_palette = True
        state.owner = "sprite"
    elif state.modern_palette:
        return  # the old chunk only repeats the new one, for old programs
    else:
        state.palette = chunks.old_palette(body, state.palette, 255 if kind == chunks.OLD_PALETTE else 63)
    state.palette_changed = True


def _cel(body: Cursor, state: _State, frame: int) -> Cel:
    cel = chunks.cel(body, state.channels)
    if cel.layer >= len(state.layers):
        raise damaged(f"a cel belongs to layer {cel.layer}, of {len(state.layers)}")
    if cel.link is not None and cel.link >= state.header.frames:
        raise damaged(f"a cel of frame {frame} repeats frame {cel.link}, of {state.header.frames}")
    is_map = cel.pixels is not None and cel.pixels.dtype == np.uint32
    if cel.link is None and is_map != (state.layers[cel.layer].kind is LayerKind.TILEMAP):
        raise damaged(f"a cel of frame {frame} is not of its layer's kind")
    return cel


def _user_data(data: UserData, state: _State) -> None:
    """Give user data to what came before it; after the tags each of them gets one in turn."""
    match state.owner:
        case "sprite" | "":
            state.data = data
        case "layer":
            state.layers[-1] = replace(state.layers[-1], data=data)
        case "cel":
            state.cels[-1] = replace(state.cels[-1], data=data)
        case "slice":
            state.slices[-1] = replace(state.slices[-1], data=data)
        case "tileset":  # the tiles' own data may follow: kept out, nothing shows it
            state.tilesets[-1] = replace(state.tilesets[-1], data=data)
            state.owner = "tiles"
        case "tag" if state.tags_named < len(state.tags):
            tag = state.tags[state.tags_named]
            color = tag.color if data.color is None else data.color[:3]
            state.tags[state.tags_named] = replace(tag, data=data, color=color)
            state.tags_named += 1

"""What an Aseprite file holds, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[int, int, int]
Rgba = tuple[int, int, int, int]
Box = tuple[int, int, int, int]

RGBA, GREY, INDEXED = 32, 16, 8
CHANNELS: Final = {RGBA: 4, GREY: 2, INDEXED: 1}

BLEND_MODES: Final = (
    "normal",
    "multiply",
    "screen",
    "overlay",
    "darken",
    "lighten",
    "color_dodge",
    "color_burn",
    "hard_light",
    "soft_light",
    "difference",
    "exclusion",
    "hsl_hue",
    "hsl_saturation",
    "hsl_color",
    "hsl_luminosity",
    "addition",
    "subtract",
    "divide",
)
DIRECTIONS: Final = ("forward", "reverse", "pingpong", "pingpong_reverse")


class LayerKind(IntEnum):
    """What a layer holds."""

    IMAGE = 0
    GROUP = 1
    TILEMAP = 2


@dataclass(frozen=True)
class UserData:
    """Text and colour that an artist gave to a layer, cel, tag, slice or the sprite.

    Attributes:
        text: free text.
        color: RGBA or None.
        properties: the raw bytes of the properties maps (size field included), kept as they are.
    """

    text: str = ""
    color: Rgba | None = None
    properties: bytes = b""


@dataclass(frozen=True)
class Layer:
    """A layer, in the file's order (bottom first; the children of a group follow it).

    Attributes:
        name: as shown to the artist.
        kind: image, group or tilemap.
        level: depth in the tree; a layer belongs to the nearest group above it of a smaller level.
        opacity: 0 to 255.
        blend: one of BLEND_MODES.
        visible, background, reference: flags; a reference layer is never drawn.
        tileset: index of the tileset of a tilemap layer.
        flags: the raw flags, of which the three above are part.
        data: user data.
    """

    name: str
    kind: LayerKind = LayerKind.IMAGE
    level: int = 0
    opacity: int = 255
    blend: str = "normal"
    visible: bool = True
    background: bool = False
    reference: bool = False
    tileset: int = 0
    flags: int = 3
    data: UserData = UserData()


@dataclass(frozen=True, eq=False)
class Cel:
    """The part of one layer in one frame.

    Attributes:
        layer: index of the layer.
        x, y: position of the top left pixel in the sprite; may be negative.
        opacity: 0 to 255.
        z: how many layers nearer to the front (or, negative, the back) this cel is drawn.
        pixels: uint8 (H, W, channels of the colour mode), or for a tilemap uint32 (H, W) of tiles with their flags in
            the three highest bits; None for a cel that repeats the one of frame `link`.
        link: the frame that this cel repeats, or None.
        data: user data.
    """

    layer: int
    x: int
    y: int
    pixels: NDArray[np.uint8] | NDArray[np.uint32] | None
    opacity: int = 255
    z: int = 0
    link: int | None = None
    data: UserData = UserData()


@dataclass(frozen=True, eq=False)
class Moment:
    """One frame: how long, and its cels.

    Attributes:
        duration: milliseconds.
        cels: at most one a layer.
        palette: uint8 (K, 4) RGBA that holds from this frame on, or None if it does not change here.
    """

    duration: int
    cels: tuple[Cel, ...]
    palette: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Tag:
    """A named range of frames (both ends included).

    Attributes:
        name: the animation's name.
        first, last: frame numbers from 0.
        direction: one of DIRECTIONS.
        repeat: how many times it plays; 0 is for ever.
        color: RGB.
        data: user data; its colour, where present, is the tag's.
    """

    name: str
    first: int
    last: int
    direction: str = "forward"
    repeat: int = 0
    color: Rgb = (0, 0, 0)
    data: UserData = UserData()


@dataclass(frozen=True)
class SliceKey:
    """Where a slice is from one frame on.

    Attributes:
        frame: from this frame.
        bounds: x, y, width, height in the sprite.
        center: the middle of a nine-patch, relative to the bounds, or None.
        pivot: x, y relative to the bounds' corner, or None.
    """

    frame: int
    bounds: Box
    center: Box | None = None
    pivot: tuple[int, int] | None = None


@dataclass(frozen=True)
class Slice:
    """A named area of the sprite."""

    name: str
    keys: tuple[SliceKey, ...]
    data: UserData = UserData()


@dataclass(frozen=True, eq=False)
class Tileset:
    """The tiles of a tilemap layer.

    Attributes:
        identifier: number in the file.
        name: as shown to the artist.
        tiles: uint8 (N, height, width, channels), or None if they lie in another file.
        size: width and height of a tile.
        zero_is_empty: tile 0 is the empty tile (else 0xffffffff is, in files of old test versions).
        data: user data.
    """

    identifier: int
    name: str
    tiles: NDArray[np.uint8] | None
    size: tuple[int, int]
    zero_is_empty: bool = True
    data: UserData = UserData()


@dataclass(frozen=True, eq=False)
class Document:
    """A whole file.

    Attributes:
        width, height: pixels.
        depth: 32 (RGBA), 16 (grey and alpha) or 8 (indexed).
        frames: at least one.
        layers: bottom first.
        tags, slices, tilesets: as in the file.
        transparent: palette index that is transparent in every layer but the background (indexed only).
        groups_blend: groups have an opacity and a blend mode of their own (new files).
        opacity_valid: the layers' opacity counts (all but very old files).
        pixel_ratio: width and height of a pixel.
        grid: x, y, width, height of the grid.
        data: user data of the sprite.
    """

    width: int
    height: int
    depth: int
    frames: tuple[Moment, ...]
    layers: tuple[Layer, ...]
    tags: tuple[Tag, ...] = ()
    slices: tuple[Slice, ...] = ()
    tilesets: tuple[Tileset, ...] = ()
    transparent: int = 0
    groups_blend: bool = False
    opacity_valid: bool = True
    pixel_ratio: tuple[int, int] = (1, 1)
    grid: Box = (0, 0, 16, 16)
    data: UserData = field(default=UserData())

    def palette(self, frame: int) -> NDArray[np.uint8]:
        """The palette of a frame: uint8 (K, 4) RGBA, empty if the file has none."""
        for moment in reversed(self.frames[: frame + 1]):
            if moment.palette is not None:
                return moment.palette
        return np.zeros((0, 4), np.uint8)

    def parents(self) -> tuple[int | None, ...]:
        """For each layer the index of the group it belongs to, or None."""
        found: list[int | None] = []
        open_groups: list[int] = []
        for index, layer in enumerate(self.layers):
            while open_groups and self.layers[open_groups[-1]].level >= layer.level:
                open_groups.pop()
            found.append(open_groups[-1] if open_groups else None)
            if layer.kind is LayerKind.GROUP:
                open_groups.append(index)
        return tuple(found)

    def cel(self, frame: int, layer: int) -> Cel | None:
        """The cel of a layer in a frame, links followed: all but the z order is then that of the linked cel."""
        start = next((cel for cel in self.frames[frame].cels if cel.layer == layer), None)
        found, seen = start, {frame}
        while found is not None and found.link is not None:
            if found.link in seen or found.link >= len(self.frames):
                return None
            seen.add(found.link)
            found = next((cel for cel in self.frames[found.link].cels if cel.layer == layer), None)
        if start is None or found is None:
            return None
        return replace(found, z=start.z)

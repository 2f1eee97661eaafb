"""An animation, or a set of pictures that belong together: frames, tags, slices, layers. Knows no file format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import PictureError
from pixforge.image.picture import Frame, Picture

Direction = Literal["forward", "reverse", "pingpong", "pingpong_reverse"]
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
Box = tuple[int, int, int, int]
Point = tuple[int, int]

MAX_DURATION: Final = 65535  # milliseconds: what .aseprite, APNG and GIF all can hold (GIF: ten times as much)


@dataclass(frozen=True)
class Tag:
    """A named range of frames: one animation.

    Attributes:
        name: the animation's name.
        first, last: frame numbers from 0, both included.
        direction: the order in which they are played.
        repeat: how many times; 0 is for ever. For the ping-pong directions one time is one way, as in Aseprite.
        color: RGB, for editors.
    """

    name: str
    first: int
    last: int
    direction: Direction = "forward"
    repeat: int = 0
    color: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class SliceKey:
    """Where a slice is, from one frame on.

    Attributes:
        frame: from this frame to the next key's.
        bounds: x, y, width, height in the frame.
        center: the stretching middle of a nine-patch, relative to the bounds' corner.
        pivot: x, y relative to the bounds' corner.
    """

    frame: int
    bounds: Box
    center: Box | None = None
    pivot: Point | None = None


@dataclass(frozen=True)
class Slice:
    """A named area: a hit box, a nine-patch, a pivot.

    Attributes:
        name: its name.
        keys: in order of their frames.
        color: RGB, for editors.
        text: the artist's note.
    """

    name: str
    keys: tuple[SliceKey, ...]
    color: tuple[int, int, int] | None = None
    text: str = ""

    def at(self, frame: int) -> SliceKey | None:
        """The key that holds in a frame; None before the first or where the slice is hidden (no area)."""
        found = [key for key in self.keys if key.frame <= frame]
        return found[-1] if found and found[-1].bounds[2] and found[-1].bounds[3] else None


@dataclass(frozen=True, eq=False)
class Cel:
    """What a layer shows in one frame.

    Attributes:
        picture: its pixels, without what surrounds them.
        x, y: where its top left corner lies in the frame; may be negative.
        opacity: 0 to 255.
    """

    picture: Picture
    x: int = 0
    y: int = 0
    opacity: int = 255


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer through all frames.

    Attributes:
        name: its name.
        cels: one a frame, or None where the layer is empty.
        groups: names of the groups it lies in, outermost first.
        opacity: 0 to 255.
        blend: name of the blend mode, as `pixforge.image.aseprite.model.BLEND_MODES`.
        visible: whether it is part of the frames.
    """

    name: str
    cels: tuple[Cel | None, ...]
    groups: tuple[str, ...] = ()
    opacity: int = 255
    blend: str = "normal"
    visible: bool = True


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames of one size, with what belongs to them.

    Attributes:
        frames: at least one; durations in milliseconds, 1 to 65535.
        tags: animations. Without any, all frames are one animation.
        slices: named areas.
        layers: what the frames are composed of, bottom first; empty if unknown.
        pivot: the point of the frame that engines place, in pixels from the top left corner; None: unknown.
        palette: uint8 (K, 3) of all frames in the artist's order, or None.
        names: a name for each frame (for a set, the files'), or empty.
    """

    frames: tuple[Frame, ...]
    tags: tuple[Tag, ...] = ()
    slices: tuple[Slice, ...] = ()
    layers: tuple[Layer, ...] = ()
    pivot: Point | None = None
    palette: NDArray[np.uint8] | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_frames(self.frames)
        for tag in self.tags:
            _check_tag(tag, len(self.frames))
        if self.names and len(self.names) != len(self.frames):
            raise ValueError(f"{len(self.names)} names for {len(self.frames)} frames")

    @property
    def width(self) -> int:
        """Width of every frame in pixels."""
        return self.frames[0].picture.width

    @property
    def height(self) -> int:
        """Height of every frame in pixels."""
        return self.frames[0].picture.height

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The frames' pictures."""
        return tuple(frame.picture for frame in self.frames)

    @property
    def durations(self) -> tuple[int, ...]:
        """The frames' durations in milliseconds."""
        return tuple(frame.duration for frame in self.frames)

    def pivot_at(self, frame: int) -> Point | None:
        """The pivot in a frame: that of the first slice that has one there, else the clip's."""
        for each in self.slices:
            key = each.at(frame)
            if key is not None and key.pivot is not None:
                return key.bounds[0] + key.pivot[0], key.bounds[1] + key.pivot[1]
        return self.pivot

    def animations(self, name: str) -> tuple[Tag, ...]:
        """The tags, or one endless tag `name` over all frames if there are none."""
        return self.tags or (Tag(name, 0, len(self.frames) - 1),)

    def colors(self) -> NDArray[np.uint8] | None:
        """The palette if every opaque pixel is of it, else the colours that occur, sorted: uint8 (K, 3).

        None where a pixel is neither opaque nor fully transparent, or there are more than 256 colours.
        """
        return self._colors

    @cached_property
    def _colors(self) -> NDArray[np.uint8] | None:
        """What `colors` gives, found once: every frame's file asks for it."""
        found = used_colors(self.pictures)
        if found is None or self.palette is None:
            return found
        known = {tuple(color) for color in self.palette.tolist()}
        return self.palette if all(tuple(color) in known for color in found.tolist()) else found


def used_colors(pictures: Sequence[Picture]) -> NDArray[np.uint8] | None:
    """The colours of all opaque pixels, sorted by red, green, blue: uint8 (K, 3).

    None where a pixel is neither opaque nor fully transparent, or there are more than 256 colours.
    """
    keys: set[int] = set()
    for picture in pictures:
        alpha = picture.pixels[..., 3]
        if not ((alpha == 0) | (alpha == 255)).all():
            return None
        rgb = picture.pixels[alpha == 255][:, :3].astype(np.uint32)
        keys.update(np.unique(rgb @ np.array([65536, 256, 1], np.uint32)).tolist())
        if len(keys) > 256:
            return None
    table = np.array(sorted(keys), np.uint32)
    return np.stack([table >> 16 & 255, table >> 8 & 255, table & 255], -1).astype(np.uint8)


def _check_frames(frames: Sequence[Frame]) -> None:
    if not frames:
        raise PictureError("there are no frames", "give at least one picture")
    first = frames[0].picture
    for number, frame in enumerate(frames):
        size = (frame.picture.width, frame.picture.height)
        if size != (first.width, first.height):
            raise PictureError(
                f"frame {number} is {size[0]} x {size[1]} pixels, but frame 0 is {first.width} x {first.height}",
                "make all frames one size, or have them padded to the largest",
            )
        if not 1 <= frame.duration <= MAX_DURATION:
            raise PictureError(
                f"frame {number} lasts {frame.duration} ms", f"give a duration of 1 to {MAX_DURATION} milliseconds"
            )


def _check_tag(tag: Tag, count: int) -> None:
    if not 0 <= tag.first <= tag.last < count:
        raise PictureError(
            f'tag "{tag.name}" goes from frame {tag.first} to {tag.last}, but the frames are 0 to {count - 1}',
            "correct the tag's range",
        )
    if tag.direction not in DIRECTIONS:
        raise PictureError(f'tag "{tag.name}" plays "{tag.direction}"', f"use one of {', '.join(DIRECTIONS)}")

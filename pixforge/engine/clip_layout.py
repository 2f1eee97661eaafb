"""The one lattice of cells that all frames of a clip lie under, and what belongs to a clip moved onto it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, overload

from pixforge.engine import drafting, geometry
from pixforge.errors import PictureError
from pixforge.image import resample
from pixforge.pixel.windows import Lattice

if TYPE_CHECKING:
    from pixforge.engine.geometry import Layout
    from pixforge.image.picture import Picture
    from pixforge.image.resample import Box
    from pixforge.preset import Preset
    from pixforge.sheet.clip import Clip, Point, Slice, SliceKey

Change = Callable[["Picture"], "Picture"]


@dataclass(frozen=True)
class ClipLayout:
    """How frames become cells.

    Attributes:
        box: the part of every frame that is used: left, top, right, bottom.
        plan: from that part to cells.
    """

    box: Box
    plan: Layout

    @property
    def lattice(self) -> Lattice:
        """The inner cells over a prepared frame."""
        plan = self.plan
        left, top, right, bottom = plan.crop
        width = right - left + plan.margins[0] + plan.margins[2]
        height = bottom - top + plan.margins[1] + plan.margins[3]
        return Lattice(plan.inner_width, plan.inner_height, width, height)

    def column(self, x: float) -> float:
        """Where a frame's x lies in cells of the output."""
        start = self.box[0] + self.plan.crop[0] - self.plan.margins[0]
        return (x - start) / self.lattice.pitch[0] + self.plan.left

    def row(self, y: float) -> float:
        """Where a frame's y lies in cells of the output."""
        start = self.box[1] + self.plan.crop[1] - self.plan.margins[1]
        return (y - start) / self.lattice.pitch[1] + self.plan.top


_KEPT: Final = 64 << 20  # bytes


class Prepared(Sequence["Picture"]):
    """Frames cut to their layout, each made when it is asked for.

    The first that fit into 64 MiB are kept, so that they are made once; of the others only those in use take memory.
    """

    def __init__(
        self, pictures: Sequence[Picture], layout: ClipLayout, preset: Preset, change: Change | None = None
    ) -> None:
        self._pictures = pictures
        self._layout = layout
        self._preset = preset
        self._change = change
        self._kept: dict[int, Picture] = {}
        self._room = _KEPT

    def __len__(self) -> int:
        return len(self._pictures)

    @overload
    def __getitem__(self, number: int) -> Picture: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Picture]: ...
    def __getitem__(self, number: int | slice) -> Picture | Sequence[Picture]:
        if isinstance(number, slice):
            return Prepared(self._pictures[number], self._layout, self._preset, self._change)
        number = range(len(self))[number]
        kept = self._kept.get(number)
        if kept is not None:
            return kept
        source = self._pictures[number]
        made = self._make(source)
        if made is not source and made.pixels.nbytes <= self._room:
            self._room -= made.pixels.nbytes
            self._kept[number] = made
        return made

    def _make(self, picture: Picture) -> Picture:
        if self._layout.box != (0, 0, picture.width, picture.height):
            picture = resample.crop(picture, self._layout.box)
        prepared = drafting.prepare(picture, self._layout.plan, self._preset)
        return prepared if self._change is None else self._change(prepared)

    def chosen(self, numbers: Sequence[int]) -> Sequence[Picture]:
        """Some of the frames, in this order, by their numbers."""
        return _Chosen(self, numbers)

    def changed(self, change: Change | None) -> Prepared:
        """The same frames, each passed through `change` at last; themselves without one."""
        return self if change is None else Prepared(self._pictures, self._layout, self._preset, change)


class _Chosen(Sequence["Picture"]):
    """Some frames of others."""

    def __init__(self, frames: Sequence[Picture], numbers: Sequence[int]) -> None:
        self._frames = frames
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, number: int) -> Picture: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Picture]: ...
    def __getitem__(self, number: int | slice) -> Picture | Sequence[Picture]:
        if isinstance(number, slice):
            return _Chosen(self._frames, self._numbers[number])
        return self._frames[self._numbers[number]]


def lay_out(pictures: Sequence[Picture], preset: Preset) -> ClipLayout:
    """Return one layout for frames of one size: trimmed, if at all, to what any of them shows.

    Raises:
        PictureError: the output would be too large.
        LimitError: the frames would be, at the aspect that was asked for.
    """
    width, height = pictures[0].width, pictures[0].height
    trims = preset.grid.trim and not preset.grid.seamless
    box = union_box(pictures) if trims else (0, 0, width, height)
    across, down = box[2] - box[0], box[3] - box[1]
    plan = geometry.layout(across, down, preset.grid, fill=preset.alpha.mode == "opaque")
    preset.limits.check_size(across + sum(plan.margins[::2]), down + sum(plan.margins[1::2]))
    return ClipLayout(box, plan)


def union_box(pictures: Sequence[Picture]) -> Box:
    """Return the smallest box that holds every visible pixel of every frame; all of it if none has any."""
    boxes = [box for box in map(resample.trim_box, pictures) if box is not None]
    if not boxes:
        return 0, 0, pictures[0].width, pictures[0].height
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def first_alike(pictures: Sequence[Picture]) -> list[int]:
    """Return for each frame the number of the first that equals it to the byte."""
    first: dict[bytes, int] = {}
    return [
        first.setdefault(hashlib.blake2b(picture.pixels.tobytes(), digest_size=16).digest(), number)
        for number, picture in enumerate(pictures)
    ]


def moved_slices(slices: Sequence[Slice], layout: ClipLayout) -> tuple[Slice, ...]:
    """Return the slices in cells; an area that is not hidden has at least one."""
    return tuple(replace(each, keys=tuple(_moved_key(key, layout) for key in each.keys)) for each in slices)


def moved_point(point: Point | None, layout: ClipLayout) -> Point | None:
    """Return the cell that a pixel of the frame lies in."""
    return None if point is None else (int(layout.column(point[0]) // 1), int(layout.row(point[1]) // 1))


def _moved_key(key: SliceKey, layout: ClipLayout) -> SliceKey:
    x, y = key.bounds[:2]
    bounds = _moved_box(key.bounds, layout)
    center = pivot = None
    if key.center is not None:
        left, top, across, down = _moved_box((x + key.center[0], y + key.center[1], *key.center[2:]), layout)
        center = (left - bounds[0], top - bounds[1], across, down)
    if key.pivot is not None:
        point = moved_point((x + key.pivot[0], y + key.pivot[1]), layout)
        pivot = None if point is None else (point[0] - bounds[0], point[1] - bounds[1])
    return replace(key, bounds=bounds, center=center, pivot=pivot)


def _moved_box(box: Box, layout: ClipLayout) -> Box:
    x, y, width, height = box
    left, right = round(layout.column(x)), round(layout.column(x + width))
    top, bottom = round(layout.row(y)), round(layout.row(y + height))
    return left, top, max(right - left, int(width > 0)), max(bottom - top, int(height > 0))


@contextmanager
def naming(clip: Clip, number: int) -> Iterator[None]:
    """Give the errors of a frame its number, from 0, and its name."""
    try:
        yield
    except PictureError as error:
        name = f' ("{clip.names[number]}")' if clip.names else ""
        raise type(error)(f"frame {number}{name}: {error.cause}", error.remedy, error.path) from error

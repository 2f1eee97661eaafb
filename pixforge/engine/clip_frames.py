"""Frames of an animation to cells that keep still where the source does and travel with what moves.

Each frame is taken apart: a background that stands still (for clips without transparency) and connected parts, each of
which may move. A part takes its lattice of cells along (`pixforge.pixel.windows.Place`), so that the method sees it
under the very same cells wherever it is, and the output moves it by whole cells. Within a part's own lattice a window
of pixels that was seen before gives the cell that it gave before; only the rest goes to the method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.engine.clip_cells import NEAR, CellMaker
from pixforge.engine.clip_memory import CLEAR, UNKNOWN, Entries
from pixforge.engine.clip_tracks import Part, Track, follow, parts_of, resumed
from pixforge.image.picture import Picture
from pixforge.pixel import plate as plates
from pixforge.pixel.regions import Mask, Region, find_regions, grown
from pixforge.pixel.windows import Place, coverage, packed, unchanged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.engine.clip_layout import ClipLayout, Prepared
    from pixforge.pixel.windows import Moved
    from pixforge.preset import Preset

_WIDE: Final = 1.25  # cells that must be unchanged where a part moves: it may be shown so far from where it is
_TOUCH: Final = 0.1  # coverage from which a part may have a cell before a background
_STILL: Final = 0.3  # share of the picture that must be known of a background, else there is none


@dataclass(frozen=True, eq=False)
class _Shown:
    """A frame's result and what the next one starts from.

    Attributes:
        entries: int16 (rows, columns) of the lattice, palette entry or CLEAR.
        values: uint32 (H, W), the frame.
        tracks: its parts.
        moving: bool (rows, columns), cells in which something moves.
    """

    entries: Entries
    values: NDArray[np.uint32]
    tracks: tuple[Track, ...]
    moving: Mask


class Animator:
    """Converts the frames of one clip, in their order.

    Args:
        frames: prepared, matched to the palette.
        layout: of them.
        palettes: the one that the method is told, to which the frames were matched, and the one that cells get; uint8
            (K, 3), often the same.
        preset: how.
    """

    def __init__(
        self,
        frames: Prepared,
        layout: ClipLayout,
        palettes: tuple[NDArray[np.uint8], NDArray[np.uint8]],
        preset: Preset,
    ) -> None:
        self._frames = frames
        self._lattice = layout.lattice
        self._locks = frozenset(preset.clip.lock)
        self._before: _Shown | None = None
        self._done: dict[int, tuple[Entries, Mask, tuple[Place, ...]]] = {}
        self._opaque = all(picture.opaque for picture in frames)
        self._plate = _plate(frames, layout) if self._opaque and len(frames) > 1 else None
        self._maker = CellMaker(layout, palettes, preset, self._opaque)
        self._ground = None if self._plate is None else self._maker.whole(_picture(self._plate))

    @property
    def worked(self) -> int:
        """Cells that the method was asked for."""
        return self._maker.worked

    def frame(self, number: int) -> Entries:
        """Convert a frame: int16 (rows, columns), palette entry or CLEAR."""
        picture = self._frames[number]
        values = packed(picture.pixels)
        regions = self._regions(values, picture)
        tracks: tuple[Track, ...] = ()
        parts = [Part(region, Place(), (0, 0), moves=False) for region in regions]
        if "phase" in self._locks:
            before = self._before.tracks if self._before is not None else ()
            tracks = follow(before, picture.pixels, regions, self._lattice)
            parts = parts_of(tracks, regions)
        entries = np.full((self._lattice.rows, self._lattice.columns), CLEAR, np.int16)
        if self._ground is not None:
            entries[:] = self._ground
        moving = np.zeros(entries.shape, np.bool_)
        for part in parts:
            claimed = self._lay(entries, part, picture, values, alone=len(parts) == 1)
            moving |= claimed & part.moves
        self._hold(_Shown(entries, values, tracks, moving))
        self._done[number] = (entries, moving, tuple(track.place for track in tracks))
        return entries

    def again(self, number: int) -> Entries:
        """Show a frame once more that was converted before."""
        picture = self._frames[number]
        values = packed(picture.pixels)
        entries, moving, places = self._done[number]
        tracks = resumed(places, picture.pixels, self._regions(values, picture)) if places else ()
        self._before = _Shown(entries, values, tracks, moving)
        return entries

    def _regions(self, values: NDArray[np.uint32], picture: Picture) -> list[Region]:
        own = self._own(values, picture)
        return find_regions(own, self._lattice) if own.any() else []

    def _own(self, values: NDArray[np.uint32], picture: Picture) -> Mask:
        """The pixels that are no background."""
        if not self._opaque:
            return np.asarray(picture.pixels[..., 3] > 0)
        if self._plate is None:
            return np.ones(values.shape, np.bool_)
        return np.asarray((values != self._plate.values) | ~self._plate.known)

    def _lay(self, entries: Entries, part: Part, picture: Picture, values: NDArray[np.uint32], alone: bool) -> Mask:
        """Lay a part's cells over those below, and return the cells that it may have."""
        region = part.region
        masked = values if region.mask.all() else np.where(region.mask, values, np.uint32(0))
        if not self._opaque:
            claimed = grown(region.cells, 2)
            seen = picture if alone else _only(picture, region)
            own = self._maker.of_part(part, seen, masked, claimed, self._former(part))
            take = claimed & (own >= 0)
        else:
            share = coverage(region.mask, self._lattice, part.place, region.box)
            least = 0.0 if part.place == Place() else _TOUCH
            claimed = share > least if self._ground is not None else np.ones(share.shape, np.bool_)
            own = self._maker.of_part(part, picture, masked, claimed, self._former(part))
            take = claimed
            if self._ground is not None and part.place != Place():
                take = claimed & ((share >= 0.5) | ~_beside(own, self._ground))
        entries[take] = own[take]
        return claimed

    def _former(self, part: Part) -> Entries | None:
        """What the former frame showed, moved as the part has been since."""
        if self._before is None or "alpha" not in self._locks or self._opaque:
            return None
        return _moved(self._before.entries, part.step)

    def _hold(self, shown: _Shown) -> None:
        """Hold what has not changed in the source, and remember the frame."""
        before = self._before
        if before is not None and "still" in self._locks:
            differs = shown.values != before.values
            moving = shown.moving | before.moving
            same = unchanged(differs, self._lattice, NEAR) & ~moving
            if moving.any():
                same |= unchanged(differs, self._lattice, _WIDE)
            shown.entries[same] = before.entries[same]
        self._before = shown


def _picture(plate: plates.Plate) -> Picture:
    values = plate.values
    return Picture(np.ascontiguousarray(values).view(np.uint8).reshape(*values.shape, 4))


def _plate(frames: Prepared, layout: ClipLayout) -> plates.Plate | None:
    found = plates.at_rest(lambda: (packed(picture.pixels) for picture in frames), layout.lattice)
    return found if found.known.mean() >= _STILL else None


def _only(picture: Picture, region: Region) -> Picture:
    pixels = picture.pixels.copy()
    pixels[~region.mask] = 0
    return Picture(pixels)


def _moved(entries: Entries, step: Moved) -> Entries:
    """Entries moved by whole cells, CLEAR where nothing comes from."""
    height, width = entries.shape
    out = np.full_like(entries, CLEAR)
    x, y = step
    if abs(x) < width and abs(y) < height:
        out[max(y, 0) : height + min(y, 0), max(x, 0) : width + min(x, 0)] = entries[
            max(-y, 0) : height - max(y, 0), max(-x, 0) : width - max(x, 0)
        ]
    return out


def _beside(entries: Entries, ground: Entries) -> Mask:
    """Whether the background has a cell's entry in that cell or beside it."""
    padded = np.pad(ground, 1, constant_values=UNKNOWN)
    height, width = ground.shape
    near = [padded[y : y + height, x : x + width] == entries for y in range(3) for x in range(3)]
    return np.asarray(np.logical_or.reduce(near))

"""Which part of a frame is which part of the former one, how far it has moved, and by how many cells that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.motion import Found, Search, View, snapped
from pixforge.pixel.regions import Region, grown
from pixforge.pixel.windows import Lattice, Moved, Place

_SAME: Final = 0.995  # agreement of a part that has not moved, whatever else its mask did
_LEAST: Final = 0.35  # agreement below which nothing is learnt from a comparison
_GAIN: Final = 0.6  # a move must leave at most this part of what disagrees without it
_KNOWN: Final = 0.6  # agreement at which a part that appears anew is one that was lost


@dataclass(frozen=True, eq=False)
class Seen:
    """A part as it was in some frame, and how far it had moved by then."""

    view: View
    shift: Moved


@dataclass(frozen=True, eq=False)
class Track:
    """A part through the frames.

    Attributes:
        place: where it is now.
        cells: bool (rows, columns), what it touches now.
        first: as it was when it last looked new; moves are measured from there, so that errors do not add up.
        last: as it was in the former frame.
        speed: pixels that it moved last.
        step: cells that it was moved on last.
    """

    place: Place
    cells: NDArray[np.bool_]
    first: Seen
    last: Seen
    speed: Moved = (0, 0)
    step: Moved = (0, 0)


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a frame.

    Attributes:
        region: its pixels and cells.
        place: where it is.
        step: cells by which it is shown further than in the former frame.
        moves: whether it is shown elsewhere than in the former frame.
    """

    region: Region
    place: Place
    step: Moved
    moves: bool


Tracks = tuple[Track, ...]


def follow(tracks: Tracks, pixels: NDArray[np.uint8], regions: Sequence[Region], lattice: Lattice) -> Tracks:
    """Return a track for each region of a frame: one of the former frame continued, or a new one.

    Args:
        tracks: of the former frame.
        pixels: uint8 (H, W, 4), the frame.
        regions: its parts.
        lattice: cells over it.
    """
    out: list[Track] = []
    heirs = [_overlapping(tracks, region) for region in regions]
    lost = [track for track in tracks if not any(track is heir for heir in heirs)]
    for region, heir in zip(regions, heirs, strict=True):
        view = View(pixels, region.mask, region.box)
        search = Search(view)
        moves = [track.place.shift for track in out]
        track = heir if heir is not None else _regained(lost, search)
        if track is None:
            seen = Seen(view, (0, 0))
            out.append(Track(Place(), region.cells, seen, seen))
        else:
            out.append(_continued(track, search, view, region, lattice, moves))
    return tuple(out)


def resumed(places: Sequence[Place], pixels: NDArray[np.uint8], regions: Sequence[Region]) -> Tracks:
    """Return the tracks of a frame whose parts' places are known."""
    views = [View(pixels, region.mask, region.box) for region in regions]
    return tuple(
        Track(place, region.cells, Seen(view, place.shift), Seen(view, place.shift))
        for place, region, view in zip(places, regions, views, strict=True)
    )


def parts_of(tracks: Sequence[Track], regions: Sequence[Region]) -> list[Part]:
    """Return the parts of a frame, those at one place put together."""
    parts: dict[Place, Part] = {}
    for track, region in zip(tracks, regions, strict=True):
        moves, known = track.step != (0, 0), parts.get(track.place)
        if known is not None:
            region = _joined(known.region, region)  # noqa: PLW2901
            moves = moves or known.moves
        parts[track.place] = Part(region, track.place, track.step, moves)
    return list(parts.values())


def _joined(one: Region, other: Region) -> Region:
    box = (
        min(one.box[0], other.box[0]),
        min(one.box[1], other.box[1]),
        max(one.box[2], other.box[2]),
        max(one.box[3], other.box[3]),
    )
    return Region(one.cells | other.cells, one.mask | other.mask, box)


def _overlapping(tracks: Tracks, region: Region) -> Track | None:
    wide = grown(region.cells)
    shared = [int(np.count_nonzero(wide & track.cells)) for track in tracks]
    most = max(shared, default=0)
    return tracks[shared.index(most)] if most else None


def _regained(lost: Sequence[Track], search: Search) -> Track | None:
    """The track among those lost that the region continues: it moved further than its own size."""
    found = [(search.find(track.last.view, [track.speed]).agreement, n) for n, track in enumerate(lost)]
    agreement, number = max(found, default=(0.0, 0))
    return lost[number] if agreement >= _KNOWN else None


def _continued(
    track: Track, search: Search, view: View, region: Region, lattice: Lattice, moves: Sequence[Moved]
) -> Track:
    shift, first = _shift(track, search, moves)
    cells = snapped(shift, track.place.cells, lattice.pitch)
    speed, step = _less(shift, track.place.shift), _less(cells, track.place.cells)
    return Track(Place(shift, cells), region.cells, first, Seen(view, shift), speed, step)


def _shift(track: Track, search: Search, moves: Sequence[Moved]) -> tuple[Moved, Seen]:
    """How far the part has moved by now, and what to measure from next."""
    here = track.place.shift
    if search.agreement(track.last.view, _less(here, track.last.shift)) >= _SAME:
        return here, track.first
    onward = (here[0] + track.speed[0], here[1] + track.speed[1])
    found = _compared(track.first, search, here, (onward, *moves))
    if found.agreement >= _KNOWN or track.first is track.last:
        return found.shift, track.first
    recent = _compared(track.last, search, here, (onward, *moves))
    if recent.agreement <= found.agreement:
        return found.shift, track.first
    # What has changed for good is measured from its new looks; what will come back (a jump's landing) waits for it.
    return recent.shift, track.last if recent.agreement >= _KNOWN and found.agreement < _LEAST else track.first


def _compared(seen: Seen, search: Search, here: Moved, goals: Sequence[Moved]) -> Found:
    """The place that a comparison with one earlier frame speaks for: `here`, unless another explains much more."""
    kept = search.agreement(seen.view, _less(here, seen.shift))
    found = search.find(seen.view, [_less(goal, seen.shift) for goal in (here, *goals)])
    if found.agreement < max(_LEAST, kept + 0.02) or 1 - found.agreement > _GAIN * (1 - kept):
        return Found(here, kept)
    return Found((seen.shift[0] + found.shift[0], seen.shift[1] + found.shift[1]), found.agreement)


def _less(one: Moved, other: Moved) -> Moved:
    return one[0] - other[0], one[1] - other[1]

"""Parts of frames to palette entries: windows that were seen before are remembered, the rest goes to the method."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.engine import drafting, geometry, sessions
from pixforge.engine.clip_memory import CLEAR, UNKNOWN, CellMemory, Entries
from pixforge.image.picture import Picture
from pixforge.methods import contract
from pixforge.pixel.windows import Place, keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.engine.clip_layout import ClipLayout
    from pixforge.engine.clip_tracks import Part
    from pixforge.pixel.draft import Draft
    from pixforge.pixel.regions import Mask
    from pixforge.pixel.windows import Moved
    from pixforge.preset import Preset

NEAR: Final = 0.5  # cells round a cell that must be unchanged for it to be
_DOUBT: Final = 0.12  # coverage this close to the threshold leaves a cell as it was
_FINISH: Final = 3  # cells that clean-up looks round


class CellMaker:
    """Makes the cells of a clip's frames, whatever part of a frame they are of.

    Args:
        layout: of the frames.
        palettes: the one that the method is told, to which the frames were matched, and the one that cells get; uint8
            (K, 3), often the same.
        preset: how.
        opaque: whether no frame has transparency.

    Attributes:
        worked: cells that the method was asked for.
    """

    def __init__(
        self, layout: ClipLayout, palettes: tuple[NDArray[np.uint8], NDArray[np.uint8]], preset: Preset, opaque: bool
    ) -> None:
        self._layout, self._lattice = layout, layout.lattice
        self._told, self._palette = palettes
        self._preset, self._opaque = preset, opaque
        self._still = "still" in preset.clip.lock
        self._reach = contract.reach(sessions.get(preset.method))
        self._memory = CellMemory()
        self.worked = 0

    def whole(self, picture: Picture) -> Entries:
        """Return the cells of a whole frame, int16 (rows, columns), palette entry or CLEAR; nothing is remembered."""
        everything = np.ones((self._lattice.rows, self._lattice.columns), np.bool_)
        return self._convert(picture, Place(), everything, None)[0]

    def of_part(
        self, part: Part, picture: Picture, values: NDArray[np.uint32], claimed: Mask, former: Entries | None
    ) -> Entries:
        """Return the entry of every cell that a part claims, int16 (rows, columns).

        Args:
            part: it.
            picture: the frame, or the part alone.
            values: uint32 (H, W), the frame's pixels, 0 beside the part.
            claimed: bool (rows, columns).
            former: what the frame before showed in the part's place, for coverage in doubt; None: nothing.
        """
        own = keys(values, self._lattice, part.place, NEAR, part.region.box)
        found = self._memory.recall(own) if self._still else np.full(own.shape, UNKNOWN, np.int16)
        wanted = claimed & (found == UNKNOWN)
        if wanted.any():
            fresh, made = self._convert(picture, part.place, wanted, former)
            new = made & claimed & (found == UNKNOWN)
            found[new] = fresh[new]
            if self._still:
                self._memory.keep(own[new], found[new])
        return found

    def _convert(self, picture: Picture, place: Place, wanted: Mask, former: Entries | None) -> tuple[Entries, Mask]:
        """Convert at least the wanted cells; return entries and for which cells they are good, on the whole lattice."""
        lattice = self._lattice
        left, top, right, bottom = box = self._box(wanted)
        whole = box == (0, 0, lattice.columns, lattice.rows)
        plan = self._layout.plan
        size = (lattice.columns, lattice.rows)
        target = drafting.Target(right - left, bottom - top, self._told, size, self._memory)
        drafted = drafting.draft(self._cut(picture, place.rest(lattice), box), target, self._preset)
        self.worked += (right - left) * (bottom - top)
        if former is not None:
            drafted = _settled(drafted, former[top:bottom, left:right], self._preset.alpha.threshold)
        origin = (left + plan.left - place.cells[0], top + plan.top - place.cells[1])
        if whole and plan.padded:
            drafted, origin = geometry.place(drafted, plan), (-place.cells[0], -place.cells[1])
        finished = drafting.finish(drafted, self._palette, self._preset, origin)
        part = np.where(finished.opaque, finished.indices.astype(np.int16), np.int16(CLEAR))
        if whole and plan.padded:
            part = part[plan.top : plan.top + lattice.rows, plan.left : plan.left + lattice.columns]
        entries = np.full(wanted.shape, CLEAR, np.int16)
        entries[top:bottom, left:right] = part
        return entries, np.ones(wanted.shape, np.bool_) if whole else wanted

    def _box(self, wanted: Mask) -> tuple[int, int, int, int]:
        """The cells to convert: left, top, right, bottom, with what the method and clean-up look round."""
        lattice, preset = self._lattice, self._preset
        if self._reach is None or preset.outline.mode != "keep" or preset.palette.dither == "floyd-steinberg":
            return 0, 0, lattice.columns, lattice.rows
        steps, margin = lattice.whole(), self._reach + _FINISH
        left, right = _span(np.asarray(wanted.any(axis=0)), margin, steps[0])
        top, bottom = _span(np.asarray(wanted.any(axis=1)), margin, steps[1])
        return left, top, right, bottom

    def _cut(self, picture: Picture, rest: Moved, box: tuple[int, int, int, int]) -> Picture:
        """The pixels under some cells of a lattice moved by `rest` pixels; beyond an opaque frame its edge goes on."""
        if rest == (0, 0) and box == (0, 0, self._lattice.columns, self._lattice.rows):
            return picture
        pitch = self._lattice.pitch
        x, y = (np.arange(round(box[k] * pitch[k]), round(box[k + 2] * pitch[k])) + rest[k] for k in range(2))
        pixels = picture.pixels[np.clip(y, 0, picture.height - 1)[:, None], np.clip(x, 0, picture.width - 1)[None]]
        if not self._opaque:
            pixels[(y < 0) | (y >= picture.height)] = 0
            pixels[:, (x < 0) | (x >= picture.width)] = 0
        return Picture(pixels)


def _span(wanted: Mask, margin: int, step: int) -> tuple[int, int]:
    """From the first wanted cell of a line to behind its last, with a margin, at whole steps or the line's ends."""
    places = np.flatnonzero(wanted)
    first, last = max(int(places[0]) - margin, 0), min(int(places[-1]) + 1 + margin, len(wanted))
    return first // step * step, min(-(-last // step) * step, len(wanted))


def _settled(drafted: Draft, former: Entries, threshold: float) -> Draft:
    """The draft with the former state where its coverage is in doubt."""
    doubt = np.abs(drafted.alpha - threshold) < _DOUBT
    return dataclasses.replace(drafted, alpha=np.where(doubt, (former >= 0).astype(np.float32), drafted.alpha))

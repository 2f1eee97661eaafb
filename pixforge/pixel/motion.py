"""By how many pixels a part of a frame has moved: tried on its edges, proven pixel by pixel.

Candidates come from what the caller expects, from the sides of the part's box (which tell the truth about whatever
moves without changing) and, where none of these fits, from phase correlation (Kuglin and Hines, 1975). The candidate at
which most edge pixels find their like wins, and its neighbours are tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.regions import Mask
from pixforge.pixel.windows import Box, Moved

Pixels = NDArray[np.uint8]

ALIKE: Final = 12  # levels up to which two pixels are one
_STEP: Final = 16  # levels between neighbours that make an edge pixel
_SAMPLES: Final = 4000
_FEW: Final = 16
_GOOD: Final = 0.8  # agreement at which no further candidate is looked for
_NEAR: Final = tuple((x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if (x, y) != (0, 0))


@dataclass(frozen=True, eq=False)
class View:
    """A part of one frame.

    Attributes:
        pixels: uint8 (H, W, 4), the frame.
        mask: bool (H, W), the part.
        box: round the part.
    """

    pixels: Pixels
    mask: Mask
    box: Box


@dataclass(frozen=True)
class Found:
    """An answer.

    Attributes:
        shift: pixels, right and down.
        agreement: 0..1, share of the part's edge pixels that have their like there.
    """

    shift: Moved
    agreement: float


class Search:
    """Compares a part of one frame with others, at the same sample of its edge pixels."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._ys, self._xs = _edge_pixels(view)
        self._here = view.pixels[self._ys, self._xs].astype(np.int16)

    def agreement(self, other: View, shift: Moved) -> float:
        """Share of the sample that the other frame's part has `shift` before it."""
        ys, xs = self._ys - shift[1], self._xs - shift[0]
        height, width = other.mask.shape
        inside = (ys >= 0) & (ys < height) & (xs >= 0) & (xs < width)
        ys, xs = ys[inside], xs[inside]
        there = other.pixels[ys, xs]
        close = (np.abs(self._here[inside] - there) <= ALIKE).all(axis=-1) & other.mask[ys, xs]
        return float(np.count_nonzero(close)) / max(len(self._ys), 1)

    def find(self, other: View, expected: Iterable[Moved]) -> Found:
        """Return the move from the other frame to this one that explains most.

        Args:
            other: the part in another frame.
            expected: likely moves; of equally good ones the first wins.
        """
        tried: dict[Moved, float] = {}
        for shift in (*expected, *_corner_moves(self._view.box, other.box)):
            if shift not in tried:
                tried[shift] = self.agreement(other, shift)
                if tried[shift] >= 0.995:
                    return Found(shift, tried[shift])
        if max(tried.values()) < _GOOD:
            shift = phase_correlation(self._view, other)
            tried[shift] = self.agreement(other, shift)
        return self._climb(other, tried)

    def _climb(self, other: View, tried: dict[Moved, float]) -> Found:
        best = max(tried, key=lambda shift: tried[shift])
        for _ in range(4):
            around = [(best[0] + x, best[1] + y) for x, y in _NEAR]
            for shift in around:
                if shift not in tried:
                    tried[shift] = self.agreement(other, shift)
            better = max(around, key=lambda shift: tried[shift])
            if tried[better] <= tried[best]:
                break
            best = better
        return Found(best, tried[best])


def phase_correlation(view: View, other: View) -> Moved:
    """Return the move from `other` to `view` at which their edges correlate best."""
    left, top = min(view.box[0], other.box[0]), min(view.box[1], other.box[1])
    right, bottom = max(view.box[2], other.box[2]), max(view.box[3], other.box[3])
    planes = [_grey(each, (left, top, right, bottom)) for each in (view, other)]
    height, width = planes[0].shape
    here, there = (np.fft.rfft2(plane - plane.mean()) for plane in planes)
    cross = here * np.conj(there)
    peak = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-3), s=(height, width)).argmax()
    y, x = divmod(int(peak), width)
    return (x - width if 2 * x > width else x), (y - height if 2 * y > height else y)


def snapped(shift: Moved, shown: Moved, pitch: tuple[float, float], slack: float = 0.15) -> Moved:
    """Return the whole cells by which the output shows a part moved, which has moved by `shift` pixels.

    It keeps its place until it is `slack` of a cell beyond the half: what trembles about the half does not jump.

    Args:
        shift: pixels since the part was seen first, not since the last frame: roundings must not add up.
        shown: cells by which the last frame showed it moved.
        pitch: pixels a cell.
        slack: cells.
    """
    across, down = (
        shown[k] if abs(shift[k] / pitch[k] - shown[k]) <= 0.5 + slack else round(shift[k] / pitch[k]) for k in range(2)
    )
    return across, down


def _edge_pixels(view: View) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """At most `_SAMPLES` of the part's edge pixels, rows and columns; of all its pixels if it has few edges."""
    left, top, right, bottom = view.box
    own = view.mask[top:bottom, left:right]
    tone = _tone(view.pixels[top:bottom, left:right])
    edge = np.zeros(own.shape, np.bool_)
    edge[:, 1:] |= np.abs(tone[:, 1:] - tone[:, :-1]) > _STEP
    edge[1:] |= np.abs(tone[1:] - tone[:-1]) > _STEP
    edge &= own
    ys, xs = np.nonzero(edge if np.count_nonzero(edge) >= _FEW else own)
    step = max(1, len(ys) // _SAMPLES)
    return ys[::step] + top, xs[::step] + left


def _tone(pixels: Pixels) -> NDArray[np.int16]:
    """One number a pixel in which edges of colour and of alpha show."""
    tone = pixels[..., 1].astype(np.int16)
    tone += pixels[..., 0] >> 1
    tone -= pixels[..., 2] >> 2
    tone[pixels[..., 3] < 128] = -255
    return tone


def _corner_moves(here: Box, there: Box) -> list[Moved]:
    """The moves that bring one box's sides onto the other's."""
    across = {here[k] - there[k] for k in (0, 2)}
    down = {here[k] - there[k] for k in (1, 3)}
    return [(x, y) for x in sorted(across) for y in sorted(down)]


def _grey(view: View, box: Box) -> NDArray[np.float32]:
    left, top, right, bottom = box
    pixels = view.pixels[top:bottom, left:right].astype(np.float32)
    grey: NDArray[np.float32] = (pixels[..., :3].sum(axis=-1) + 200) * pixels[..., 3] / np.float32(255)
    return grey * view.mask[top:bottom, left:right]

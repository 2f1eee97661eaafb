"""How wide the cells are: the period that the edges of both axes agree on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixforge.pixel.grid_edges import Edges

Float = NDArray[np.float64]

MIN_PITCH = 2.92
MAX_PITCH = 64.0
_BINS = 4  # profile samples a pixel
_OVERSAMPLING = 8  # of the spectrum's frequencies
_GATHERED = 5.0  # times as dense as stray edges must those at the lines of a finer grid be
_CANDIDATES = 16  # of each kind, an axis
_MAX_LINES = 25.0  # more distinct edges than these add no more certainty
_UNCROPPED = 3.0  # nats for a grid that begins and ends at the picture's borders
_SQUARE = 4.0  # nats for cells as high as wide
_OBLONG = 4.0  # nats against cells more than half longer than wide
_COARSE = 0.5  # nats a line for a pitch twice as large


@dataclass(frozen=True, eq=False)
class Pitches:
    """Regular grids along one axis, N of them; every array is float64 (N,) but the last.

    Attributes:
        pitch: cell length in pixels.
        phase: where a border lies, 0..pitch.
        coherence: 0..1, the mean edge vector on the circle of one pitch: 1 when every edge lies on a border.
        score: evidence in nats.
        uncropped: bool (N,), a whole number of cells fills the axis.
    """

    pitch: Float
    phase: Float
    coherence: Float
    score: Float
    uncropped: NDArray[np.bool_]

    def take(self, index: NDArray[np.intp]) -> Pitches:
        """Return the grids at these indices."""
        return Pitches(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    def best(self, count: int) -> Pitches:
        """Return the `count` grids of highest score."""
        return self.take(np.argsort(-self.score, kind="stable")[:count])

    def join(self, other: Pitches) -> Pitches:
        """Return the grids of both."""
        names = self.__dataclass_fields__
        return Pitches(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))


@dataclass(frozen=True)
class Pitch:
    """One grid along an axis: the fields are those of Pitches, and `lines` says how many edge lines bear witness."""

    pitch: float
    phase: float
    coherence: float
    score: float
    uncropped: bool
    lines: float


def find_pitches(edges_x: Edges, edges_y: Edges) -> tuple[Pitch, Pitch] | None:
    """Return the most likely grid of both axes together, None when one of them has no edges to judge by.

    Each axis alone gives candidates (peaks of the edges' spectrum, and whole numbers of cells across the picture); the
    pair wins whose evidence, with the habit of pixel art to have square cells and uncropped borders, is greatest.
    """
    if not edges_x.weight.size or not edges_y.weight.size:
        return None
    spectra = Spectrum(edges_x), Spectrum(edges_y)
    own = [spectrum.candidates() for spectrum in spectra]
    x = own[0].join(spectra[0].near(own[1].pitch))
    y = own[1].join(spectra[1].near(own[0].pitch))
    if not x.pitch.size or not y.pitch.size:
        return None
    ratio = np.log(x.pitch)[:, None] - np.log(y.pitch)[None, :]
    total = x.score[:, None] + y.score[None, :] + _SQUARE * np.exp(-0.5 * (ratio / 0.02) ** 2)
    total -= _OBLONG * (np.abs(ratio) > np.log(1.5))
    row, column = np.unravel_index(int(np.argmax(total)), total.shape)
    grid_x, grid_y = spectra[0].one(x, int(row)), spectra[1].one(y, int(column))
    return _divide(grid_x, edges_x), _divide(grid_y, edges_y)


def _divide(grid: Pitch, edges: Edges) -> Pitch:
    """Return the finer grid of which this one is a multiple, when edges gather at its lines between the coarse ones."""
    for parts in (4, 3, 2):
        fine = grid.pitch / parts
        if fine < MIN_PITCH:
            continue
        place = (edges.position - grid.phase) / fine
        line = np.rint(place)
        off = np.abs(place - line)
        between = line % parts != 0
        gathered = float(edges.weight[between & (off < 0.15)].sum())
        strayed = float(edges.weight[off > 0.3].sum())
        occupied = len(np.unique(line[between & (off < 0.15) & (edges.weight > 0.2)]))
        if gathered > _GATHERED * (0.3 / 0.4) * strayed and gathered > 0.02 * edges.weight.sum() and occupied > 1:
            return replace(grid, pitch=fine, phase=grid.phase % fine)
    return grid


class Spectrum:
    """The Fourier transform of an axis' edge profile, read at any period.

    Attributes:
        lines: how many distinct edge lines the axis has (an effective number: strong lines count more).
    """

    def __init__(self, edges: Edges) -> None:
        self._length = edges.length
        profile = edges.profile(_BINS)
        size = 1 << int(np.ceil(np.log2(len(profile) * _OVERSAMPLING)))
        self._step = _BINS / size  # cycles a pixel between two values
        frequency = np.arange(size // 2 + 1) * self._step
        # Referred to the axis' middle the transform turns slowly, so that it can be interpolated.
        middle = np.exp(2j * np.pi * frequency * (edges.length / 2 - 0.5 / _BINS))
        self._values: NDArray[np.complex128] = np.fft.rfft(profile, size) * middle / profile.sum()
        fine = np.convolve(edges.profile(1), np.ones(3), mode="same")
        self.lines = float(fine.sum() ** 2 / (2 * (fine**2).sum()))

    def candidates(self) -> Pitches:
        """Return the best free and uncropped grids of this axis."""
        low, high = 1 / min(MAX_PITCH, self._length / 4), 1 / MIN_PITCH
        power = np.abs(self._values)
        peak = np.nonzero((power[1:-1] >= power[:-2]) & (power[1:-1] > power[2:]))[0] + 1
        frequency = peak * self._step
        free = self.free(1 / frequency[(frequency >= low) & (frequency <= high)])
        cells = np.arange(max(4, np.ceil(self._length * low)), np.floor(self._length * high) + 1)
        return free.best(_CANDIDATES).join(self.whole(cells).best(_CANDIDATES))

    def near(self, pitches: Float) -> Pitches:
        """Return this axis' grids at pitches found on the other axis, each moved to the best pitch within 2%."""
        pitches = pitches[pitches * 3 <= self._length]
        tried = pitches[:, None] * np.linspace(0.98, 1.02, 17)
        best = np.argmax(np.abs(self._at(1 / tried)), axis=1)
        moved = np.take_along_axis(tried, best[:, None], axis=1)[:, 0]
        return self.free(moved).join(self.whole(np.unique(np.rint(self._length / pitches))))

    def free(self, pitch: Float) -> Pitches:
        """Return the grids of these pitches at their best phases."""
        value = self._at(1 / pitch)
        coherence = np.abs(value)
        phase = (self._length / 2 - np.angle(value) / (2 * np.pi) * pitch) % pitch
        return Pitches(pitch, phase, coherence, self._score(coherence, pitch), np.zeros(len(pitch), dtype=np.bool_))

    def whole(self, cells: Float) -> Pitches:
        """Return the grids of so many whole cells across the axis."""
        pitch = self._length / cells
        value = self._at(1 / pitch) * np.where(cells % 2 == 0, 1.0, -1.0)  # the middle is a border or a cell's middle
        coherence = np.maximum(value.real, 0)
        score = self._score(coherence, pitch) + _UNCROPPED
        return Pitches(pitch, np.zeros(len(pitch)), coherence, score, np.ones(len(pitch), dtype=np.bool_))

    def one(self, pitches: Pitches, index: int) -> Pitch:
        """Return the grid at this index."""
        fields = (pitches.pitch, pitches.phase, pitches.coherence, pitches.score)
        pitch, phase, coherence, score = (float(field[index]) for field in fields)
        return Pitch(pitch, phase, coherence, score, bool(pitches.uncropped[index]), self.lines)

    def _at(self, frequency: Float) -> NDArray[np.complex128]:
        place = np.minimum(frequency / self._step, len(self._values) - 1.001)
        index = place.astype(np.intp)
        left, right = self._values[index], self._values[index + 1]
        return left + (right - left) * (place - index)

    def _score(self, coherence: Float, pitch: Float) -> Float:
        lines = min(self.lines, _MAX_LINES)
        return lines * (-0.5 * np.log(1.02 - coherence) + _COARSE * np.log2(pitch) * coherence**4)

"""Colours that a full palette forgets, and the near doubles that give way to them.

Shades of a gradient crowd a small palette: each of them serves more pixels than an eye's iris or a lamp does. Losing
one of two like shades is hardly seen, losing the only blue is. So where some coherent area, however small, lies far
from all entries, the closest two entries become one and the area's colour gets the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.changes import Box, changed_box, cut, pairs, widened, within
from pixforge.pixel.cluster import Bins, Colours, place, squared
from pixforge.pixel.colour import Float

Mask = NDArray[np.bool_]

FAR = 0.12  # distance, by `HUES`, from every entry at which an area's colour is forgotten
PRICE = 2.5  # it must be so many times as far away as the entry that gives way is from its neighbour
AREA = 8e-5  # part of a picture that it must fill: a third of a cell of a grid of 64 x 64
LIKE = 0.08  # distance within which colours of such an area count as one
STEADY = 24  # levels of a channel within 3 x 3 pixels: steeper is a slope from one colour to another, no area
HUES = np.array([0.7, 1.3, 1.3], np.float32)  # lightness counts less than hue: shades are merged before a hue is lost
MOST = 256  # colours looked at
_REACH = 2  # pixels: how far it depends on others whether one lies in a coherent area


class Area(NamedTuple):
    """A forgotten colour.

    Attributes:
        bin: where it is in the histogram.
        distance: to its nearest entry, by `HUES`.
    """

    bin: int
    distance: float


def exchange(colours: Colours, fixed: int, bins: Bins, pictures: Sequence[Picture]) -> Colours:
    """Return a palette of as many entries that forgets no coherent area it can afford; what stays does not move.

    Args:
        colours: uint8 (K, 3).
        fixed: the first so many entries stay.
        bins: the histogram of the pictures.
        pictures: the art.
    """
    for _ in range(len(colours)):
        area = _forgotten(colours, bins, pictures)
        gone = None if area is None else _double(colours, fixed, bins, area.distance / PRICE)
        if area is None or gone is None:
            break
        colours = np.concatenate([np.delete(colours, gone, axis=0), bins.real[area.bin][None]])
    return colours


def _hues(places: Float) -> Float:
    """Return float32 (N, 3): points by `place`, where distances count hue more than lightness."""
    scaled: Float = places * HUES
    return scaled


def _double(colours: Colours, fixed: int, bins: Bins, limit: float) -> int | None:
    """Return the less used entry of the closest two, if they are closer than `limit` and one of them may go."""
    places = place(colours)
    reach = squared(_hues(places), _hues(places))
    reach[np.arange(len(colours)), np.arange(len(colours))] = np.inf
    reach[:fixed, :fixed] = np.inf
    if float(reach.min()) >= limit * limit:
        return None
    pair = np.array(np.unravel_index(int(reach.argmin()), reach.shape))
    used = np.bincount(squared(bins.mean, places).argmin(axis=1), bins.share, len(colours))
    used[:fixed] = np.inf
    return int(pair[used[pair].argmin()])


def _forgotten(colours: Colours, bins: Bins, pictures: Sequence[Picture]) -> Area | None:
    """Return the colour most worth an entry among those of coherent areas far from all entries, if any."""
    spots, centres = _hues(bins.mean), _hues(place(colours))
    reach = squared(spots, centres).min(axis=1)
    far = np.flatnonzero(reach > FAR * FAR)
    if len(far) == 0:
        return None
    filled = _most_filled(pictures, bins.real[far])
    top = np.argsort(-filled, kind="stable")[:MOST]
    far, filled = far[top], filled[top]
    like = squared(spots[far], spots[far]) < LIKE * LIKE
    area = like @ filled
    worth = np.where(area >= AREA, np.sqrt(area) * reach[far], 0)
    if not worth.any():
        return None
    # The most usual of the colours like the one that is worth most stands for them.
    chosen = int(far[np.where(like[worth.argmax()], filled, -1).argmax()])
    return Area(chosen, float(np.sqrt(reach[chosen])))


def _most_filled(pictures: Sequence[Picture], wanted: Colours) -> NDArray[np.float64]:
    """Return for each bin, named by a colour in it, the part of a picture that coherent areas of these bins fill.

    It is the largest part in any of the pictures. Of a picture like the one before only what differs is looked at.
    """
    table = np.zeros(1 << 15, np.bool_)
    names = _bin_code(wanted)
    table[names] = True
    most, counts = np.zeros(len(wanted)), np.zeros((1 << 15) + 1, np.int64)
    for before, pixels in pairs(pictures):
        if before is None:
            counts = _count(pixels, table, (0, 0, pixels.shape[1], pixels.shape[0]))
        elif (box := changed_box(before, pixels)) is not None:
            box = widened(box, _REACH, pixels.shape)
            counts = counts + _count(pixels, table, box) - _count(before, table, box)
        size = pixels.shape[0] * pixels.shape[1]
        if counts[-1] >= AREA * size:
            np.maximum(most, counts[names] / size, out=most)
    return most


def _count(pixels: NDArray[np.uint8], table: Mask, box: Box) -> NDArray[np.int64]:
    """Return int64 (32769,): by bin, pixels in a box that lie in coherent areas; at last, all of the bins.

    Args:
        pixels: uint8 (H, W, 4).
        table: bool (32768,), the wanted bins.
        box: left, top, right, bottom.
    """
    outer = widened(box, _REACH, pixels.shape)
    part = pixels[cut(outer)]
    codes = _bin_code(part)
    mask = table[codes] & (part[..., 3] >= 128)
    inner = within(box, outer)
    total = np.count_nonzero(mask[inner])
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if total == 0:
        return np.zeros((1 << 15) + 1, np.int64)
    # Most of a picture is served: a look at where the forgotten colours are is enough.
    near = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    close = cut(widened(near, 1, mask.shape))
    mask[close] &= _wide(_steady(part[close], mask[close]))
    found = np.bincount(codes[inner][mask[inner]], minlength=1 << 15)
    return np.append(found, total)


def _bin_code(rgb: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return uint16 (...), 0..32767: the bin of 8 levels a channel of colours (..., 3 or 4)."""
    code = (rgb[..., 0] >> 3).astype(np.uint16)
    for channel in (1, 2):
        code <<= 5
        code |= rgb[..., channel] >> 3
    return code


def _steady(pixels: NDArray[np.uint8], mask: Mask) -> Mask:
    """Return bool (H, W): the 3 x 3 pixels about this one are all of the mask, and nearly of one colour."""
    steady = ~_wide(~mask)
    for channel in range(3):
        plane = pixels[..., channel]
        high, low = _extremes(plane, np.maximum), _extremes(plane, np.minimum)
        steady &= high - low <= STEADY
    return steady


def _wide(mask: Mask) -> Mask:
    return np.asarray(_extremes(mask, np.logical_or))


def _extremes(plane: NDArray[Any], pick: np.ufunc) -> NDArray[Any]:
    """Return what `pick` makes of the 3 x 3 pixels about each of a plane (H, W); nothing lies outside."""
    rows = plane.copy()
    rows[1:] = pick(rows[1:], plane[:-1])
    rows[:-1] = pick(rows[:-1], plane[1:])
    both = rows.copy()
    both[:, 1:] = pick(both[:, 1:], rows[:, :-1])
    both[:, :-1] = pick(both[:, :-1], rows[:, 1:])
    return both

"""Where frames lie on the pages of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt

from pixforge.errors import SettingsError
from pixforge.sheet.options import SheetOptions
from pixforge.sheet.skyline import Place, Size, pack


@dataclass(frozen=True)
class Arrangement:
    """A layout.

    Attributes:
        places: one for each rectangle; corners in page pixels, border included.
        pages: width and height of each page.
    """

    places: tuple[Place, ...]
    pages: tuple[Size, ...]


def arrange(sizes: Sequence[Size], options: SheetOptions, bands: Sequence[int] = ()) -> Arrangement:
    """Lay out rectangles.

    Args:
        sizes: width and height of each, padding included.
        options: layout, border, spacing and limits.
        bands: a number for each rectangle; in the layouts rows and columns a new number begins a new strip.

    Raises:
        SettingsError: one does not fit on a page, or the page sizes that were asked for exclude each other.
    """
    if options.power_of_two and options.multiple_of & (options.multiple_of - 1):
        raise SettingsError(
            f"a page side cannot be a power of two and a multiple of {options.multiple_of}", "give one of the two"
        )
    room = _largest_side(options) - 2 * options.border
    for number, (width, height) in enumerate(sizes):
        if width > room or height > room:
            raise SettingsError(
                f"frame {number} takes {width} x {height} pixels with its padding, more than a page of "
                f"{options.max_size} x {options.max_size} has room for",
                "raise the largest page size, or make the frames smaller",
            )
    if options.layout == "packed":
        places = _packed(sizes, options, room)
    elif options.layout in {"vertical", "columns"}:
        turned = _strips([(height, width) for width, height in sizes], options, room, bands)
        places = [Place(place.page, place.y, place.x) for place in turned]
    else:
        places = _strips(sizes, options, room, bands)
    moved = tuple(Place(place.page, place.x + options.border, place.y + options.border) for place in places)
    return Arrangement(moved, _pages(sizes, moved, options))


def rounded_side(side: int, options: SheetOptions) -> int:
    """The side of a page that has to be at least `side`."""
    side = ceil(side / options.multiple_of) * options.multiple_of
    return 1 << (side - 1).bit_length() if options.power_of_two and side > 0 else side


def _largest_side(options: SheetOptions) -> int:
    """The longest side that keeps both the limit and the rounding."""
    side = options.max_size
    if options.power_of_two:
        side = 1 << (side.bit_length() - 1)
    return side // options.multiple_of * options.multiple_of


def _packed(sizes: Sequence[Size], options: SheetOptions, room: int) -> list[Place]:
    """Pack with the spacing as part of each rectangle, on its right and bottom."""
    gap = options.spacing
    spaced = [(width + gap, height + gap) for width, height in sizes]
    return pack(spaced, (room + gap, room + gap), lambda side: rounded_side(side - gap + 2 * options.border, options))


def _strips(sizes: Sequence[Size], options: SheetOptions, room: int, bands: Sequence[int]) -> list[Place]:
    """Strips across the page, one below the other (turned by the caller for those that go down)."""
    if options.layout == "grid":
        cell = (max(width for width, _ in sizes), max(height for _, height in sizes))
        sizes = [cell] * len(sizes)
    single = options.layout in {"horizontal", "vertical"}
    per_strip = 0 if single else _per_strip(sizes, options)
    places: list[Place] = []
    page = x = y = deep = in_strip = 0
    for number, (width, height) in enumerate(sizes):
        new_band = bool(bands) and not single and number > 0 and bands[number] != bands[number - 1]
        if in_strip and (new_band or in_strip == per_strip or x + width > room):
            x, y, deep, in_strip = 0, y + deep + options.spacing, 0, 0
            if single:
                page, y = page + 1, 0
        if y + height > room:
            page, x, y, deep, in_strip = page + 1, 0, 0, 0, 0
        places.append(Place(page, x, y))
        x, deep, in_strip = x + width + options.spacing, max(deep, height), in_strip + 1
    return places


def _per_strip(sizes: Sequence[Size], options: SheetOptions) -> int:
    """How many rectangles go into a strip; 0: as many as fit."""
    if options.columns is not None:
        return options.columns
    across = sum(width for width, _ in sizes) / len(sizes)
    down = sum(height for _, height in sizes) / len(sizes)
    return max(1, ceil(sqrt(len(sizes) * down / across)))


def _pages(sizes: Sequence[Size], places: Sequence[Place], options: SheetOptions) -> tuple[Size, ...]:
    sides = [(0, 0)] * (max(place.page for place in places) + 1)
    if options.layout == "grid":
        sizes = [(max(width for width, _ in sizes), max(height for _, height in sizes))] * len(sizes)
    for (width, height), place in zip(sizes, places, strict=True):
        right, bottom = sides[place.page]
        sides[place.page] = max(right, place.x + width), max(bottom, place.y + height)
    return tuple(
        (rounded_side(right + options.border, options), rounded_side(bottom + options.border, options))
        for right, bottom in sides
    )


def uniform(options: SheetOptions) -> SheetOptions:
    """The same options with cells of one size and no trimming, for targets that cut a sheet by a regular grid."""
    return replace(options, layout="grid", trim=False, merge=False)

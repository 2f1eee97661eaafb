"""Pictures that must match, such as the characters of one cast: one palette, one scale, each its own size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from pixforge.engine import geometry, palette, pipeline
from pixforge.errors import PictureError

if TYPE_CHECKING:
    from pixforge.engine.converted import Converted
    from pixforge.engine.pipeline import Drafted
    from pixforge.image.picture import Picture
    from pixforge.preset import Preset

_T = TypeVar("_T")


def convert_set(pictures: Sequence[Picture], preset: Preset, names: Sequence[str] = ()) -> tuple[Converted, ...]:
    """Convert pictures of any sizes so that they match.

    The palette is fitted to the pixels of all, or to what the method makes of all. A cell is as many pixels as the
    picture needs that needs most: with `height = 64` the tallest is 64 cells high and the others are as much lower as
    they were drawn; with a size all get this size and keep their proportions. Pictures that repeat, pixel art whose
    grid is recovered, and drawings out of pixel art keep the scale that they have by themselves.

    Args:
        pictures: at least one.
        preset: how.
        names: of the pictures, for errors.

    Raises:
        PictureError: one (which is named) cannot be converted this way.
        LimitError: they are too many, or too large in all.
        PixforgeError: the method is not installed.
    """
    if not pictures:
        raise PictureError("there are no pictures in the set", "give at least one")
    preset.limits.check_clip(max(p.width for p in pictures), max(p.height for p in pictures), len(pictures))
    own_scale = preset.grid.seamless or preset.grid.cell == "auto" or preset.direction == "to-drawing"
    road = _at_own_scale if own_scale else _at_one_scale
    return tuple(road(pictures, preset, names))


def _at_one_scale(pictures: Sequence[Picture], preset: Preset, names: Sequence[str]) -> list[Converted]:
    grid = preset.grid
    shown = [geometry.trim(picture) if grid.trim else picture for picture in pictures]
    cell = max(geometry.pitch(picture.width, picture.height, grid) for picture in shown)
    plans = _each(
        lambda number: geometry.layout_at(shown[number].width, shown[number].height, grid, cell), shown, names
    )
    prepared = _each(lambda number: pipeline.prepare(shown[number], plans[number], preset), shown, names)
    colours = palette.resolve(preset, prepared)
    match = palette.matcher(preset, prepared, colours)

    def draft(number: int) -> Drafted:
        return pipeline.draft_prepared(pictures[number], match(prepared[number]), plans[number], preset, colours)

    return _finished(_each(draft, shown, names), preset)


def _at_own_scale(pictures: Sequence[Picture], preset: Preset, names: Sequence[str]) -> list[Converted]:
    if preset.direction == "to-drawing":
        return _each(lambda number: pipeline.convert_picture(pictures[number], preset), pictures, names)
    colours = palette.resolve(preset, pictures)
    drafted = _each(lambda number: pipeline.draft_picture(pictures[number], preset, colours), pictures, names)
    return _finished(drafted, preset)


def _finished(drafted: Sequence[Drafted], preset: Preset) -> list[Converted]:
    colours = pipeline.agreed(drafted, preset)
    return [each.finish(colours) for each in drafted]


def _each(make: Callable[[int], _T], pictures: Sequence[Picture], names: Sequence[str]) -> list[_T]:
    """Make one thing of each picture; an error says of which."""
    return [
        _named(make, number, f'"{names[number]}"' if names else f"picture {number}") for number in range(len(pictures))
    ]


def _named(make: Callable[[int], _T], number: int, name: str) -> _T:
    try:
        return make(number)
    except PictureError as error:
        raise type(error)(f"{name}: {error.cause}", error.remedy, error.path) from error

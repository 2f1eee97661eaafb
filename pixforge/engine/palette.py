"""The palette of one output, as the preset wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pixforge.engine import sessions
from pixforge.methods import contract
from pixforge.methods import registry as methods
from pixforge.preset import Preset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.image.picture import Picture
    from pixforge.pixel.draft import Draft


def resolve(preset: Preset, pictures: Sequence[Picture]) -> NDArray[np.uint8]:
    """Return the colours that the output may have: uint8 (K, 3), reserved ones first, K <= preset.color_limit.

    Args:
        preset: names a fixed palette, or wants one fitted.
        pictures: the sources at full resolution, as they will be converted (all frames of a clip).
    """
    from pixforge.pixel.fit import choose_subset, fit_palette

    reserve = _colours(_reserved(preset))
    if preset.colors is None:
        house, reach = _house(preset)
        if len(house) and reach >= 1:
            return choose_subset(house, pictures, preset.color_limit, reserve)
        fitted = fit_palette(pictures, preset.color_limit, reserve)
        # A method module may have `own_palette`, which says what it would rather draw with.
        own = getattr(methods.load(preset.method.name), "own_palette", None)
        if own is None:
            return _distinct(_settled(fitted, house, len(reserve), reach)) if len(house) else fitted
        return _distinct(np.concatenate([reserve, own(preset.method.options, fitted, preset.color_limit)]))[
            : preset.color_limit
        ]
    fixed = np.array(preset.colors.colors, np.uint8).reshape(-1, 3)
    every = _distinct(np.concatenate([reserve, fixed]))
    if len(every) <= preset.color_limit:
        return every
    return choose_subset(fixed, pictures, preset.color_limit, reserve)


def suited(preset: Preset, drafts: Iterable[Draft], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the one palette for what the method made of pictures.

    That is `colours`, fitted to the sources, unless the method's session would rather have it fitted to its drafts
    (`pixforge.methods.contract.own_colours`) and the preset names no palette. Reserved colours stay in either.

    Args:
        preset: how they were drafted.
        drafts: of one picture, or of all that share the palette; only asked for if they matter.
        colours: uint8 (K, 3), what they were drafted with.

    Returns:
        uint8 (K, 3), no more than `colours` has.
    """
    own = contract.own_colours(sessions.get(preset.method)) if preset.colors is None else None
    cells = [] if own is None else [draft.picture(preset.alpha.threshold) for draft in drafts]
    if own is None or not cells:
        return colours
    from pixforge.pixel.fit import choose_subset, fit_palette

    reserve = _colours(_reserved(preset))
    if own:
        return choose_subset(_colours(own), cells, len(colours), reserve)
    return fit_palette(cells, len(colours), reserve)


def matched(picture: Picture, colours: NDArray[np.uint8], preset: Preset) -> Picture:
    """Return the picture as the preset wants it matched to its palette (see `PaletteOptions.match`)."""
    if preset.palette.match == "color":
        return picture
    from pixforge.pixel.adapt import spread_tones

    return spread_tones(picture, colours)


def matcher(preset: Preset, pictures: Iterable[Picture], colours: NDArray[np.uint8]) -> Callable[[Picture], Picture]:
    """Return what `matched` does, for pictures that belong together: all are recoloured alike."""
    if preset.palette.match == "color":
        return lambda picture: picture
    from pixforge.pixel.adapt import recoloured, tone_ramp

    ramp = tone_ramp(pictures, colours)
    return lambda picture: recoloured(picture, ramp)


def _house(preset: Preset) -> tuple[NDArray[np.uint8], float]:
    """The colours of the style that the method's model learned, uint8 (K, 3), none for most; and their reach in OKLab.

    A method module may have `house_palette(options, model) -> (colours, reach)`, colours as "#rrggbb".
    """
    asked = getattr(methods.load(preset.method.name), "house_palette", None)
    colours, reach = asked(preset.method.options, preset.method.model) if asked else ((), 0.0)
    return _colours(colours), reach


def _settled(fitted: NDArray[np.uint8], house: NDArray[np.uint8], reserved: int, reach: float) -> NDArray[np.uint8]:
    """The fitted colours, those behind the reserved ones replaced by the nearest of the house where it is near."""
    from pixforge.pixel.colour import srgb_to_oklab

    lab, known = srgb_to_oklab(fitted), srgb_to_oklab(house)
    gaps = np.sqrt(((lab[:, None] - known[None]) ** 2).sum(axis=-1))
    near = (gaps.min(axis=1) <= reach) & (np.arange(len(fitted)) >= reserved)
    return np.where(near[:, None], house[gaps.argmin(axis=1)], fitted)


def _reserved(preset: Preset) -> list[str]:
    """Reserved colours; a fitted palette also keeps the colour of a drawn outline, which no source pixel may have."""
    colours = list(preset.palette.reserve)
    if preset.colors is None and preset.outline.mode == "black" and len(colours) < preset.color_limit:
        colours.append(preset.outline.color)
    return list(dict.fromkeys(colour.lower() for colour in colours))


def _colours(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.array([list(bytes.fromhex(text[1:])) for text in texts], np.uint8).reshape(-1, 3)


def _distinct(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    first = np.unique(colours, axis=0, return_index=True)[1]
    return colours[np.sort(first)]

"""Pictures of a style: read, checked to be pixel art at one pixel a cell, and what the encoder sees of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import NotPixelArtError, SettingsError
from pixforge.image.load import load
from pixforge.image.picture import Picture
from pixforge.image.resample import resize
from pixforge.nn.style import library
from pixforge.nn.style.statistics import StylePicture
from pixforge.pixel import grid

Array = NDArray[np.float32]
GROUND: Final = 216  # grey behind what is transparent: outlines stand out from it, and light areas still do
_MARGIN: Final = 2  # cells, as pixforge.nn.style.cells repeats the edge
_ART: Final = 256  # a picture of at most so many colours is pixel art at one pixel a cell, if no grid is found in it
_LARGEST: Final = 1024  # cells of a style picture's longer side
_DRAWING: Final = 256  # pixels of the longer side at which a drawing is a style


def style_art(name: str) -> list[Picture]:
    """Return the pictures of a style at one pixel a cell; an enlarged one has its grid recovered first.

    Raises:
        SettingsError: there is no such style, all of it is transparent, or a picture is too large.
        NotPixelArtError: a picture is a drawing or a photograph: it has no cells whose style could be learnt.
    """
    found = library.find(name)
    pictures = []
    for file in found.files:
        picture = true_size(file)
        if max(picture.width, picture.height) > _LARGEST:
            raise SettingsError(f"is larger than {_LARGEST} cells", "cut out a part of it as the style", file)
        if (picture.pixels[..., 3] >= 128).any():
            pictures.append(picture)
    if not pictures:
        raise SettingsError("shows nothing: every pixel is transparent", "give another style", found.path)
    return pictures


def style_drawings(name: str) -> list[Picture]:
    """Return the pictures of a style for direction to-drawing, at most 256 pixels wide and high.

    Raises:
        SettingsError: there is no such style, or all of it is transparent.
    """
    found = library.find(name)
    pictures = []
    for file in found.files:
        picture = load(file, first_frame=True)
        share = min(1.0, _DRAWING / max(picture.width, picture.height))
        picture = resize(picture, max(1, round(picture.width * share)), max(1, round(picture.height * share)))
        if (picture.pixels[..., 3] >= 128).any():
            pictures.append(picture)
    if not pictures:
        raise SettingsError("shows nothing: every pixel is transparent", "give another style", found.path)
    return pictures


def style_palette(name: str, colors: int) -> NDArray[np.uint8]:
    """Return at most so many colours that serve a style's pictures best, uint8 (K, 3)."""
    from pixforge.pixel.fit import fit_palette

    return fit_palette(style_art(name), colors)


def lightness(pictures: list[Picture]) -> Array:
    """Return mean and deviation (2,) of the lightness, 0..1, of what is opaque."""
    shown = np.concatenate([picture.pixels[picture.pixels[..., 3] >= 128][:, :3] for picture in pictures])
    if not len(shown):
        return np.array([0.5, 0.25], np.float32)
    tone = shown.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32) / 255
    return np.array([tone.mean(), max(float(tone.std()), 0.04)], np.float32)


def seen(picture: Picture, scale: int) -> StylePicture:
    """Return a picture as the encoder sees it: its margin repeated, each pixel enlarged to `scale` of them."""
    from pixforge.image.resample import composite

    shown = composite(picture, (GROUND, GROUND, GROUND)).pixels[..., :3].astype(np.float32) / np.float32(255)
    margin = ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0))
    whole = np.pad(shown, margin, mode="edge").repeat(scale, axis=0).repeat(scale, axis=1)
    opaque = picture.pixels[..., 3] >= 128
    return StylePicture(whole, lambda stride, size: inside(opaque, scale, stride, size))


def inside(opaque: NDArray[np.bool_], scale: int, stride: int, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which places of a layer lie on the subject or in the cells round it (an outline has two sides).

    Args:
        opaque: (H, W).
        scale: pixels a cell.
        stride: pixels a place.
        size: places down and across.
    """
    near = np.pad(opaque, _MARGIN)
    wide = near.copy()
    wide[1:] |= near[:-1]
    wide[:-1] |= near[1:]
    wide[:, 1:] |= near[:, :-1]
    wide[:, :-1] |= near[:, 1:]
    wide[:_MARGIN], wide[:, :_MARGIN] = False, False
    wide[-_MARGIN:], wide[:, -_MARGIN:] = False, False
    if not wide.any():
        wide[:] = True
    rows, columns = (
        np.minimum((np.arange(count) * stride + stride // 2) // scale, limit - 1)
        for count, limit in zip(size, wide.shape, strict=True)
    )
    places: NDArray[np.bool_] = wide[np.ix_(rows, columns)]
    return places if places.any() else np.ones(size, np.bool_)


def true_size(file: Path) -> Picture:
    """Return a picture of a style at one pixel a cell.

    Raises:
        NotPixelArtError: it has no grid of cells, and more than 256 colours.
        PictureError: it cannot be read.
    """
    picture = load(file, first_frame=True)
    try:
        return grid.sample(picture, grid.recover(picture))
    except NotPixelArtError:
        colours = len(np.unique(picture.pixels[picture.pixels[..., 3] > 0].reshape(-1, 4), axis=0))
        if colours <= _ART:
            return picture
        raise NotPixelArtError(
            f"is no pixel art ({colours} colours, and no grid of cells): it has no style of cells",
            "give pixel art as the style (a sheet of many colours cut into sprites); a drawing is a style in direction "
            "to-drawing",
            file,
        ) from None

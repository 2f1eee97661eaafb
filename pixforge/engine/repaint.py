"""A region of a finished sprite painted anew, in the sprite's own colours."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pixforge.engine import files, provenance
from pixforge.engine.events import Status
from pixforge.errors import PictureError, SettingsError
from pixforge.image import load, save
from pixforge.image.picture import Picture
from pixforge.pixel import verify
from pixforge.pixel.mapping import nearest_index

_HALF = 128


def read_mask(path: Path, sprite: Picture) -> NDArray[np.bool_]:
    """Return bool (H, W), true where the sprite is painted: where the mask is light, or opaque if it has alpha.

    Raises:
        PictureError: it cannot be read, is of another size, or marks nothing.
    """
    mask = load.load_frames(path)[0].picture
    if (mask.width, mask.height) != (sprite.width, sprite.height):
        cause = f"the mask is {mask.width} x {mask.height}, the sprite {sprite.width} x {sprite.height}"
        raise PictureError(cause, "give a mask of the sprite's size, a pixel for each of its pixels", path)
    found = mask.pixels[..., :3].max(axis=-1) >= _HALF if mask.opaque else mask.pixels[..., 3] >= _HALF
    if not found.any():
        raise PictureError("the mask marks nothing", "paint white what shall be painted anew", path)
    return np.asarray(found, np.bool_)


def own_colours(sprite: Picture) -> NDArray[np.uint8]:
    """Return the colours of a sprite's opaque pixels, uint8 (K, 3).

    Raises:
        PictureError: it has none, or alpha between 0 and 255: it is no finished sprite.
    """
    alpha = sprite.pixels[..., 3]
    if not np.isin(alpha, (0, 255)).all() or not alpha.any():
        raise PictureError("is no finished sprite: its alpha is not 0 or 255 alone", "convert it first")
    return np.asarray(np.unique(sprite.pixels[alpha == 255][:, :3], axis=0), np.uint8)


class Painter(Protocol):
    """A session that can paint a region."""

    def repaint(self, sprite: Picture, mask: NDArray[np.bool_], seed: int) -> Picture:
        """Return a sprite whose masked region is painted anew, in any colours; alpha is 0 or 255."""
        ...


def repainted(
    session: Painter,
    sprite: Picture,
    mask: NDArray[np.bool_],
    palette: NDArray[np.uint8],
    seed: int,
) -> Picture:
    """Return the sprite with the masked region painted anew; around it nothing changes.

    Args:
        session: of a model at logical resolution.
        sprite: one pixel a cell.
        mask: bool (H, W).
        palette: uint8 (K, 3), the colours that the region may have.
        seed: which of many answers.

    Raises:
        SettingsError: the session's model is no such model.
    """
    proposal = session.repaint(sprite, mask, seed)
    out = sprite.pixels.copy()
    out[mask] = proposal.pixels[mask]
    painted = mask & (out[..., 3] == 255)
    out[painted, :3] = palette[nearest_index(out[painted][:, :3], palette)]
    out[out[..., 3] == 0] = 0
    return Picture(out)


def write_repainted(picture: Picture, path: Path, palette: NDArray[np.uint8], digest: str, overwrite: bool) -> Status:
    """Write a sprite as PNG, checked against the contract; return whether anything changed.

    Raises:
        OutputError: the file is there and not pixforge's, or cannot be written.
        ContractError: the bytes do not hold what was promised.
    """
    if path.suffix.lower() != ".png":
        raise SettingsError("is no PNG", "end the output in .png", path)
    if not overwrite:
        files.refuse_foreign([path])
    text = provenance.text_chunks({"method": "diffusion", "model_digest": digest, "direction": "repaint"})
    data = save.encode_png(picture, palette if len(palette) < 256 else None, text)
    verify.check(data, picture.width, picture.height, palette)
    return "written" if save.write_atomic(path, data) else "unchanged"

"""The student report's procedure, for comparison: a full picture is optimised, cells are made of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.image.load import load
from pixforge.image.picture import Picture
from pixforge.image.resample import composite, resize
from pixforge.nn.style.full import REPORT_SIDE, report_style
from pixforge.pixel.draft import Draft

if TYPE_CHECKING:
    from pixforge.methods.contract import Request
    from pixforge.nn.style.encoder import Encoder
    from pixforge.nn.style.library import Style

_WHITE = (255, 255, 255)


def convert(request: Request, encoder: Encoder, style: Style) -> Draft:
    """Optimise at 512 pixels for 1000 steps, then average cells; the pixel stage maps them to the palette.

    Raises:
        SettingsError: the encoder is not VGG-19.
    """
    if "block5_conv2" not in encoder.layout.names:
        raise SettingsError("the report's procedure needs VGG-19", 'set method.model = "vgg19", or a path to weights')
    made = report_style(encoder, at_512(request.picture), at_512(load(style.files[0], first_frame=True)))
    height, width = made.shape[:2]
    fine = Picture(np.dstack([np.rint(made * 255).astype(np.uint8), np.full((height, width), 255, np.uint8)]))
    cells = resize(fine, request.width, request.height).pixels[..., :3]
    cover = resize(request.picture, request.width, request.height).pixels[..., 3]
    return Draft(cells.astype(np.float32), cover.astype(np.float32) / np.float32(255))


def at_512(picture: Picture) -> NDArray[np.float32]:
    """Return a picture on white, its longer side 512 pixels, as float32 (H, W, 3), sRGB 0..1 (smoothly, as there)."""
    share = REPORT_SIDE / max(picture.width, picture.height)
    size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    fitted = resize(composite(picture, _WHITE), *size, "bilinear")
    return fitted.pixels[..., :3].astype(np.float32) / np.float32(255)

"""Direction to-drawing: pixel art restored towards the look of a drawing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixforge.errors import LimitError
from pixforge.image.resample import composite, resize
from pixforge.methods._style import pictures
from pixforge.methods._style.shapes import shapes
from pixforge.nn.style import statistics
from pixforge.pixel.draft import Draft

if TYPE_CHECKING:
    from pixforge.image.picture import Picture
    from pixforge.methods.contract import Request
    from pixforge.methods.style import Options
    from pixforge.nn.style.encoder import Encoder

Array = NDArray[np.float32]
CELL: Final = 4  # pixels a cell that the encoder sees
DRAWN: Final = "clipart"  # the style in this direction where none is named
_MOST: Final = 6_000_000
_SEED: Final = 5
_CONTRAST: Final = 0.2  # deviation of a sprite's lightness below which a style counts less: it would draw texture on it


def draw(request: Request, options: Options, encoder: Encoder, layers: Layers) -> Draft:
    """Draw a sprite: its areas as shapes, and light and shade upon them towards the style.

    Lightness alone is optimised, about a mean of nothing in each cell: no colour comes in, and the drawing goes back
    to the sprite.

    Raises:
        LimitError: it is too large.
        SettingsError: the style cannot be used.
    """
    source = request.picture
    across, down = (
        max(1, math.ceil(wanted / had))
        for wanted, had in ((request.width, source.width), (request.height, source.height))
    )
    if source.width * source.height * max(CELL, across, down) ** 2 > _MOST:
        raise LimitError(f"{source.width} x {source.height} cells are too many", "convert parts of it")
    shade = _shade(source, options, encoder, layers, request.seed) if options.strength else None
    fine = shapes(source, max(across, down))
    drawing = resize(fine, request.width, request.height, "box").pixels
    colour = drawing[..., :3].astype(np.float32)
    if shade is not None:
        plane = Image.fromarray(shade * np.float32(255)).resize(
            (request.width, request.height), Image.Resampling.BICUBIC
        )
        colour = np.clip(colour + np.asarray(plane)[..., None], 0, 255)
    return Draft(colour, drawing[..., 3].astype(np.float32) / np.float32(255))


def _shade(source: Picture, options: Options, encoder: Encoder, layers: Layers, seed: int) -> Array:
    """How much lighter the style wants each pixel (4H, 4W), 0..1."""
    import tensorflow as tf

    from pixforge.nn.style import full
    from pixforge.nn.style.cells import MARGIN, grey, with_margin

    mean, contrast = pictures.lightness([source])
    spread = np.array([mean, max(contrast, _CONTRAST)], np.float32)
    start = _grounded(shapes(source, CELL))
    seen = with_margin(tf.constant(start), MARGIN, CELL)
    content = encoder.features(grey(seen, tf.constant(spread))[None], layers.content)
    opaque = source.pixels[..., 3] >= 128
    places = {}
    for name in layers.style:
        stride = layers.stride(name)
        size = tuple(CELL * (side + 2 * MARGIN) // stride for side in opaque.shape)
        places[name] = np.flatnonzero(pictures.inside(opaque, CELL, stride, (size[0], size[1]))).astype(np.int32)
    style = {name: (layer.gram, layer.samples) for name, layer in _measured(options, encoder, layers).items()}
    task = full.DrawingTask(start, opaque.repeat(CELL, 0).repeat(CELL, 1), content, style, places, spread)
    strength = options.strength * min(1.0, float(contrast) / _CONTRAST)
    pull = {name: strength * getattr(options, name) for name in ("gram", "sliced")}
    return full.draw(encoder, task, full.DrawingWeights(**pull), options.steps, seed)


class Layers:
    """Which layers count, and how coarse each is.

    Attributes:
        content, style: names.
    """

    def __init__(self, content: tuple[str, ...], style: tuple[str, ...], strides: dict[str, int]) -> None:
        self.content, self.style, self._strides = content, style, strides

    def stride(self, name: str) -> int:
        """Pixels a place."""
        return self._strides[name]


def _measured(options: Options, encoder: Encoder, layers: Layers) -> dict[str, statistics.LayerStatistics]:
    """The statistics of the drawings that are the style."""
    import tensorflow as tf

    from pixforge.nn.style.cells import grey

    usual = type(options)().style
    drawings = pictures.style_drawings(DRAWN if options.style == usual else options.style)
    spread = tf.constant(pictures.lightness(drawings))

    def encode(batch: Array) -> dict[str, Any]:
        return encoder.features(grey(tf.constant(batch[0]), spread)[None], layers.style)

    strides = {name: layers.stride(name) for name in layers.style}
    return statistics.measure(encode, strides, [pictures.seen(picture, 1) for picture in drawings], _SEED)


def _grounded(picture: Picture) -> Array:
    ground = (pictures.GROUND, pictures.GROUND, pictures.GROUND)
    return composite(picture, ground).pixels[..., :3].astype(np.float32) / np.float32(255)

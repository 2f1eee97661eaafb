"""Direction to-drawing: pixel art restored towards the look of a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import LimitError
from pixforge.image.picture import Picture
from pixforge.image.resample import composite, resize
from pixforge.methods._style import pictures
from pixforge.nn.style import statistics
from pixforge.pixel.draft import Draft

if TYPE_CHECKING:
    from pixforge.methods.contract import Request
    from pixforge.methods.style import Options
    from pixforge.nn.style.encoder import Encoder

Array = NDArray[np.float32]
CELL: Final = 4
_MOST: Final = 6_000_000
_SEED: Final = 5


def draw(request: Request, options: Options, encoder: Encoder, layers: Layers) -> Draft:
    """Draw a sprite.

    Raises:
        LimitError: it is too large.
        SettingsError: the style cannot be used.
    """
    import tensorflow as tf

    from pixforge.nn.style import full
    from pixforge.nn.style.cells import MARGIN, grey, with_margin

    source = request.picture
    if source.width * source.height * CELL * CELL > _MOST:
        raise LimitError(f"{source.width} x {source.height} cells are too many", "convert parts of it")
    smooth = resize(source, CELL * source.width, CELL * source.height, "lanczos")
    spread = pictures.lightness([source])
    sprite, start = _grounded(source), _grounded(smooth)
    blocks = with_margin(tf.constant(sprite.repeat(CELL, 0).repeat(CELL, 1)), MARGIN, CELL)
    content = encoder.features(grey(blocks, tf.constant(spread))[None], layers.content)
    opaque = source.pixels[..., 3] >= 128
    places = {}
    for name in layers.style:
        stride = layers.stride(name)
        size = tuple(CELL * (side + 2 * MARGIN) // stride for side in opaque.shape)
        places[name] = np.flatnonzero(pictures.inside(opaque, CELL, stride, (size[0], size[1]))).astype(np.int32)
    style = {name: (layer.gram, layer.samples) for name, layer in _measured(options, encoder, layers).items()}
    task = full.DrawingTask(start, sprite, content, style, places, spread)
    pull = {name: options.strength * getattr(options, name) for name in ("gram", "sliced")}
    made = full.draw(encoder, task, full.DrawingWeights(**pull), options.steps, request.seed)
    return _draft(made, smooth, request)


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

    drawings = pictures.style_drawings(options.style)
    spread = tf.constant(pictures.lightness(drawings))

    def encode(batch: Array) -> dict[str, Any]:
        return encoder.features(grey(tf.constant(batch[0]), spread)[None], layers.style)

    strides = {name: layers.stride(name) for name in layers.style}
    return statistics.measure(encode, strides, [pictures.seen(picture, 1) for picture in drawings], _SEED)


def _grounded(picture: Picture) -> Array:
    ground = (pictures.GROUND, pictures.GROUND, pictures.GROUND)
    return composite(picture, ground).pixels[..., :3].astype(np.float32) / np.float32(255)


def _draft(made: Array, smooth: Picture, request: Request) -> Draft:
    """The drawing without its ground, in the size that was asked for."""
    cover = smooth.pixels[..., 3:].astype(np.float32) / 255
    # Steeper than the filter made it: a silhouette, no haze; then the ground's share is taken out of the colour.
    cover = np.clip((cover - 0.5) * 1.6 + 0.5, 0, 1)
    own = (made - (1 - cover) * np.float32(pictures.GROUND / 255)) / np.maximum(cover, 0.05)
    colour = np.where(cover > 0.95, made, np.where(cover > 0.3, own, smooth.pixels[..., :3] / np.float32(255)))
    pixels = np.dstack([np.clip(colour, 0, 1), cover])
    fine = Picture(np.rint(pixels * 255).astype(np.uint8))
    shrinks = request.width < fine.width and request.height < fine.height
    drawing = resize(fine, request.width, request.height, "box" if shrinks else "lanczos").pixels
    return Draft(drawing[..., :3].astype(np.float32), drawing[..., 3].astype(np.float32) / np.float32(255))

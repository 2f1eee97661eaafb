"""The optimisation of a full picture: the report's procedure, and drawings out of pixel art."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from pixforge.errors import PictureError
from pixforge.nn.style import cells, losses
from pixforge.nn.style.encoder import Encoder
from pixforge.nn.style.solve import Tensors, adam, style_parts

Array = NDArray[np.float32]
Tensor = Any
REPORT_CONTENT: Final = ("block5_conv2",)
REPORT_STYLE: Final = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
REPORT_SIDE: Final = 512
_CELL_STEP: Final = 0.01  # of lightness 0..1 that a cell's mean may well move
_MOST_SHADE: Final = 0.1  # of lightness 0..1 that a pixel of a drawing is moved
_FAINT: Final = 0.02
_CHECK: Final = 25  # steps between two looks for numbers that are not finite


@dataclass(frozen=True)
class ReportSettings:
    """The report's: TensorFlow's style transfer tutorial after Gatys et al. 2016.

    Attributes:
        steps: ten epochs of a hundred.
        content, style: weights of the squared differences of features and Gram matrices.
        variation: weight of the total variation, a sum over the picture; the report names 30 as an option.
        rate, beta, epsilon: of Adam.
    """

    steps: int = 1000
    content: float = 1e4
    style: float = 1e-2
    variation: float = 30.0
    rate: float = 0.02
    beta: float = 0.99
    epsilon: float = 0.1


def report_style(
    encoder: Encoder,
    content: Array,
    style: Array,
    settings: ReportSettings = ReportSettings(),
    tell: Callable[[int, dict[str, float]], None] | None = None,
) -> Array:
    """Optimise a picture as the report did.

    Args:
        encoder: VGG-19.
        content: (H, W, 3), sRGB 0..1, the longer side 512 pixels; also the start.
        style: likewise, of any shape.
        settings: the report's.
        tell: is given the step and the losses.

    Returns:
        (H, W, 3), sRGB 0..1.

    Raises:
        PictureError: the numbers are no longer finite.
    """
    step = _report_step(encoder, content, style, settings)
    image = tf.constant(content)
    first, second = tf.zeros_like(image), tf.zeros_like(image)
    for number in range(1, settings.steps + 1):
        image, first, second, total = step(image, first, second, tf.constant(float(number)))
        if number % _CHECK == 0 or number == settings.steps:
            _finite(number, float(total))
            if tell is not None:
                tell(number, {"total": float(total)})
    return np.asarray(image.numpy(), np.float32)


def _report_step(encoder: Encoder, content: Array, style: Array, settings: ReportSettings) -> Callable[..., Any]:
    """The compiled step: picture, both moments and the step's number to the same and the loss."""
    wanted = encoder.features(tf.constant(content)[None], REPORT_CONTENT)
    found = encoder.features(tf.constant(style)[None], REPORT_STYLE)
    grams = {name: losses.gram(tf.reshape(value, [-1, value.shape[-1]])) for name, value in found.items()}

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(image: Tensor, first: Tensor, second: Tensor, number: Tensor) -> tuple[Tensor, ...]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            features = encoder.features(image[None], {*REPORT_CONTENT, *REPORT_STYLE})
            pull = tf.add_n(
                [
                    tf.reduce_mean(tf.square(losses.gram(tf.reshape(features[n], [-1, features[n].shape[-1]])) - g))
                    for n, g in grams.items()
                ]
            )
            hold = tf.add_n([tf.reduce_mean(tf.square(features[n] - wanted[n])) for n in wanted])
            total = settings.style * pull / len(grams) + settings.content * hold / len(wanted)
            total = total + settings.variation * tf.image.total_variation(image)
        slope = tape.gradient(total, image)
        first = settings.beta * first + (1 - settings.beta) * slope
        second = 0.999 * second + 0.001 * tf.square(slope)
        rate = settings.rate * tf.sqrt(1 - tf.pow(0.999, number)) / (1 - tf.pow(settings.beta, number))
        image = tf.clip_by_value(image - rate * first / (tf.sqrt(second) + settings.epsilon), 0.0, 1.0)
        return image, first, second, total

    return step  # type: ignore[no-any-return]


@dataclass(frozen=True)
class DrawingWeights:
    """How much each part counts when pixel art becomes a drawing.

    Attributes:
        content: deep features stay those of the start.
        cells: each cell's mean stays what it is.
        gram, sliced: pull to the style.
        variation: of the shade alone: no noise.
    """

    content: float = 0.5
    cells: float = 2.0
    gram: float = 0.3
    sliced: float = 1.0
    variation: float = 4.0


@dataclass(frozen=True, eq=False)
class DrawingTask:
    """A sprite to be drawn.

    Attributes:
        start: (4H, 4W, 3), sRGB 0..1: the sprite as shapes, on the ground.
        inside: bool (4H, 4W), where it may be shaded.
        content: by layer the features of the start.
        style, places: as for `pixforge.nn.style.solve.Task`.
        spread: (2,) mean and deviation of the lightness.
    """

    start: Array
    inside: NDArray[np.bool_]
    content: Mapping[str, Tensor]
    style: Mapping[str, tuple[Array, Array]]
    places: Mapping[str, NDArray[np.int32]]
    spread: Array


def draw(encoder: Encoder, task: DrawingTask, weights: DrawingWeights, steps: int, seed: int) -> Array:
    """Optimise the shade of a drawing: float32 (4H, 4W), how much lighter each pixel shall be, 0..1.

    Raises:
        PictureError: the numbers are no longer finite.
    """
    style = {name: tuple(tf.constant(part) for part in value) for name, value in task.style.items()}
    places = {name: tf.constant(value) for name, value in task.places.items()}
    names = sorted({*task.content, *style})
    start, spread = tf.constant(task.start), tf.constant(task.spread)
    inside = tf.constant(task.inside, tf.float32)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(state: Tensors, moments: Tensors, number: Tensor, chance: Tensor) -> tuple[Tensors, Tensors, Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(state)
            shade = state[0] * inside
            image = tf.clip_by_value(start + shade[..., None], 0.0, 1.0)
            seen = cells.grey(cells.with_margin(image, cells.MARGIN, 4), spread)
            features = encoder.features(seen[None], names)
            parts = style_parts(features, style, places, chance)
            parts["content"] = tf.add_n([losses.content(features[n], task.content[n]) for n in task.content])
            means = tf.nn.avg_pool2d((image - start)[None], 4, 4, "VALID")
            parts["cells"] = tf.reduce_mean(tf.square(means / _CELL_STEP))
            parts["variation"] = losses.variation(shade[..., None])
            total = tf.add_n([getattr(weights, name) * value for name, value in parts.items()])
        state, moments = adam(state, tape.gradient(total, state), moments, tf.constant(0.01), number)
        return (tf.clip_by_value(state[0], -_MOST_SHADE, _MOST_SHADE),), moments, total

    state = (tf.zeros(task.start.shape[:2]),)
    moments = (tf.zeros_like(state[0]), tf.zeros_like(state[0]))
    for number in range(1, steps + 1):
        chance = tf.constant([seed & 0x7FFFFFFF, number], tf.int32)
        state, moments, total = step(state, moments, tf.constant(float(number)), chance)
        if number % _CHECK == 0 or number == steps:
            _finite(number, float(total))
    shade = (state[0] * inside).numpy()
    # What is too faint to be seen is noise, and would only make colours of one colour.
    return np.asarray(np.sign(shade) * np.maximum(np.abs(shade) - _FAINT, 0), np.float32)


def _finite(step: int, total: float) -> None:
    if not np.isfinite(total):
        raise PictureError(
            f"the optimisation has no finite numbers any more at step {step}",
            "check the weights of the model, and lower the weights of the loss that were raised",
        )

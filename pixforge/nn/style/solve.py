"""The optimisation of a logical picture: one compiled step, Adam, a temperature that falls, and an early end.

Pictures are optimised one at a time: together they gain too little. The encoder forwards and backwards, four pictures
in a call against one, processor time a picture (one thread, bfloat16): 7.0 against 8.3 ms at 16 x 16 cells, 21.6
against 23.4 ms at 32 x 32, 81.9 against 76.5 ms at 64 x 64; and the first that is done would wait for the last. Whoever
has many pictures for one style trains a student (`pixforge train style`).
"""

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

Array = NDArray[np.float32]
Tensor = Any
Tensors = tuple[Tensor, ...]
_BETAS: Final = (0.9, 0.99)
_PLACES: Final = 768  # of a layer that are compared at a step
_DIRECTIONS: Final = 48
_DOUBT: Final = 0.25  # coverage so near to a half leaves a cell's alpha to the optimisation
_LOOK: Final = 10  # steps between two looks at the picture
_SETTLED: Final = 0.001  # share of the cells that may change between looks for a run to end early


@dataclass(frozen=True)
class Weights:
    """How much each part of the loss counts.

    Attributes:
        content, contour, colour, alpha: hold the drawing.
        gram, sliced: pull to the style.
        variation: of the choice on the logical grid: areas change together.
        usage: keeps the shares of the palette's entries.
    """

    content: float = 1.0
    contour: float = 0.5
    colour: float = 0.5
    alpha: float = 1.0
    gram: float = 0.3
    sliced: float = 1.0
    variation: float = 0.8
    usage: float = 1.0


@dataclass(frozen=True)
class Plan:
    """How long and how fast.

    Attributes:
        steps: at most so many.
        rate: of Adam, on the logits.
        hot, cold: the first and the last temperature.
        seed: of all chance.
    """

    steps: int = 120
    rate: float = 0.12
    hot: float = 1.0
    cold: float = 0.15
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Task:
    """One picture.

    Attributes:
        logits: (H, W, K), the start.
        alpha_logits: (H, W), the start.
        palette: (K, 3), sRGB 0..1, like all colours.
        ground: (3,), what transparent cells show to the encoder.
        target: (H, W, 3), the start's picture on the ground, whose lines are to be kept.
        means: (H, W, 3), the colours to keep, on the ground: means of the drawing, beside lines the start.
        coverage: (H, W), the alpha to keep, 0..1.
        lines: (H, W), how much a cell is a line of the drawing.
        free: (H, W), 1 where a cell's colour may change, else 0.
        down, across: (H - 1, W) and (H, W - 1), how much neighbours belong together, 0..1.
        usage: (K,), shares of the entries to keep.
        spread: (2,), mean and deviation of the lightness; None: the encoder sees colours.
        content: by layer the features (1, h, w, C) of the drawing.
        style: by layer the Gram matrix and the samples.
        places: by layer int32 (P,), the places inside the subject, of features laid out flat.
    """

    logits: Array
    alpha_logits: Array
    palette: Array
    ground: Array
    target: Array
    means: Array
    coverage: Array
    lines: Array
    free: Array
    down: Array
    across: Array
    usage: Array
    spread: Array | None
    content: Mapping[str, Tensor]
    style: Mapping[str, tuple[Array, Array]]
    places: Mapping[str, NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Look:
    """The picture during the run.

    Attributes:
        step: how many are done.
        parts: the losses.
        entries: intp (H, W), the entry of each cell now.
        alpha: float32 (H, W).
        changed: share of the cells that changed since the look before.
    """

    step: int
    parts: dict[str, float]
    entries: NDArray[np.intp]
    alpha: Array
    changed: float


@dataclass(frozen=True, eq=False)
class Solved:
    """The end of a run.

    Attributes:
        entries: intp (H, W).
        alpha: float32 (H, W), 0..1.
        logits, alpha_logits: where it ended: the start of a picture that is almost the same.
        steps: how many were done.
    """

    entries: NDArray[np.intp]
    alpha: Array
    logits: Array
    alpha_logits: Array
    steps: int


class Solver:
    """The compiled step of one encoder; for pictures of any size.

    Args:
        encoder: of content and style.
        weights: of the loss.
        scale: pixels a cell that the encoder sees.
        grey: whether it sees lightness alone.
    """

    def __init__(self, encoder: Encoder, weights: Weights, scale: int, grey: bool) -> None:
        self._encoder, self._weights, self._scale, self._grey = encoder, weights, scale, grey
        self._step = tf.function(self._one_step, autograph=False, reduce_retracing=True)

    def encode(self, picture: Tensor, names: list[str], spread: Tensor | None) -> dict[str, Tensor]:
        """Return features of a picture (H, W, 3) at the encoder's resolution, its margin included."""
        seen = cells.grey(picture, spread) if self._grey and spread is not None else picture
        return self._encoder.features(seen[None], names)

    def run(self, task: Task, plan: Plan, tell: Callable[[Look], None] | None = None) -> Solved:
        """Optimise.

        Raises:
            PictureError: the numbers are no longer finite.
        """
        state = tuple(tf.constant(value) for value in (task.logits, task.alpha_logits))
        moments = tuple(tf.zeros_like(value) for value in state * 2)
        fixed = _tensors(task)
        before, calm, step = task.logits.argmax(axis=-1), 0, 0
        while step < plan.steps:
            progress = step / max(1, plan.steps - 1)
            temperature = plan.hot * (plan.cold / plan.hot) ** min(1.0, progress / 0.85)
            numbers = tf.constant([temperature, plan.rate, step + 1], tf.float32)
            seed = tf.constant([plan.seed & 0x7FFFFFFF, step], tf.int32)
            state, moments, parts = self._step(state, moments, fixed, numbers, seed)
            step += 1
            if step % _LOOK == 0 or step == plan.steps:
                look = _look(step, state, parts, before)
                if tell is not None:
                    tell(look)
                calm = calm + 1 if look.changed <= _SETTLED else 0
                before = look.entries
                if calm >= 3:
                    break
        return Solved(before, np.asarray(tf.sigmoid(state[1] / plan.cold)), state[0].numpy(), state[1].numpy(), step)

    def _one_step(
        self,
        state: Tensors,
        moments: Tensors,
        fixed: dict[str, Any],
        numbers: Tensor,
        seed: Tensor,
    ) -> tuple[Tensors, Tensors, dict[str, Tensor]]:
        with tf.GradientTape() as tape:
            tape.watch(state)
            parts = self._parts(state, fixed, numbers[0], seed)
            total = tf.add_n([getattr(self._weights, name) * value for name, value in parts.items()])
        logits, alpha = tape.gradient(total, state)
        # The silhouette is the drawing's: only cells whose coverage is in doubt may turn.
        doubt = tf.cast(tf.abs(fixed["coverage"] - 0.5) < _DOUBT, tf.float32)
        gradients = (logits * fixed["free"][..., None], alpha * doubt)
        state, moments = adam(state, gradients, moments, numbers[1], numbers[2])
        return state, moments, parts

    def _parts(self, state: Tensors, fixed: dict[str, Any], temperature: Tensor, seed: Tensor) -> dict[str, Tensor]:
        chosen = cells.assigned(state[0], temperature)
        alpha = cells.opacity(state[1], temperature)
        colour = tf.tensordot(chosen, fixed["palette"], 1)
        picture = cells.shown(colour, alpha, fixed["ground"])
        seen = cells.enlarged(cells.with_margin(picture, cells.MARGIN, 1), self._scale)
        features = self.encode(seen, sorted({*fixed["content"], *fixed["style"]}), fixed.get("spread"))
        parts = {
            "contour": losses.contour(picture, fixed["target"], fixed["lines"]),
            "colour": losses.colour(picture, fixed["means"]),
            "alpha": losses.alpha(state[1], fixed["coverage"]),
            "variation": losses.clusters(chosen, fixed["down"], fixed["across"]),
            "usage": losses.usage(chosen, alpha, fixed["usage"]),
        }
        wanted = fixed["content"]
        parts["content"] = tf.add_n([losses.content(features[name], wanted[name]) for name in wanted]) / len(wanted)
        parts |= style_parts(features, fixed["style"], fixed["places"], seed)
        return parts


def style_parts(
    features: dict[str, Tensor], style: Mapping[str, Any], places: Mapping[str, Tensor], seed: Tensor
) -> dict[str, Tensor]:
    """Return the losses `gram` and `sliced`, means over the style's layers.

    Args:
        features: by layer (1, h, w, C).
        style: by layer the Gram matrix (C, C) and samples (M, C).
        places: by layer int32 (P,), places that count.
        seed: int32 (2,), of the sampled places and directions.
    """
    grams, slices = [], []
    for number, name in enumerate(sorted(style)):
        wanted, samples = style[name]
        channels = features[name].shape[-1]
        every = tf.gather(tf.reshape(features[name], [-1, channels]), places[name])
        grams.append(losses.gram_difference(every, wanted))
        own = seed + tf.constant([7919 * (number + 1), 0], tf.int32)
        picked = tf.random.stateless_uniform([_PLACES], own, 0, tf.shape(every)[0], tf.int32)
        taken = tf.random.stateless_uniform([_PLACES], own + 1, 0, tf.shape(samples)[0], tf.int32)
        directions = tf.math.l2_normalize(tf.random.stateless_normal([channels, _DIRECTIONS], own + 2), axis=0)
        slices.append(losses.sliced_distance(tf.gather(every, picked), tf.gather(samples, taken), directions))
    return {"gram": tf.add_n(grams) / len(grams), "sliced": tf.add_n(slices) / len(slices)}


def adam(state: Tensors, gradients: Tensors, moments: Tensors, rate: Tensor, step: Tensor) -> tuple[Tensors, Tensors]:
    """One step of Adam (Kingma & Ba 2015) on a tuple of tensors; the moments are the firsts, then the seconds."""
    count = len(state)
    firsts = tuple(_BETAS[0] * m + (1 - _BETAS[0]) * g for m, g in zip(moments[:count], gradients, strict=True))
    seconds = tuple(
        _BETAS[1] * v + (1 - _BETAS[1]) * tf.square(g) for v, g in zip(moments[count:], gradients, strict=True)
    )
    first_scale, second_scale = 1 - tf.pow(_BETAS[0], step), 1 - tf.pow(_BETAS[1], step)
    moved = tuple(
        value - rate * (m / first_scale) / (tf.sqrt(v / second_scale) + 1e-8)
        for value, m, v in zip(state, firsts, seconds, strict=True)
    )
    return moved, (*firsts, *seconds)


def _tensors(task: Task) -> dict[str, Any]:
    names = ("palette", "ground", "target", "means", "coverage", "lines", "free", "down", "across", "usage")
    fixed: dict[str, Any] = {name: tf.constant(getattr(task, name), tf.float32) for name in names}
    if task.spread is not None:
        fixed["spread"] = tf.constant(task.spread, tf.float32)
    fixed["content"] = dict(task.content)
    fixed["style"] = {name: tuple(tf.constant(part) for part in value) for name, value in task.style.items()}
    fixed["places"] = {name: tf.constant(value) for name, value in task.places.items()}
    return fixed


def _look(step: int, state: Tensors, parts: dict[str, Tensor], before: NDArray[np.intp]) -> Look:
    numbers = {name: float(value) for name, value in parts.items()}
    logits, alpha = state[0].numpy(), state[1].numpy()
    if not (all(np.isfinite(list(numbers.values()))) and np.isfinite(logits).all() and np.isfinite(alpha).all()):
        bad = ", ".join(name for name, value in numbers.items() if not np.isfinite(value)) or "the picture"
        raise PictureError(
            f"the optimisation has no finite numbers any more at step {step}: {bad}",
            "lower method.style.rate or the weights that were raised",
        )
    entries = logits.argmax(axis=-1)
    return Look(step, numbers, entries, alpha, float((entries != before).mean()))

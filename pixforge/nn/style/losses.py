"""The parts of the loss, each relative to what it is compared with, so that one weight serves every encoder."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

Tensor = Any
_TINY = 1e-6


def content(features: Tensor, wanted: Tensor) -> Tensor:
    """Squared difference of features (N, H, W, C), relative to the wanted ones' mean square (Gatys et al. 2016)."""
    return tf.reduce_mean(tf.square(features - wanted)) / (tf.reduce_mean(tf.square(wanted)) + _TINY)


def gram(places: Tensor) -> Tensor:
    """Return the Gram matrix (C, C) of features at places (P, C), divided by their number (Gatys et al. 2016)."""
    count = tf.cast(tf.maximum(tf.shape(places)[0], 1), tf.float32)
    return tf.matmul(places, places, transpose_a=True) / count


def gram_difference(places: Tensor, wanted: Tensor) -> Tensor:
    """Squared difference of Gram matrices, relative to the wanted one's mean square."""
    return tf.reduce_mean(tf.square(gram(places) - wanted)) / (tf.reduce_mean(tf.square(wanted)) + _TINY)


def sliced_distance(places: Tensor, wanted: Tensor, directions: Tensor) -> Tensor:
    """Sliced Wasserstein distance of two samples of features (Heitz et al. 2021), relative to the spread of the second.

    A Gram matrix knows second moments only: the flat areas and hard steps of pixel art, two heaps of features, are to
    it the same as everything in between, and blur fits it as well. Sorted projections compare the whole distributions.

    Args:
        places: (P, C).
        wanted: (P, C), as many.
        directions: (C, D), of length 1.
    """
    ours = tf.sort(tf.matmul(places, directions), axis=0)
    theirs = tf.sort(tf.matmul(wanted, directions), axis=0)
    spread = tf.reduce_mean(tf.math.reduce_variance(theirs, axis=0)) + _TINY
    return tf.reduce_mean(tf.square(ours - theirs)) / spread


def variation(picture: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring cells of (H, W, C): total variation on the logical grid."""
    down = tf.abs(picture[1:] - picture[:-1])
    across = tf.abs(picture[:, 1:] - picture[:, :-1])
    cells = tf.cast(tf.size(picture), tf.float32)
    return (tf.reduce_sum(down) + tf.reduce_sum(across)) / cells


def clusters(chosen: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """Total variation of the choice of colours on the logical grid, weighted by how much neighbours belong together.

    Half of the absolute difference of two neighbours' probabilities is the chance that they differ. Nothing where the
    cells of an area change together, much where one does alone.

    Args:
        chosen: (H, W, K), probabilities.
        down: (H - 1, W), weights 0..1 of each cell and the one below it.
        across: (H, W - 1), of each and the one on its right.

    Returns:
        The mean over linked pairs.
    """
    total = tf.reduce_sum(tf.reduce_sum(tf.abs(chosen[1:] - chosen[:-1]), axis=-1) * down)
    total += tf.reduce_sum(tf.reduce_sum(tf.abs(chosen[:, 1:] - chosen[:, :-1]), axis=-1) * across)
    return total / 2 / (tf.reduce_sum(down) + tf.reduce_sum(across) + 1)


def usage(chosen: Tensor, opaque: Tensor, wanted: Tensor) -> Tensor:
    """Squared Hellinger distance of how much each palette entry is used to how much it shall be.

    Args:
        chosen: (H, W, K), probabilities.
        opaque: (H, W), alpha 0..1.
        wanted: (K,), sum 1.
    """
    share = tf.reduce_sum(chosen * opaque[..., None], axis=(0, 1)) / (tf.reduce_sum(opaque) + _TINY)
    return tf.reduce_sum(tf.square(tf.sqrt(share + _TINY) - tf.sqrt(wanted + _TINY)))


def low_pass(picture: Tensor) -> Tensor:
    """Return the mean of the 3x3 cells round each cell of (H, W, C), edges repeated."""
    for axis in (0, 1):
        size = tf.shape(picture)[axis]
        parts = [
            tf.gather(picture, tf.clip_by_value(tf.range(step, size + step), 0, size - 1), axis=axis)
            for step in (-1, 0, 1)
        ]
        picture = tf.add_n(parts) / 3
    return picture


def colour(picture: Tensor, wanted: Tensor, step: float = 0.12) -> Tensor:
    """Squared difference of low-passed pictures (H, W, 3), in units of `step`: colours stay in place."""
    return tf.reduce_mean(tf.square((low_pass(picture) - low_pass(wanted)) / step))


def contour(picture: Tensor, wanted: Tensor, weight: Tensor, step: float = 0.1) -> Tensor:
    """Squared difference of what stands out from its neighbourhood, where the drawing has lines.

    Args:
        picture: (H, W, 3), sRGB 0..1.
        wanted: likewise, with the lines drawn.
        weight: (H, W), how much a cell is a line.
        step: the difference that counts 1.
    """
    ours, theirs = picture - low_pass(picture), wanted - low_pass(wanted)
    gap = tf.reduce_sum(tf.square((ours - theirs) / step), axis=-1)
    return tf.reduce_sum(gap * weight) / (tf.reduce_sum(weight) + 1)


def alpha(logits: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of alpha to coverage (H, W), 0..1."""
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=wanted, logits=logits))

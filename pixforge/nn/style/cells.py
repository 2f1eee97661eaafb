"""The logical picture as what is optimised: a soft choice of the palette a cell, and soft alpha, that harden."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

Tensor = Any
MARGIN = 2  # cells by which the edge is repeated before the encoder sees the picture


def assigned(logits: Tensor, temperature: Tensor) -> Tensor:
    """Return the probability (H, W, K) of each entry in each cell; one-hot as the temperature nears 0."""
    return tf.nn.softmax(logits / temperature)


def opacity(logits: Tensor, temperature: Tensor) -> Tensor:
    """Return alpha (H, W), 0..1; hard as the temperature nears 0."""
    return tf.sigmoid(logits / temperature)


def shown(colour: Tensor, alpha: Tensor, ground: Tensor) -> Tensor:
    """Return the picture (H, W, 3) on a ground colour (3,), all sRGB 0..1."""
    cover = alpha[..., None]
    return colour * cover + ground * (1 - cover)


def with_margin(picture: Tensor, cells: int, scale: int) -> Tensor:
    """Return (H, W, C) with its edge repeated by so many cells of `scale` pixels on every side."""
    reach = cells * scale
    for axis in (0, 1):
        size = tf.shape(picture)[axis]
        picture = tf.gather(picture, tf.clip_by_value(tf.range(-reach, size + reach), 0, size - 1), axis=axis)
    return picture


def enlarged(picture: Tensor, scale: int) -> Tensor:
    """Return (H, W, C) with every cell a block of scale x scale pixels."""
    return tf.repeat(tf.repeat(picture, scale, axis=0), scale, axis=1)


def grey(picture: Tensor, spread: Tensor) -> Tensor:
    """Return the lightness of (H, W, 3) on all three channels, at a given mean and deviation moved to 0.5 and 0.25.

    A style that is darker or of more contrast than the picture then asks for neither (Gatys et al. 2016, "Preserving
    color in neural artistic style transfer", match the style's luminance to the picture's; moving both to one scale is
    the same, and lets the style's statistics be kept).

    Args:
        picture: sRGB 0..1.
        spread: (2,), the mean and the deviation.
    """
    tone = tf.tensordot(picture, tf.constant([0.299, 0.587, 0.114], tf.float32), 1)
    tone = (tone - spread[0]) / spread[1] * 0.25 + 0.5
    return tf.stack([tone, tone, tone], axis=-1)

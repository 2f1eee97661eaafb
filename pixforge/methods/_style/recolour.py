"""A drawing's colours moved to those of a style or a palette."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.colour import oklab_to_srgb, srgb_to_oklab

Float = NDArray[np.float64]


class ColourMap:
    """The linear map between two clouds of colours (Pitié & Kokaram 2007, Monge-Kantorovitch), in OKLab.

    Means and covariances of the first become those of the second, with the least movement of all such maps.

    Args:
        source: uint8 (N, 3), sRGB.
        wanted: uint8 (M, 3), sRGB.
    """

    def __init__(self, source: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> None:
        ours, theirs = _moments(source), _moments(wanted)
        self._from, self._to = ours[0], theirs[0]
        root = _power(ours[1], 0.5)
        inverse = _power(ours[1], -0.5)
        self._matrix = inverse @ _power(root @ theirs[1] @ root, 0.5) @ inverse

    def apply(self, picture: Picture) -> Picture:
        """Return the picture with its colours moved; alpha stays."""
        lab = srgb_to_oklab(picture.pixels[..., :3]).astype(np.float64)
        moved = (lab - self._from) @ self._matrix + self._to
        pixels = picture.pixels.copy()
        pixels[..., :3] = np.clip(np.rint(oklab_to_srgb(moved.astype(np.float32))), 0, 255)
        pixels[pixels[..., 3] == 0] = 0
        return Picture(pixels)


def opaque_colours(pictures: list[Picture]) -> NDArray[np.uint8]:
    """Return the colours of all opaque pixels, uint8 (N, 3); black where there are none."""
    shown = np.concatenate([picture.pixels[picture.pixels[..., 3] >= 128][:, :3] for picture in pictures])
    return shown if len(shown) else np.zeros((1, 3), np.uint8)


def _moments(colours: NDArray[np.uint8]) -> tuple[Float, Float]:
    lab = srgb_to_oklab(colours.reshape(-1, 3)).astype(np.float64)
    gap = lab - lab.mean(axis=0)
    return lab.mean(axis=0), gap.T @ gap / len(lab) + 1e-5 * np.eye(3)


def _power(matrix: Float, exponent: float) -> Float:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    out: Float = (vectors * np.maximum(values, 1e-9) ** exponent) @ vectors.T
    return out

"""OKLab is the published one, and the way back is exact to the byte."""

from __future__ import annotations

import numpy as np
import pytest

from pixforge.pixel.colour import distance, linear_to_srgb, oklab_to_srgb, srgb_to_linear, srgb_to_oklab

# sRGB primaries in OKLab, as the CSS Color 4 specification's sample code gives them
KNOWN = {
    (255, 255, 255): (1.0, 0.0, 0.0),
    (255, 0, 0): (0.62796, 0.22486, 0.12585),
    (0, 255, 0): (0.86644, -0.23389, 0.17950),
    (0, 0, 255): (0.45201, -0.03246, -0.31153),
    (128, 128, 128): (0.59987, 0.0, 0.0),
    (0, 0, 0): (0.0, 0.0, 0.0),
}


@pytest.mark.parametrize("rgb", KNOWN)
def test_oklab_of_known_colours(rgb: tuple[int, int, int]) -> None:
    """Bytes and floats of the same colour both give the published numbers."""
    for array in (np.array(rgb, np.uint8), np.array(rgb, np.float32)):
        np.testing.assert_allclose(srgb_to_oklab(array), KNOWN[rgb], atol=2e-5)


def test_every_seventh_colour_comes_back_to_the_byte() -> None:
    axis = np.arange(0, 256, 7, dtype=np.uint8)
    colours = np.stack(np.meshgrid(axis, axis, axis), axis=-1)
    back = oklab_to_srgb(srgb_to_oklab(colours))
    assert np.abs(back - colours).max() < 0.02
    assert back.dtype == np.float32


def test_floats_and_bytes_agree() -> None:
    colours = np.random.default_rng(5).integers(0, 256, (500, 3)).astype(np.uint8)
    np.testing.assert_allclose(srgb_to_oklab(colours), srgb_to_oklab(colours.astype(np.float64)), atol=1e-6)


def test_the_transfer_curve_is_undone() -> None:
    levels = np.linspace(0, 255, 1001, dtype=np.float32)
    np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(levels)), levels, atol=1e-3)
    assert srgb_to_linear(np.array(255, np.uint8)) == 1


def test_colours_outside_srgb_are_clipped() -> None:
    outside = oklab_to_srgb(np.array([[1.5, 0, 0], [0.5, 0.5, 0.5], [-0.5, 0, 0]]))
    assert outside.min() >= 0
    assert outside.max() <= 255


def test_lightness_grows_with_grey() -> None:
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    lab = srgb_to_oklab(greys)
    assert (np.diff(lab[:, 0]) > 0).all()
    assert np.abs(lab[:, 1:]).max() < 1e-5


def test_distance_is_zero_only_between_equals() -> None:
    colours = np.array([[10, 20, 30], [10, 20, 31]], np.uint8)
    assert distance(colours, colours).tolist() == [0, 0]
    assert distance(colours[0], colours[1]) > 0

"""Dithering: only palette colours, the mean of gradients kept, nothing where nothing is asked, no chroma noise."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from pixforge.pixel import blue_noise
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.dither import dither, threshold
from pixforge.pixel.mapping import nearest_index
from pixforge.pixel.options import Dither

KINDS: tuple[Dither, ...] = get_args(Dither)
ORDERED: tuple[Dither, ...] = ("bayer2", "bayer4", "bayer8", "blue-noise")
GREYS = np.array([[0, 0, 0], [85, 85, 85], [170, 170, 170], [255, 255, 255]], np.uint8)
MIXED = np.array(
    [[20, 12, 28], [68, 36, 52], [133, 76, 48], [210, 125, 44], [218, 212, 94], [109, 170, 44], [109, 194, 202]],
    np.uint8,
)


def ramp(height: int, width: int) -> NDArray[np.float32]:
    grey = np.linspace(0, 255, width, dtype=np.float32)
    return np.broadcast_to(grey[None, :, None], (height, width, 3)).copy()


@settings(max_examples=50, deadline=None)
@given(
    arrays.arrays(
        np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)), elements=st.floats(0, 255, width=32)
    ),
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.just(3))),
    st.sampled_from(KINDS),
    st.floats(0, 1),
    st.booleans(),
)
def test_any_cells(
    cells: NDArray[np.float32], palette: NDArray[np.uint8], kind: Dither, strength: float, luma_only: bool
) -> None:
    """The result has the shape of the cells, indexes the palette, and is the same every time."""
    found = dither(cells, palette, kind, strength, luma_only)
    assert found.shape == cells.shape[:2]
    assert found.dtype == np.intp
    assert found.min() >= 0
    assert found.max() < len(palette)
    np.testing.assert_array_equal(found, dither(cells, palette, kind, strength, luma_only))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("luma_only", [True, False])
def test_nothing_is_dithered_where_nothing_is_asked(kind: Dither, luma_only: bool) -> None:
    """where == 0 gives the nearest entry, beside cells that are dithered; strength 0 gives it everywhere."""
    cells = np.random.default_rng(4).uniform(0, 255, (24, 40, 3)).astype(np.float32)
    where = np.ones((24, 40), np.float32)
    where[6:18, 10:25] = 0
    plain = nearest_index(cells, MIXED)
    found = dither(cells, MIXED, kind, 1.0, luma_only, where)
    np.testing.assert_array_equal(found[where == 0], plain[where == 0])
    assert kind == "none" or luma_only or (found != plain)[where > 0].any()
    np.testing.assert_array_equal(dither(cells, MIXED, kind, 0.0, luma_only), plain)


@pytest.mark.parametrize("kind", KINDS)
def test_palette_colours_are_left_alone(kind: Dither) -> None:
    """An area of an entry's own colour has no pattern, whatever else the palette offers."""
    for index, colour in enumerate(MIXED):
        cells = np.broadcast_to(colour.astype(np.float32), (12, 12, 3))
        assert (dither(cells, MIXED, kind, 1.0, False) == index).all()


@pytest.mark.parametrize("kind", ORDERED)
@pytest.mark.parametrize("luma_only", [True, False])
def test_ordered_kinds_keep_the_lightness_of_a_gradient(kind: Dither, luma_only: bool) -> None:
    """In each block of columns the mean OKLab lightness is that of the source, where plain mapping is far off."""
    cells = ramp(64, 256)
    wanted = srgb_to_oklab(cells)[..., 0].reshape(64, 16, 16).mean(axis=(0, 2))
    found = (
        srgb_to_oklab(GREYS[dither(cells, GREYS, kind, 1.0, luma_only)])[..., 0].reshape(64, 16, 16).mean(axis=(0, 2))
    )
    plain = srgb_to_oklab(GREYS[nearest_index(cells, GREYS)])[..., 0].reshape(64, 16, 16).mean(axis=(0, 2))
    inner = slice(1, 15)  # sparse dots are left out, so that the ends of a ramp are plain
    allowed = 0.06 if kind == "bayer2" else 0.03
    assert np.abs(found - wanted)[inner].max() < allowed
    assert np.abs(plain - wanted)[inner].max() > 0.08


def test_floyd_steinberg_keeps_the_mean_of_a_gradient() -> None:
    cells = ramp(64, 256)
    found = GREYS[dither(cells, GREYS, "floyd-steinberg")].astype(np.float32)
    blocks = found.reshape(64, 16, 16, 3).mean(axis=(0, 2, 3)) - cells.reshape(64, 16, 16, 3).mean(axis=(0, 2, 3))
    assert np.abs(blocks).max() < 4


def test_floyd_steinberg_by_hand() -> None:
    """Two rows of middle grey between black and white: the second row runs from right to left."""
    palette = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    cells = np.full((2, 3, 3), 100, np.float32)
    wanted: list[list[int]] = [[0] * 3, [0] * 3]
    errors = np.zeros((3, 5))
    for y, order in enumerate([(0, 1, 2), (2, 1, 0)]):
        step = 1 - 2 * y
        for x in order:
            value = 100 + errors[y, x + 1]
            lab = srgb_to_oklab(np.array([[value] * 3, [0] * 3, [255] * 3], np.float32))[:, 0]
            wanted[y][x] = int(lab[2] - lab[0] < lab[0] - lab[1])
            left = value - 255 * wanted[y][x]
            for place, part in (
                ((y, x + 1 + step), 7),
                ((y + 1, x + 1 - step), 3),
                ((y + 1, x + 1), 5),
                ((y + 1, x + 1 + step), 1),
            ):
                errors[place] += left * part / 16
    assert dither(cells, palette, "floyd-steinberg").tolist() == wanted
    assert {0, 1} == {index for row in wanted for index in row}


@pytest.mark.parametrize("kind", ORDERED)
def test_luminance_only_adds_no_chroma_noise(kind: Dither) -> None:
    """A grey ramp stays on the greys of a palette that also has colours; without the option it does not."""
    palette = np.concatenate([GREYS[[0, 1, 3]], np.array([[60, 120, 200], [200, 120, 60], [120, 200, 60]], np.uint8)])
    cells = ramp(32, 192)
    grey = nearest_index(cells, palette) < 3
    found = dither(cells, palette, kind, 1.0, True)
    assert (found[grey] < 3).all()
    assert (found != nearest_index(cells, palette))[grey].any()
    assert (dither(cells, palette, kind, 1.0, False)[grey] >= 3).any()


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(2, 12), st.just(3))), st.integers(0, 9), st.sampled_from(ORDERED))
def test_luminance_only_partners_have_one_hue(palette: NDArray[np.uint8], seed: int, kind: Dither) -> None:
    """A cell that leaves its nearest entry goes to one within 30 degrees of hue, or hardly apart in chroma at all."""
    cells = np.random.default_rng(seed).uniform(0, 255, (16, 16, 3)).astype(np.float32)
    lab = srgb_to_oklab(palette)
    plain, found = nearest_index(cells, palette), dither(cells, palette, kind, 1.0, True)
    for before, after in zip(lab[plain[plain != found]], lab[found[plain != found]], strict=True):
        apart = np.hypot(*(after - before)[1:])
        dot = float(before[1:] @ after[1:])
        assert apart <= 0.0401 or dot >= 0.865 * np.hypot(*before[1:]) * np.hypot(*after[1:])


def test_strength_scales_the_share_of_the_partner() -> None:
    cells = np.full((64, 64, 3), 60, np.float32)
    palette = GREYS[[0, 1]]
    other = 1 - nearest_index(cells, palette)
    shares = [(dither(cells, palette, "bayer8", strength) == other).mean() for strength in (0.25, 0.5, 1.0)]
    assert shares[0] == pytest.approx(shares[2] / 4, abs=0.02)
    assert shares[1] == pytest.approx(shares[2] / 2, abs=0.02)
    assert shares[2] > 0.2


def test_a_pattern_does_not_turn_over_in_mid_gradient() -> None:
    """Along a ramp between two entries each cell of a Bayer tile switches once, from dark to light."""
    found = dither(ramp(4, 400), GREYS[[0, 3]], "bayer4", 1.0, True)
    for row in range(4):
        for column in range(4):
            assert (np.diff(found[row, column::4]) >= 0).all()


def test_bayer_matrices() -> None:
    assert (threshold("bayer2") * 4 - 0.5).astype(int).tolist() == [[0, 2], [3, 1]]
    for kind, size in (("bayer2", 2), ("bayer4", 4), ("bayer8", 8), ("blue-noise", 64)):
        matrix = threshold(kind)
        assert matrix.shape == (size, size)
        np.testing.assert_allclose(np.sort(matrix.ravel()), (np.arange(size * size) + 0.5) / size**2, rtol=1e-6)


def test_the_shipped_blue_noise_is_what_its_generator_makes() -> None:
    np.testing.assert_array_equal(blue_noise.ranks(), blue_noise.generate(blue_noise.SIZE))


def test_blue_noise_is_blue_and_tiles() -> None:
    """At any level there is far less low-frequency energy than white noise has; the spectrum is that of the torus."""
    ranks = blue_noise.ranks()
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
    low = (frequency > 0) & (frequency < 0.1)
    white = np.random.default_rng(0).permutation(4096).reshape(64, 64)
    for level in (400, 1000, 2048, 3300):
        energy = [np.abs(np.fft.fft2(matrix < level))[low] ** 2 for matrix in (ranks, white)]
        assert energy[0].mean() < 0.05 * energy[1].mean()

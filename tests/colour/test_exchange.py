"""Shades that crowd a palette make room for the colour of a small area, and for nothing less."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel import fit
from pixforge.pixel.colour import distance
from pixforge.pixel.fit import fit_palette

BLUE = (24, 40, 206)
SIZE = 256


def picture(rgb: NDArray[np.float64]) -> Picture:
    pixels = np.full((*rgb.shape[:2], 4), 255, np.uint8)
    pixels[..., :3] = rgb.round()
    return Picture(pixels)


def shaded(spot: float, color: tuple[int, int, int] = BLUE) -> NDArray[np.float64]:
    """Four broad gradients - black, red, yellow, skin - and on the skin a shaded spot, all anti-aliased."""
    fine = 3 * SIZE
    y, x = (np.mgrid[:fine, :fine] + 0.5) / fine
    left = np.array([[0, 0, 0], [120, 0, 0], [247, 206, 49], [255, 232, 225]], float)
    right = np.array([[64, 64, 64], [255, 80, 74], [255, 255, 60], [255, 216, 193]], float)
    quarter = np.minimum((4 * y).astype(int), 3)
    rgb = left[quarter] + (right - left)[quarter] * x[..., None]
    iris = np.hypot(x - 0.4, y - 0.87) * SIZE
    rgb[iris < spot] = np.array(color) * (1 - 0.12 * iris[iris < spot][:, None] / max(spot, 1))
    smooth: NDArray[np.float64] = rgb.reshape(SIZE, 3, SIZE, 3, 3).mean(axis=(1, 3))
    return smooth


def nearest(palette: NDArray[np.uint8], color: tuple[int, int, int]) -> float:
    return float(distance(palette, np.array(color, np.uint8)).min())


@pytest.mark.parametrize("colors", [6, 8, 12])
def test_an_iris_among_gradients_keeps_its_colour(colors: int) -> None:
    """0.1% of shaded blue in a drawing whose gradients could use every entry."""
    rgb = shaded(4.5)
    found = fit_palette([picture(rgb)], colors)
    assert len(found) == colors
    assert nearest(found, BLUE) < 0.06


def test_without_the_exchange_the_iris_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test above tests something."""
    monkeypatch.setattr(fit, "exchange", lambda colours, *_: colours)
    assert nearest(fit_palette([picture(shaded(4.5))], 6), BLUE) > 0.12


def test_an_area_too_small_for_a_third_of_a_cell_is_let_go() -> None:
    before = fit_palette([picture(shaded(0))], 6)
    np.testing.assert_array_equal(fit_palette([picture(shaded(0.8))], 6), before)


@pytest.mark.parametrize("blur", [1, 3, 5])
def test_mixtures_never_take_an_entry(blur: int) -> None:
    """Blue beside yellow meets it in greys and greens, over up to 11 pixels."""
    rgb = np.empty((SIZE, SIZE, 3))
    shade = np.linspace(0, 1, SIZE)[:, None, None]
    rgb[:, : SIZE // 2] = np.array((10, 20, 90)) + shade * (20, 30, 150)
    rgb[:, SIZE // 2 :] = np.array((190, 150, 10)) + shade * (60, 80, 20)
    wide = np.pad(rgb, ((0, 0), (blur, blur), (0, 0)), mode="edge")
    rgb = np.mean([wide[:, at : at + SIZE] for at in range(2 * blur + 1)], axis=0)
    for red, _, blue in fit_palette([picture(rgb)], 8).tolist():
        assert blue - red > 40 or red - blue > 100


def test_reserved_colours_stay_though_they_are_near_doubles() -> None:
    reserve = np.array([[255, 224, 209], [255, 226, 211], [255, 228, 213], [255, 222, 207]], np.uint8)
    found = fit_palette([picture(shaded(4.5))], 8, reserve)
    np.testing.assert_array_equal(found[:4], reserve)


def test_the_drawings_own_doubles_give_way() -> None:
    """Four flats, two of which look the same, fill the palette; a small fifth colour takes the place of one."""
    rgb = np.zeros((512, 512, 3))
    rgb[:256, :256], rgb[:256, 256:] = (200, 30, 30), (206, 36, 36)
    rgb[256:, :256], rgb[256:, 256:] = (250, 240, 230), 20
    y, x = np.mgrid[:512, :512]
    lamp = np.hypot(x - 380, y - 380) < 3.6
    assert lamp.sum() < 2e-4 * rgb[..., 0].size
    rgb[lamp] = (40, 220, 60)
    found = {(int(r), int(g), int(b)) for r, g, b in fit_palette([picture(rgb)], 4)}
    assert (40, 220, 60) in found
    assert found > {(40, 220, 60), (250, 240, 230), (20, 20, 20)}


def test_one_frame_with_a_light_is_enough() -> None:
    frames = [picture(shaded(0))] * 3 + [picture(shaded(4.5))]
    assert nearest(fit_palette(frames, 8), BLUE) < 0.06

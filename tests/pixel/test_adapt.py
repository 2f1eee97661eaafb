"""Palettes of one hue get the drawing's light and dark, whatever its hues."""

from __future__ import annotations

import numpy as np

from pixforge.image.picture import Picture
from pixforge.pixel.adapt import spread_tones
from pixforge.pixel.mapping import nearest_index

GREENS = np.array([(15, 56, 15), (48, 98, 48), (139, 172, 15), (155, 188, 15)], np.uint8)


def stripes(*colours: tuple[int, int, int]) -> Picture:
    pixels = np.zeros((8, 8 * len(colours), 4), np.uint8)
    for i, colour in enumerate(colours):
        pixels[:, 8 * i : 8 * i + 8] = (*colour, 255)
    return Picture(pixels)


def entries(picture: Picture) -> list[int]:
    matched = spread_tones(picture, GREENS)
    return [int(i) for i in nearest_index(matched.pixels[0, 4::8, :3], GREENS)]


def test_four_tones_become_the_four_entries_in_order() -> None:
    assert entries(stripes((40, 10, 60), (150, 60, 30), (200, 150, 120), (250, 240, 200))) == [0, 1, 2, 3]


def test_a_dull_picture_uses_the_whole_palette() -> None:
    found = entries(stripes((120, 100, 90), (128, 108, 98), (136, 116, 106), (144, 124, 114)))
    assert found[0] == 0
    assert found[-1] == 3


def test_lighter_never_becomes_darker() -> None:
    found = entries(stripes(*((v, v, v) for v in range(0, 256, 15))))
    assert found == sorted(found)


def test_alpha_and_the_colours_of_transparent_pixels_play_no_part() -> None:
    picture = stripes((40, 10, 60), (150, 60, 30), (200, 150, 120))
    pixels = np.concatenate([picture.pixels, np.full((8, 24, 4), (255, 255, 255, 0), np.uint8)])
    matched = spread_tones(Picture(pixels), GREENS)
    assert np.array_equal(matched.pixels[:8], spread_tones(picture, GREENS).pixels)
    assert np.array_equal(matched.pixels[..., 3], pixels[..., 3])


def test_an_empty_picture_passes() -> None:
    empty = Picture(np.zeros((4, 4, 4), np.uint8))
    assert spread_tones(empty, GREENS) is empty

"""Set mode: pictures of any sizes share a palette and a scale, and each keeps its own size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixforge import preset
from pixforge.engine.clip_set import convert_set
from pixforge.errors import PictureError
from pixforge.image.picture import Picture
from pixforge.preset import Preset

Size = tuple[int, int]


def made(**overrides: object) -> Preset:
    changed = {"method.name": "identity", **{key.replace("__", "."): value for key, value in overrides.items()}}
    return preset.parse({"direction": "to-pixel"}, "test", overrides=changed)


def body(width: int, height: int, colour: int) -> Picture:
    pixels: NDArray[np.uint8] = np.zeros((height, width, 4), np.uint8)
    pixels[...] = (colour, 255 - colour, colour // 2, 255)
    pixels[: height // 2, : width // 2, :3] = 30
    return Picture(pixels)


CAST = [body(40, 128, 250), body(32, 64, 120), body(64, 96, 10)]


def sizes(chosen: Preset) -> list[Size]:
    return [(each.picture.width, each.picture.height) for each in convert_set(CAST, chosen)]


def test_the_tallest_sets_the_scale() -> None:
    assert sizes(made(grid__height=32)) == [(10, 32), (8, 16), (16, 24)]
    assert sizes(made(grid__width=16)) == [(10, 32), (8, 16), (16, 24)]
    assert sizes(made(grid__cell=8)) == [(5, 16), (4, 8), (8, 12)]
    assert sizes(made()) == [(20, 64), (16, 32), (32, 48)]


def test_a_size_holds_all_and_keeps_their_proportions() -> None:
    done = convert_set(CAST, made(grid__size=[32, 32]))
    drawn = []
    for each in done:
        assert (each.picture.width, each.picture.height) == (32, 32)
        ys, xs = np.nonzero(each.picture.pixels[..., 3])
        drawn.append((int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1))
    assert drawn == [(10, 32), (8, 16), (16, 24)]


@settings(max_examples=25)
@given(
    shapes=st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90), st.integers(0, 255)), min_size=1, max_size=5),
    height=st.integers(1, 40),
    colors=st.integers(2, 6),
)
def test_one_palette_serves_all(shapes: list[tuple[int, int, int]], height: int, colors: int) -> None:
    done = convert_set([body(*shape) for shape in shapes], made(grid__height=height, palette__colors=colors))
    for each in done:
        each.encode()
        assert each.palette is done[0].palette
    assert max(each.picture.height for each in done) == height
    used = np.unique(np.concatenate([each.picture.pixels.reshape(-1, 4) for each in done]), axis=0)
    assert (used[:, 3] > 0).sum() <= colors


def test_a_picture_that_would_be_too_large_is_named() -> None:
    with pytest.raises(PictureError, match='"giant"'):
        convert_set([body(8, 8, 1), body(9000, 2, 1)], made(grid__cell=1), ["dwarf", "giant"])
    with pytest.raises(PictureError, match="no pictures"):
        convert_set([], made())

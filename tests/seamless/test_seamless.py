"""Seamless tiles: the output repeats where the source does, and does not know where its border was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixforge import preset
from pixforge.engine import seamless
from pixforge.engine.pipeline import convert_picture
from pixforge.image.picture import Picture
from pixforge.preset import Preset

Pixels = NDArray[np.uint8]
METHODS = pytest.mark.parametrize("method", ["classical", "identity"])


def made(method: str = "classical", **overrides: object) -> Preset:
    changed = {"method.name": method, **{key.replace("__", "."): value for key, value in overrides.items()}}
    return preset.parse({"direction": "to-pixel", "grid": {"seamless": True}}, "test", overrides=changed)


def tile(seed: int, width: int = 96, height: int = 64) -> Pixels:
    """Outlined discs on an endless, softly shaded ground: the picture repeats to the pixel both ways."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    out = np.empty((height, width, 4), np.float32)
    turn = np.sin(2 * np.pi * x / width) * np.cos(2 * np.pi * y / height)
    out[..., :3] = rng.uniform(60, 140, 3) + 40 * turn[..., None]
    out[..., 3] = 255
    for _ in range(6):
        cx, cy, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(6, 16)
        dx, dy = np.abs(x - cx), np.abs(y - cy)
        away = np.hypot(np.minimum(dx, width - dx), np.minimum(dy, height - dy))
        for reach, colour in ((radius, np.full(3, 20)), (radius - 3, rng.uniform(90, 255, 3))):
            cover = np.clip(reach - away, 0, 1)[..., None]
            out[..., :3] += (colour - out[..., :3]) * cover
    return out.astype(np.uint8)


def cells(source: Pixels, chosen: Preset) -> Pixels:
    return convert_picture(Picture(np.ascontiguousarray(source)), chosen).picture.pixels


@METHODS
@settings(max_examples=6, phases=[Phase.generate])
@given(
    seed=st.integers(0, 10_000),
    x=st.integers(0, 11),
    y=st.integers(0, 7),
    dither=st.sampled_from(["none", "bayer4", "blue-noise", "floyd-steinberg"]),
    outline=st.sampled_from(["keep", "selective"]),
)
def test_a_rolled_picture_gives_the_rolled_output(
    method: str, seed: int, x: int, y: int, dither: str, outline: str
) -> None:
    source = tile(seed)
    chosen = made(method, grid__cell=8, palette__dither=dither, outline__mode=outline)
    rolled = np.roll(source, (y * 8, x * 8), (0, 1))
    assert np.array_equal(cells(rolled, chosen), np.roll(cells(source, chosen), (y, x), (0, 1)))


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), width=st.integers(9, 40), height=st.integers(9, 40))
def test_cells_of_no_whole_number_of_pixels_are_converted_across_the_joint(seed: int, width: int, height: int) -> None:
    """Three by three copies, converted as one picture, agree with the tile wherever their own borders are far."""
    source = tile(seed)
    chosen = made("identity", grid__size=[width, height], palette__colors=64, cleanup__orphans=False)
    one = convert_picture(Picture(source), chosen)
    wide = preset.parse(
        {"direction": "to-pixel"},
        "test",
        overrides={
            "method.name": "identity",
            "grid.size": [3 * width, 3 * height],
            "grid.fit": "stretch",
            "palette.colors": 64,
            "cleanup.orphans": False,
        },
    )
    all_nine = convert_picture(Picture(np.tile(source, (3, 3, 1))), wide, one.palette).picture.pixels
    middle = all_nine[height : 2 * height, width : 2 * width]
    assert (one.picture.pixels == middle).all(-1).mean() > 0.99  # sums of floats may round another way


@METHODS
@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_the_joint_is_like_the_inside(method: str, seed: int) -> None:
    """By the statistics of differences: across the joint no greater than the greatest inside, which is measured too."""
    facts = convert_picture(Picture(tile(seed)), made(method, grid__cell=4)).facts
    assert facts.seam is not None
    assert set(facts.seam) == {"source_x", "source_y", "x", "y"}
    assert max(facts.seam.values()) <= 1.25


def test_a_plain_conversion_does_show_a_seam_where_a_line_runs_over_the_joint() -> None:
    """What the mode is for: a disc's outline over the border is decided with both its halves in view."""
    better = worse = 0
    for seed in range(6):
        source = tile(seed)
        nine = np.tile(source, (3, 3, 1))
        palette = convert_picture(Picture(source), made(grid__cell=8)).palette
        plain = made(grid__cell=8, grid__seamless=False)
        truth = convert_picture(Picture(nine), plain, palette).picture.pixels[8:16, 12:24]
        border = np.zeros((8, 12), bool)
        border[[0, -1]] = border[:, [0, -1]] = True
        own = convert_picture(Picture(source), made(grid__cell=8), palette).picture.pixels
        cut = convert_picture(Picture(source), plain, palette).picture.pixels
        better += int((own != truth).any(-1)[border].sum())
        worse += int((cut != truth).any(-1)[border].sum())
    assert better * 4 < worse


def test_a_picture_that_does_not_repeat_is_told_of() -> None:
    ramp = np.zeros((64, 64, 4), np.uint8)
    ramp[..., 0] = np.arange(64) * 4
    ramp[..., 3] = 255
    seam = convert_picture(Picture(ramp), made(grid__cell=8)).facts.seam
    assert seam is not None
    assert seam["source_x"] > 5
    assert seam["x"] > 1
    assert seam["source_y"] == 0


def test_one_axis_may_repeat_alone() -> None:
    source = tile(3)
    chosen = made(grid__cell=8, grid__seamless="x")
    rolled = np.roll(source, 24, axis=1)
    assert np.array_equal(cells(rolled, chosen), np.roll(cells(source, chosen), 3, axis=1))
    facts = convert_picture(Picture(source), chosen).facts
    assert facts.seam is not None
    assert set(facts.seam) == {"source_x", "x"}


def test_transparent_borders_are_part_of_a_tile() -> None:
    source = np.zeros((64, 96, 4), np.uint8)
    source[24:40, 40:56] = (200, 30, 30, 255)
    done = convert_picture(Picture(source), made(grid__cell=8, grid__trim=True)).picture
    assert (done.width, done.height) == (12, 8)
    assert (done.pixels[3:5, 5:7, 3] == 255).all()
    assert (done.pixels[..., 3] > 0).sum() == 4


def test_a_flat_picture_and_a_picture_of_one_cell_are_tiles() -> None:
    flat = np.full((64, 64, 4), (90, 120, 30, 255), np.uint8)
    assert (cells(flat, made(grid__cell=1)) == (90, 120, 30, 255)).all()
    assert cells(flat, made(grid__size=[1, 1])).shape == (1, 1, 4)


def test_size_and_fit_use_the_whole_picture() -> None:
    plan = seamless.lay_out(100, 60, made(grid__size=[16, 16], grid__fit="cover").grid)
    assert plan.crop == (0, 0, 100, 60)
    assert not plan.padded
    assert plan.margins == (0, 0, 0, 0)

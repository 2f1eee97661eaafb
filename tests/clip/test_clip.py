"""Clip mode: what is still stays still, what moves keeps its cells, everything shares a palette and a lattice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixforge import preset
from pixforge.engine.clip import convert_clip
from pixforge.engine.pipeline import convert_picture
from pixforge.errors import LimitError, PictureError
from pixforge.image.picture import Frame, Picture
from pixforge.pixel.regions import grown
from pixforge.preset import Preset
from pixforge.sheet.clip import Clip, Slice, SliceKey, Tag

Make = Callable[..., Preset]
Pixels = NDArray[np.uint8]


def figure(seed: int, size: int = 48) -> Pixels:
    """A figure of flat, outlined ellipses with soft edges on transparency, touching no side."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    out = np.zeros((size, size, 4), np.float32)
    for _ in range(4):
        cy, cx = rng.uniform(0.35, 0.65, 2) * size
        ry, rx = rng.uniform(0.12, 0.3, 2) * size
        away = np.hypot((y - cy) / ry, (x - cx) / rx)
        for reach, colour in ((1.0, np.zeros(3)), (0.8, rng.uniform(60, 255, 3))):
            cover = np.clip((reach - away) * min(ry, rx), 0, 1)[..., None]
            out[..., :3] += (colour - out[..., :3]) * cover
            out[..., 3:] += (255 - out[..., 3:]) * cover
    pixels = out.astype(np.uint8)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def moved(pixels: Pixels, x: int, y: int = 0) -> Pixels:
    """The picture moved right and down by whole pixels, transparent where nothing comes from."""
    out = np.zeros_like(pixels)
    height, width = pixels.shape[:2]
    if abs(x) < width and abs(y) < height:
        out[max(y, 0) : height + min(y, 0), max(x, 0) : width + min(x, 0)] = pixels[
            max(-y, 0) : height - max(y, 0), max(-x, 0) : width - max(x, 0)
        ]
    return out


def clip_of(frames: Sequence[Pixels], **more: object) -> Clip:
    return Clip(tuple(Frame(Picture(pixels.copy()), 80 + n) for n, pixels in enumerate(frames)), **more)  # type: ignore[arg-type]


@pytest.fixture
def made() -> Callable[..., Preset]:
    """A preset by its dotted keys, with two underscores for a dot."""

    def make(method: str = "classical", **overrides: object) -> Preset:
        changed = {"method.name": method, **{key.replace("__", "."): value for key, value in overrides.items()}}
        return preset.parse({"direction": "to-pixel"}, "test", overrides=changed)

    return make


METHODS = pytest.mark.parametrize("method", ["classical", "identity"])
FIXTURE = [HealthCheck.function_scoped_fixture]


def shown(frames: Any) -> list[Pixels]:  # noqa: ANN401  # a converted clip
    return [picture.pixels for picture in frames.clip.pictures]


def stage(pixels: Pixels, width: int = 144, height: int = 96, x: int = 24, y: int = 24) -> Pixels:
    out = np.zeros((height, width, 4), np.uint8)
    out[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
    return out


def backdrop(width: int = 144, height: int = 96, seed: int = 7) -> Pixels:
    """An opaque background of flat blocks."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(40, 255, (height // 12, width // 12, 3), dtype=np.uint8)
    out = np.full((height, width, 4), 255, np.uint8)
    out[..., :3] = blocks.repeat(12, 0).repeat(12, 1)
    return out


def over(top: Pixels, below: Pixels) -> Pixels:
    alpha = top[..., 3:].astype(np.float32) / 255
    out = below.copy()
    out[..., :3] = np.rint(top[..., :3] * alpha + below[..., :3] * (1 - alpha))
    return out


@METHODS
@settings(max_examples=12, suppress_health_check=FIXTURE)
@given(seed=st.integers(0, 10_000), x=st.integers(-3, 5), y=st.integers(-3, 3), cell=st.integers(4, 8))
def test_a_figure_moved_by_whole_cells_keeps_every_cell(
    made: Make, method: str, seed: int, x: int, y: int, cell: int
) -> None:
    base = stage(figure(seed), 26 * cell, 20 * cell, 6 * cell, 4 * cell)
    done = convert_clip(clip_of([base, moved(base, x * cell, y * cell)]), made(method, grid__cell=cell))
    first, second = shown(done)
    assert np.array_equal(second, moved(first, x, y))


@METHODS
@settings(max_examples=12, suppress_health_check=FIXTURE)
@given(seed=st.integers(0, 10_000), step=st.integers(1, 7), width=st.sampled_from([18, 19, 24]))
def test_a_figure_that_slides_by_parts_of_a_cell_keeps_every_cell(
    made: Make, method: str, seed: int, step: int, width: int
) -> None:
    """Also where a cell is no whole number of pixels: the output is always the first frame moved by whole cells."""
    base = stage(figure(seed))
    done = convert_clip(clip_of([moved(base, step * n) for n in range(6)]), made(method, grid__width=width))
    first, *rest = shown(done)
    places = []
    for pixels in rest:
        fits = [cells for cells in range(8) if np.array_equal(pixels, moved(first, cells))]
        assert fits
        places.append(fits[0])
    assert places == sorted(places)
    pitch = 144 / width
    assert all(abs(step * (n + 1) / pitch - place) <= 0.66 for n, place in enumerate(places))


def test_what_trembles_about_half_a_cell_does_not_jump(made: Make) -> None:
    base = stage(figure(3))
    swing = [0, 4, 3, 5, 4, 5, 3, 4]
    done = convert_clip(clip_of([moved(base, x) for x in swing]), made(grid__cell=8))
    first = shown(done)[0]
    assert all(np.array_equal(pixels, first) for pixels in shown(done))


@settings(max_examples=5, suppress_health_check=FIXTURE)
@given(seed=st.integers(0, 10_000), colors=st.integers(2, 24))
def test_all_frames_share_the_palette(made: Make, seed: int, colors: int) -> None:
    base = over(stage(figure(seed)), backdrop(seed=seed))
    frames = [np.roll(base, 3 * n, axis=1) for n in range(6)]
    done = convert_clip(clip_of(frames), made(palette__colors=colors, grid__cell=8))
    union = np.unique(np.concatenate([pixels.reshape(-1, 4) for pixels in shown(done)]), axis=0)
    assert len(union) <= colors
    assert done.palette is not None
    assert done.facts.colors == len(union)
    for frame in done.frames:
        assert frame.palette is done.palette
        frame.encode()


@METHODS
def test_a_still_background_does_not_flicker(made: Make, method: str) -> None:
    """Two figures pass over it by different steps. Where a cell and those round it show the ground, it does not change.

    A figure moves by whole cells, so it may be shown in a cell beside those that it touches.
    """
    ground = backdrop(192, 120)
    one, other = stage(figure(1), 192, 120, 8, 8), stage(figure(2), 192, 120, 120, 60)
    frames = [over(moved(one, 3 * n), over(moved(other, -5 * n, n), ground)) for n in range(8)]
    done = convert_clip(clip_of(frames), made(method, grid__cell=8, palette__colors=32))
    pixels = shown(done)
    for n in range(1, 8):
        untouched = ((frames[n] == ground) & (frames[n - 1] == ground)).all(-1)
        cells = ~grown(~untouched.reshape(15, 8, 24, 8).all((1, 3)))
        assert cells.sum() > 100
        assert np.array_equal(pixels[n][cells], pixels[n - 1][cells])
    assert done.flicker < 0.015
    alone = [convert_picture(Picture(frame.copy()), made(method, grid__cell=8, palette__colors=32)) for frame in frames]
    union = np.unique(np.concatenate([each.picture.pixels.reshape(-1, 4) for each in alone]), axis=0)
    assert len(union) > 32 >= done.facts.colors


def test_only_what_blinks_changes_and_the_rest_is_not_converted_again(made: Make) -> None:
    base = stage(figure(5, 96), 384, 384, 100, 100)
    shut = base.copy()
    shut[140:146, 140:150] = (250, 250, 10, 255)
    done = convert_clip(clip_of([base, shut, base, shut]), made(grid__cell=6))
    first, second, third, fourth = shown(done)
    assert np.array_equal(first, third)
    assert np.array_equal(second, fourth)
    ys, xs = np.nonzero((first != second).any(-1))
    assert len(ys)
    assert 22 <= ys.min() <= ys.max() <= 25
    assert 22 <= xs.min() <= xs.max() <= 25
    assert done.flicker == 0
    assert done.worked < 0.5


def test_equal_frames_give_equal_bytes(made: Make) -> None:
    base = stage(figure(6))
    done = convert_clip(clip_of([base, moved(base, 11), base, base]), made(grid__cell=8))
    files = [frame.encode() for frame in done.frames]
    assert files[0] == files[2] == files[3]


def test_one_frame_is_converted_as_a_picture_is(made: Make) -> None:
    base = stage(figure(8), 145, 93)
    for keys in ({"grid__cell": 8}, {"grid__size": [24, 24]}, {"outline__mode": "black"}, {"alpha__mode": "opaque"}):
        chosen = made(**keys)
        done = convert_clip(clip_of([base]), chosen)
        assert done.frames[0].encode() == convert_picture(Picture(base.copy()), chosen).encode()


def test_coverage_near_the_threshold_leaves_a_cell_as_it_was(made: Make) -> None:
    """A side that grows and shrinks round half a cell stands still; one that goes all the way moves."""

    def cells_across(*locks: str) -> list[int]:
        frames = []
        for width in (34, 36, 34, 36, 34, 40):
            pixels = np.zeros((80, 80, 4), np.uint8)
            pixels[20:60, 20 : 20 + width] = (200, 40, 40, 255)
            frames.append(pixels)
        chosen = made("identity", grid__cell=10, cleanup__jaggies=False, clip__lock=["palette", "scale", *locks])
        return [int((pixels[3, :, 3] > 0).sum()) for pixels in shown(convert_clip(clip_of(frames), chosen))]

    assert cells_across("phase", "still", "alpha") == [3, 3, 3, 3, 3, 4]
    assert cells_across("phase", "still") == [3, 4, 3, 4, 3, 4]


def test_without_locks_frames_are_pictures(made: Make) -> None:
    frames = [stage(figure(seed)) for seed in (1, 2, 3)]
    chosen = made(clip__lock=[], grid__cell=8)
    done = convert_clip(clip_of(frames), chosen)
    assert done.clip.palette is None
    for frame, made_alone in zip(done.frames, frames, strict=True):
        assert frame.encode() == convert_picture(Picture(made_alone.copy()), chosen).encode()


def test_one_box_is_trimmed_for_all_frames(made: Make) -> None:
    base = stage(figure(4))
    frames = [base, moved(base, 16, 8)]
    done = convert_clip(clip_of(frames), made(grid__cell=8, grid__trim=True))
    visible = np.argwhere(np.logical_or.reduce([frame[..., 3] > 0 for frame in frames]))
    height, width = visible.max(0) - visible.min(0) + 1
    assert (done.clip.width, done.clip.height) == (round(width / 8), round(height / 8))
    first, second = shown(done)
    assert np.array_equal(second, moved(first, 2, 1))


def test_what_belongs_to_a_clip_is_moved_to_cells(made: Make) -> None:
    hit = Slice("hit", (SliceKey(0, (24, 24, 48, 40), (8, 8, 32, 24), (24, 39)), SliceKey(1, (0, 0, 0, 0))), text="x")
    tags = (Tag("walk", 0, 1, "pingpong", 2),)
    base = stage(figure(4))
    clip = clip_of([base, base], slices=(hit,), tags=tags, pivot=(71, 95), names=("a", "b"))
    done = convert_clip(clip, made(grid__cell=8)).clip
    assert done.tags == tags
    assert done.names == ("a", "b")
    assert done.durations == (80, 81)
    assert done.pivot == (8, 11)
    assert done.layers == ()
    assert done.slices[0].keys == (SliceKey(0, (3, 3, 6, 5), (1, 1, 4, 3), (3, 4)), SliceKey(1, (0, 0, 0, 0)))
    assert done.pivot_at(0) == (6, 7)
    fitted = convert_clip(clip, made(grid__size=[18, 20])).clip
    assert fitted.slices[0].keys[0].bounds == (3, 7, 6, 5)


def test_too_many_frames_are_refused_before_any_is_converted(made: Make) -> None:
    clip = clip_of([np.zeros((2, 2, 4), np.uint8)] * 5000)
    with pytest.raises(LimitError, match="5000 frames"):
        convert_clip(clip, made())


def test_no_frames_and_frames_of_different_sizes_are_refused() -> None:
    with pytest.raises(PictureError, match="no frames"):
        clip_of([])
    with pytest.raises(PictureError, match="frame 1 is 4 x 3"):
        clip_of([np.zeros((3, 3, 4), np.uint8), np.zeros((3, 4, 4), np.uint8)])


def test_invisible_frames_are_a_clip(made: Make) -> None:
    base = stage(figure(4))
    done = convert_clip(clip_of([np.zeros_like(base), base, np.zeros_like(base)]), made(grid__cell=8, grid__trim=True))
    first, second, third = shown(done)
    assert not first.any()
    assert not third.any()
    assert second.any()


@settings(max_examples=15, suppress_health_check=FIXTURE)
@given(data=st.data())
def test_any_clip_satisfies_the_contract(made: Make, data: st.DataObject) -> None:
    """Noise, jumps, parts that come and go, opaque or not, at every dither: size, palette and alpha are exact."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    width, height, count = data.draw(st.integers(1, 90)), data.draw(st.integers(1, 90)), data.draw(st.integers(1, 5))
    base = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    base[rng.random((height, width)) < data.draw(st.sampled_from([0, 0.5, 0.95]))] = 0
    if data.draw(st.booleans()):
        base[..., 3] = 255
    frames = [moved(base, int(rng.integers(-9, 10)), int(rng.integers(-9, 10))) for _ in range(count)]
    size = (data.draw(st.integers(1, 24)), data.draw(st.integers(1, 24)))
    chosen = made(
        grid__size=list(size),
        palette__colors=data.draw(st.integers(2, 12)),
        palette__dither=data.draw(st.sampled_from(["none", "bayer4", "floyd-steinberg", "blue-noise"])),
        outline__mode=data.draw(st.sampled_from(["keep", "black", "selective"])),
    )
    done = convert_clip(clip_of(frames), chosen)
    assert (done.clip.width, done.clip.height) == size
    assert 0 <= done.flicker <= 1
    for frame in done.frames:
        frame.encode()


@settings(max_examples=6, suppress_health_check=FIXTURE)
@given(
    seed=st.integers(0, 10_000),
    step=st.sampled_from([(1, 0), (2, 0), (3, 0), (0, 2), (2, -1), (-3, 2)]),
    cell=st.sampled_from([4, 6, 8]),
)
def test_a_slow_figure_over_a_scene_is_all_there_and_leaves_nothing_behind(
    made: Make, seed: int, step: tuple[int, int], cell: int
) -> None:
    """It overlaps itself in every frame, so that most frames have its colours where it began.

    Every cell that it fills shows it, in that cell or one beside it; a cell without any of it within two cells shows
    the scene, as it does without the figure.
    """
    ground = backdrop(192, 144, seed)
    scene = stage(figure(seed), 192, 144, 60, 48)
    figures = [moved(scene, step[0] * n, step[1] * n) for n in range(8)]
    chosen = made("identity", grid__cell=cell, palette__colors=64, cleanup__orphans=False, cleanup__jaggies=False)
    done = convert_clip(clip_of([over(each, ground) for each in figures]), chosen)
    assert done.palette is not None
    bare = convert_picture(Picture(ground.copy()), chosen, done.palette).picture.pixels
    for pixels, each in zip(shown(done), figures, strict=True):
        blocks = (each[..., 3] > 0).reshape(144 // cell, cell, 192 // cell, cell)
        there = (pixels != bare).any(-1)
        assert not (blocks.all((1, 3)) & ~grown(there)).any(), "no cell of the figure is lost"
        assert not (there & ~grown(blocks.any((1, 3)), 2)).any(), "nothing of it stays where it was"

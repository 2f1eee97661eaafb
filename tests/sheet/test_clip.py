"""A clip is refused where it cannot be right; tags play in the order that Aseprite plays them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixforge.errors import PictureError
from pixforge.image.picture import Frame, Picture
from pixforge.sheet.clip import DIRECTIONS, Clip, Direction, Slice, SliceKey, Tag, used_colors
from pixforge.sheet.tags import is_loop, play_order, shown_order


def test_no_frames_are_refused() -> None:
    with pytest.raises(PictureError, match="no frames"):
        Clip(())


def test_frames_of_two_sizes_are_refused_by_number_and_size(picture: Callable[..., Picture]) -> None:
    frames = (Frame(picture(4, 4, (0, 0, 1, 1)), 10), Frame(picture(5, 4, (0, 0, 1, 1)), 10))
    with pytest.raises(PictureError, match="frame 1 is 5 x 4 pixels, but frame 0 is 4 x 4"):
        Clip(frames)


@pytest.mark.parametrize("duration", [0, -1, 65536])
def test_an_impossible_duration_is_refused(picture: Callable[..., Picture], duration: int) -> None:
    with pytest.raises(PictureError, match="ms"):
        Clip((Frame(picture(4, 4, (0, 0, 1, 1)), duration),))


@pytest.mark.parametrize(("first", "last"), [(0, 6), (3, 2), (-1, 2), (9, 9)])
def test_a_tag_that_goes_past_the_frames_is_refused(clip: Clip, first: int, last: int) -> None:
    with pytest.raises(PictureError, match='tag "walk"'):
        Clip(clip.frames, (Tag("walk", first, last),))


@pytest.mark.parametrize(
    ("direction", "repeat", "order"),
    [
        ("forward", 0, (2, 3, 4, 5)),
        ("reverse", 0, (5, 4, 3, 2)),
        ("pingpong", 0, (2, 3, 4, 5, 4, 3)),
        ("pingpong_reverse", 0, (5, 4, 3, 2, 3, 4)),
        ("forward", 2, (2, 3, 4, 5, 2, 3, 4, 5)),
        ("reverse", 1, (5, 4, 3, 2)),
        ("pingpong", 1, (2, 3, 4, 5)),
        ("pingpong", 2, (2, 3, 4, 5, 4, 3, 2)),
        ("pingpong", 3, (2, 3, 4, 5, 4, 3, 2, 3, 4, 5)),
        ("pingpong_reverse", 2, (5, 4, 3, 2, 3, 4, 5)),
    ],
)
def test_play_order(direction: Direction, repeat: int, order: tuple[int, ...]) -> None:
    assert play_order(Tag("x", 2, 5, direction, repeat)) == order


@given(st.integers(0, 9), st.integers(0, 9), st.sampled_from(DIRECTIONS), st.integers(0, 5))
def test_a_tag_plays_all_its_frames_and_no_other(first: int, more: int, direction: Direction, repeat: int) -> None:
    tag = Tag("x", first, first + more, direction, repeat)
    assert set(play_order(tag)) == set(range(first, first + more + 1))
    assert is_loop(tag) == (repeat == 0)


@given(st.integers(1, 9), st.sampled_from(["pingpong", "pingpong_reverse"]), st.integers(0, 5))
def test_a_turning_frame_is_not_shown_twice(more: int, direction: Direction, repeat: int) -> None:
    order = play_order(Tag("x", 0, more, direction, repeat))
    looped = order + order[:1] if repeat == 0 else order
    assert all(a != b for a, b in pairwise(looped))


def test_an_animated_picture_follows_the_only_tag(clip: Clip) -> None:
    tagged = Clip(clip.frames, (Tag("all", 0, 5, "reverse", 2),))
    assert shown_order(tagged) == ((5, 4, 3, 2, 1, 0) * 2, 1)
    assert shown_order(clip) == ((0, 1, 2, 3, 4, 5), 0)


def test_a_pivot_comes_from_the_slice_that_holds_in_the_frame(clip: Clip) -> None:
    keys = (SliceKey(1, (2, 3, 4, 4), pivot=(1, 1)), SliceKey(4, (0, 0, 0, 0)))
    made = Clip(clip.frames, slices=(Slice("feet", keys),), pivot=(9, 9))
    assert [made.pivot_at(frame) for frame in (0, 1, 3, 4)] == [(9, 9), (3, 4), (3, 4), (9, 9)]


def test_colours_are_those_of_the_palette_in_its_order_only_if_it_holds_them_all(clip: Clip) -> None:
    found = used_colors(clip.pictures)
    assert found is not None
    assert found.tolist() == sorted([[200, 30, 40], [10, 90, 40], [0, 0, 0], [255, 255, 255]])
    palette = np.array([[255, 255, 255], [1, 2, 3], [200, 30, 40], [10, 90, 40], [0, 0, 0]], np.uint8)
    complete, short = Clip(clip.frames, palette=palette), Clip(clip.frames, palette=palette[:3])
    assert np.array_equal(complete.colors(), palette)  # type: ignore[arg-type]
    assert np.array_equal(short.colors(), found)  # type: ignore[arg-type]


def test_translucent_pixels_have_no_palette() -> None:
    assert used_colors([Picture(np.full((2, 2, 4), 100, np.uint8))]) is None

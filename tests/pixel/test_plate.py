"""The background of a clip: what is said to be known of it is true, however slowly things pass over it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixforge.pixel.plate import Plate, at_rest
from pixforge.pixel.windows import Lattice

Values = NDArray[np.uint32]
Mask = NDArray[np.bool_]
SHAPE = (72, 96)
LATTICE = Lattice(24, 18, 96, 72)
FIGURE = 0xFF2030F0
OUTLINE = 0xFF000000


def scene(seed: int) -> Values:
    """Blocks of flat colours, none of them the figure's."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0x60, 0xFF, (9, 12), dtype=np.uint32)
    return (0xFF000000 | blocks << 16 | blocks << 8 | 0x40).repeat(8, 0).repeat(8, 1).astype(np.uint32)


def disc(x: float, y: float, across: float, down: float) -> tuple[Mask, Mask]:
    """A figure that is flat inside, and its outline of two pixels."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    away = np.hypot((columns - x) / across, (rows - y) / down)
    whole = away <= 1
    return whole, whole & (np.hypot((columns - x) / (across - 2), (rows - y) / (down - 2)) > 1)


def laid(ground: Values, parts: tuple[Mask, Mask]) -> Values:
    out = ground.copy()
    out[parts[0]] = FIGURE
    out[parts[1]] = OUTLINE
    return out


def plate_of(frames: list[Values]) -> Plate:
    return at_rest(lambda: iter(frames), LATTICE)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    step=st.tuples(st.integers(-4, 4), st.integers(-3, 3)).filter(any),
    across=st.integers(8, 18),
    down=st.integers(8, 18),
    count=st.integers(3, 10),
)
def test_what_is_known_is_never_a_figure_that_moves(
    seed: int, step: tuple[int, int], across: int, down: int, count: int
) -> None:
    """And what no figure ever comes near is known."""
    ground = scene(seed)
    discs = [disc(48 + step[0] * n, 36 + step[1] * n, across, down) for n in range(count)]
    found = plate_of([laid(ground, each) for each in discs])
    assert (found.values[found.known] == ground[found.known]).all()
    passed = np.logical_or.reduce([each[0] for each in discs])
    rows, columns = (np.flatnonzero(passed.any(axis=axis)) for axis in (1, 0))
    near = np.zeros(SHAPE, np.bool_)
    near[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    assert (found.known | near).all()
    assert not np.isin(found.values[~found.known], (FIGURE, OUTLINE)).any(), "what is not known is taken from about it"


def test_what_is_seen_at_rest_in_few_frames_is_known() -> None:
    """The disc covers its middle in all frames but the last two, and then is gone."""
    ground = scene(1)
    frames = [laid(ground, disc(40 + 2 * n, 36, 14, 14)) for n in range(8)] + [ground, ground, ground]
    found = plate_of(frames)
    assert found.known.all()
    assert (found.values == ground).all()


def test_eyes_that_blink_do_not_make_the_face_unknown() -> None:
    face = laid(scene(2), disc(48, 36, 30, 30))
    shut = face.copy()
    shut[30:34, 36:42] = shut[30:34, 54:60] = OUTLINE
    found = plate_of([face, face, shut, face, face, shut, face])
    assert found.known.all()
    assert (found.values == face).all()


def test_a_body_that_stands_beside_an_arm_that_always_waves_is_background() -> None:
    """The waving never rests, and the body between its ends never changes: its edges stand still, so it does."""
    body = laid(scene(3), disc(48, 40, 10, 28))
    frames = []
    for n in range(8):
        frame = body.copy()
        frame[20 + 2 * (n % 2) : 26 + 2 * (n % 2), 20:30] = FIGURE
        frame[20 + 2 * (n % 2) : 26 + 2 * (n % 2), 66:76] = FIGURE
        frames.append(frame)
    found = plate_of(frames)
    inside = disc(48, 40, 10, 28)[0]
    assert found.known[inside].all()
    assert (found.values[inside] == body[inside]).all()


def test_one_frame_is_all_background_and_none_is_an_error() -> None:
    assert plate_of([scene(4)]).known.all()
    with pytest.raises(ValueError, match="no frame"):
        plate_of([])

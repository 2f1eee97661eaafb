"""ONNX Runtime answers as PyTorch does, for any size, and tiles join without seams."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.errors import SettingsError
from pixforge.nn.card import Direction
from pixforge.nn.onnx_session import OnnxGenerator, spans, thread_count
from pixforge.nn.trunk import TrunkOptions
from pixforge.preprocess import CELL, conditions, pad_cells

CONDITION = conditions(8.0, 16)
BOTH = pytest.mark.parametrize("direction", ["to-pixel", "to-drawing"])


def picture(direction: Direction, height: int, width: int) -> np.ndarray:
    factor = CELL if direction == "to-pixel" else 1
    return np.random.default_rng(7).random((4, height * factor, width * factor), dtype=np.float32)


@given(st.integers(1, 600), st.integers(0, 60), st.integers(4, 64))
def test_spans_cover_every_cell_once_and_keep_their_distance(quarter: int, reach: int, tile: int) -> None:
    length = 4 * quarter
    found = spans(length, reach, tile)
    assert [span.first for span in found] == [0, *(span.last for span in found[:-1])]
    assert found[-1].last == length
    assert len({span.stop - span.start for span in found}) == 1
    for span in found:
        assert 0 <= span.start <= span.first < span.last <= span.stop <= length
        assert span.start % 4 == 0
        assert span.start == 0 or span.first - span.start >= reach
        assert span.stop == length or span.stop - span.last >= reach


@BOTH
def test_it_answers_as_pytorch_does(
    direction: Direction, networks: dict[Direction, torch.nn.Module], files: dict[Direction, bytes]
) -> None:
    array = picture(direction, 21, 14)
    padded = pad_cells(array, CELL if direction == "to-pixel" else 1)
    with torch.no_grad():
        wanted = networks[direction](torch.from_numpy(padded)[None], torch.from_numpy(CONDITION)[None])[0].numpy()
    if direction == "to-pixel":
        wanted[3] = 1 / (1 + np.exp(-wanted[3]))
    answer = OnnxGenerator(files[direction], direction, 9, threads=1).run(array, CONDITION)
    factor = 1 if direction == "to-pixel" else CELL
    assert answer.shape == (4, 21 * factor, 14 * factor)
    np.testing.assert_allclose(answer, wanted[:, : 21 * factor, : 14 * factor], atol=2e-4)


@BOTH
@settings(max_examples=6)
@given(st.integers(70, 120), st.integers(70, 120), st.integers(8, 24))
def test_tiles_join_without_a_seam(
    direction: Direction, files: dict[Direction, bytes], shape: TrunkOptions, height: int, width: int, tile: int
) -> None:
    network = OnnxGenerator(files[direction], direction, shape.reach, threads=1)
    array = picture(direction, height, width)
    whole = network.run(array, CONDITION, tile=4096)
    assert len(spans(4 * -(-height // 4), shape.reach, tile)) > 1
    np.testing.assert_allclose(network.run(array, CONDITION, tile), whole, atol=1e-5)


@BOTH
def test_a_reach_that_is_too_short_would_show(direction: Direction, files: dict[Direction, bytes]) -> None:
    """The test above can fail: with no overlap the borders of the tiles are seen."""
    network = OnnxGenerator(files[direction], direction, 0, threads=1)
    array = picture(direction, 64, 64)
    gap = np.abs(network.run(array, CONDITION, tile=16) - network.run(array, CONDITION, tile=4096))
    assert gap.max() > 1e-3


@BOTH
@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 5), (1, 37), (40, 2)])
def test_any_size_is_converted(direction: Direction, files: dict[Direction, bytes], height: int, width: int) -> None:
    answer = OnnxGenerator(files[direction], direction, 9, threads=1).run(picture(direction, height, width), CONDITION)
    factor = 1 if direction == "to-pixel" else CELL
    assert answer.shape == (4, height * factor, width * factor)
    assert np.isfinite(answer).all()


@BOTH
def test_the_number_of_threads_does_not_change_a_bit(direction: Direction, files: dict[Direction, bytes]) -> None:
    array = picture(direction, 48, 48)
    one, two = (OnnxGenerator(files[direction], direction, 9, threads=n).run(array, CONDITION) for n in (1, 2))
    assert np.array_equal(one, two)


def test_rubbish_is_no_network() -> None:
    with pytest.raises(SettingsError, match="cannot load"):
        OnnxGenerator(b"rubbish", "to-pixel", 9)


def test_a_batch_tells_its_workers_how_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXFORGE_THREADS", "3")
    assert thread_count() == 3
    monkeypatch.setenv("PIXFORGE_THREADS", "no number")
    assert thread_count() >= 1

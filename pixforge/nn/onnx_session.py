"""Generators in ONNX Runtime: any size, large pictures in overlapping tiles that join without seams."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.preprocess import CELL, SPECIFICATION, Array, pad_cells

if TYPE_CHECKING:
    import onnxruntime

    from pixforge.nn.card import Direction

THREADS: Final = "PIXFORGE_THREADS"  # workers of a batch are told by it how many threads each may use
TILE: Final = 256  # cells across and down of a tile's own part
_LARGE: Final = 4 * 192 * 192  # numbers of an array; below, working memory is small and is kept for the next picture
_ERRORS_ONLY: Final = 3


@dataclass(frozen=True)
class Span:
    """A tile along one axis, in cells.

    Attributes:
        start: first cell that the network sees.
        stop: the cell after the last.
        first: first cell that is kept of its answer.
        last: the cell after the last one kept.
    """

    start: int
    stop: int
    first: int
    last: int


def spans(length: int, reach: int, tile: int = TILE, multiple: int = SPECIFICATION.multiple) -> tuple[Span, ...]:
    """Cut an axis into tiles of one size, each answering only for cells that its borders cannot have changed.

    Args:
        length: cells, a whole number of `multiple`.
        reach: cells further away than this never change a cell.
        tile: cells that a tile answers for, at most.
        multiple: tiles begin at multiples of it, as the network halves its grid.
    """
    margin = -(-reach // multiple) * multiple
    size = -(-tile // multiple) * multiple + 2 * margin
    if length <= size:
        return (Span(0, length, 0, length),)
    count = 1 + -(-(length - size) // (size - 2 * margin))
    last = length - size
    starts = [last * index // (count - 1) // multiple * multiple for index in range(count)]
    cuts = [0, *((before + size + after) // 2 for before, after in pairwise(starts)), length]
    return tuple(Span(start, start + size, cuts[i], cuts[i + 1]) for i, start in enumerate(starts))


def thread_count() -> int:
    """Return how many threads a network may use: what a batch told its worker, else all cores of this process."""
    told = os.environ.get(THREADS, "")
    if told.isdecimal() and int(told):
        return int(told)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class OnnxGenerator:
    """A generator of one direction, loaded.

    Args:
        data: the ONNX file.
        direction: which way it converts.
        reach: see `spans`.
        threads: to compute with; None: `thread_count()`.

    Raises:
        SettingsError: ONNX Runtime cannot load it.
    """

    def __init__(self, data: bytes, direction: Direction, reach: int, threads: int | None = None) -> None:
        self._session = open_graph(data, threads or thread_count())
        self._reach = reach
        self._per_cell = (CELL, 1) if direction == "to-pixel" else (1, CELL)

    def run(self, array: Array, condition: Array, tile: int = TILE) -> Array:
        """Convert one picture.

        Args:
            array: (4, 4H, 4W) for to-pixel, (4, H, W) for to-drawing, as `pixforge.preprocess` makes them.
            condition: (3,).
            tile: cells that a tile answers for; the answer does not depend on it, the memory does.

        Returns:
            (4, H, W), colour as if opaque and the probability of alpha; or (4, 4H, 4W), premultiplied.
        """
        into, out_of = self._per_cell
        height, width = array.shape[1] // into, array.shape[2] // into
        padded = pad_cells(array, into)
        rows = spans(padded.shape[1] // into, self._reach, tile)
        columns = spans(padded.shape[2] // into, self._reach, tile)
        if len(rows) == len(columns) == 1:
            return self._once(padded, condition)[:, : height * out_of, : width * out_of]
        out = np.empty((4, padded.shape[1] // into * out_of, padded.shape[2] // into * out_of), np.float32)
        for row in rows:
            for column in columns:
                part = padded[:, row.start * into : row.stop * into, column.start * into : column.stop * into]
                answer = self._once(part, condition)
                out[:, row.first * out_of : row.last * out_of, column.first * out_of : column.last * out_of] = answer[
                    :,
                    (row.first - row.start) * out_of : (row.last - row.start) * out_of,
                    (column.first - column.start) * out_of : (column.last - column.start) * out_of,
                ]
        return out[:, : height * out_of, : width * out_of]

    def _once(self, array: Array, condition: Array) -> Array:
        feed = {"picture": np.ascontiguousarray(array[None]), "condition": condition[None]}
        out: Array = self._session.run(["out"], feed, _giving_back() if array.size > _LARGE else None)[0][0]
        return out


def _giving_back() -> onnxruntime.RunOptions:
    """A run that gives its working memory back: after a large picture that is most of a gigabyte, kept for nothing."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def open_graph(
    graph: bytes | Path, threads: int, instead: Mapping[str, NDArray[np.floating]] | None = None
) -> onnxruntime.InferenceSession:
    """Load a graph.

    Args:
        graph: an ONNX file, or its path if it has weights beside it.
        threads: to compute with.
        instead: weights that take the place of the graph's own, by its names, of the same types and shapes.

    Raises:
        SettingsError: ONNX Runtime cannot load it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # A thread that waits without sleeping takes its core from the other workers of a batch.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(one)) for one in (instead or {}).values()]
    if values:
        options.add_external_initializers(list(instead or {}), values)
    try:
        given = str(graph) if isinstance(graph, Path) else graph
        return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no base class of their own
        path = graph if isinstance(graph, Path) else None
        raise SettingsError(f"ONNX Runtime cannot load the model: {error}", "export the model again", path) from error

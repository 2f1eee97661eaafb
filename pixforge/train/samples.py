"""Fixed samples, pictured again and again while a run goes on: progress that an eye can judge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pixforge.image.picture import Picture
from pixforge.image.save import encode_png, write_atomic
from pixforge.preprocess import (
    CELL,
    conditions,
    drawing_array,
    drawing_picture,
    logical_array,
    logical_picture,
    pad_cells,
)
from pixforge.train.data.store import load_collection, source_weights
from pixforge.train.pairs.cut import grid_size
from pixforge.train.pairs.enlarge import averaged
from pixforge.train.pairs.make import straight
from pixforge.train.validation import Exam, contour_answer, network_answer

Rgba = NDArray[np.uint8]
FOLDER: Final = "samples"
_SIDE: Final = 160  # pixels of a tile
_GAP: Final = 4
_GROUND: Final = (118, 118, 150, 255)
_LONGEST: Final = 40  # cells of a real drawing


@dataclass(frozen=True, eq=False)
class Samples:
    """What is pictured.

    Attributes:
        exam: exact pairs, held out.
        drawings: real ones, held out.
    """

    exam: Exam
    drawings: tuple[Picture, ...]


def make_samples(root: Path, exam: Exam, count: int = 8) -> Samples:
    """Return the first pairs of an exam, and real drawings that training does not see (none if there are none)."""
    found = load_collection(root, lambda entry: entry.kind == "drawing" and entry.split != "train")
    drawings: list[Picture] = []
    if len(found):
        share = np.cumsum(source_weights(found.entries, {}))
        places = (np.arange(count) + 0.5) / count * share[-1]
        drawings = [Picture(found.pixels(int(index))) for index in np.searchsorted(share, places)]
    return Samples(Exam(exam.pairs[:count], exam.names[:count]), tuple(drawings))


def sample_sheet(to_pixel: nn.Module, to_drawing: nn.Module, samples: Samples, device: torch.device) -> Picture:
    """Return a sheet of three blocks, a column a sample.

    Exact pairs: drawing, answer, right answer. Real drawings: drawing, answer. Backwards: sprite, answer, its smooth
    contours.
    """
    pairs = samples.exam.pairs
    rows: list[list[Rgba]] = [
        [pair.drawing.pixels for pair in pairs],
        [network_answer(to_pixel, pair, device) for pair in pairs],
        [pair.logical.pixels for pair in pairs],
    ]
    if samples.drawings:
        rows.append([drawing.pixels for drawing in samples.drawings])
        rows.append([_converted(to_pixel, drawing, device) for drawing in samples.drawings])
    rows += [
        [pair.logical.pixels for pair in pairs],
        [_restored(to_drawing, pair.logical, device) for pair in pairs],
        [straight(averaged(contour_answer(pair), 2)).pixels for pair in pairs],
    ]
    return tiled(rows)


def write_samples(folder: Path, step: int, sheet: Picture) -> Path:
    """Write a sheet into a run's folder."""
    path = folder / FOLDER / f"step-{step:07d}.png"
    write_atomic(path, encode_png(sheet, None, {}))
    return path


@torch.no_grad()
def _converted(network: nn.Module, drawing: Picture, device: torch.device) -> Rgba:
    height, width = grid_size(drawing.height, drawing.width, _LONGEST)
    array = torch.from_numpy(pad_cells(drawing_array(drawing, width, height), CELL))[None].to(device)
    told = torch.from_numpy(conditions(max(drawing.width, drawing.height) / _LONGEST, None))[None].to(device)
    out = network(array, told)[0, :, :height, :width]
    out[3] = out[3].sigmoid()
    return logical_picture(out.float().cpu().numpy()).pixels


@torch.no_grad()
def _restored(network: nn.Module, logical: Picture, device: torch.device) -> Rgba:
    told = torch.from_numpy(conditions(float(CELL), None))[None].to(device)
    out = network(torch.from_numpy(logical_array(logical))[None].to(device), told)[0]
    return drawing_picture(out.float().cpu().numpy()).pixels


def tiled(rows: list[list[Rgba]], side: int = _SIDE) -> Picture:
    """Return pictures in rows, each enlarged by a whole number or shrunk to at most `side` pixels."""
    from PIL import Image

    step = side + _GAP
    sheet = Image.new("RGBA", (step * max(map(len, rows)), step * len(rows)), _GROUND)
    for down, row in enumerate(rows):
        for across, pixels in enumerate(row):
            image = Image.fromarray(np.ascontiguousarray(pixels))
            factor = side / max(image.size)
            whole = max(1, int(factor)) if factor >= 1 else factor
            size = (max(1, round(image.width * whole)), max(1, round(image.height * whole)))
            kind = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
            sheet.alpha_composite(image.resize(size, kind), (across * step, down * step))
    return Picture(np.array(sheet))

"""The score that chooses a checkpoint: exact-cell recovery on sprites that training never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pixforge.errors import SettingsError
from pixforge.pixel.agreement import Agreement, agree
from pixforge.preprocess import CELL, conditions, drawing_array, logical_array, logical_picture
from pixforge.train.data.manifest import Split
from pixforge.train.data.store import load_collection, source_weights
from pixforge.train.pairs.canvas import compose
from pixforge.train.pairs.contour import contoured
from pixforge.train.pairs.enlarge import averaged, premultiplied
from pixforge.train.pairs.make import Pair, PairOptions, make_pair
from pixforge.train.pairs.sprite import hardened
from pixforge.train.recipe import Recipe

_SEED = 20240
KINDS = ("vector", "lined", "smooth", "scale2x", "contour")
_ASKED = ("vector", "smooth", "scale2x", "contour")  # what a run's exam draws with
_HARD = PairOptions(scales={"8": 1.0}, soften=(0.6, 0.82), warp=1.0, shift=0.25)  # the far end of what training sees


@dataclass(frozen=True, eq=False)
class Exam:
    """Held-out pairs, made once.

    Attributes:
        pairs: drawing and right answer.
        names: the drawing recipe of each pair.
    """

    pairs: tuple[Pair, ...]
    names: tuple[str, ...]


def make_exam(root: Path, count: int, side: int, splits: Sequence[Split], enlargers: Sequence[str]) -> Exam:
    """Return `count` pairs out of the sprites of these splits, drawn by each enlarger in turn.

    Sources count alike: the exam is not decided by the largest collection.
    """
    sprites = load_collection(root, lambda entry: entry.kind == "pixel" and entry.split in splits)
    if not len(sprites):
        cause = f"the data set has no pixel art in split {' or '.join(splits)}"
        raise SettingsError(cause, "divide it with: pixforge data split", root)
    share = np.cumsum(source_weights(sprites.entries, {}))
    pairs: list[Pair] = []
    for index in range(count):
        rng = np.random.default_rng((_SEED, index))
        canvas = compose(
            lambda chance: hardened(sprites.pixels(int(np.searchsorted(share, chance.random() * share[-1])))), side, rng
        )
        options = replace(_HARD, enlargers={enlargers[index % len(enlargers)]: 1.0})
        pairs.append(make_pair(canvas, options, rng))
    return Exam(tuple(pairs), tuple(enlargers[index % len(enlargers)] for index in range(count)))


def held_out_exam(roots: Sequence[Path], recipe: Recipe) -> Exam:
    """Return the exam of a run: canvases out of what its data sets hold back, as many from each."""
    count, side = recipe.watch.canvases // len(roots), recipe.data.side
    exams = [make_exam(root, count, side, ("validate", "held-out"), _ASKED) for root in roots]
    return Exam(tuple(pair for exam in exams for pair in exam.pairs), tuple(n for exam in exams for n in exam.names))


def contour_answer(pair: Pair) -> NDArray[np.float32]:
    """Return the clean contour drawing of a pair's pixel art, premultiplied, 0..255, at twice four pixels a cell."""
    return contoured(premultiplied(pair.logical.pixels), 2 * CELL)


@torch.no_grad()
def network_answer(network: nn.Module, pair: Pair, device: torch.device) -> NDArray[np.uint8]:
    """Return to-pixel's pixel art of a pair's drawing, (H, W, 4)."""
    width, height = pair.logical.width, pair.logical.height
    drawing = torch.from_numpy(drawing_array(pair.drawing, width, height))[None].to(device)
    condition = torch.from_numpy(conditions(float(pair.scale), None))[None].to(device)
    out = network(drawing.contiguous(memory_format=torch.channels_last), condition)[0]
    out[3] = torch.sigmoid(out[3])
    return logical_picture(out.cpu().numpy()).pixels


def examine(network: nn.Module, exam: Exam, device: torch.device) -> dict[str, float]:
    """Return the recovery of all cells ("exact"), of the hard ones ("hard"), and of these for each drawing recipe."""
    found = [agree(network_answer(network, pair, device), pair.logical.pixels) for pair in exam.pairs]
    scores = {"exact": share_of(found, "hit", "counted"), "hard": share_of(found, "hard_hit", "hard")}
    for kind in dict.fromkeys(exam.names):
        some = [one for one, name in zip(found, exam.names, strict=True) if name == kind]
        scores[f"hard {kind}"] = share_of(some, "hard_hit", "hard")
    return scores


def share_of(found: Sequence[Agreement], part: str, whole: str) -> float:
    """Return how many cells of one count of an `Agreement` there are for each of another, over all of them."""
    total: int = sum(getattr(one, whole) for one in found)
    hit: int = sum(getattr(one, part) for one in found)
    return hit / max(total, 1)


def examine_reverse(network: nn.Module, exam: Exam, device: torch.device) -> float:
    """Return the mean absolute error of to-drawing, 0..255 premultiplied, against the clean contour drawing."""
    gaps: list[float] = []
    for pair in exam.pairs:
        right = averaged(contour_answer(pair), 2).transpose(2, 0, 1)
        logical = torch.from_numpy(logical_array(pair.logical))[None].to(device)
        with torch.no_grad():
            out = network(logical, torch.from_numpy(conditions(4.0, None))[None].to(device))[0].cpu().numpy()
        gaps.append(float(np.abs(np.clip(out, 0, 1) * 255 - right).mean()))
    return float(np.mean(gaps))


def run_converter(run: Path) -> Callable[[Pair], NDArray[np.uint8]]:
    """Return the to-pixel answer of a run's best checkpoint, as a function of a pair.

    Raises:
        SettingsError: the run has no validated checkpoint yet.
    """
    from pixforge.train.state import best_checkpoint, load_state

    best = best_checkpoint(run)
    if best is None:
        raise SettingsError("this run has no validated checkpoint yet", "let it run on", run)
    network = load_state(best, torch.device("cpu")).averages["to-pixel"].network
    return lambda pair: network_answer(network, pair, torch.device("cpu"))

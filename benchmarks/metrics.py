"""What an output of any tool is measured by: the contract, and the measures of `pixforge evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.contour import continuity
from pixforge.evaluate.critic.model import bundled
from pixforge.evaluate.examine import colour_count, keeps_contract
from pixforge.evaluate.fidelity import fidelity, resized, silhouette
from pixforge.evaluate.inner import inner_lines
from pixforge.evaluate.texture import orphan_rate

RGBA = NDArray[np.uint8]
AlphaKind = Literal["opaque", "binary", "soft", "lost"]


@dataclass(frozen=True)
class Scores:
    """The measures of one output; docs/evaluation.md says what each of `pixforge evaluate` means.

    Attributes:
        width, height: pixels.
        colors: distinct RGB values among pixels that are not fully transparent.
        alpha: opaque, binary (0 and 255), soft, or lost (the source had transparency, the output has none).
        contract: size, colours and alpha are what was asked for, the source's transparency is kept, and nothing is
            coloured where transparent.
        distance, silhouette, outline, inner_recall, inner_precision, orphans, realness: an output of another size is
            first brought to the one asked for. None where a measure says nothing about the picture.
    """

    width: int
    height: int
    colors: int
    alpha: AlphaKind
    contract: bool
    distance: float
    silhouette: float | None
    outline: float | None
    inner_recall: float | None
    inner_precision: float | None
    orphans: float
    realness: float | None


def score(source: RGBA, out: RGBA, width: int, height: int, colors: int) -> Scores:
    """Measure `out` as a conversion of `source` that was asked for width x height cells and so many colours."""
    cells = out if out.shape[:2] == (height, width) else resized(out, width, height)
    lines, alpha = inner_lines(source, cells), alpha_kind(source, out)
    hard = cells.copy()
    hard[cells[..., 3] < 128] = 0
    hard[cells[..., 3] >= 128, 3] = 255
    return Scores(
        width=out.shape[1],
        height=out.shape[0],
        colors=colour_count(out),
        alpha=alpha,
        contract=alpha != "lost" and keeps_contract(out, width, height, colors),
        distance=fidelity(source, cells).distance,
        silhouette=silhouette(source, cells),
        outline=continuity(source, cells),
        inner_recall=lines.recall if lines else None,
        inner_precision=lines.precision if lines else None,
        orphans=orphan_rate(out) or 0.0,
        realness=bundled().realness(hard),
    )


def alpha_kind(source: RGBA, out: RGBA) -> AlphaKind:
    """Classify the alpha channel; see `Scores.alpha`."""
    values = np.unique(out[..., 3])
    if values.tolist() == [255]:
        return "lost" if source[..., 3].min() < 255 else "opaque"
    return "binary" if set(values.tolist()) <= {0, 255} else "soft"

"""What an output of any tool is measured by: size, colours, alpha, and the measures of `pixforge evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.examine import colour_count
from pixforge.evaluate.fidelity import fidelity, resized
from pixforge.evaluate.texture import orphan_rate

RGBA = NDArray[np.uint8]
AlphaKind = Literal["opaque", "binary", "soft", "lost"]


@dataclass(frozen=True)
class Scores:
    """The measures of one output.

    Attributes:
        width, height: pixels.
        colors: distinct RGB values among pixels that are not fully transparent.
        alpha: opaque, binary (0 and 255), soft, or lost (the source had transparency, the output has none).
        orphans: share of visible cells whose colour none of the eight neighbours has.
        distance: see `pixforge.evaluate.fidelity`; an output of another size is first brought to the one asked for.
    """

    width: int
    height: int
    colors: int
    alpha: AlphaKind
    orphans: float
    distance: float


def score(source: RGBA, out: RGBA, width: int, height: int) -> Scores:
    """Measure `out` as a conversion of `source` that was asked for width x height cells."""
    cells = out if out.shape[:2] == (height, width) else resized(out, width, height)
    return Scores(
        width=out.shape[1],
        height=out.shape[0],
        colors=colour_count(out),
        alpha=alpha_kind(source, out),
        orphans=orphan_rate(out) or 0.0,
        distance=fidelity(source, cells).distance,
    )


def alpha_kind(source: RGBA, out: RGBA) -> AlphaKind:
    """Classify the alpha channel; see `Scores.alpha`."""
    values = np.unique(out[..., 3])
    if values.tolist() == [255]:
        return "lost" if source[..., 3].min() < 255 else "opaque"
    return "binary" if set(values.tolist()) <= {0, 255} else "soft"

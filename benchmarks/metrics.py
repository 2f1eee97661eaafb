"""What an output is measured by, in plain numpy: size, colours, alpha, orphans, faithful colour.

Every function takes uint8 (H, W, 4) straight-alpha arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RGBA = NDArray[np.uint8]
Real = NDArray[np.float64]
AlphaKind = Literal["opaque", "binary", "soft", "lost"]


@dataclass(frozen=True)
class Scores:
    """The measures of one output.

    Attributes:
        width, height: pixels.
        colors: distinct RGB values among pixels that are not fully transparent.
        alpha: opaque, binary (0 and 255), soft, or lost (the source had transparency, the output has none).
        orphans: share of visible cells that none of the eight neighbours equals.
        distance: mean OKLab distance (x 100) of output and source, both low-passed to about two cells, in linear
            light, weighted by the source's coverage.
    """

    width: int
    height: int
    colors: int
    alpha: AlphaKind
    orphans: float
    distance: float


def score(source: RGBA, out: RGBA, width: int, height: int) -> Scores:
    """Measure `out` as a conversion of `source` that was asked for width x height cells."""
    return Scores(
        width=out.shape[1],
        height=out.shape[0],
        colors=count_colors(out),
        alpha=alpha_kind(source, out),
        orphans=orphan_rate(out),
        distance=low_pass_distance(source, out, width, height),
    )


def count_colors(out: RGBA) -> int:
    """Distinct RGB values among pixels with alpha above 0."""
    visible = out[out[..., 3] > 0][:, :3].astype(np.uint32)
    return int(np.unique(visible @ np.array([65536, 256, 1], np.uint32)).size)


def alpha_kind(source: RGBA, out: RGBA) -> AlphaKind:
    """Classify the alpha channel; see `Scores.alpha`."""
    values = np.unique(out[..., 3])
    if values.tolist() == [255]:
        return "lost" if source[..., 3].min() < 255 else "opaque"
    return "binary" if set(values.tolist()) <= {0, 255} else "soft"


def orphan_rate(out: RGBA) -> float:
    """Share of visible cells whose RGBA value none of the eight neighbours has, 0..1."""
    code = out.astype(np.uint32) @ np.array([1 << 24, 65536, 256, 1], np.uint32)
    height, width = code.shape
    alone = np.ones(code.shape, bool)
    for dy, dx in ((0, 1), (1, -1), (1, 0), (1, 1)):
        near = code[: height - dy, max(0, -dx) : width - max(0, dx)]
        far = code[dy:, max(0, dx) : width - max(0, -dx)]
        same = near == far
        alone[: height - dy, max(0, -dx) : width - max(0, dx)] &= ~same
        alone[dy:, max(0, dx) : width - max(0, -dx)] &= ~same
    visible = out[..., 3] > 0
    return float(alone[visible].mean()) if visible.any() else 0.0


def low_pass_distance(source: RGBA, out: RGBA, width: int, height: int) -> float:
    """Mean OKLab distance x 100 after a low pass; see `Scores.distance`.

    An output of another size is first brought to width x height by area average.
    """
    wanted, weight = _low_pass(_area(_premultiplied(source), width, height))
    got, coverage = _low_pass(_area(_premultiplied(out), width, height))
    gap = np.sqrt(((_oklab(wanted) - _oklab(got)) ** 2).sum(-1))
    seen = weight * (coverage > 0.05)
    return float(100 * (gap * seen).sum() / max(float(seen.sum()), 1e-9))


def _premultiplied(picture: RGBA) -> Real:
    """Linear-light premultiplied (H, W, 4) in 0..1."""
    value = picture[..., :3] / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    alpha = picture[..., 3:] / 255.0
    return np.concatenate([linear * alpha, alpha], -1)


def _area(picture: Real, width: int, height: int) -> Real:
    """Area average to width x height; exact for non-integer ratios."""
    rows, columns = _coverage(picture.shape[0], height), _coverage(picture.shape[1], width)
    out: Real = np.einsum("yY,YXc,xX->yxc", rows, picture, columns, optimize=True)
    return out


def _coverage(source: int, target: int) -> Real:
    """(target, source) matrix: how much of each target interval each source pixel fills; rows sum to 1."""
    edges = np.linspace(0, source, target + 1)
    pixels = np.arange(source)
    low = np.maximum(edges[:-1, None], pixels[None])
    high = np.minimum(edges[1:, None], pixels[None] + 1)
    filled: Real = np.clip(high - low, 0, None) * (target / source)
    return filled


def _low_pass(cells: Real) -> tuple[Real, Real]:
    """Two passes of a 1-2-1 filter with edges repeated; gives linear RGB (unpremultiplied) and coverage."""
    for _ in range(2):
        for axis in (0, 1):
            padded = np.pad(cells, [(1, 1) if axis == side else (0, 0) for side in range(3)], "edge")
            first, middle, last = (np.take(padded, range(s, s + cells.shape[axis]), axis) for s in range(3))
            cells = (first + 2 * middle + last) / 4
    alpha = cells[..., 3]
    return cells[..., :3] / np.maximum(alpha, 1e-6)[..., None], alpha


def _oklab(linear: Real) -> Real:
    """Linear sRGB (..., 3) to OKLab (Ottosson 2020)."""
    lms = linear @ np.array(
        [[0.4122214708, 0.2119034982, 0.0883024619], [0.5363325363, 0.6806995451, 0.2817188376],
         [0.0514459929, 0.1073969566, 0.6299787005]]
    )  # fmt: skip
    lab: Real = np.cbrt(np.clip(lms, 0, None)) @ np.array(
        [[0.2104542553, 1.9779984951, 0.0259040371], [0.7936177850, -2.4285922050, 0.7827717662],
         [-0.0040720468, 0.4505937099, -0.8086757660]]
    )  # fmt: skip
    return lab

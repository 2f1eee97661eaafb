"""Cell colours of a blurred enlargement: the flat cells whose blurred picture is nearest to the one at hand.

A picture of flat cells under a separable blur is A_y C A_x', with C the cells and A the share that every cell has in
every pixel. C follows by least squares, axis by axis. Brightness and colour are solved apart, because JPEG stores
colour at half the resolution and so blurs it more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba

Float = NDArray[np.float32]

_BLURS = (0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.8)  # pixels (standard deviation)
_RELATIVE_BLURS = (0.2, 0.29, 0.36)  # pitches: 0.29 is what bilinear and bicubic enlargement amount to
_RIDGE = 0.01
_REST = 0.3  # pixels beside the grid that are worth a cell of their own
_PROBE = 128  # pixels: side of the part on which the blur is measured, if that holds _PROBE_CELLS cells
_PROBE_CELLS = 6
_SKIP = 4  # every fourth line is enough to find the busiest part
_TO_YCC = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], dtype=np.float32)
_FROM_YCC = np.linalg.inv(_TO_YCC.astype(np.float64)).astype(np.float32)


@dataclass(frozen=True)
class Fit:
    """How well blurred flat cells explain a picture's brightness, on its busiest part.

    Attributes:
        blur: standard deviation of the Gaussian, in pixels. About 0.36 pitches and more mean a kernel as wide as the
            cells, as smooth enlargements have.
        rest: root mean square of what stays unexplained, in levels: noise, or content that is not cells.
        contrast: root mean square of the step from cell to cell, in levels.
    """

    blur: float
    rest: float
    contrast: float


def fit_cells(pixels: Rgba, edges_x: NDArray[np.float64], edges_y: NDArray[np.float64]) -> Fit:
    """Explain a picture, uint8 (H, W, 4), by flat cells within these borders under the blur that suits best."""
    edges_x, _ = _with_rest(edges_x, pixels.shape[1])
    edges_y, _ = _with_rest(edges_y, pixels.shape[0])
    part, part_x, part_y = _busiest(pixels, edges_x, edges_y)
    plane = np.add.reduce(_planes(part)[::3])  # brightness, and alpha where there is any
    blur, misfit = _best_blur(plane, part_x, part_y)
    cells = _fit(plane, shares(part_x, plane.shape[1], blur), shares(part_y, plane.shape[0], blur))
    steps = np.concatenate([np.diff(cells, axis=0).ravel(), np.diff(cells, axis=1).ravel(), np.zeros(1)])
    return Fit(blur, float(np.sqrt(misfit)), float(np.sqrt((steps**2).mean())))


def deblurred_cells(
    pixels: Rgba, edges_x: NDArray[np.float64], edges_y: NDArray[np.float64], blur: float
) -> tuple[Float, Float]:
    """Return colours float32 (rows, columns, 3) 0..255 and alpha float32 (rows, columns) 0..255 of every cell.

    `blur` is that of brightness, in pixels, as fit_cells finds it.
    """
    planes = _planes(pixels)
    rows, columns = len(edges_y) - 1, len(edges_x) - 1
    edges_x, left = _with_rest(edges_x, pixels.shape[1])
    edges_y, top = _with_rest(edges_y, pixels.shape[0])
    part, part_x, part_y = _busiest(pixels, edges_x, edges_y)
    soft = max(blur, _best_blur(np.add.reduce(_planes(part)[1:3]), part_x, part_y)[0])
    mixtures = {b: (shares(edges_x, pixels.shape[1], b), shares(edges_y, pixels.shape[0], b)) for b in (blur, soft)}
    solvers = {b: (_pseudo_inverse(across), _pseudo_inverse(down)) for b, (across, down) in mixtures.items()}
    solved = [_cells(planes[c], *solvers[b]) for c, b in enumerate((blur, soft, soft, blur)[: len(planes)])]
    inner = np.stack(solved, axis=-1)[top : top + rows, left : left + columns]
    alpha = np.clip(inner[..., 3], 0, 255) if len(planes) == 4 else np.full((rows, columns), 255, dtype=np.float32)
    colour = (inner[..., :3] @ _FROM_YCC.T) * (255 / np.maximum(alpha, 1))[..., None]
    return np.clip(colour, 0, 255).astype(np.float32), alpha


def _with_rest(edges: NDArray[np.float64], length: int) -> tuple[NDArray[np.float64], int]:
    """Return the borders with what lies outside them as cells of its own, and how many cells that adds in front."""
    before = edges[:1] * 0 if edges[0] > _REST else edges[:0]
    after = edges[:1] * 0 + length if edges[-1] < length - _REST else edges[:0]
    return np.concatenate([before, edges, after]), len(before)


def _planes(pixels: Rgba) -> list[Float]:
    """Premultiplied brightness, two colour differences, and alpha unless all is opaque: float32 (H, W) each."""
    alpha = pixels[..., 3].astype(np.float32)
    opaque = bool((pixels[..., 3] == 255).all())
    red, green, blue = (pixels[..., c] if opaque else pixels[..., c] * (alpha / np.float32(255)) for c in range(3))
    planes: list[Float] = [r * red + g * green + b * blue for r, g, b in _TO_YCC]
    return planes if opaque else [*planes, alpha]


def _best_blur(plane: Float, edges_x: NDArray[np.float64], edges_y: NDArray[np.float64]) -> tuple[float, float]:
    """Return the blur in pixels under which flat cells explain a plane (H, W) best, and the mean square left over."""
    pitch = float(np.median(np.diff(edges_x)) + np.median(np.diff(edges_y))) / 2
    best, least = 0.0, np.inf
    for blur in sorted({*_BLURS, *(share * pitch for share in _RELATIVE_BLURS)}):
        if blur > 0.4 * pitch:
            break
        misfit = _misfit(plane, edges_x, edges_y, blur)
        if misfit > least * 1.02:  # past the best one
            break
        if misfit < least:
            best, least = blur, misfit
    return best, least


def _busiest(
    pixels: Rgba, edges_x: NDArray[np.float64], edges_y: NDArray[np.float64]
) -> tuple[Rgba, NDArray[np.float64], NDArray[np.float64]]:
    """Cut out the part round the cells with most change, about _PROBE pixels a side, along cell borders."""
    parts = []
    for axis, edges in ((1, edges_x), (0, edges_y)):
        lines = pixels[::_SKIP] if axis == 1 else pixels[:, ::_SKIP]
        lines = lines.astype(np.int16)
        change = np.abs(np.diff(lines, axis=axis)).sum(axis=(1 - axis, 2), dtype=np.int64)
        total = np.concatenate([[0], np.cumsum(change), [change.sum()]])
        at = np.clip(np.rint(edges), 0, pixels.shape[axis]).astype(np.intp)
        reach = max(_PROBE, _PROBE_CELLS * float(np.median(np.diff(edges))))
        last = np.maximum(np.searchsorted(edges, edges + reach, side="right") - 1, np.arange(len(edges)))
        first = int(np.argmax(total[at[last]] - total[at]))
        parts.append((first, max(int(last[first]), first + 1)))
    (x0, x1), (y0, y1) = parts
    left, top = int(edges_x[x0]), int(edges_y[y0])
    right, bottom = math.ceil(edges_x[x1]), math.ceil(edges_y[y1])
    return pixels[top:bottom, left:right], edges_x[x0 : x1 + 1] - left, edges_y[y0 : y1 + 1] - top


def _misfit(plane: Float, edges_x: NDArray[np.float64], edges_y: NDArray[np.float64], blur: float) -> float:
    """Return the mean square by which a plane (H, W) differs from the nearest picture of flat cells under a blur."""
    across, down = shares(edges_x, plane.shape[1], blur), shares(edges_y, plane.shape[0], blur)
    return float(((down @ _fit(plane, across, down) @ across.T - plane) ** 2).mean())


def _fit(plane: Float, across: Float, down: Float) -> Float:
    """Return the cells (rows, columns) whose mixture by these shares is nearest to a plane (H, W)."""
    return _cells(plane, _pseudo_inverse(across), _pseudo_inverse(down))


def _cells(plane: Float, across: Float, down: Float) -> Float:
    """Apply the inverses of both axes. The mean is left out, so that their ridge does not darken a constant plane."""
    mean = plane.mean()
    cells: Float = (down @ (plane - mean) @ across.T + mean).astype(np.float32)
    return cells


def _pseudo_inverse(share: Float) -> Float:
    square: Float = share.T @ share
    ridge = np.eye(len(square), dtype=np.float32) * (_RIDGE * square.diagonal().mean())
    inverse: Float = np.linalg.solve(square + ridge, share.T).astype(np.float32)
    return inverse


def shares(edges: NDArray[np.float64], length: int, blur: float) -> Float:
    """Return how much of every pixel comes from every cell under a Gaussian blur, float32 (length, cells).

    What lies beyond the first and last border belongs to the first and last cell.
    """
    centre = np.arange(length) + 0.5
    reach = (edges[None, 1:-1] - centre[:, None]) / blur
    below = np.concatenate([np.zeros((length, 1)), _normal(reach), np.ones((length, 1))], axis=1)
    return np.diff(below, axis=1).astype(np.float32)


def _normal(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cumulative normal distribution, by the logistic approximation (off by less than 0.0002)."""
    cubic = 1.5976 * value + 0.07056 * value**3
    return 1 / (1 + np.exp(-np.clip(cubic, -30, 30)))

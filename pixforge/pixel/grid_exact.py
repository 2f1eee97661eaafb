"""Grids that need no estimate: pixel art enlarged a whole number of times, and pixel art at its true size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Rgba
from pixforge.pixel.grid_lattice import Grid

_SURE = 8.0  # nats: rarer accidents than 1 in 3000 count as an enlargement
_UNCROPPED = 3.0  # nats for an enlargement that fills the picture with whole cells
_SQUARE = 4.0  # nats for one factor on both axes
_MAX_COLOURS = 256
_MAX_SOFT = 0.02  # share of half-transparent pixels that needs no look at how many levels they have
_MAX_BLENDED = 0.14  # share of strong edges with in-between colours; anti-aliased drawings have 0.2 to 0.6
_SMALL = 64  # pixels on the longer side
_MAX_ALPHAS = 4  # half-transparent levels: shadows and glass, not anti-aliasing
_MIN_SINGLE = 0.04  # share of colour borders one pixel long that shows that the detail is as fine as the pixels
_FAINT = 3  # levels between neighbours that no artist sets side by side
_MAX_FAINT = 0.5  # share of such steps that true pixel art may have
_VISIBLE = 20.0  # levels between colours that count as an edge
_MOSTLY = 0.8  # a colour more of whose pixels lie between their neighbours' colours comes from anti-aliasing
_RARE = 0.0005  # share of the picture's pixels up to which a colour is rare


def colour_keys(pixels: Rgba) -> NDArray[np.uint32]:
    """Return one number a colour, uint32 (H, W); everything wholly transparent is 0."""
    keys: NDArray[np.uint32] = np.ascontiguousarray(pixels).view(np.uint32)[..., 0].copy()
    keys[pixels[..., 3] == 0] = 0
    return keys


def whole_enlargement(keys: NDArray[np.uint32]) -> Grid | None:
    """Return the grid of an exact enlargement by whole factors (2 or more on one axis at least), or None.

    All colour changes of such a picture lie at multiples of the factor from each other. The factor is the divisor of
    their common divisor that explains this best.
    """
    found = [np.nonzero((np.diff(keys.view(np.int32), axis=1) != 0).any(axis=0))[0] + 1]
    found.append(np.nonzero((np.diff(keys.view(np.int32), axis=0) != 0).any(axis=1))[0] + 1)
    if min(len(found[0]), len(found[1])) < 2:
        return None
    options = [_factors(places, length) for places, length in zip(found, keys.shape[::-1], strict=True)]
    choices = [
        (score_x + score_y + _SQUARE * (factor_x == factor_y), factor_x, factor_y)
        for factor_x, score_x in options[0]
        for factor_y, score_y in options[1]
    ]
    _, factor_x, factor_y = max(choices)
    accident = sum((len(p) - 2) * np.log(f) for p, f in zip(found, (factor_x, factor_y), strict=True))
    if accident < _SURE or (min(factor_x, factor_y) == 1 and single_steps(keys) < _MIN_SINGLE):
        return None
    edges_x = _whole_edges(int(found[0][0]), factor_x, keys.shape[1])
    edges_y = _whole_edges(int(found[1][0]), factor_y, keys.shape[0])
    return _exact_grid(edges_x, edges_y, factor_x, factor_y)


def _factors(places: NDArray[np.intp], length: int) -> list[tuple[int, float]]:
    """Return each factor that the places of colour changes allow, with the evidence for it in nats."""
    common = int(np.gcd.reduce(np.diff(places)))
    result = []
    for factor in range(1, common + 1):
        if common % factor == 0:
            whole = length % factor == 0 and places[0] % factor == 0
            result.append((factor, float((len(places) - 1) * np.log(factor) + _UNCROPPED * whole)))
    return result


def _whole_edges(place: int, factor: int, length: int) -> NDArray[np.float64]:
    """Return the borders through `place`; a cell cut by the picture's border counts when half of it is left."""
    edges = np.arange(place % factor, length + 1, factor, dtype=np.float64)
    if edges[0] * 2 >= factor:
        edges = np.concatenate([[0.0], edges])
    if (length - edges[-1]) * 2 >= factor:
        edges = np.concatenate([edges, [float(length)]])
    return edges


def _exact_grid(edges_x: NDArray[np.float64], edges_y: NDArray[np.float64], factor_x: int, factor_y: int) -> Grid:
    return Grid(
        pitch_x=float(factor_x),
        pitch_y=float(factor_y),
        phase_x=float(edges_x[1] - factor_x),
        phase_y=float(edges_y[1] - factor_y),
        width=len(edges_x) - 1,
        height=len(edges_y) - 1,
        confidence=1.0,
        edges_x=edges_x,
        edges_y=edges_y,
        exact=True,
    )


def true_size(pixels: Rgba, keys: NDArray[np.uint32]) -> Grid | None:
    """Return the grid of cells of one pixel if the picture is pixel art at its true size, or None.

    It is, when it has few colours, few levels of alpha, detail as fine as its pixels, and edges that go from colour to
    colour without the one-off in-between colours of anti-aliasing.
    """
    return _pixel_grid(keys) if single_steps(keys) >= _MIN_SINGLE and has_hard_edges(pixels, keys) else None


def small_and_hard(pixels: Rgba, keys: NDArray[np.uint32]) -> Grid | None:
    """Return the grid of cells of one pixel for a small picture of hard edges that bears no other grid, or None."""
    return _pixel_grid(keys) if max(keys.shape) <= _SMALL and has_hard_edges(pixels, keys) else None


def _pixel_grid(keys: NDArray[np.uint32]) -> Grid:
    height, width = keys.shape
    return _exact_grid(np.arange(width + 1.0), np.arange(height + 1.0), 1, 1)


def has_hard_edges(pixels: Rgba, keys: NDArray[np.uint32]) -> bool:
    """Return whether a picture has few colours and levels of alpha, and no anti-aliasing."""
    alpha = pixels[..., 3]
    soft = alpha[(alpha > 8) & (alpha < 247)]
    if soft.size > _MAX_SOFT * (alpha > 8).sum() and len(np.unique(soft)) > _MAX_ALPHAS:
        return False
    few = len(np.unique(keys[::5, ::3])) <= _MAX_COLOURS  # a quick look that settles most photographs
    if not few or not 2 <= len(np.unique(keys)) <= _MAX_COLOURS:
        return False
    return faint_steps(pixels, keys) <= _MAX_FAINT and blended_edges(pixels, keys, _VISIBLE) <= _MAX_BLENDED


def single_steps(keys: NDArray[np.uint32]) -> float:
    """Return the share of straight colour borders that are one pixel long, 0..1: none in an enlargement."""
    single = total = 0
    for changed in (keys[:, 1:] != keys[:, :-1], (keys[1:] != keys[:-1]).T):
        framed = np.pad(changed, ((1, 1), (0, 0)))
        begins = framed[1:-1] & ~framed[:-2]
        total += int(begins.sum())
        single += int((begins & ~framed[2:]).sum())
    return single / max(total, 1)


def faint_steps(pixels: Rgba, keys: NDArray[np.uint32]) -> float:
    """Return the share of unlike neighbours that differ by hardly a level, 0..1: gradients are made of them."""
    faint = total = 0
    for view, names in ((pixels, keys), (pixels.transpose(1, 0, 2), keys.T)):
        step = np.abs(view[:, 1:].astype(np.int16) - view[:, :-1]).max(axis=2)
        changed = names[:, 1:] != names[:, :-1]
        total += int(changed.sum())
        faint += int((changed & (step <= _FAINT)).sum())
    return faint / max(total, 1)


def blended_edges(pixels: Rgba, keys: NDArray[np.uint32], least: float = 60.0) -> float:
    """Return the share of strong edges whose middle pixel is a blend of its two neighbours, 0..1.

    An edge is strong when the neighbours differ by `least` levels (Euclidean, alpha included).

    Only colours that are rare, or that are blends more often than not, count: the shades of a ramp stand between their
    neighbours too, but they also stand elsewhere.
    """
    strong_x, between_x = _between(_premultiplied(pixels), least)
    strong_y, between_y = (plane.T for plane in _between(_premultiplied(pixels.transpose(1, 0, 2)), least))
    between = np.zeros(keys.shape, dtype=np.bool_)
    between[:, 1:-1] |= between_x
    between[1:-1] |= between_y
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(-1)
    blends = np.bincount(inverse, between.reshape(-1), minlength=len(counts))
    suspect = ((blends > _MOSTLY * counts) | (counts <= max(2, _RARE * keys.size)))[inverse].reshape(keys.shape)
    blended = int((between_x & suspect[:, 1:-1]).sum()) + int((between_y & suspect[1:-1]).sum())
    return blended / max(int(strong_x.sum()) + int(strong_y.sum()), 1)


def _premultiplied(pixels: Rgba) -> NDArray[np.float32]:
    alpha = pixels[..., 3:].astype(np.float32)
    return np.concatenate([pixels[..., :3] * (alpha / 255), alpha], axis=2)


def _between(planes: NDArray[np.float32], least: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where a row's left and right neighbours differ much, and where the pixel lies between them: (H, W - 2)."""
    step = planes[:, 2:] - planes[:, :-2]
    here = planes[:, 1:-1] - planes[:, :-2]
    square = (step * step).sum(axis=2)
    share = (here * step).sum(axis=2) / np.maximum(square, 1)
    off = ((here - share[..., None] * step) ** 2).sum(axis=2)
    strong = square > least**2
    return strong, strong & (share > 0.08) & (share < 0.92) & (off < np.minimum(0.05 * square, 12**2))

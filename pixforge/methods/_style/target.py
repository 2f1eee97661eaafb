"""From a request to what the solver starts from and holds on to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.image.resample import composite, resize
from pixforge.methods._style.areas import (
    by_neighbours,
    details_of,
    ground_of,
    links_of,
    numbered,
    returned,
    rounded,
    shaded_of,
    without_strays,
)
from pixforge.methods._style.choice import NEAR, gaps_of, shades_of
from pixforge.methods._style.light import lit
from pixforge.methods._style.pictures import GROUND
from pixforge.methods.contract import decided_cells
from pixforge.pixel.cells import cell_mean, max3
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.downscale import Cells

if TYPE_CHECKING:
    from pixforge.methods.contract import Request

Array = NDArray[np.float32]
_FAR: Final = 60.0  # logits below the best of such an entry: no run gets there
_LOOSE: Final = 3.0  # temperature of the shares that the entries shall keep
_PAINTED: Final = 1.0  # how much what stands out counts where the drawing is a painting; a line counts 1
_PREFERRED: Final = 0.7  # logits by which the start's own entry is ahead
_SURE: Final = 0.02  # alpha is never surer than this
_STRAY: Final = 8  # an area of the style's has at least a cell for each so many cells of the longer side ...
_LARGEST_STRAY: Final = 10  # ... up to so many


@dataclass(frozen=True, eq=False)
class Target:
    """What a drawing asks for.

    Attributes:
        start: the decision of the downscale without a network: lines one cell wide, areas by vote.
        logits, alpha_logits: it as the solver's start; alpha is opaque where its logit is above 0.
        picture: float32 (H, W, 3), it on the ground, sRGB 0..1.
        means: float32 (H, W, 3), the drawing's means on the ground under the style's light, beside lines the start.
        shade: float32 (H, W), how much lighter the style's light makes a cell, 0..1; 0 beside lines and in paintings.
        coverage: float32 (H, W), 0..1, opaque above a half; 0 on a plain ground, which the encoder does not see.
        lines: float32 (H, W), how much a cell is a line.
        fine: float32 (H * k, W * k, 3), the drawing on the ground at the encoder's resolution.
        usage: float32 (K,), shares of the entries.
        opaque: bool (H, W), the subject: opaque cells, without a plain ground.
        free: bool (H, W), cells of it that are neither lines nor details.
        links: float32 (H - 1, W) and (H, W - 1), how much neighbours belong together.
        painted: bool (H, W), cells whose colour the drawing shades by itself.
        ground: bool (H, W), the plain ground: opaque, and left as it is.
    """

    start: Cells
    logits: Array
    alpha_logits: Array
    picture: Array
    means: Array
    shade: Array
    coverage: Array
    lines: Array
    fine: Array
    usage: Array
    opaque: NDArray[np.bool_]
    free: NDArray[np.bool_]
    links: tuple[Array, Array]
    painted: NDArray[np.bool_]
    ground: NDArray[np.bool_]

    @property
    def held(self) -> NDArray[np.bool_]:
        """Cells (H, W) of the subject that may not change: lines and details."""
        return self.opaque & ~self.free


def aim(request: Request, picture: Picture, palette: NDArray[np.uint8], scale: int, light: Array) -> Target:
    """Return what a request asks for.

    Args:
        request: the sizes and wishes of it.
        picture: its picture, recoloured where that is wanted.
        palette: uint8 (K, 3).
        scale: pixels a cell that the encoder sees.
        light: of the style, as `pixforge.methods._style.light` measures it, times how much it shall count.
    """
    start = decided_cells(replace(request, picture=picture, palette=palette, dither="none"))
    lab, lines = srgb_to_oklab(palette), start.dark | start.light
    alpha_logits = _logit(start.alpha) - _logit(np.float32(request.alpha.threshold))
    fine: Array = np.asarray(
        composite(_fitted(picture, request, scale), (GROUND, GROUND, GROUND)).pixels[..., :3] / 255, np.float32
    )
    means = _means(fine, scale)
    ground = ground_of(start.entry, means, (alpha_logits > 0) & ~lines)
    alpha_logits = np.where(ground, _logit(np.float32(0)), alpha_logits).astype(np.float32)
    opaque = alpha_logits > 0
    free = opaque & ~lines & ~details_of(start.entry, lab, opaque)
    links = links_of(srgb_to_oklab(means * 255), free)
    if ground.any():
        fine = np.asarray(np.where(ground.repeat(scale, 0).repeat(scale, 1)[..., None], GROUND / 255, fine), np.float32)
        means = _means(fine, scale)
    shown = palette[start.entry].astype(np.float32) / 255
    picture_on_ground = np.where(opaque[..., None], shown, np.float32(GROUND / 255))
    # Where the drawing is shaded already it has a light of its own.
    shaded = shaded_of(start.entry, shades_of(lab), free)
    shade = lit(opaque, numbered(start.entry, free), light) * (1 - np.maximum(start.gradient, shaded))
    beside = max3((opaque & ~free).astype(np.float32)) > 0
    means = np.where(beside[..., None], picture_on_ground, np.clip(means + shade[..., None], 0, 1))
    logits = _logits(start.entry, lab)
    return Target(
        start,
        logits,
        alpha_logits,
        picture_on_ground.astype(np.float32),
        means.astype(np.float32),
        np.where(beside, np.float32(0), shade),
        _coverage(alpha_logits, lines),
        (0.1 + lines + _PAINTED * shaded).astype(np.float32),
        fine.astype(np.float32),
        usage_of(logits, opaque, shaded),
        opaque,
        free,
        links,
        shaded > 0.5,
        ground,
    )


def settled(target: Target, entries: NDArray[np.intp], alpha_logits: Array) -> NDArray[np.intp]:
    """Return the entries (H, W) of a run as a pixel artist would leave them.

    Lines and details are as they were, and no area of the style's is smaller than a few cells, fewer in a small
    picture. Where the drawing is a painting, a smaller one is what it was.
    """
    start = target.start.entry
    held = tidied(entries, start, target.free, target.painted)
    gained = (alpha_logits > 0) & ~target.opaque & ~target.ground
    held[gained] = by_neighbours(held, start, target.opaque, gained)
    return held


def tidied(
    entries: NDArray[np.intp], start: NDArray[np.intp], free: NDArray[np.bool_], painted: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return entries (H, W) of which only free cells differ from the start, in areas of more than a few cells."""
    least = min(_LARGEST_STRAY, max(2, max(entries.shape) // _STRAY))
    flat = free & ~painted
    held = np.where(free, entries, start)
    held = without_strays(rounded(held, start, flat), start, flat, least)
    return returned(held, start, free, least)


def alpha_of(logits: Array, threshold: float) -> Array:
    """Return coverage (H, W), 0..1, that is at least the threshold where the logit is above 0."""
    alpha = 1 / (1 + np.exp(-np.clip(logits + _logit(np.float32(threshold)), -30, 30)))
    out: Array = np.where(logits > 0, np.maximum(alpha, threshold), np.minimum(alpha, threshold - 1e-3)).astype(
        np.float32
    )
    return out


def _logits(entry: NDArray[np.intp], lab: Array) -> Array:
    """The likelihood (H, W, K) of each entry as the solver's start: shades of a cell's own colour, nothing far away."""
    logits = np.where(shades_of(lab), -gaps_of(lab) / (2 * NEAR * NEAR), -_FAR).astype(np.float32)[entry]
    np.put_along_axis(logits, entry[..., None], np.float32(_PREFERRED), axis=-1)
    return logits


def _coverage(alpha_logits: Array, lines: NDArray[np.bool_]) -> Array:
    """The alpha to keep; beside a line there is no doubt, so that an outline gets no bumps."""
    cover = 1 / (1 + np.exp(-alpha_logits))
    return np.where(max3(lines.astype(np.float32)) > 0, alpha_logits > 0, cover).astype(np.float32)


def _means(fine: Array, scale: int) -> Array:
    return np.stack([cell_mean(fine[..., channel], scale) for channel in range(3)], axis=-1)


def usage_of(logits: Array, opaque: NDArray[np.bool_], shaded: Array) -> Array:
    """Shares (K,) of the entries: a style may shade, so entries near a cell's count along, unless it is shaded."""
    if not opaque.any():
        return np.full(logits.shape[-1], 1 / logits.shape[-1], np.float32)
    weight = np.exp(logits[opaque] / _LOOSE)
    weight /= weight.sum(axis=-1, keepdims=True)
    own = np.bincount(logits[opaque].argmax(axis=-1), weights=shaded[opaque], minlength=logits.shape[-1])
    out: Array = (((1 - shaded[opaque, None]) * weight).sum(axis=0) + own).astype(np.float32) / opaque.sum()
    return np.asarray(out, np.float32)


def _logit(share: Array | np.float32) -> Array:
    inner = np.clip(share, _SURE, 1 - _SURE)
    return np.asarray(np.log(inner / (1 - inner)), np.float32)


def _fitted(picture: Picture, request: Request, k: int) -> Picture:
    width, height = request.width * k, request.height * k
    shrinks = picture.width >= width and picture.height >= height
    return resize(picture, width, height, "box" if shrinks else "lanczos")

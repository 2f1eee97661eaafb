"""A downscale that decides like a pixel artist: lines first, then areas, never an average.

The fine picture is split in two layers. The *line layer* holds thin dark and light structures; it is redrawn one cell
wide. The *base layer* is everything else; each cell takes the colour that most of its base pixels vote for. A line
pixel does not vote for the base, so an outline neither doubles nor darkens its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixforge.image.picture import Picture
from pixforge.pixel.cells import box3, cell_index, cell_mean, max3, neighbours
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.pixel.contour import redraw
from pixforge.pixel.evidence import Evidence, gather, lightness
from pixforge.pixel.mapping import nearest_index
from pixforge.pixel.vote import ballot, elect, kinship

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
_SMOOTH = 0.75  # mean flatness of a cell without hard edges
_STEP = (0.0015, 0.08)  # lightness between neighbouring cells of a gradient
_FIRM = 0.75  # share of a cell's votes
_LINELESS = 0.02  # of a cell: less line than this has no say in its alpha


@dataclass(frozen=True)
class Wishes:
    """What the caller wants of a downscale.

    Attributes:
        threshold: coverage from which a cell is opaque.
        strength: 0..1, how readily a thin structure counts as a line.
        silhouette: redraw lines along the silhouette.
        inner: redraw lines inside it.
        features: let small contrasting features win their cells.
        smooth: flatten single-cell bumps of lines.
        shades: give the mean colour of the winning pixels (for dithering) instead of the palette entry.
    """

    threshold: float = 0.5
    strength: float = 0.5
    silhouette: bool = True
    inner: bool = True
    features: bool = True
    smooth: bool = True
    shades: bool = False


@dataclass(frozen=True, eq=False)
class Cells:
    """The decision.

    Attributes:
        entry: intp (H, W), palette entry of each cell (0 where transparent).
        colour: float32 (H, W, 3), sRGB 0..255: the entry, or the mean of the pixels that voted for it.
        alpha: float32 (H, W), 0..1 coverage without the line layer, 1 on lines.
        dark: bool (H, W), cells of dark lines; light: of light ones.
        firm: bool (H, W), cells whose colour the source asks for clearly (no orphan to be tidied away).
        gradient: float32 (H, W), 0..1, how smoothly the source varies in the cell; 0 on lines.
    """

    entry: NDArray[np.intp]
    colour: Plane
    alpha: Plane
    dark: Mask
    light: Mask
    firm: Mask
    gradient: Plane


def downscale(fine: Picture, k: int, palette: NDArray[np.uint8], wishes: Wishes) -> Cells:
    """Decide every cell of a picture.

    Args:
        fine: picture of (H * k, W * k) pixels.
        k: fine pixels per cell, at least 2.
        palette: uint8 (K, 3).
        wishes: what the caller wants.
    """
    rgb = fine.pixels[..., :3]
    lab = srgb_to_oklab(palette)
    labels = nearest_index(rgb, palette)
    tone8 = lightness(rgb)
    seen = gather(fine, tone8, k, wishes.strength)
    tone = tone8.astype(np.float32) / np.float32(255)
    shape = (fine.height // k, fine.width // k)
    job = _Job(labels, cell_index(*shape, k) * len(lab) + labels, lab, shape, k)
    dark, light, alpha = _layers(seen, tone, job, wishes)
    entry, share = _base(seen, job, wishes.features)
    if dark.any():
        entry = np.where(dark, _line_entry(seen.dark * (0.05 + seen.flat) * (1.2 - tone), job), entry)
    if light.any():
        entry = np.where(light, _line_entry(seen.light * (0.05 + seen.flat) * (0.6 + tone), job), entry)
    colour = _winner_mean(rgb, seen, entry, job) if wishes.shades else palette[entry].astype(np.float32)
    return Cells(entry, colour, alpha, dark, light, share > _FIRM, np.where(dark | light, 0, _gradient(tone, seen, k)))


@dataclass(frozen=True, eq=False)
class _Job:
    labels: NDArray[np.intp]
    votable: NDArray[np.intp]  # of each fine pixel: its cell times the number of entries, and its entry
    lab: Plane
    shape: tuple[int, int]
    k: int

    def votes(self, weight: Plane) -> Plane:
        return ballot(self.votable, weight, self.shape[0] * self.shape[1], len(self.lab))


def _layers(seen: Evidence, tone: Plane, job: _Job, wishes: Wishes) -> tuple[Mask, Mask, Plane]:
    """The cells of dark and light lines, and the alpha of every cell."""
    k = job.k
    cover, free = cell_mean(seen.cover, k), cell_mean(1 - seen.dark, k)
    dark_mass, light_mass = cell_mean(seen.dark, k), cell_mean(seen.light, k)
    dark = redraw(dark_mass, _solid(seen, tone, dark_mass, k), wishes.smooth)
    light = redraw(light_mass, np.zeros(job.shape, bool), smooth=False) & ~dark & (light_mass > dark_mass)
    edge = max3((cover < wishes.threshold).astype(np.float32)) > 0
    wanted = (edge & wishes.silhouette) | (~edge & wishes.inner)
    # A line that is redrawn leaves the base, so that its outer half does not widen the silhouette.
    # Slopes count little: the outer fringe of an outline is neither line nor area.
    base = cell_mean(seen.cover * (1 - np.maximum(seen.dark, seen.light)) * seen.flat, k)
    outside = cell_mean((1 - seen.cover) * seen.flat, k)
    alone = np.where(cover > 0.9, 1, base / np.maximum(base + outside, 1e-6))
    plain = (free < 0.12) | (
        dark_mass + light_mass < _LINELESS
    )  # without a line, a cell is opaque as far as it is covered
    alpha = np.where(plain, cover, alone) if wishes.silhouette else cover
    dark, light = dark & wanted, light & wanted
    return dark, light, np.where(dark | light, 1, alpha).astype(np.float32)


def _solid(seen: Evidence, tone: Plane, mass: Plane, k: int) -> Mask:
    """Cells of thick areas as dark as the lines near them, (H, W): a line that runs into one ends there."""
    core = np.zeros(seen.dark.shape, np.float32)  # the line without its fringe
    lined = np.flatnonzero(seen.dark)  # a power is slow, and most pixels belong to no line
    core.reshape(-1)[lined] = seen.dark.reshape(-1)[lined] ** 4 * seen.flat.reshape(-1)[lined]
    ink = box3(box3(cell_mean(core * tone, k))) / np.maximum(box3(box3(cell_mean(core, k))), 1e-4)
    limit = np.repeat(np.repeat(np.where(mass > 0, np.minimum(ink + 0.07, 0.5), 0), k, 0), k, 1)
    area = (tone < limit) & (seen.dark < 0.3) & (seen.cover > 0.5)
    out: Mask = cell_mean(area.astype(np.float32), k) > 0.5
    return out


def _base(seen: Evidence, job: _Job, features: bool) -> tuple[NDArray[np.intp], Plane]:
    """The base layer's entry of every cell; a cell with next to no base pixels borrows from its neighbours."""
    votes = job.votes(seen.flat * seen.cover * (1 - seen.dark) * (1 - 0.5 * seen.light))
    poor = votes.sum(1) < 0.02 * job.k**2
    spread = box3(votes.reshape(*job.shape, -1)).reshape(votes.shape)
    votes = np.where(poor[:, None], votes + 0.1 * spread, votes)
    return elect(votes, job.lab, job.shape, features)


def _line_entry(weight: Plane, job: _Job) -> NDArray[np.intp]:
    """The entry of the line layer: voted for by line pixels of the cell and, with less weight, of its neighbours."""
    votes = job.votes(weight**2)
    near = box3(votes.reshape(*job.shape, -1))
    pooled = votes + 0.3 * (near + 0.3 * box3(near)).reshape(votes.shape)
    return elect(pooled.astype(np.float32), job.lab, job.shape, features=False)[0]


def _winner_mean(rgb: NDArray[np.uint8], seen: Evidence, entry: NDArray[np.intp], job: _Job) -> Plane:
    """Mean colour of the fine pixels that are kin of the cell's winner, sRGB 0..255 (H, W, 3)."""
    kin = kinship(job.lab)[np.repeat(np.repeat(entry, job.k, 0), job.k, 1), job.labels]
    weight = (kin * seen.flat * seen.cover + 1e-9).astype(np.float32)
    total = cell_mean(weight, job.k)
    out = np.stack([cell_mean(rgb[..., c] * weight, job.k) / total for c in range(3)], axis=-1)
    return np.asarray(out, np.float32)


def _gradient(tone: Plane, seen: Evidence, k: int) -> Plane:
    """1 where the source shades smoothly from cell to cell, 0 on flat colour and on hard edges.

    A cell shades when several neighbours differ from it by a little; a lone gap in a shaded area is closed.
    """
    opaque = np.maximum(cell_mean(seen.cover, k), 1e-3)
    mean = cell_mean(tone * seen.cover, k) / opaque
    smooth = cell_mean(seen.flat * seen.cover, k) / opaque > _SMOOTH
    step = np.abs(neighbours(mean, 9) - mean)
    shades = smooth & (((step > _STEP[0]) & (step < _STEP[1])).sum(0) >= 3)
    most = neighbours(shades, 0).sum(0) >= 5
    out: Plane = (shades | (most & smooth)).astype(np.float32)
    return out

"""How good an output looks, by measures that a page can sort by; silhouette and outline: the higher the better."""

from __future__ import annotations

from typing import Final

import numpy as np

from pixforge.evaluate import contour, fidelity, texture
from pixforge.image.picture import Picture, Rgba

MEANINGS: Final[dict[str, str]] = {
    "colour": "Distance of the colours from the drawing's (OKLab x 100, low-passed); 2 is just visible.",
    "border": "The same along the silhouette.",
    "silhouette": "How much of the shapes of drawing and output overlap, 0 to 1.",
    "outline": "Share of the drawing's dark outline that one unbroken line follows, 0 to 1.",
    "orphans": "Share of cells whose colour none of their neighbours has.",
    "jaggies": "Share of the silhouette's cells that are a lone bump or dent.",
}


def score(source: Picture, output: Picture) -> dict[str, float | None]:
    """Score a still, or one frame, made of a drawing.

    Args:
        source: the drawing, in the place of its cells (`films.in_place`).
        output: the pixel art.
    """
    drawing, cells = source.pixels, output.pixels
    if not cells[..., 3].any():
        return dict.fromkeys(MEANINGS)
    found = fidelity.fidelity(drawing, cells)
    values: dict[str, float | None] = {
        "colour": found.distance,
        "border": found.border,
        "silhouette": fidelity.silhouette(drawing, cells),
        "outline": contour.continuity(drawing, cells),
        "orphans": texture.orphan_rate(cells),
        "jaggies": texture.jaggy_rate(cells),
    }
    return {name: None if value is None else round(value, 4) for name, value in values.items()}


def palette_use(frames: list[Rgba], most: int = 256) -> tuple[tuple[str, int], ...]:
    """Return the colours of all opaque pixels and how often each is used, the most used first."""
    shown = np.concatenate([pixels[pixels[..., 3] > 0][:, :3] for pixels in frames])
    code = shown.astype(np.int64) @ np.array([65536, 256, 1])
    colours, counts = np.unique(code, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return tuple((f"#{int(colours[at]):06x}", int(counts[at])) for at in order)

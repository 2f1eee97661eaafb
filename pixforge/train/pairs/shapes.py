"""Made-up drawings: flat shapes with outlines. What a model may be asked about when nobody has drawings to spare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pixforge.train.pairs.sprite import Generator, Rgba

if TYPE_CHECKING:
    from PIL import ImageDraw

_FINER = 2  # drawn at twice the size, then reduced: smooth edges
_INK = ((0, 0, 0), (24, 20, 37), (48, 24, 16), (20, 32, 64))


def made_up(side: int, cell: int, rng: Generator) -> Rgba:
    """Return a drawing (side, side, 4): three to nine round or cornered shapes, half of the drawings outlined.

    Args:
        side: pixels.
        cell: pixels a cell; outlines are 0.4 to 1.5 cells wide.
        rng: the only source of chance.
    """
    from PIL import Image, ImageDraw

    large = side * _FINER
    ground = (*(int(v) for v in rng.integers(0, 256, 3)), 255) if rng.random() < 0.3 else (0, 0, 0, 0)
    image = Image.new("RGBA", (large, large), ground)
    draw = ImageDraw.Draw(image)
    colours = rng.integers(0, 256, (int(rng.integers(2, 8)), 3))
    line = round(rng.uniform(0.4, 1.5) * cell * _FINER) if rng.random() < 0.5 else 0
    ink = _INK[int(rng.integers(len(_INK)))]
    for _ in range(int(rng.integers(3, 10))):
        colour = tuple(int(value) for value in colours[int(rng.integers(len(colours)))])
        _shape(draw, large, colour, line, ink, rng)
    return np.array(image.convert("RGBa").resize((side, side), Image.Resampling.BOX).convert("RGBA"))


def _shape(
    draw: ImageDraw.ImageDraw,
    side: int,
    colour: tuple[int, ...],
    line: int,
    ink: tuple[int, int, int],
    rng: Generator,
) -> None:
    """A closed outline round a middle, its radius a few waves (round), or few corners."""
    middle, size = rng.uniform(0.1, 0.9, 2) * side, rng.uniform(0.06, 0.4) * side
    rounded = rng.random() < 0.6
    count = 48 if rounded else int(rng.integers(3, 8))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = np.ones(count) * size
    for wave in range(1, 5) if rounded else ():
        radius += size * rng.normal(0, 0.25 / wave) * np.cos(wave * angles + rng.uniform(0, 2 * np.pi))
    if not rounded:
        radius *= rng.uniform(0.5, 1.2, count)
    stretch = rng.uniform(0.4, 1.0)
    points = np.stack([middle[0] + radius * np.cos(angles), middle[1] + stretch * radius * np.sin(angles)], axis=1)
    corners = [(float(x), float(y)) for x, y in points]
    draw.polygon(corners, fill=(*colour, 255))
    if line:
        draw.line([*corners, corners[0], corners[1]], fill=(*ink, 255), width=line, joint="curve")

"""Grid recovery, measured: sprites made into blurry, jittered, compressed enlargements and recovered; drawings refused.

    python benchmarks/grid_recovery.py SPRITES DRAWINGS [--count N] [--crop] [--pitch LOW HIGH]

SPRITES and DRAWINGS are folders, searched recursively. Every sprite is enlarged by a pitch that is no whole number
(another one across than down in every third), its cell borders moved by up to 6% of a cell, then blurred, made noisy
and saved as JPEG of quality 88. Half of the sprites lie on a flat background, half keep their alpha. A cell is right
when its alpha is that of the sprite and each channel of its colour is within 24 of 255.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixforge.errors import NotPixelArtError
from pixforge.image.picture import Picture
from pixforge.pixel.grid import recover, sample

Pixels = NDArray[np.uint8]
Float = NDArray[np.floating[Any]]

TOLERANCE = 24
_BACKGROUNDS = ((255, 255, 255), (40, 60, 90), (0, 0, 0), (120, 150, 110))


@dataclass(frozen=True)
class Recipe:
    """How a sprite becomes a worn enlargement.

    Attributes:
        pitch: pixels a cell, across and down.
        jitter: each inner cell border moves by up to this share of a cell.
        blur: standard deviation of a Gaussian in pixels.
        noise: standard deviation in levels of 255.
        quality: of JPEG; 0 leaves compression out.
        background: opaque colour under the sprite; None keeps its alpha.
        crop: shares of a cell cut off at the left, top, right and bottom; a cell counts while half of it is left.
        drift: the cells' widths vary by `jitter`, so that borders walk off the regular grid (else each moves alone).
    """

    pitch: tuple[float, float]
    jitter: float = 0.06
    blur: float = 0.9
    noise: float = 3.0
    quality: int = 88
    background: tuple[int, int, int] | None = None
    crop: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    drift: bool = False


def load_sprite(path: Path) -> Pixels:
    """Return a picture file as uint8 (H, W, 4)."""
    with Image.open(path) as image:
        return np.array(image.convert("RGBA"))


def random_recipe(rng: np.random.Generator, low: float, high: float, *, crop: bool = False) -> Recipe:
    """Draw pitch, blur, background and crop."""
    pitch = float(rng.uniform(low, high))
    other = pitch * float(rng.uniform(0.85, 1.18)) if rng.random() < 1 / 3 else pitch
    background = _BACKGROUNDS[int(rng.integers(len(_BACKGROUNDS)))] if rng.random() < 0.5 else None
    left, top, right, bottom = (float(rng.choice([rng.uniform(0, 0.3), rng.uniform(0.75, 1)])) for _ in range(4))
    cut = (left, top, right, bottom) if crop else (0.0, 0.0, 0.0, 0.0)
    return Recipe((pitch, other), blur=float(rng.uniform(0.6, 1.1)), background=background, crop=cut)


def wear(sprite: Pixels, recipe: Recipe, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Return the worn enlargement of a sprite, and the sprite as it has to be recovered, both uint8 (H, W, 4)."""
    truth = target(sprite, recipe.background)
    borders_x = _borders(truth.shape[1], recipe.pitch[0], recipe, rng)
    borders_y = _borders(truth.shape[0], recipe.pitch[1], recipe, rng)
    large = truth[_cells_of_pixels(borders_y)][:, _cells_of_pixels(borders_x)].astype(np.float32)
    weight = large[..., 3:] / 255
    premultiplied = _blur(np.concatenate([large[..., :3] * weight, weight], axis=2), recipe.blur)
    colour = _spread(premultiplied) if recipe.background is None else premultiplied[..., :3]
    colour = colour + rng.normal(0, recipe.noise, (*large.shape[:2], 3))
    stored = _jpeg(np.clip(np.rint(colour), 0, 255).astype(np.uint8), recipe.quality)
    alpha = np.clip(np.rint(premultiplied[..., 3:] * 255), 0, 255).astype(np.uint8)
    return _crop(np.concatenate([stored, alpha], axis=2), truth, recipe)


def target(sprite: Pixels, background: tuple[int, int, int] | None) -> Pixels:
    """Return the sprite with alpha 0 or 255, on its background if there is one."""
    opaque = sprite[..., 3:] >= 128
    under = np.zeros(4, dtype=np.uint8) if background is None else np.array([*background, 255], dtype=np.uint8)
    solid = np.concatenate([sprite[..., :3], np.full_like(sprite[..., 3:], 255)], axis=2)
    return np.where(opaque, solid, under)


def _borders(cells: int, pitch: float, recipe: Recipe, rng: np.random.Generator) -> NDArray[np.float64]:
    if recipe.drift:
        return np.concatenate([[0.0], np.cumsum(pitch * (1 + rng.uniform(-recipe.jitter, recipe.jitter, cells)))])
    borders = np.arange(cells + 1, dtype=np.float64) * np.float64(pitch)
    borders[1:-1] += rng.uniform(-recipe.jitter, recipe.jitter, cells - 1) * pitch
    return borders


def _cells_of_pixels(borders: NDArray[np.float64]) -> NDArray[np.intp]:
    centres = np.arange(round(borders[-1])) + 0.5
    return np.clip(np.searchsorted(borders, centres, side="right") - 1, 0, len(borders) - 2)


def _blur(planes: Float, sigma: float) -> Float:
    reach = int(np.ceil(3 * sigma))
    if reach == 0:
        return planes
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    kernel = kernel / kernel.sum()
    for axis in (0, 1):
        frame = [(reach, reach) if side == axis else (0, 0) for side in range(3)]
        padded = np.pad(planes, frame, mode="edge")
        length = planes.shape[axis]
        total = np.zeros_like(planes)
        for first, share in enumerate(kernel):
            total += share * (padded[first : first + length] if axis == 0 else padded[:, first : first + length])
        planes = total
    return planes


def _spread(premultiplied: Float) -> Float:
    """Colours without alpha; transparent parts take on the colour of what is near, as lossy formats with alpha do."""
    wide = _blur(premultiplied, 2.0)
    near = premultiplied + 1e-3 * wide + 1e-6 * premultiplied.mean(axis=(0, 1))
    colour: Float = near[..., :3] / np.maximum(near[..., 3:], 1e-9)
    return colour


def _jpeg(colour: Pixels, quality: int) -> Pixels:
    if quality == 0:
        return colour
    file = io.BytesIO()
    Image.fromarray(colour).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file).convert("RGB"))


def _crop(picture: Pixels, truth: Pixels, recipe: Recipe) -> tuple[Pixels, Pixels]:
    left, top, right, bottom = recipe.crop
    height, width = picture.shape[:2]
    pitch_x, pitch_y = recipe.pitch
    picture = picture[round(top * pitch_y) : height - round(bottom * pitch_y), :]
    picture = picture[:, round(left * pitch_x) : width - round(right * pitch_x)]
    truth = truth[round(top) : len(truth) - round(bottom), round(left) : truth.shape[1] - round(right)]
    return np.ascontiguousarray(picture), truth


def share_right(found: Pixels, truth: Pixels) -> float:
    """Return the share of cells that are right, 0..1; 0 when the size is wrong."""
    if found.shape != truth.shape:
        return 0.0
    near = np.abs(found[..., :3].astype(int) - truth[..., :3]).max(axis=2) <= TOLERANCE
    right = (found[..., 3] == truth[..., 3]) & (near | (truth[..., 3] == 0))
    return float(right.mean())


def has_detail(truth: Pixels) -> bool:
    """Return whether a sprite shows enough to be recovered: changes of 60 levels at a third of its borders each way."""
    weight = truth[..., 3:].astype(float) / 255
    planes = np.concatenate([truth[..., :3] * weight, 255 * weight], axis=2)
    for axis in (0, 1):
        changes = (np.abs(np.diff(planes, axis=axis)).sum(axis=2) > 60).any(axis=1 - axis)
        if changes.mean() < 1 / 3 or changes.sum() < 5:
            return False
    return True


@dataclass(frozen=True)
class Trial:
    """One sprite recovered, or refused (right is None)."""

    name: str
    size: tuple[int, int]
    found: tuple[int, int] | None
    right: float | None
    confidence: float
    seconds: float

    def __str__(self) -> str:
        outcome = "refused" if self.right is None else f"{self.right:7.2%} right, confidence {self.confidence:.2f}"
        wrong = "" if self.found is None or self.found == self.size else f", found {self.found[0]}x{self.found[1]}"
        return f"{self.name:32} {self.size[0]:3}x{self.size[1]:<3} {outcome}{wrong}, {self.seconds * 1000:.0f} ms"


def try_sprite(path: Path, recipe: Recipe, rng: np.random.Generator) -> Trial | None:
    """Wear and recover one sprite; None when it shows too little, or is outside 8..160 cells."""
    sprite = load_sprite(path)
    if not 8 <= min(sprite.shape[:2]) <= max(sprite.shape[:2]) <= 160 or not has_detail(target(sprite, None)):
        return None
    worn, truth = wear(sprite, recipe, rng)
    if not has_detail(truth):
        return None
    size = (truth.shape[1], truth.shape[0])
    picture, start = Picture(worn), time.perf_counter()
    try:
        grid = recover(picture)
    except NotPixelArtError:
        return Trial(short_name(path), size, None, None, 0.0, time.perf_counter() - start)
    found = sample(picture, grid).pixels
    seconds = time.perf_counter() - start
    return Trial(short_name(path), size, (grid.width, grid.height), share_right(found, truth), grid.confidence, seconds)


def short_name(path: Path) -> str:
    """Return folder and file, enough to find it again."""
    return f"{path.parent.name}/{path.name}"


def refused(path: Path) -> bool:
    """Return whether a drawing is refused."""
    try:
        recover(Picture(load_sprite(path)))
    except NotPixelArtError:
        return True
    return False


def _shuffled(folder: Path) -> Iterator[Path]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix in {".png", ".webp", ".gif"})
    random.Random(0).shuffle(paths)
    yield from paths


def main() -> int:
    """Print one line a sprite and the totals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sprites", type=Path)
    parser.add_argument("drawings", type=Path)
    parser.add_argument("--count", type=int, default=100, help="sprites, and drawings")
    parser.add_argument("--pitch", type=float, nargs=2, default=(5.0, 13.0), metavar=("LOW", "HIGH"))
    parser.add_argument("--crop", action="store_true", help="cut off up to a cell at every side")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    trials: list[Trial] = []
    for path in _shuffled(arguments.sprites):
        trial = try_sprite(path, random_recipe(rng, *arguments.pitch, crop=arguments.crop), rng)
        if trial is None:
            continue
        trials.append(trial)
        print(trial)
        if len(trials) == arguments.count:
            break
    _summary(trials)
    drawings = list(_shuffled(arguments.drawings))[: arguments.count]
    accepted = [short_name(path) for path in drawings if not refused(path)]
    print(f"drawings refused: {len(drawings) - len(accepted)} of {len(drawings)}; accepted: {', '.join(accepted)}")
    return 0


def _summary(trials: list[Trial]) -> None:
    taken = [t for t in trials if t.right is not None]
    sized = [t for t in taken if t.found == t.size]
    right = sorted(t.right for t in taken if t.right is not None)
    print(f"\nsprites recovered: {len(taken)} of {len(trials)}; of these right size: {len(sized)}")
    print(f"cells right: mean {np.mean(right):.2%}, median {np.median(right):.2%}, worst {right[0]:.2%}")
    print(f"sprites with at least 97% of cells right: {sum(r >= 0.97 for r in right)}")


if __name__ == "__main__":
    sys.exit(main())

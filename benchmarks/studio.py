"""What fine-tuning on a few dozen sprites of one style does: to that style, and to everything else.

    python -m benchmarks.studio DATASET MINE --source kenney-pixel --model before=bundled --model after=mine-model

DATASET holds the style's source back from all training; MINE is the data set of the sprites that were learnt from; both
are made by `pixforge data`. Measured on sprites of the source that are not in MINE, and on drawings never seen:

- exact: cells of unseen sprites of the style given back, once drawn; others: the same for sprites of other sources.
- style: realness for this style: a logistic regression on the statistics of the realness critic and eight of colour,
  fitted to unseen sprites of the style beside conversions of other unseen drawings by `classical` and plain downscales.
  Its AUC on sprites and conversions that it was not fitted to is told; the models had no part in it.
- colours: share of the cells of converted drawings within 0.03 (OKLab) of a colour of unseen sprites of the style.
- kernel: kernel distance to unseen sprites of the style by the realness critic's features, which are blind to colour.
- realness, silhouette, contour, lightness: of converted drawings; content must stay.

Writes benchmarks/results/studio.json and docs/results/studio.png: drawing, then each model.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.grids import write_grid
from benchmarks.record import PICTURES, Cell, Figure, Result, Table, write
from pixforge.evaluate.contour import continuity
from pixforge.evaluate.critic.fitting import CriticOptions, Fitted, fit_critic
from pixforge.evaluate.critic.fitting import Table as Samples
from pixforge.evaluate.critic.model import area_under_curve, bundled
from pixforge.evaluate.critic.statistics import groundless, statistics
from pixforge.evaluate.distances import kernel_distance
from pixforge.evaluate.examine import colour_count, cut, exact_pair, on_pair, size_of
from pixforge.evaluate.fidelity import fidelity, silhouette
from pixforge.evaluate.methods import Contender, contender
from pixforge.evaluate.subjects import Subject, load_subjects
from pixforge.evaluate.table import interval
from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import enlarge, resize
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.train.data.manifest import read_manifest
from pixforge.train.data.store import read_stored

Values = NDArray[np.float64]
Measures = Mapping[str, tuple[float, float, float]]  # mean, and the ends of its interval
CELLS, COLOURS, ZOOM = 48, 16, 2
NEAR: Final = 0.03  # OKLab
LEAST: Final = 40  # opaque cells of a sprite that can be judged
_SEED: Final = 60


def main() -> None:
    """Measure every model, print, record."""
    options = _options()
    style, others = _sprites(options.data, options.mine, options.source, 2 * options.limit)
    every = load_subjects(options.data, "drawing", 3 * options.limit, "unseen")
    drawings = every[: options.limit]
    critic, told = _style_critic([cut(one.picture.pixels) for one in style], _usual(every[options.limit :]))
    print(f"style critic: AUC {told:.3f} on sprites and conversions that it was not fitted to")
    models = dict(one.split("=", 1) for one in options.model)
    found, rows = {}, [[_shown(one.picture)] for one in drawings]
    for name, model in models.items():
        way = contender(model if model.startswith(("cyclegan[", "diffusion[")) else f"cyclegan={model}")
        cells = [_converted(way, one.picture) for one in drawings]
        for row, made in zip(rows, cells, strict=True):
            row.append(enlarge(Picture(made.copy()), ZOOM))
        found[name] = _measured(way, cells, drawings, style[1::2], others[1::2], critic)
        print(name, {key: tuple(round(value, 3) for value in some) for key, some in found[name].items()}, flush=True)
    write_grid(PICTURES / f"{options.name}.png", rows, 2, ZOOM * CELLS)
    print(write(_result(found, told, options), options.name))


def _sprites(data: Path, mine: Path, source: str, count: int) -> tuple[list[Subject], list[Subject]]:
    """Held-out sprites of the style that were not learnt from, and as many of other sources, in a random order."""
    learnt = {_digest(read_stored(mine, one)) for one in read_manifest(mine) if one.kind == "pixel"}
    entries = [
        one for one in read_manifest(data) if one.kind == "pixel" and one.split == "held-out" and one.colours > 1
    ]
    order = np.random.default_rng(_SEED).permutation(len(entries))
    style: list[Subject] = []
    others: list[Subject] = []
    for place in order:
        entry = entries[int(place)]
        some = style if entry.source == source else others
        if len(some) >= count:
            continue
        picture = read_stored(data, entry)
        judged = groundless(cut(picture.pixels))
        if _digest(picture) not in learnt and (judged[..., 3] > 0).sum() >= LEAST and colour_count(judged) > 1:
            some.append(Subject(Path(entry.file).stem, entry.source, picture))
    return style, others


def _digest(picture: Picture) -> str:
    return hashlib.sha256(str(picture.pixels.shape).encode() + picture.pixels.tobytes()).hexdigest()


def _usual(drawings: Sequence[Subject]) -> list[Rgba]:
    """Drawings converted by `classical` and plain downscales in turn, with as many colours as sprites often have."""
    ways = [contender(name) for name in ("classical", "area", "k-centroid", "nearest")]
    made = []
    for place, one in enumerate(drawings):
        convert = ways[place % len(ways)].convert
        assert convert is not None
        made.append(convert(one.picture, *size_of(one.picture, CELLS), COLOURS))
    return made


def _style_critic(style: Sequence[Rgba], usual: Sequence[Rgba]) -> tuple[Fitted, float]:
    """A critic fitted to the one half of both, and its AUC on the other."""

    def table(some: Sequence[Rgba], other: Sequence[Rgba]) -> Samples:
        values = np.array([_look(cells) for cells in (*some, *other)])
        return Samples(values, np.arange(len(values)) < len(some), np.full(len(values), "all"))

    half = len(usual) // 2
    fitted = fit_critic(table(style[::2], usual[:half]), CriticOptions(ridge=0.1, drawn=1.0))
    unseen = table(style[1::2], usual[half:])
    logits = fitted.judged(unseen.values)
    return fitted, area_under_curve(logits[unseen.real], logits[~unseen.real])


def _look(cells: Rgba) -> Values:
    """Statistics of the realness critic, and of colour: what lies dark, middle and light, and how coloured it is."""
    shown = groundless(cells)
    lab = srgb_to_oklab(shown[shown[..., 3] > 0][:, :3]).astype(np.float64)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    colour = [*np.quantile(lab[:, 0], (0.03, 0.25, 0.5, 0.75, 0.97)), *np.quantile(chroma, (0.25, 0.5, 0.9))]
    return np.concatenate([statistics(shown), colour])


def _measured(
    way: Contender,
    cells: Sequence[Rgba],
    drawings: Sequence[Subject],
    style: Sequence[Subject],
    others: Sequence[Subject],
    critic: Fitted,
) -> dict[str, tuple[float, float, float]]:
    """Means with their intervals."""
    known = _colours(style)
    sources = [one.picture.pixels for one in drawings]
    logits = critic.judged(np.array([_look(made) for made in cells]))
    pairs = list(zip(sources, cells, strict=True))
    values: dict[str, list[float | None]] = {
        "exact": _exact(way, style[: len(cells)]),
        "exact, other sources": _exact(way, others[: len(cells)]),
        "style": list(1 / (1 + np.exp(-logits))),
        "colours of the style": [_share(made, known) for made in cells],
        "realness": [bundled().realness(made) for made in cells],
        "silhouette": [silhouette(source, made) for source, made in pairs],
        "outline": [continuity(source, made) for source, made in pairs],
        "colour distance": [fidelity(source, made).distance for source, made in pairs],
    }
    found = {name: interval([value for value in some if value is not None]) for name, some in values.items()}
    distance = kernel_distance(_features(cells), _features([cut(one.picture.pixels) for one in style]))
    return found | {"kernel distance to the style": (distance.value, distance.low, distance.high)}


def _exact(way: Contender, sprites: Sequence[Subject]) -> list[float | None]:
    return [on_pair(way, exact_pair(one, place))[0]["exact"] for place, one in enumerate(sprites)]


def _colours(sprites: Sequence[Subject]) -> NDArray[np.float32]:
    """The OKLab colours (K, 3) that sprites have."""
    shown = [one.picture.pixels[one.picture.pixels[..., 3] > 0][:, :3] for one in sprites]
    return srgb_to_oklab(np.unique(np.concatenate(shown), axis=0))


def _share(cells: Rgba, known: NDArray[np.float32]) -> float:
    lab = srgb_to_oklab(cells[cells[..., 3] > 0][:, :3])
    return float((np.sqrt(((lab[:, None] - known[None]) ** 2).sum(axis=-1)).min(axis=1) < NEAR).mean())


def _features(pictures: Sequence[Rgba]) -> Values:
    judged = [bundled().judge(cells) for cells in pictures]
    return np.array([one[1] for one in judged if one is not None], np.float64)


def _converted(way: Contender, drawing: Picture) -> Rgba:
    assert way.convert is not None
    return way.convert(drawing, *size_of(drawing, CELLS), COLOURS)


def _shown(drawing: Picture) -> Picture:
    width, height = size_of(drawing, CELLS)
    return resize(drawing, ZOOM * width, ZOOM * height)


def _result(found: Mapping[str, Measures], told: float, options: argparse.Namespace) -> Result:
    of_diffusion = options.name != "studio"
    names = list(found)
    rows: list[list[Cell]] = [
        [key, *(f"{found[name][key][0]:.3f} ± {(found[name][key][2] - found[name][key][1]) / 2:.3f}" for name in names)]
        for key in found[names[0]]
    ]
    return Result(
        title="A studio's own style" + (", method diffusion" if of_diffusion else ""),
        command="python -m benchmarks.studio DATASET MINE --source SOURCE --model before=bundled --model after=MODEL"
        + (f" --name {options.name}" if of_diffusion else ""),
        kind="long",
        recipe=f"60 sprites of {options.source}, a source held out from all other training; recipe "
        + ("`joint-studio`" if of_diffusion else "`studio`"),
        summary=f"The style critic tells {options.source} from other real sprites with an AUC of {told:.2f}.",
        values={f"{key} {name}": some[key][0] for name, some in found.items() for key in some},
        tables=(Table("Before and after", ["mean of the pictures", *names], rows),),
        pictures=(Figure(f"{options.name}.png", f"From left to right: the drawing, {', '.join(names)}."),),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("mine", type=Path)
    parser.add_argument("--source", required=True)
    parser.add_argument(
        "--model",
        action="append",
        required=True,
        metavar="NAME=MODEL",
        help="also with options or of another method: NAME=cyclegan[palette = 0]=MODEL",
    )
    parser.add_argument("--name", default="studio", help="of the result and its picture")
    parser.add_argument("--limit", type=int, default=24)
    return parser.parse_args()


if __name__ == "__main__":
    main()

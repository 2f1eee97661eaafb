"""What fine-tuning on a few dozen sprites of one style does: to that style, and to everything else.

    python -m benchmarks.studio DATASET MINE --source kenney-pixel --pair "as it comes" cyclegan cyclegan=runs/mine

DATASET holds the style's source back from all training; MINE is the data set of the sprites that were learnt from; both
are made by `pixforge data`. A pair is a name and two ways to convert, before and after, as `pixforge evaluate` names
them. Measured on sprites of the source that are not in MINE, and on drawings never seen, at the style's own size and
with as many colours as nine in ten of its sprites get by with:

- style: realness for this style, 0..1, and its logit, by a critic of the style (`benchmarks.studio_style`); which
  scores real sprites of the style, of others, and conversions have is told beside it.
- style, of its own subjects: the same of unseen sprites of the style, once drawn off the grid and then converted.
- second judge: the logit of converted drawings, and the score of the style's own subjects, by a small network that was
  trained to tell the style too (`benchmarks.studio_judge`), as the first critic counts what a model's manner goes by.
- colours: share of the cells of converted drawings within 0.03 (OKLab) of a colour of unseen sprites of the style.
- kernel: kernel distance to unseen sprites of the style by the realness critic's features, which are blind to colour.
- exact: cells of unseen sprites of the style given back, once drawn; others: the same for sprites of other sources.
- realness, silhouette, contour, lightness: of converted drawings; content must stay.

Every difference is of the same pictures before and after, with its 95 % interval (paired bootstrap). Writes
benchmarks/results/NAME.json and docs/results/NAME.png: drawing, then each way to convert.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.grids import write_grid
from benchmarks.record import PICTURES, Cell, Figure, Result, Table, write
from benchmarks.studio_judge import NetworkJudge, network_judge
from benchmarks.studio_style import (
    OF_STYLE,
    STYLE,
    Style,
    StyleCritic,
    chance,
    convert_with,
    find_style,
    kinds_of,
    once_drawn,
    style_critic,
)
from pixforge.evaluate.contour import continuity
from pixforge.evaluate.critic.model import bundled
from pixforge.evaluate.distances import kernel_distance, kernel_gap
from pixforge.evaluate.examine import exact_pair, on_pair, size_of
from pixforge.evaluate.fidelity import fidelity, silhouette
from pixforge.evaluate.methods import Contender, contender
from pixforge.evaluate.subjects import Subject, load_subjects
from pixforge.evaluate.table import interval
from pixforge.image.picture import Picture, Rgba
from pixforge.image.resample import enlarge, resize
from pixforge.pixel.colour import srgb_to_oklab

Values = NDArray[np.float64]
Numbers = Mapping[str, Sequence[float | None]]
NEAR: Final = 0.03  # OKLab
SIDE: Final = 96  # pixels of a picture in the sheet, about
OWN: Final = "style, of its own subjects"
SECOND, OWN_SECOND = "second judge, logit", "second judge, of its own subjects"
MOST: Final = 60  # drawings that are measured
BESIDE: Final = 240  # pictures of each kind that the critic of the style is made with
KERNEL: Final = "kernel distance to the style"


@dataclass(frozen=True, eq=False)
class Side:
    """One way to convert, measured.

    Attributes:
        cells: of each drawing.
        numbers: each measure, of each picture; None where it is not defined.
        features: of the drawings that can be judged, the critic's (N, F), and their places (N,).
    """

    cells: Sequence[Rgba]
    numbers: Numbers
    features: Mapping[int, Values]


@dataclass(frozen=True)
class Change:
    """A measure before and after; each is (value, low, high), the interval one of 95 %."""

    before: tuple[float, float, float]
    after: tuple[float, float, float]
    gap: tuple[float, float, float]


def main() -> None:
    """Measure every pair, print, record."""
    options = _options()
    style = find_style(options.data, options.mine, options.source, BESIDE, options.size)
    every = load_subjects(options.data, "drawing", MOST + BESIDE, "unseen")
    drawings = every[: options.limit]
    critic, second = style_critic(style, every[MOST:]), network_judge(kinds_of(style, every[MOST:]))
    print(f"{style.size} cells, {style.colours} colours; AUC {critic.told}, scores {critic.scores}", flush=True)
    known: dict[str, Side] = {}
    found, rows = {}, [[_shown(one.picture, style)] for one in drawings]
    for name, *ways in options.pair:
        for way in ways:
            if way in known:
                continue
            known[way] = _measured(contender(way), drawings, style, critic, second)
            for row, made in zip(rows, known[way].cells, strict=True):
                row.append(enlarge(Picture(made.copy()), max(1, SIDE // style.size)))
        found[name] = _changes(known[ways[0]], known[ways[1]], _reference(style))
        for key, one in found[name].items():
            print(f"{name:24} {key:30} {_told(one.before)}  {_told(one.after)}  {_gap(one)}", flush=True)
    write_grid(PICTURES / f"{options.name}.png", rows, 4, max(1, SIDE // style.size) * style.size)
    print(write(_result(found, style, (critic, second), options), options.name))


def _measured(
    way: Contender, drawings: Sequence[Subject], style: Style, critic: StyleCritic, second: NetworkJudge
) -> Side:
    cells = [convert_with(way, one.picture, style) for one in drawings]
    judged = {place: one for place, made in enumerate(cells) if (one := bundled().judge(made)) is not None}
    logits = dict(zip(judged, critic.logits([cells[place] for place in judged]), strict=True))
    known = _colours(style.sprites)
    pairs = [(one.picture.pixels, made) for one, made in zip(drawings, cells, strict=True)]
    unseen = slice(1, 2 * len(drawings), 2)
    own = [once_drawn(way, one, place) for place, one in enumerate(style.sprites[unseen])]
    return Side(
        cells,
        {
            "style": [float(chance(logits[place])) if place in logits else None for place in range(len(cells))],
            "style, logit": [logits.get(place) for place in range(len(cells))],
            OWN: list(map(float, chance(critic.logits(own)))),
            SECOND: list(map(float, second.logits(cells))),
            OWN_SECOND: list(map(float, chance(second.logits(own)))),
            "colours of the style": [_share(made, known) for made in cells],
            "realness": [judged[place][0] if place in judged else None for place in range(len(cells))],
            "exact": _exact(way, style.sprites[unseen]),
            "exact, other sources": _exact(way, style.others[unseen]),
            "silhouette": [silhouette(source, made) for source, made in pairs],
            "outline": [continuity(source, made) for source, made in pairs],
            "colour distance": [fidelity(source, made).distance for source, made in pairs],
        },
        {place: one[1].astype(np.float64) for place, one in judged.items()},
    )


def _exact(way: Contender, sprites: Sequence[Subject]) -> list[float | None]:
    return [on_pair(way, exact_pair(one, place))[0]["exact"] for place, one in enumerate(sprites)]


def _changes(before: Side, after: Side, reference: Values) -> dict[str, Change]:
    """Every measure over the pictures for which it is defined both before and after."""
    found = {}
    for name, numbers in before.numbers.items():
        both = [
            (one, other)
            for one, other in zip(numbers, after.numbers[name], strict=True)
            if one is not None and other is not None
        ]
        gap = interval([other - one for one, other in both])
        found[name] = Change(interval([one for one, _ in both]), interval([other for _, other in both]), gap)
        if name == "realness":
            found[KERNEL] = _kernel_change(before, after, reference)
    return found


def _kernel_change(before: Side, after: Side, reference: Values) -> Change:
    both = sorted(set(before.features) & set(after.features))
    one, other = (np.array([side.features[place] for place in both]) for side in (before, after))
    gap = kernel_gap(one, other, reference)
    first, second = kernel_distance(one, reference), kernel_distance(other, reference)
    return Change((first.value, first.low, first.high), (second.value, second.low, second.high),
                  (gap.value, gap.low, gap.high))  # fmt: skip


def _reference(style: Style) -> Values:
    judged = (bundled().judge(one.picture.pixels) for one in style.sprites)
    return np.array([one[1] for one in judged if one is not None], np.float64)


def _colours(sprites: Sequence[Subject]) -> NDArray[np.float32]:
    """The OKLab colours (K, 3) that sprites have."""
    shown = [one.picture.pixels[one.picture.pixels[..., 3] > 0][:, :3] for one in sprites]
    return srgb_to_oklab(np.unique(np.concatenate(shown), axis=0))


def _share(cells: Rgba, known: NDArray[np.float32]) -> float | None:
    lab = srgb_to_oklab(cells[cells[..., 3] > 0][:, :3])
    near = np.sqrt(((lab[:, None] - known[None]) ** 2).sum(axis=-1)).min(axis=1) < NEAR
    return float(near.mean()) if len(near) else None


def _shown(drawing: Picture, style: Style) -> Picture:
    zoom = max(1, SIDE // style.size)
    width, height = size_of(drawing, style.size)
    return resize(drawing, zoom * width, zoom * height)


def _told(one: tuple[float, float, float]) -> str:
    return f"{one[0]:.3f} ± {(one[2] - one[1]) / 2:.3f}"


def _gap(one: Change) -> str:
    return f"{one.gap[0]:+.3f} [{one.gap[1]:+.3f} {one.gap[2]:+.3f}]"


def _result(
    found: Mapping[str, Mapping[str, Change]],
    style: Style,
    judges: tuple[StyleCritic, NetworkJudge],
    options: argparse.Namespace,
) -> Result:
    columns = ["mean of the pictures", "before", "after", "after - before [95 %]"]
    tables = []
    for name, changes in found.items():
        rows: list[list[Cell]] = [[key, _told(one.before), _told(one.after), _gap(one)] for key, one in changes.items()]
        tables.append(Table(name, columns, rows))
    scale: list[list[Cell]] = [
        [kind, *(cell for one in judges for cell in (f"{one.scores[kind]:.3f}", f"{one.told.get(kind, 1):.3f}"))]
        for kind in judges[0].scores
    ]
    scale[0][2] = scale[0][4] = ""
    tables.append(
        Table(
            "What the critic of the style and the second judge say of pictures that they were not fitted to",
            ["pictures", "style, mean", "AUC against sprites of the style", "second judge, mean", "AUC"],
            scale,
            f'"{STYLE}" is what nobody can be above, "{OF_STYLE}" by `classical` and plain downscales.',
        )
    )
    values = {f"{key} {part} {name}": getattr(one, part)[0]
              for name, changes in found.items() for key, one in changes.items()
              for part in ("before", "after", "gap")}  # fmt: skip
    return Result(
        title=options.title,
        command=f"python -m benchmarks.studio DATASET MINE --source {options.source} --name {options.name} "
        + " ".join(shlex.join(["--pair", name, before, _short(after)]) for name, before, after in options.pair),
        kind="long",
        recipe=f"{options.recipe}; drawings are converted at {style.size} cells with {style.colours} colours",
        summary=options.summary,
        values=values,
        tables=tuple(tables),
        pictures=(Figure(f"{options.name}.png", _caption(options.pair)),),
    )


def _caption(pairs: Sequence[Sequence[str]]) -> str:
    parts: dict[str, str] = {}
    for name, before, after in pairs:
        parts.setdefault(before, f"{name}, before")
        parts.setdefault(after, f"{name}, after")
    return f"From left to right: the drawing; {'; '.join(parts.values())}."


def _short(way: str) -> str:
    """The way without the folder that a model of one machine is in."""
    import re

    return re.sub(r'(?<=["=])[^"=\]]*/(?=[^"=/\]]+)', "", way)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("mine", type=Path)
    parser.add_argument("--source", required=True)
    parser.add_argument("--pair", action="append", nargs=3, required=True, metavar=("NAME", "BEFORE", "AFTER"))
    parser.add_argument("--size", type=int, help="cells of the longer side of converted drawings; default: the style's")
    parser.add_argument("--name", default="studio", help="of the result and its picture")
    parser.add_argument("--title", default="A studio's own style", help="of the result")
    parser.add_argument("--recipe", default="60 sprites of one source that was held out from all other training")
    parser.add_argument("--summary", default="", help="what is to be said of it")
    parser.add_argument(
        "--limit", type=int, default=MOST, choices=range(1, MOST + 1), metavar="N", help="drawings, and sprites drawn"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()

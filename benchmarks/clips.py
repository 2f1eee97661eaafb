"""Flicker of clips: what clip mode keeps still, against the same frames converted one by one.

python -m benchmarks.clips [FOLDER] [--write]

Three clips are made of the drawings in examples/, and converted by clip mode, by our own conversion frame by frame, and
by the peers that need no more than numpy and Pillow (area average, k-centroid), both with a palette of their own for
every frame. Printed are, for each: colours in the whole clip; flicker (cells that change though the source does not);
churn (cells of the moving subject that are not those of the frame before, at the best whole-cell move); seconds of
the processor, and their ratio to our own conversion frame by frame in the same run.
--write puts the table into benchmarks/results/clips.json. FOLDER (default: a temporary one) gets GIFs, enlarged: each
clip before, frame by frame, and in clip mode; and the three of them small (docs/clips.gif).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.peers import k_centroid, pillow_box
from benchmarks.record import Cell, Result, Table, write
from pixforge import preset
from pixforge.engine.clip import convert_clip
from pixforge.engine.pipeline import convert_picture
from pixforge.image import load, resample
from pixforge.image.picture import Frame, Picture
from pixforge.pixel import flicker
from pixforge.pixel.windows import Lattice
from pixforge.preset import Preset
from pixforge.sheet.clip import Clip

EXAMPLES = Path(__file__).parents[1] / "examples"
SIZE = (384, 288)
CELLS = (48, 36)
COLORS = 16
DURATION = 120
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Scene:
    """A clip to convert.

    Attributes:
        name: of it.
        frames: uint8 (H, W, 4) each.
        rigid: the subject only moves, so that its cells can be compared from frame to frame.
    """

    name: str
    frames: tuple[Pixels, ...]
    rigid: bool = False


def scenes() -> list[Scene]:
    """Return the three clips, of SIZE pixels."""
    return [_sliding(), _bouncing(), _swinging()]


def _sliding() -> Scene:
    """A figure passes over a still landscape, 13 pixels a frame at 8 a cell."""
    ground = resample.resize(_drawing("landscape.png"), *SIZE).pixels
    figure = _scaled("adventurer.png", 170)
    places = [(-120 + 13 * n, 100) for n in range(36)]
    return Scene("slide", tuple(_laid(ground, figure, place) for place in places), rigid=True)


def _bouncing() -> Scene:
    """A figure hops: squashed on the ground, stretched in the air, on transparency."""
    frames = []
    for n in range(12):
        height = abs(np.sin(np.pi * n / 12))
        squash = 0.82 + 0.26 * height if n else 0.8
        figure = resample.resize(_scaled("queen.png", 190), round(150 / squash), round(190 * squash))
        place = ((SIZE[0] - figure.width) // 2, SIZE[1] - 8 - figure.height - round(70 * height))
        frames.append(_laid(np.zeros((SIZE[1], SIZE[0], 4), np.uint8), figure, place))
    return Scene("bounce", tuple(frames))


def _swinging() -> Scene:
    """A figure nods by a few degrees in half of the frames, beside one that stands."""
    frames = []
    for n in range(12):
        figure = _scaled("dog.png", 200)
        turned = _turned(figure, 5 * np.sin(2 * np.pi * n / 12)) if 3 <= n < 9 else figure
        canvas = _laid(np.zeros((SIZE[1], SIZE[0], 4), np.uint8), _scaled("chemist.png", 200), (20, 60))
        frames.append(_laid(canvas, turned, (170, 60)))
    return Scene("nod", tuple(frames))


def _drawing(name: str) -> Picture:
    return load.load(EXAMPLES / name)


def _scaled(name: str, height: int) -> Picture:
    picture = _drawing(name)
    box = resample.trim_box(picture)
    picture = picture if box is None else resample.crop(picture, box)
    return resample.resize(picture, round(picture.width * height / picture.height), height)


def _turned(picture: Picture, degrees: float) -> Picture:
    image = Image.fromarray(picture.pixels, "RGBA").convert("RGBa")
    turned = image.rotate(degrees, Image.Resampling.BICUBIC, center=(picture.width / 2, picture.height))
    return Picture(np.array(turned.convert("RGBA")))


def _laid(ground: Pixels, figure: Picture, place: tuple[int, int]) -> Pixels:
    """The figure over the ground at whole pixels; what lies outside is cut off."""
    sheet = np.zeros_like(ground)
    x, y = place
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + figure.width, ground.shape[1]), min(y + figure.height, ground.shape[0])
    if right > left and bottom > top:
        sheet[top:bottom, left:right] = figure.pixels[top - y : bottom - y, left - x : right - x]
    return resample.composite(Picture(sheet), Picture(ground.copy())).pixels


Convert = Callable[[Sequence[Pixels]], list[Pixels]]


def _preset() -> Preset:
    return preset.load("sprite-64", {"grid.width": CELLS[0], "grid.height": CELLS[1], "palette.colors": COLORS})


def _clip_mode(frames: Sequence[Pixels]) -> list[Pixels]:
    clip = Clip(tuple(Frame(Picture(pixels.copy()), DURATION) for pixels in frames))
    return [picture.pixels for picture in convert_clip(clip, _preset()).clip.pictures]


def _one_by_one(frames: Sequence[Pixels]) -> list[Pixels]:
    return [convert_picture(Picture(pixels.copy()), _preset()).picture.pixels for pixels in frames]


def _peer(convert: Callable[[Path, int, int, int], Image.Image]) -> Convert:
    def run(frames: Sequence[Pixels]) -> list[Pixels]:
        made = []
        with tempfile.TemporaryDirectory() as folder:
            for pixels in frames:
                path = Path(folder) / "frame.png"
                Image.fromarray(pixels, "RGBA").save(path, compress_level=1)
                own = np.array(convert(path, *CELLS, COLORS).convert("RGBA"))
                own[own[..., 3] == 0] = 0
                made.append(own)
        return made

    return run


def main() -> None:
    """Measure, print the table and write the GIFs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="gets the GIFs")
    parser.add_argument("--write", action="store_true", help="record the table")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{'clip':8}{'how':16}{'colours':>8}{'flicker':>9}{'churn':>8}{'seconds':>9}{'ratio':>7}")
    ways = {
        "pixforge alone": _one_by_one,
        "pixforge clip": _clip_mode,
        "k-centroid": _peer(k_centroid.convert),
        "box": _peer(pillow_box.convert),
    }
    pages: list[list[Image.Image]] = []
    rows: list[list[Cell]] = []
    for scene in scenes():
        done: dict[str, list[Pixels]] = {}
        spent: dict[str, float] = {}
        for name, way in ways.items():
            started = time.process_time()
            done[name] = way(scene.frames)
            spent[name] = time.process_time() - started
            churn = _churn(done[name]) if scene.rigid else None
            ratio = spent[name] / spent["pixforge alone"]
            figures = (_colours(done[name]), _flicker(scene.frames, done[name]), churn, spent[name], ratio)
            rows.append([scene.name, name, *figures])
            print(_line(rows[-1]), flush=True)
        page = _pages(scene.frames, done["pixforge alone"], done["pixforge clip"])
        _save(folder / f"{scene.name}.gif", page)
        pages.append([image.resize((576, 144), Image.Resampling.BOX) for image in page[len(page) // 3 :][:12]])
    _save(folder / "clips.gif", [_stacked(images) for images in zip(*(page * 2 for page in pages), strict=False)][:12])
    print(folder)
    if asked.write:
        write(_result(rows), "clips")


def _line(row: Sequence[Cell]) -> str:
    scene, name, colours, flickers, churn, seconds, ratio = row
    moved = f"{'-':>8}" if churn is None else f"{churn:8.3f}"
    return f"{scene:8}{name:16}{colours:8}{flickers:9.4f}{moved}{seconds:9.2f}{ratio:7.2f}"


def _result(rows: list[list[Cell]]) -> Result:
    columns = ["clip", "how", "colours", "flicker", "churn", "processor s", "x alone"]
    return Result(
        title="Clips",
        command="python -m benchmarks.clips --write",
        summary="Three clips made of the drawings in examples/, to 16 colours. Flicker: cells that change though the "
        "source does not. Churn: cells of a moving figure that are not those of the frame before, at the best move by "
        "whole cells. The peers have a palette of their own for every frame.",
        tables=(Table("Clip mode, frame by frame, peers", columns, rows),),
    )


def _colours(frames: Sequence[Pixels]) -> int:
    visible = [np.unique(pixels[pixels[..., 3] > 0], axis=0) for pixels in frames]
    return len(np.unique(np.concatenate(visible), axis=0))


def _flicker(sources: Sequence[Pixels], frames: Sequence[Pixels]) -> float:
    lattice = Lattice(*CELLS, *SIZE)
    changed = still = 0
    for n in range(1, len(frames)):
        same = flicker.unchanged_cells(sources[n - 1], sources[n], lattice)
        more = flicker.count(frames[n - 1], frames[n], same)
        changed, still = changed + more[0], still + more[1]
    return changed / max(still, 1)


def _churn(frames: Sequence[Pixels]) -> float:
    """Share of the subject's cells (those unlike the last, empty frame's) that differ after the best move."""
    ground = frames[-1]
    shares = []
    for before, after in pairwise(frames[8:25]):
        own = (after != ground).any(-1)
        moved = [np.roll(before, step, axis=1) for step in (1, 2)]
        shares.append(min(float(((after != each).any(-1) & own).sum()) for each in moved) / max(own.sum(), 1))
    return float(np.mean(shares))


def _pages(*rows: Sequence[Pixels]) -> list[Image.Image]:
    """Frames of several clips beside each other, each at the size of the first's."""
    height, width = rows[0][0].shape[:2]
    shown = []
    for frame in zip(*rows, strict=True):
        images = [Image.fromarray(pixels, "RGBA").resize((width, height), Image.Resampling.NEAREST) for pixels in frame]
        page = Image.fromarray(np.concatenate([np.asarray(image) for image in images], axis=1), "RGBA")
        shown.append(Image.alpha_composite(Image.new("RGBA", page.size, (150, 165, 180, 255)), page).convert("RGB"))
    return shown


def _stacked(images: Sequence[Image.Image]) -> Image.Image:
    return Image.fromarray(np.concatenate([np.asarray(image) for image in images], axis=0), "RGB")


def _save(path: Path, pages: Sequence[Image.Image]) -> None:
    """Write an animated GIF under one palette, so that what stands still takes no bytes."""
    colours = _stacked(pages).quantize(96)
    shown = [page.quantize(palette=colours, dither=Image.Dither.NONE) for page in pages]
    shown[0].save(path, save_all=True, append_images=shown[1:], duration=DURATION, loop=0, optimize=True)


if __name__ == "__main__":
    main()

"""The benchmark's inputs, and sheets of pictures side by side to look at."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

SUFFIXES = {".png", ".webp", ".jpg", ".svg"}
PAPER = (203, 211, 219)  # neither black nor white, so that fringes and holes show
INK = (24, 28, 34)
CAPTION = 14


@dataclass(frozen=True)
class Tile:
    """One picture of a sheet with the words under it."""

    picture: Image.Image
    caption: str = ""


def sources(folder: Path) -> list[Path]:
    """All drawings under `folder`, sorted by name."""
    return sorted((path for path in folder.rglob("*") if path.suffix in SUFFIXES), key=lambda path: path.stem)


def load(path: Path) -> Image.Image:
    """A drawing as RGB or RGBA; SVG is rendered 768 pixels wide."""
    if path.suffix == ".svg":
        import resvg_py

        png = bytes(resvg_py.svg_to_bytes(svg_string=path.read_text(encoding="utf-8"), width=768))
        return Image.open(io.BytesIO(png)).convert("RGBA")
    with Image.open(path) as picture:
        return picture.convert("RGBA" if picture.mode in {"RGBA", "LA", "P"} else "RGB")


def square(picture: Image.Image, side: int) -> Image.Image:
    """Bring a drawing to side x side: opaque ones are cropped in the middle, others padded with transparency."""
    if picture.mode == "RGB":
        edge = min(picture.size)
        left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
        return picture.crop((left, top, left + edge, top + edge)).resize((side, side), Image.Resampling.LANCZOS)
    scale = side / max(picture.size)
    size = round(picture.width * scale), round(picture.height * scale)
    small = picture.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")
    canvas = Image.new("RGBA", (side, side))
    canvas.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return canvas


def enlarge(picture: Image.Image, edge: int) -> Image.Image:
    """Enlarge by the largest whole factor that fits edge x edge, without smoothing; larger pictures are reduced."""
    if max(picture.size) > edge:
        reduced = picture.convert("RGBa" if picture.mode == "RGBA" else "RGB")
        reduced.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        return reduced.convert("RGBA")
    factor = edge // max(picture.size)
    size = picture.width * factor, picture.height * factor
    return picture.convert("RGBA").resize(size, Image.Resampling.NEAREST)


def sheet(rows: Sequence[Sequence[Tile]], edge: int) -> Image.Image:
    """Tiles in rows, each enlarged into an edge x edge cell with its caption below."""
    columns = max(len(row) for row in rows)
    step_x, step_y = edge + 8, edge + CAPTION + 8
    page = Image.new("RGB", (columns * step_x + 8, len(rows) * step_y + 8), PAPER)
    draw = ImageDraw.Draw(page)
    for y, row in enumerate(rows):
        for x, tile in enumerate(row):
            picture = enlarge(tile.picture, edge)
            left, top = x * step_x + 8, y * step_y + 8
            page.paste(picture, (left + (edge - picture.width) // 2, top + (edge - picture.height) // 2), picture)
            draw.text((left, top + edge + 1), tile.caption, INK)
    return page


def chunks(tiles: Iterable[Tile], columns: int) -> list[list[Tile]]:
    """Break a run of tiles into rows."""
    run = list(tiles)
    return [run[start : start + columns] for start in range(0, len(run), columns)]

"""Twelve pairs of a picture and a style, side by side, to be looked at.

    python -m benchmarks.style_pairs [--out docs/results/style.png] [--model bundled]

Nine drawings: the drawing, method classical, method style. Three sprites in direction to-drawing: the sprite, the
drawing, the sprite that method classical makes of that drawing; printed is the share of its cells that are as before.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import PICTURES, ROOT
from benchmarks.style import one_thread

Rgba = NDArray[np.uint8]
SIDE: Final = 48
PANEL: Final = 196  # pixels of a picture on the sheet
_NEAR: Final = 8  # of 255 that a channel may differ in a cell that came back
TO_PIXEL: Final = (
    ("adventurer.png", "dawnlike"),
    ("bear.webp", "dawnlike"),
    ("queen.png", "adventure"),
    ("dog.png", "dungeon"),
    ("portrait_flat.webp", "dawnlike"),
    ("padlock.png", "dungeon"),
    ("chemist.png", "adventure"),
    ("sunflower.jpg", "dawnlike"),
    ("sailor_monkey.svg", "adventure"),
)
TO_DRAWING: Final = ("dungeon/07.png", "dungeon/22.png", "dungeon/40.png")


def main() -> int:
    """Convert, print and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PICTURES / "style.png")
    parser.add_argument("--model", default="bundled")
    arguments = parser.parse_args()
    one_thread()
    groups = [_to_pixel(name, style, arguments.model) for name, style in TO_PIXEL]
    groups += [_to_drawing(name, arguments.model) for name in TO_DRAWING]
    _sheet(groups).save(arguments.out, optimize=True)
    print(arguments.out)
    return 0


def _to_pixel(name: str, style: str, model: str) -> list[Rgba]:
    import pixforge
    from pixforge.image.load import load

    source = ROOT / "examples" / name
    size: dict[str, Any] = {"height": SIDE, "colors": 16}
    plain = pixforge.convert(source, method="classical", **size).picture.pixels
    made = pixforge.convert(source, method="style", style=style, model=model, **size).picture.pixels
    print(f"{name:20} {style:10} {(made != plain).any(axis=-1).mean():.3f} of the cells changed", flush=True)
    return [load(source, first_frame=True).pixels, plain, made]


def _to_drawing(name: str, model: str) -> list[Rgba]:
    import pixforge
    from pixforge.image.load import load

    sprite = load(ROOT / "pixforge" / "models" / "styles" / name)
    drawing = pixforge.convert(
        sprite.pixels, method="style", model=model, direction="to-drawing", settings={"grid.cell": 8.0}
    ).picture.pixels
    colours = len(np.unique(sprite.pixels[sprite.pixels[..., 3] > 0], axis=0))
    settings = {"grid.size": [sprite.width, sprite.height], "grid.fit": "stretch"}
    back = pixforge.convert(drawing, method="classical", colors=colours, settings=settings).picture.pixels
    shown = (sprite.pixels[..., 3] > 0) | (back[..., 3] > 0)
    kept = np.abs(back.astype(int) - sprite.pixels).max(axis=-1)[shown] <= _NEAR
    print(f"{name:20} {'to-drawing':10} {kept.mean():.3f} of the subject's cells come back", flush=True)
    return [sprite.pixels, drawing, back]


def _sheet(groups: list[list[Rgba]]) -> Any:  # noqa: ANN401  # a picture of Pillow, imported at use
    """Three groups a row; small pictures enlarged by whole steps, large ones made smaller."""
    from PIL import Image

    across = 3 * len(groups[0])
    sheet = Image.new("RGB", (PANEL * across, PANEL * -(-len(groups) // 3)), (122, 126, 142))
    for number, pixels in enumerate(one for group in groups for one in group):
        picture = Image.fromarray(pixels)
        share = PANEL // max(picture.size)
        if share >= 1:
            picture = picture.resize((picture.width * share, picture.height * share), Image.Resampling.NEAREST)
        else:
            picture.thumbnail((PANEL - 4, PANEL - 4))
        x, y = number % across * PANEL, number // across * PANEL
        sheet.paste(picture.convert("RGB"), (x + (PANEL - picture.width) // 2, y), picture)
    return sheet.quantize(256, dither=Image.Dither.NONE)


if __name__ == "__main__":
    sys.exit(main())

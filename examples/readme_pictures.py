"""Makes the picture at the head of the README: drawings above, what pixforge makes of them below.

python -m examples.readme_pictures
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from benchmarks.pictures import Tile, load, sheet

EXAMPLES = Path(__file__).parent
PICTURE = EXAMPLES.parent / "docs" / "before-after.png"
CHOSEN = (
    ("adventurer.png", "sprite-64"),
    ("queen.png", "sprite-64"),
    ("dog.png", "sprite-64"),
    ("house.svg", "sprite-64"),
    ("sailor_monkey.svg", "pico-8"),
)
EDGE = 192


def main() -> None:
    """Convert and write docs/before-after.png."""
    with tempfile.TemporaryDirectory() as folder:
        made = [_convert(EXAMPLES / name, Path(folder), preset) for name, preset in CHOSEN]
    before = [Tile(load(EXAMPLES / name), name) for name, _ in CHOSEN]
    after = [Tile(picture, preset) for picture, (_, preset) in zip(made, CHOSEN, strict=True)]
    PICTURE.parent.mkdir(exist_ok=True)
    page = sheet([before, after], EDGE)
    page.save(PICTURE, optimize=True)
    print(f"{PICTURE.relative_to(EXAMPLES.parent)}: {page.width} x {page.height}")


def _convert(source: Path, folder: Path, preset: str) -> Image.Image:
    target = folder / f"{source.stem}.png"
    program = Path(sys.executable).with_name("pixforge")
    subprocess.run([program, "convert", source, "-o", target, "-p", preset], check=True, stdout=subprocess.DEVNULL)
    return load(target)


if __name__ == "__main__":
    main()

"""What `make demo` does: converts these drawings with several presets and makes one sheet to look at.

    python -m examples.demo [OUTPUT]

Every step is a command of pixforge that is printed first, to be copied.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.pictures import Tile, load, sheet, sources

EXAMPLES = Path(__file__).parent
PROGRAM = Path(sys.executable).with_name("pixforge")
EVERYTHING = ("sprite-64", "pico-8", "game-boy", "one-bit")
CHOSEN = (
    ("character-32", "chemist.png"),
    ("portrait-64", "portrait_flat.webp"),
    ("line-art-64", "portrait_ink.png"),
    ("item-16", "padlock.png"),
    ("tileset-16", "sunflower.jpg"),
    ("background-wide", "landscape.png"),
    ("recover", "enlarged/dragon.jpg"),
)
EDGE = 320  # 320 cells of a wide background, 64 of a sprite five times enlarged


def main() -> int:
    """Convert, make the sheet, say where everything is; the exit code is 1 if a command failed."""
    output = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output")
    failed = [preset for preset in EVERYTHING if not _run("batch", EXAMPLES, output / preset, "-p", preset)]
    for preset, name in CHOSEN:
        target = output / preset / Path(name).with_suffix(".png").name
        if not _run("convert", EXAMPLES / name, "-o", target, "-p", preset, "--preview", 4):
            failed.append(preset)
    before_after = output / "before-after.png"
    sheet([*_everything(output), *_chosen(output)], EDGE).save(before_after)
    print(f"\nBefore and after, side by side: {before_after}\nThe pictures, one pixel a cell: {output}/PRESET/")
    print(
        f"Failed: {', '.join(failed)}" if failed else "Now try your own:  .venv/bin/pixforge convert IN.png -o OUT.png"
    )
    return 1 if failed else 0


def _run(*words: object) -> bool:
    """Run one command of pixforge, printed first with paths as the reader would write them."""
    arguments = [_short(word) for word in words]
    print(f"$ pixforge {' '.join(arguments)}", flush=True)
    return subprocess.run([PROGRAM, *arguments], check=False).returncode == 0


def _short(word: object) -> str:
    inside = isinstance(word, Path) and word.is_relative_to(Path.cwd())
    return str(word.relative_to(Path.cwd())) if inside and isinstance(word, Path) else str(word)


def _everything(output: Path) -> list[list[Tile]]:
    rows = []
    for source in sources(EXAMPLES):
        made = [output / preset / source.relative_to(EXAMPLES).with_suffix(".png") for preset in EVERYTHING]
        tiles = [Tile(load(path), preset) for path, preset in zip(made, EVERYTHING, strict=True) if path.exists()]
        rows.append([Tile(load(source), source.name), *tiles])
    return rows


def _chosen(output: Path) -> list[list[Tile]]:
    tiles = []
    for preset, name in CHOSEN:
        made = output / preset / Path(name).with_suffix(".png").name
        if made.exists():
            tiles += [Tile(load(EXAMPLES / name), Path(name).name), Tile(load(made), preset)]
    return [tiles[start : start + 4] for start in range(0, len(tiles), 4)]


if __name__ == "__main__":
    sys.exit(main())

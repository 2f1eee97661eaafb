"""Tiled draws the tiles of a clip and the map of a tile set to the same pixels."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pixforge.exporters.registry import export_tiles
from pixforge.exporters.target import TileAsset
from pixforge.image.load import load
from pixforge.image.picture import Picture
from pixforge.sheet.clip import Clip
from pixforge.sheet.options import SheetOptions
from pixforge.sheet.tags import play_order
from pixforge.sheet.tiles import cut, lay_out_tiles


@pytest.fixture(scope="session")
def rasterize() -> Callable[[Path], Picture]:
    """Draw a map with Tiled's own tool."""
    program = shutil.which("tmxrasterizer")
    if program is None:
        pytest.skip("no tmxrasterizer (Debian: apt install tiled)")

    def drawn(path: Path) -> Picture:
        target = path.with_suffix(".drawn.png")
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(path.parent)}
        command = [program, "--ignore-visibility", str(path), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        return load(target)

    return drawn


def _seen(picture: Picture) -> np.ndarray:
    return np.where(picture.pixels[..., 3:] == 0, 0, picture.pixels)


@pytest.mark.parametrize(
    "sheet",
    [SheetOptions(), SheetOptions(extrude=1, spacing=2, border=3), SheetOptions(columns=2, inner=1, power_of_two=True)],
    ids=["plain", "extruded", "rounded"],
)
def test_tiled_draws_every_frame(
    sheet: SheetOptions, clip: Clip, write: Callable[..., Path], rasterize: Callable[[Path], Picture]
) -> None:
    folder = write(clip, "tiled", sheet=sheet)
    count = len(clip.frames)
    numbers = ",".join(str(number + 1) for number in range(count))
    (folder / "strip.tmx").write_text(
        f'<map version="1.10" orientation="orthogonal" width="{count}" height="1" tilewidth="{clip.width}" '
        f'tileheight="{clip.height}"><tileset firstgid="1" source="hero.tsx"/><layer id="1" name="l" width="{count}" '
        f'height="1"><data encoding="csv">{numbers}</data></layer></map>'
    )
    assert np.array_equal(_seen(rasterize(folder / "strip.tmx")), np.hstack([_seen(each) for each in clip.pictures]))


def test_each_tag_is_an_animation_on_its_first_frame(clip: Clip, write: Callable[..., Path]) -> None:
    root = ET.parse(write(clip, "tiled") / "hero.tsx").getroot()  # our own file
    found = {}
    for tile in root.iter("tile"):
        name = tile.find("properties/property")
        assert name is not None
        frames = [(int(f.attrib["tileid"]), int(f.attrib["duration"])) for f in tile.iter("frame")]
        found[name.attrib["value"]] = (int(tile.attrib["id"]), frames)
    moving = [tag for tag in clip.tags if tag.first < tag.last]
    assert set(found) == {tag.name for tag in moving}
    for tag in moving:
        first, frames = found[tag.name]
        assert frames == [(number, clip.durations[number]) for number in play_order(tag)]
        assert first == play_order(tag)[0] or first >= len(clip.frames)


@pytest.mark.parametrize("extrude", [0, 2])
def test_tiled_draws_the_map_of_a_cut_picture(
    extrude: int, tmp_path: Path, rasterize: Callable[[Path], Picture]
) -> None:
    rng = np.random.default_rng(1)
    tile = np.full((6, 6, 4), 255, np.uint8)
    tile[..., :3] = rng.integers(0, 255, (6, 6, 3))
    ways = [tile, tile[:, ::-1], tile[::-1], tile[::-1, ::-1]]
    ways += [way.swapaxes(0, 1) for way in ways] + [np.zeros_like(tile), np.full_like(tile, 255)]
    picture = Picture(np.vstack([np.hstack(ways[:5]), np.hstack(ways[5:])]))
    tiles = cut(picture, (6, 6))
    assert len(tiles.tiles) == 2
    for file in export_tiles(TileAsset("level", tiles, lay_out_tiles(tiles, extrude=extrude)), ["tiled"]):
        (tmp_path / file.path).write_bytes(file.data)
    assert np.array_equal(_seen(rasterize(tmp_path / "level.tmx")), picture.pixels)

"""Every preset that is shipped works."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge import preset
from pixforge.engine.pipeline import convert_picture
from pixforge.image.picture import Picture
from pixforge.preset.store import shipped_folder

SHIPPED = sorted(shipped_folder().glob("*.toml"))
LOOKED_FOR = {
    "background-wide", "character-32", "db32", "game-boy", "item-16", "nes", "one-bit", "pico-8", "portrait-64",
    "recover", "snes-16", "sprite-64", "tileset-16", "godot-character", "aseprite-animation", "cast-64", "seamless-32",
    "tile-map-16", "restore", "restore-4x", "restore-worn",
}  # fmt: skip


def test_there_is_a_preset_for_what_people_look_for() -> None:
    assert {path.stem for path in SHIPPED} >= LOOKED_FOR


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_says_what_it_is_for_and_keeps_the_contract(path: Path) -> None:
    chosen = preset.load(path)
    assert 20 <= len(chosen.description) <= 100
    if chosen.method.model == "vgg19":
        pytest.skip(f"needs the model {chosen.method.model}, which nobody may bundle")
    converted = convert_picture(_drawing(chosen.grid.cell == "auto"), chosen)
    data = converted.encode()  # raises if the contract is broken
    if chosen.direction == "to-drawing":
        assert converted.palette is None
        assert (converted.picture.width, converted.picture.height) == converted.promised
        return
    assert converted.palette is not None
    assert len(converted.palette) <= chosen.color_limit
    if chosen.grid.size is not None:
        assert (converted.picture.width, converted.picture.height) == chosen.grid.size
    assert data.startswith(b"\x89PNG")


def _drawing(pixel_art: bool) -> Picture:
    """A smooth ball with an outline; or coarse noise of four colours, enlarged seven times."""
    if pixel_art:
        colours = np.array([[20, 20, 30], [200, 60, 50], [240, 230, 180], [60, 120, 190]], np.uint8)
        art = colours[np.random.default_rng(3).integers(0, 4, (16, 16))]
        image = Image.fromarray(art).resize((112, 112), Image.Resampling.NEAREST)
        return Picture(np.array(image.convert("RGBA")))
    y, x = np.mgrid[:120, :160]
    distance = np.hypot(x - 80, y - 60)
    pixels = np.zeros((120, 160, 4), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = x, 255 - y, 120
    pixels[(distance > 48) & (distance < 54), :3] = 10
    pixels[..., 3] = np.clip(55 - distance, 0, 1) * 255
    return Picture(pixels)

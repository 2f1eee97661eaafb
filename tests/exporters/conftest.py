"""Clips to export, and the programs that read what was exported."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pixforge.exporters.options import TargetOptions
from pixforge.exporters.registry import export
from pixforge.exporters.target import Asset
from pixforge.image.picture import Frame, Picture
from pixforge.sheet.atlas import build
from pixforge.sheet.clip import Clip, Slice, SliceKey, Tag
from pixforge.sheet.options import SheetOptions

COLORS = np.array([[255, 0, 77], [29, 43, 83], [255, 236, 39], [0, 228, 54], [131, 118, 156]], np.uint8)


@pytest.fixture(scope="session")
def clip() -> Clip:
    """Seven frames of 20 x 16: a moving block, an empty frame, a repeated one; times from 1 ms to a second."""
    frames = []
    for number, duration in enumerate((100, 83, 1, 1000, 40, 120, 40)):
        pixels = np.zeros((16, 20, 4), np.uint8)
        if number != 3:
            x, y = 2 + number % 5, 3 + number % 3
            pixels[y : y + 6, x : x + 9, :3] = COLORS[number % 3]
            pixels[y : y + 6, x : x + 9, 3] = 255
            pixels[y + 1, x + 1, :3] = COLORS[3]
        frames.append(Frame(Picture(pixels), duration))
    frames[6] = Frame(frames[4].picture, 40)
    tags = (
        Tag("walk", 0, 2, "forward", 0, (255, 0, 0)),
        Tag("turn", 2, 4, "pingpong"),
        Tag("die", 4, 6, "forward", 1),
        Tag("back", 0, 3, "pingpong_reverse", 2),
        Tag('odd "name" & <more>', 5, 5, "reverse"),
    )
    slices = (Slice("feet", (SliceKey(0, (4, 10, 8, 4), pivot=(4, 3)), SliceKey(3, (5, 10, 8, 4), pivot=(4, 3)))),)
    return Clip(tuple(frames), tags, slices)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Export a clip into a folder and return the folder."""

    def exported(
        clip: Clip,
        *targets: str,
        folder: str = ".",
        sheet: SheetOptions = SheetOptions(),  # noqa: B008  # frozen
        options: TargetOptions = TargetOptions(),  # noqa: B008  # frozen
    ) -> Path:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        for file in export(Asset("hero", clip, build(clip, sheet), options), targets):
            (place / file.path).write_bytes(file.data)
        return place

    return exported


@pytest.fixture(scope="session")
def godot(godot_program: Path) -> Callable[..., str]:
    """Run Godot in a project and return what it prints."""

    def run(project: Path, *args: str) -> str:
        command = [str(godot_program), "--headless", "--path", str(project), *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        return done.stdout + done.stderr

    return run

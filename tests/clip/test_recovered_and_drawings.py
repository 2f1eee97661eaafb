"""Clips of existing pixel art lie under one grid; drawings out of pixel art hold still where its cells do."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pixforge import preset
from pixforge.engine import clip_drawing, sessions
from pixforge.engine.clip import convert_clip
from pixforge.errors import NotPixelArtError
from pixforge.image.picture import Frame, Picture
from pixforge.methods.contract import Request
from pixforge.pixel.draft import Draft
from pixforge.preset import MethodChoice, Preset
from pixforge.sheet.clip import Clip

Pixels = NDArray[np.uint8]


def sprite(seed: int, size: int = 24) -> Pixels:
    """Pixel art of six colours on transparency."""
    rng = np.random.default_rng(seed)
    colours = rng.integers(30, 256, (6, 3), dtype=np.uint8)
    cells = np.zeros((size, size, 4), np.uint8)
    cells[4:-4, 4:-4, :3] = colours[rng.integers(0, 6, (size - 8, size - 8))]
    cells[4:-4, 4:-4, 3] = 255
    return cells


def clip_of(frames: list[Pixels]) -> Clip:
    return Clip(tuple(Frame(Picture(np.ascontiguousarray(pixels)), 100) for pixels in frames))


def enlarged(cells: Pixels, factor: int) -> Pixels:
    return cells.repeat(factor, 0).repeat(factor, 1)


def test_enlarged_pixel_art_comes_back_frame_by_frame_under_one_grid() -> None:
    """A frame that is too plain to show a grid is cut by that of the others."""
    first, plain = sprite(1), np.zeros((24, 24, 4), np.uint8)
    plain[8:12, 8:12] = (200, 10, 10, 255)
    chosen = preset.parse({"direction": "to-pixel", "grid": {"cell": "auto"}, "palette": {"colors": 32}}, "test")
    frames = [first, plain, np.roll(first, 1, axis=1)]
    done = convert_clip(clip_of([enlarged(cells, 6) for cells in frames]), chosen)
    for made, cells in zip(done.clip.pictures, frames, strict=True):
        assert np.array_equal(made.pixels, cells)
    assert done.flicker == 0
    assert done.facts.grid is not None
    assert done.facts.grid["pitch_x"] == 6


def test_noise_does_not_flicker_where_the_source_stands_still() -> None:
    """Half of a noisy frame changes; the cells of the other half are those of the frame before."""
    rng = np.random.default_rng(5)
    base = enlarged(sprite(2), 8).astype(np.int16)
    base[..., :3] += rng.normal(0, 4, base[..., :3].shape).astype(np.int16) * (base[..., 3:] > 0)
    first = np.clip(base, 0, 255).astype(np.uint8)
    second = first.copy()
    second[:, 96:] = np.roll(first, 8, axis=0)[:, 96:]
    chosen = preset.parse({"direction": "to-pixel", "grid": {"cell": "auto"}, "palette": {"colors": 16}}, "test")
    done = convert_clip(clip_of([first, second]), chosen)
    one, other = (picture.pixels for picture in done.clip.pictures)
    assert np.array_equal(one[:, :11], other[:, :11])
    assert (one != other).any()


def test_drawings_are_no_pixel_art() -> None:
    y, x = np.mgrid[:128, :128]
    smooth = np.dstack([x * 2, y * 2, 128 + 60 * np.sin(x / 9), np.full_like(x, 255)]).astype(np.uint8)
    chosen = preset.parse({"direction": "to-pixel", "grid": {"cell": "auto"}}, "test")
    with pytest.raises(NotPixelArtError, match="frames"):
        convert_clip(clip_of([smooth, np.roll(smooth, 1, 0)]), chosen)


class _Shaky:
    """Draws every cell as a block, and never twice in the same tint."""

    model_digest = ""

    def __init__(self) -> None:
        self.drawn = 0

    def convert(self, request: Request) -> Draft:
        self.drawn += 1
        factor = request.height // request.picture.height
        pixels = enlarged(request.picture.pixels, factor).astype(np.float32)
        return Draft(np.clip(pixels[..., :3] - self.drawn, 0, 255), pixels[..., 3] / 255)


def test_a_drawing_changes_only_near_cells_that_change(monkeypatch: pytest.MonkeyPatch) -> None:
    session = _Shaky()
    monkeypatch.setattr(sessions, "get", lambda choice: session)  # noqa: ARG005
    monkeypatch.setattr(clip_drawing.drafting.sessions, "get", lambda choice: session)  # noqa: ARG005
    chosen = Preset("test", None, "to-drawing", "", MethodChoice("identity", "", 0, None))
    first = sprite(3)
    second = first.copy()
    second[10, 10] = (1, 2, 3, 255)
    done = convert_clip(clip_of([first, second, first, second]), chosen)
    one, other, third, fourth = (picture.pixels for picture in done.clip.pictures)
    assert one.shape == (24 * 8, 24 * 8, 4)
    assert session.drawn == 2
    ys, xs = np.nonzero((one != other).any(-1))
    assert len(ys)
    assert 8 * 8 <= min(ys.min(), xs.min()) <= max(ys.max(), xs.max()) < 13 * 8
    assert np.array_equal(one, third)
    assert np.array_equal(other, fourth)
    assert done.flicker < 0.1
    assert done.palette is None

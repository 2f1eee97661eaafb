"""Noise of video and lossy files is seen through; an exact clip is left to the byte."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pixforge import preset
from pixforge.engine import clip as clips
from pixforge.engine.clip_steady import level_of, steadied
from pixforge.image.load import load_frames
from pixforge.image.picture import Frame, Picture
from pixforge.pixel import flicker, noise
from pixforge.pixel.windows import Lattice
from pixforge.sheet.clip import Clip

Pixels = NDArray[np.uint8]
SIZE = (160, 112)
LATTICE = Lattice(20, 14, *SIZE)


def scene(seed: int, count: int = 6, step: int = 5) -> list[Pixels]:
    """A shaded disc with an outline passes over soft hills: drawn without noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    hills = 60 + 40 * np.sin(x / 17 + rng.uniform(0, 6)) + 0.6 * y
    ground = np.dstack([hills, 90 + 0.5 * hills, 200 - 0.8 * y, np.full_like(hills, 255)])
    shade = rng.uniform(100, 255, 3)
    frames = []
    for n in range(count):
        away = np.hypot(x - 30 - step * n, y - 50)
        frame = ground.copy()
        for reach, colour in ((24, np.zeros(3)), (21, shade)):
            cover = np.clip(reach - away, 0, 1)[..., None]
            frame[..., :3] += (colour * (1 - 0.3 * (y[..., None] - 50) / 40) - frame[..., :3]) * cover
        frames.append(np.clip(frame, 0, 255).astype(np.uint8))
    return frames


def clip_of(frames: Sequence[Pixels]) -> Clip:
    return Clip(tuple(Frame(Picture(pixels.copy()), 100) for pixels in frames))


def grainy(frames: Sequence[Pixels], strength: float = 2.5) -> list[Pixels]:
    rng = np.random.default_rng(0)
    out = []
    for pixels in frames:
        noisy = pixels[..., :3] + rng.normal(0, strength, (*pixels.shape[:2], 3))
        out.append(np.dstack([np.clip(np.rint(noisy), 0, 255).astype(np.uint8), pixels[..., 3]]))
    return out


def webp(frames: Sequence[Pixels]) -> list[Pixels]:
    """Through an animated WebP that is lossy, over a grain that its encoder cannot take for still."""
    first, *others = (Image.fromarray(pixels) for pixels in grainy(frames, 1.5))
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=others, duration=100, lossless=False, quality=80)
    with Image.open(file) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(np.array(image.convert("RGBA")))
    return found


def jpeg(frames: Sequence[Pixels]) -> list[Pixels]:
    found = []
    for pixels in grainy(frames, 1.5):
        file = io.BytesIO()
        Image.fromarray(pixels).convert("RGB").save(file, "JPEG", quality=85)
        found.append(np.array(Image.open(file).convert("RGBA")))
    return found


def flickers(truth: Sequence[Pixels], frames: Sequence[Pixels]) -> float:
    changed = still = 0
    for n in range(1, len(frames)):
        same = flicker.unchanged_cells(truth[n - 1], truth[n], LATTICE)
        more = flicker.count(frames[n - 1], frames[n], same)
        changed, still = changed + more[0], still + more[1]
    return changed / still


@pytest.mark.parametrize("spoil", [grainy, webp, jpeg])
def test_a_noisy_clip_flickers_less_than_half_as_much(
    spoil: Callable[[Sequence[Pixels]], list[Pixels]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measured on the cells that are unchanged in what was drawn, before any noise."""
    truth = scene(1)
    frames = spoil(truth)
    assert len(frames) == len(truth)
    chosen = preset.parse({"direction": "to-pixel", "grid": {"cell": 8}, "palette": {"colors": 16}}, "test")
    after = [picture.pixels for picture in clips.convert_clip(clip_of(frames), chosen).clip.pictures]
    monkeypatch.setattr(clips, "steadied", lambda clip: clip)
    before = [picture.pixels for picture in clips.convert_clip(clip_of(frames), chosen).clip.pictures]
    assert flickers(truth, before) > 0.1
    assert flickers(truth, after) < 0.5 * flickers(truth, before)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    kind=st.sampled_from(["slide", "slow", "fade", "pan", "dither", "sparkle", "clear"]),
)
def test_an_exact_clip_is_returned_itself(seed: int, kind: str) -> None:
    """Whatever happens in it: motion of any speed, fades, pans over shades, dither that rolls, single pixels."""
    rng = np.random.default_rng(seed)
    frames = scene(seed, step=1 if kind == "slow" else 7)
    if kind == "fade":
        frames = [np.dstack([frames[0][..., :3] // (8 + n) * 8, frames[0][..., 3]]) for n in range(6)]
    if kind == "pan":
        frames = [np.roll(frames[0], 2 * n, axis=1) for n in range(6)]
    if kind == "dither":
        tile = rng.integers(0, 2, (4, 4)).astype(np.uint8) * 40
        pattern = np.tile(tile, (SIZE[1] // 4, SIZE[0] // 4))
        frames = [np.dstack([frame[..., :3] // 2 + np.roll(pattern, n, 1)[..., None], frame[..., 3]])
                  for n, frame in enumerate(frames)]  # fmt: skip
    if kind == "sparkle":
        for frame in frames:
            frame[rng.random(frame.shape[:2]) < 0.02] = 255
    if kind == "clear":
        for frame in frames:
            frame[:, :70] = 0
    clip = clip_of(frames)
    assert steadied(clip) is clip


def test_the_noise_is_measured() -> None:
    for strength in (1.0, 2.0, 3.0):
        frames = [Picture(pixels) for pixels in grainy(scene(2), strength)]
        assert abs(level_of(frames) - strength * 2**0.5) < 0.3
    assert level_of([Picture(scene(2)[0])]) == 0


@settings(max_examples=30)
@given(x=st.integers(0, 157), y=st.integers(0, 109), step=st.integers(45, 120), seed=st.integers(0, 999))
def test_a_spot_that_changes_is_never_held(x: int, y: int, step: int, seed: int) -> None:
    """Three by three pixels, in the strongest noise that is taken for such."""
    rng = np.random.default_rng(seed)
    before = np.full((112, 160, 4), 100, np.uint8)
    before[..., 3] = 255
    after = before.copy()
    after[..., :3] = 100 + np.clip(np.rint(rng.normal(0, 5, (112, 160, 3))), -24, 24).astype(np.int8)
    after[y : y + 3, x : x + 3, :3] = 100 + step
    assert noise.changed(before, after, 8.0)[y : y + 3, x : x + 3].all()


def test_a_slow_fade_arrives_and_transparency_is_exact() -> None:
    """A level a frame is less than the noise; where it ends is shown all the same, and alpha is never held."""
    frames = []
    for n in range(12):
        frame = scene(4, 1)[0]
        frame[60:, :, :3] //= 2
        frame[60:, :, :3] += np.uint8(3 * n)
        frame[:16, : 4 * n] = 0
        frames.append(frame)
    noisy = grainy(frames)
    shown = steadied(clip_of(noisy)).pictures
    assert shown[0].pixels is not shown[1].pixels
    off = abs(float(shown[-1].pixels[64:, :, :3].mean()) - float(frames[-1][64:, :, :3].mean()))
    assert off < 2 * level_of([Picture(pixels) for pixels in noisy]) + 1
    for picture, frame in zip(shown, frames, strict=True):
        assert np.array_equal(picture.pixels[..., 3], frame[..., 3])


def test_a_file_of_a_lossy_clip_is_a_noisy_clip(tmp_path: Path) -> None:
    """Read by the reader that commands use."""
    first, *others = (Image.fromarray(pixels) for pixels in grainy(scene(3)))
    path = tmp_path / "clip.webp"
    first.save(path, save_all=True, append_images=others, duration=100, quality=80)
    assert level_of([frame.picture for frame in load_frames(path)]) > 1

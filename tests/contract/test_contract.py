"""The contract holds for every method on the files on disk, checked with nothing but Pillow and numpy."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import pixforge
from pixforge.errors import MissingDependencyError
from pixforge.methods import registry


def usable(name: str) -> bool:
    """Whether the method converts to pixels here: its packages are installed and its bundled model is there."""
    module = registry.load(name)
    if "to-pixel" not in module.DIRECTIONS or registry.missing(module):
        return False
    try:
        module.open_session(module.Options(), "bundled")
    except MissingDependencyError:
        return False
    return True


METHODS = [name for name in registry.names() if usable(name)]
QUICK: dict[str, dict[str, object]] = {"style": {"method.style.steps": 2}}  # the contract holds at every step
Pixels = NDArray[np.uint8]


def noise(rng: np.random.Generator, height: int, width: int) -> Pixels:
    return rng.integers(0, 256, (height, width, 4), dtype=np.uint8)


def shapes(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Random flat ellipses with dark outlines and soft edges."""
    y, x = np.mgrid[:height, :width]
    out = np.zeros((height, width, 4), np.float32)
    for _ in range(5):
        cy, cx, ry, rx = rng.random(4) * (height, width, height / 2, width / 2) + (0, 0, 1, 1)
        away = np.hypot((y - cy) / ry, (x - cx) / rx)
        for reach, colour in ((1.0, np.zeros(3)), (0.85, rng.random(3) * 255)):
            cover = np.clip((reach - away) * min(ry, rx), 0, 1)[..., None]
            out[..., :3] += (colour - out[..., :3]) * cover
            out[..., 3:] += (255 - out[..., 3:]) * cover
    return out.astype(np.uint8)


def ramp(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """A smooth colour gradient under a smooth alpha gradient."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    ends = rng.random((3, 4)) * 255
    return (ends[0] * (1 - x)[..., None] * 0.5 + ends[1] * y[..., None] * 0.5 + ends[2] * 0.0).astype(np.uint8)


def clear(rng: np.random.Generator, height: int, width: int) -> Pixels:
    """Nothing visible, but colours under the transparency."""
    pixels = noise(rng, height, width)
    pixels[..., 3] = 0
    return pixels


def solid(rng: np.random.Generator, height: int, width: int) -> Pixels:
    return np.full((height, width, 4), (*rng.integers(0, 256, 3), 255), np.uint8)


def test_the_methods_of_the_base_install_are_among_those_tested() -> None:
    assert {"classical", "identity"} <= set(METHODS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("method", METHODS)
def test_size_palette_and_alpha_are_exact_on_disk(method: str, data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    paint = data.draw(st.sampled_from([noise, shapes, ramp, clear, solid]))
    source = paint(rng, data.draw(st.integers(1, 300)), data.draw(st.integers(1, 300)))
    sizes = st.integers(8, 256) if data.draw(st.integers(0, 9)) == 0 else st.integers(8, 64)
    width, height = data.draw(sizes), data.draw(sizes)
    colours = data.draw(st.integers(2, 256))
    options = {
        "size": (width, height),
        "colors": colours,
        "method": method,
        "dither": data.draw(st.sampled_from(["none", "bayer4", "floyd-steinberg", "blue-noise"])),
        "outline": data.draw(st.sampled_from(["keep", "none", "black", "selective"])),
    }
    result = pixforge.convert(source, **options, settings=QUICK.get(method))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.png"
        result.save(path)
        with Image.open(path) as image:
            assert image.size == (width, height)
            pixels = np.asarray(image.convert("RGBA"))
            indexed = image.mode == "P"
    alpha = pixels[..., 3]
    assert np.isin(alpha, (0, 255)).all()
    assert not pixels[alpha == 0].any()
    used = {tuple(int(c) for c in colour) for colour in pixels[alpha == 255][:, :3]}
    assert used <= set(result.palette)
    assert len(result.palette) <= colours
    assert indexed or len(result.palette) == 256


@pytest.mark.parametrize("method", METHODS)
def test_the_same_input_gives_the_same_bytes(method: str, tmp_path: Path) -> None:
    source = shapes(np.random.default_rng(3), 200, 160)
    for name in ("one.png", "two.png"):
        pixforge.convert(source, size=(40, 32), colors=12, method=method, settings=QUICK.get(method)).save(
            tmp_path / name
        )
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.parametrize("factor", [1, 2, 5])
def test_every_block_of_a_preview_is_one_colour(factor: int, tmp_path: Path) -> None:
    result = pixforge.convert(shapes(np.random.default_rng(4), 128, 128), size=(16, 16), colors=8)
    result.save_preview(tmp_path / "preview.png", factor)
    with Image.open(tmp_path / "preview.png") as image:
        pixels = np.asarray(image.convert("RGBA"))
    assert np.array_equal(pixels, result.picture.pixels.repeat(factor, 0).repeat(factor, 1))


def test_an_opaque_source_stays_opaque() -> None:
    source = shapes(np.random.default_rng(5), 120, 120)
    source[..., 3] = 255
    result = pixforge.convert(source, size=(24, 24))
    assert result.picture.opaque


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("target", ["apng", "webp", "gif"])
def test_every_frame_of_a_clip_keeps_the_contract_with_one_palette_and_its_time(
    name: str, target: str, tmp_path: Path
) -> None:
    base = shapes(np.random.default_rng(5), 60, 80)
    frames = [np.roll(base, 5 * step, axis=1) for step in range(4)]
    durations = [40, 100, 250, 1000]
    colors, width, height = 7, 16, 12
    result = pixforge.convert_clip(
        frames, durations, method=name, colors=colors, size=(width, height), settings=QUICK.get(name)
    )
    (path,) = result.save(tmp_path / f"clip.{target}")
    used: set[tuple[int, ...]] = set()
    with Image.open(path) as image:
        assert image.n_frames == len(frames)
        for number, duration in enumerate(durations):
            image.seek(number)
            image.load()
            assert image.size == (width, height)
            assert image.info["duration"] == duration
            pixels = np.asarray(image.convert("RGBA"))
            assert set(np.unique(pixels[..., 3]).tolist()) <= {0, 255}
            used |= set(map(tuple, pixels[pixels[..., 3] == 255][:, :3].tolist()))
    palette = result.converted.palette
    assert palette is not None
    assert len(palette) <= colors
    assert used <= set(map(tuple, palette.tolist()))

"""Every way to load a checkpoint converts a drawing under the contract, the same bytes for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import pixforge
from pixforge.engine.door import Result

Paint = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # inside diffusers
QUICK = {"steps": 2, "side": 64, "guidance": 2.0}


def convert(drawing: Path, model: Path | str, seed: int = 0, **options: object) -> Result:
    settings = {f"method.diffusion.{name}": value for name, value in {**QUICK, **options}.items()}
    return pixforge.convert(
        drawing, method="diffusion", model=str(model), size=(12, 16), colors=6,
        settings={"method.seed": seed, **settings},
    )  # fmt: skip


WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "folder": ("stable", {}),
    "single file": ("file", {"config": "stable"}),
    "InstructPix2Pix": ("instruct", {}),
    "XL": ("xl", {}),
    "ControlNet": ("stable", {"controlnet": "controlnet"}),
    "LoRA": ("stable", {"lora": "lora"}),
    "logical": ("joint", {}),
}


def options_of(models: SimpleNamespace, named: dict[str, str]) -> dict[str, object]:
    options: dict[str, object] = {name: str(getattr(models, value)) for name, value in named.items()}
    if "lora" in options:
        options["lora"] = [options["lora"]]
    return options


@pytest.mark.parametrize("way", WAYS)
def test_the_file_on_disk_keeps_the_contract_whatever_the_model(
    way: str, models: SimpleNamespace, drawing: Path, tmp_path: Path
) -> None:
    """Random weights paint nonsense, and still: size, palette and alpha are exact, and a second run gives the bytes."""
    model, named = WAYS[way]
    chosen = options_of(models, named)
    result = convert(drawing, getattr(models, model), **chosen)
    path = tmp_path / "out.png"
    result.save(path)
    pixels = np.asarray(Image.open(path).convert("RGBA"))
    assert pixels.shape == (16, 12, 4)
    assert set(np.unique(pixels[..., 3])) <= {0, 255}
    assert not pixels[pixels[..., 3] == 0].any()
    allowed = {tuple(color) for color in np.asarray(result.palette)[:, :3]}
    assert {tuple(color) for color in pixels[pixels[..., 3] > 0][:, :3]} <= allowed
    assert len(allowed) <= 6
    again = tmp_path / "again.png"
    convert(drawing, getattr(models, model), **chosen).save(again)
    assert again.read_bytes() == path.read_bytes()


def test_each_way_really_has_an_effect(models: SimpleNamespace, drawing: Path, painted: Paint) -> None:
    """The file gives what its folder gives; LoRA, ControlNet, scheduler, seed and strength change the picture."""
    plain = painted(models.stable, drawing)
    same = painted(models.file, drawing, config=str(models.stable))
    assert np.abs(plain.astype(int) - same).max() <= 1
    low = painted(models.stable, drawing, memory="low")
    assert np.abs(plain.astype(int) - low).max() <= 2
    changed = {
        "lora": painted(models.stable, drawing, lora=(str(models.lora),)),
        "controlnet": painted(models.stable, drawing, controlnet=str(models.controlnet)),
        "scheduler": painted(models.stable, drawing, scheduler="euler-a"),
        "strength": painted(models.stable, drawing, strength=1.0),
        "prompt": painted(models.stable, drawing, prompt="a red knight"),
        "seed": painted(models.stable, drawing, seed=1),
    }
    assert {name: bool((plain != picture).any()) for name, picture in changed.items()} == dict.fromkeys(changed, True)
    silent = painted(models.stable, drawing, lora=(str(models.lora),), lora_scale=0.0)
    assert np.abs(plain.astype(int) - silent).max() <= 1


@pytest.mark.parametrize("scheduler", ["ddim", "pndm", "euler", "heun", "dpm++", "unipc", "lcm"])
def test_every_scheduler_paints(scheduler: str, models: SimpleNamespace, drawing: Path, painted: Paint) -> None:
    assert painted(models.stable, drawing, scheduler=scheduler).std() > 0


def test_bfloat16_paints_about_the_same_picture(models: SimpleNamespace, drawing: Path, painted: Paint) -> None:
    """It is nearer to float32 than another seed is."""
    whole, half = (painted(models.stable, drawing, dtype=dtype).astype(int) for dtype in ("float32", "bfloat16"))
    other = painted(models.stable, drawing, seed=1).astype(int)
    assert np.abs(whole - half).mean() < np.abs(whole - other).mean() / 2


def test_backwards_the_size_and_the_silhouette_of_the_drawing_are_those_of_the_sprite(
    models: SimpleNamespace, tmp_path: Path
) -> None:
    sprite = np.zeros((10, 8, 4), np.uint8)
    sprite[2:9, 1:6] = (200, 40, 40, 255)
    path = tmp_path / "sprite.png"
    Image.fromarray(sprite).save(path)
    for model in (models.stable, models.joint):
        settings = {f"method.diffusion.{name}": value for name, value in QUICK.items()}
        made = pixforge.convert(
            path, method="diffusion", model=str(model), direction="to-drawing", cell=6, settings=settings
        )
        assert made.picture.pixels.shape == (60, 48, 4)
        if model == models.stable:
            inside = made.picture.pixels[..., 3] > 127
            assert (inside == (sprite.repeat(6, 0).repeat(6, 1)[..., 3] > 0)).mean() > 0.97


def test_the_hue_of_the_drawing_comes_back(models: SimpleNamespace, drawing: Path, drafted: Paint) -> None:
    """With random weights colours are random; the more of the hue is asked for, the nearer is the figure's red."""
    from pixforge.pixel.colour import srgb_to_oklab

    red = srgb_to_oklab(np.array([200, 60, 40], np.uint8))[1:]
    away = {}
    for share in (0.0, 0.5, 1.0):
        middle = drafted(models.stable, drawing, hue=share, strength=1.0).cells[10:13, 4:8]
        away[share] = float(np.abs(srgb_to_oklab(middle)[..., 1:] - red).mean())
    assert away[0.0] > away[0.5] > away[1.0]


def test_hue_is_exact_inside_srgb_and_lightness_stays() -> None:
    from pixforge.pixel.colour import srgb_to_oklab
    from pixforge.pixel.hue import with_hue_of

    rng = np.random.default_rng(0)
    grey = np.repeat(rng.uniform(100, 150, (50, 1)), 3, axis=1).astype(np.float32)
    muted = rng.uniform(110, 140, (50, 3)).astype(np.float32)
    made = srgb_to_oklab(with_hue_of(grey, muted, 1.0))
    assert np.abs(made[:, 0] - srgb_to_oklab(grey)[:, 0]).max() < 1e-3
    assert np.abs(made[:, 1:] - srgb_to_oklab(muted)[:, 1:]).max() < 1e-3
    assert np.abs(with_hue_of(grey, muted, 0.0) - grey).max() < 0.01


def test_the_reduction_may_be_the_median(models: SimpleNamespace, drawing: Path) -> None:
    made = [convert(drawing, models.stable, reduce=kind).picture.pixels for kind in ("classical", "median")]
    assert made[0].shape == made[1].shape
    assert (made[0] != made[1]).any()


def test_a_model_in_the_store_is_found_by_name(
    models: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    from pixforge.nn.diffusion.checkpoint import locate
    from pixforge.nn.store import user_folder

    user_folder().mkdir(parents=True)
    (user_folder() / "mine").symlink_to(models.stable, target_is_directory=True)
    assert locate("mine").path.samefile(models.stable)


def test_a_small_model_goes_through_the_model_store(
    models: SimpleNamespace, drawing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`models add` takes it with all its files, as a folder or a zip; then its name is enough, and gives the same."""
    import pixforge
    from pixforge.cli import boundary
    from pixforge.nn import store

    monkeypatch.setattr(store, "user_folder", lambda: tmp_path / "store")
    assert boundary.run(["models", "export", str(models.joint), "-o", str(tmp_path / "one.zip")]) == 0
    assert boundary.run(["models", "add", str(tmp_path / "one.zip"), "--name", "one"]) == 0
    assert boundary.run(["models", "info", "one", "--method", "diffusion"]) == 0
    options = {"method.diffusion.freedom": 2, "method.diffusion.steps": 2}
    made = [
        pixforge.convert(drawing, method="diffusion", model=model, height=12, settings=options).picture.pixels
        for model in ("one", str(models.joint))
    ]
    assert (made[0] == made[1]).all()
    weights = tmp_path / "store/one/unet/diffusion_pytorch_model.safetensors"
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(bytes(damaged))
    assert boundary.run(["models", "info", "one"]) == 5

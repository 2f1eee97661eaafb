"""Checkpoints, made once for all tests of this folder."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from pixforge.methods.contract import Draft, Request
    from pixforge.methods.diffusion import DiffusionSession


@pytest.fixture(scope="session")
def checkpoints() -> ModuleType:
    """The module that makes checkpoints; importing PyTorch and diffusers takes seconds, once."""
    pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the packages themselves, while they are imported
        pytest.importorskip("diffusers")
        spec = importlib.util.spec_from_file_location("checkpoints", Path(__file__).with_name("checkpoints.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["checkpoints"] = module
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def models(checkpoints: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    root = tmp_path_factory.mktemp("models")
    stable = checkpoints.stable(root / "stable")
    return SimpleNamespace(
        stable=stable,
        instruct=checkpoints.stable(root / "instruct", 8),
        xl=checkpoints.stable_xl(root / "xl"),
        file=checkpoints.single_file(root / "base.safetensors", stable),
        controlnet=checkpoints.controlnet(root / "controlnet", stable),
        lora=checkpoints.lora(root / "lora.safetensors"),
        joint=checkpoints.joint(root / "joint"),
    )


@pytest.fixture(autouse=True)
def _one_thread(checkpoints: ModuleType) -> Iterator[None]:
    torch = checkpoints.torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """A round figure with an outline, on nothing."""
    from PIL import Image

    y, x = np.mgrid[:96, :80]
    away = np.hypot((y - 48) / 44, (x - 40) / 34)
    pixels = np.zeros((96, 80, 4), np.uint8)
    pixels[away < 1] = (20, 10, 30, 255)
    pixels[away < 0.85] = (200, 60, 40, 255)
    pixels[np.hypot(y - 36, x - 30) < 7] = (250, 250, 240, 255)
    path = tmp_path / "hero.png"
    Image.fromarray(pixels).save(path)
    return path


def _asked(model: Path, drawing: Path, seed: int, options: dict[str, object]) -> tuple[DiffusionSession, Request]:
    from pixforge.image.load import load_frames
    from pixforge.methods.contract import Request
    from pixforge.methods.diffusion import Options, open_session
    from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions

    chosen = Options(steps=2, side=64, guidance=2.0, **options)  # type: ignore[arg-type]
    palette = np.array([[0, 0, 0], [200, 60, 40], [250, 250, 240]], np.uint8)
    wishes = (AlphaOptions(), OutlineOptions(), CleanupOptions())
    picture = load_frames(drawing)[0].picture
    return open_session(chosen, str(model)), Request(picture, 12, 16, palette, "to-pixel", *wishes, seed=seed)


@pytest.fixture(scope="session")
def painted() -> Callable[..., np.ndarray]:
    """What a Stable Diffusion model paints of a drawing, before it is reduced to cells: uint8 (H, W, 3)."""

    def paint(model: Path, drawing: Path, seed: int = 0, **options: object) -> np.ndarray:
        session, request = _asked(model, drawing, seed, options)
        return session._painted(request).pixels[..., :3]

    return paint


@pytest.fixture(scope="session")
def drafted() -> Callable[..., Draft]:
    """The draft of a drawing."""

    def draft(model: Path, drawing: Path, seed: int = 0, **options: object) -> Draft:
        session, request = _asked(model, drawing, seed, options)
        return session.convert(request)

    return draft

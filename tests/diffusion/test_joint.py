"""Models at logical resolution: the arrays, freedom, painting a region anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image


@pytest.fixture(scope="session")
def network(models: SimpleNamespace) -> object:
    from pixforge.nn.diffusion.joint import JointPipeline, TorchNetwork

    return TorchNetwork(JointPipeline.from_pretrained(models.joint, use_safetensors=True).unet)


def sprite(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    alpha = (rng.random((1, height, width)) < 0.7).astype(np.float32)
    return np.concatenate([rng.random((3, height, width), np.float32) * alpha, alpha]).astype(np.float32)


@settings(max_examples=12)
@given(height=st.integers(1, 9), width=st.integers(1, 9), seed=st.integers(0, 99))
def test_any_size_converts_both_ways(network: object, height: int, width: int, seed: int) -> None:
    from pixforge.nn.diffusion.flow import Sampling
    from pixforge.nn.diffusion.proposals import propose

    rng = np.random.default_rng(seed)
    drawing = np.repeat(np.repeat(sprite(rng, height, width), 4, 1), 4, 2)
    out = propose(network, drawing, "to-pixel", Sampling(1, 1.0, seed % 4, seed))
    assert out.shape == (4, height, width)
    back = propose(network, sprite(rng, height, width), "to-drawing", Sampling(1, 1.0, seed % 4, seed))
    assert back.shape == (4, 4 * height, 4 * width)
    assert float(np.abs(back).max()) <= 1


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), drawing=st.booleans())
def test_freedom_never_touches_the_silhouette_and_none_touches_nothing(seed: int, drawing: bool) -> None:
    from pixforge.nn.diffusion.flow import LEVELS, folded, loosened

    rng = np.random.default_rng(seed)
    side = 32 if drawing else 8
    known = np.stack([sprite(rng, side, side) for _ in range(LEVELS)]) * 2 - 1
    known = folded(known) if drawing else known
    out = loosened(known, np.arange(LEVELS), rng.standard_normal(known.shape, np.float32))
    cut = known.shape[1] * 3 // 4
    assert (out[:, cut:] == known[:, cut:]).all()
    assert (out[0] == known[0]).all()
    assert all((out[level] != known[level]).any() for level in range(1, LEVELS))
    assert (out[1:, :cut] <= np.tile(out[1:, cut:], (1, 3, 1, 1)) + 1e-6).all()  # premultiplied stays premultiplied


def test_the_blur_of_freedom_is_the_usual_one(checkpoints: ModuleType) -> None:
    """Means of blocks, enlarged bilinearly: the numbers of PyTorch's own functions."""
    torch = checkpoints.torch
    from torch.nn import functional

    from pixforge.nn.diffusion.flow import loosened

    known = np.random.default_rng(1).random((2, 4, 8, 12), np.float32) * 2 - 1
    known[:, 3] = 1
    out = loosened(known, np.array([2, 3]), np.zeros_like(known))
    for index, factor in enumerate((2, 4)):
        small = functional.avg_pool2d(torch.from_numpy(known[index : index + 1, :3]), factor)
        wanted = functional.interpolate(small, scale_factor=factor, mode="bilinear").numpy()
        assert np.abs(out[index, :3] - wanted[0]).max() < 1e-5


def test_folding_a_drawing_loses_nothing_and_is_that_of_pytorch(checkpoints: ModuleType) -> None:
    torch = checkpoints.torch
    from pixforge.nn.diffusion.flow import folded, unfolded

    drawing = np.random.default_rng(0).random((2, 4, 16, 24), np.float32)
    assert (unfolded(folded(drawing)) == drawing).all()
    wanted = torch.nn.functional.pixel_unshuffle(torch.from_numpy(drawing), 4).numpy()
    assert (folded(drawing) == wanted).all()


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), informed=st.booleans())
def test_painting_a_region_changes_nothing_around_it(network: object, seed: int, informed: bool) -> None:
    from pixforge.nn.diffusion.flow import Sampling
    from pixforge.nn.diffusion.proposals import repaint

    rng = np.random.default_rng(seed)
    height, width = rng.integers(3, 10, 2)
    art = sprite(rng, height, width)
    mask = rng.random((height, width)) < 0.4
    mask[0, 0], mask[-1, -1] = True, False
    drawing = np.repeat(np.repeat(art, 4, 1), 4, 2) if informed else None
    out = repaint(network, art, mask, Sampling(2, 1.5, 0, seed), drawing)
    assert (out[:, ~mask] == art[:, ~mask]).all()
    assert (out[:, mask] != art[:, mask]).any()


@pytest.mark.parametrize("steps", [1, 5])
def test_a_perfect_network_gives_the_picture_back(steps: int) -> None:
    """The sampler follows the flow that training teaches: a network that knows the answer reaches it exactly."""
    from pixforge.nn.diffusion.flow import LOGICAL, Sampling, follow

    rng = np.random.default_rng(0)
    answer = rng.random((1, LOGICAL, 8, 8), np.float32) * 2 - 1
    perfect = SimpleNamespace(clean=lambda *_: answer)
    known = rng.random((1, 64, 8, 8), np.float32) * 2 - 1
    out = follow(perfect, known, "to-pixel", Sampling(steps, 1.5), rng)
    assert np.abs(out - answer).max() < 1e-4


def test_before_training_the_answer_is_the_plain_conversion(checkpoints: ModuleType) -> None:
    """A network whose last layer is zero gives each cell the mean of its pixels, and each pixel its cell's colour."""
    torch = checkpoints.torch
    from pixforge.nn.diffusion.flow import Sampling
    from pixforge.nn.diffusion.joint import TorchNetwork, build_unet
    from pixforge.nn.diffusion.proposals import propose

    unet = build_unet((16, 32, 32), 1)
    torch.nn.init.zeros_(unet.conv_out.weight)
    torch.nn.init.zeros_(unet.conv_out.bias)
    fresh = TorchNetwork(unet)
    rng = np.random.default_rng(4)
    drawing = sprite(rng, 32, 16)
    out = propose(fresh, drawing, "to-pixel", Sampling(2, 1.0))
    means = drawing.reshape(4, 8, 4, 4, 4).mean(axis=(2, 4))
    assert np.abs(out[3] - means[3]).max() < 1e-5
    assert np.abs(out[:3] * means[3].clip(0.5, 1) - means[:3]).max() < 1e-5
    art = sprite(rng, 8, 4)
    back = propose(fresh, art, "to-drawing", Sampling(2, 1.0))
    assert np.abs(back - art.repeat(4, 1).repeat(4, 2)).max() < 1e-5


@pytest.mark.parametrize("way", ["to-pixel", "to-drawing"])
def test_the_graphs_give_what_the_diffusers_model_gives(
    way: str, network: object, models: SimpleNamespace, tmp_path: Path
) -> None:
    """ONNX Runtime reads the weights out of the safetensors file; sizes and batch are free."""
    import shutil

    from pixforge.nn.diffusion.export import write_graphs
    from pixforge.nn.diffusion.joint import JointPipeline
    from pixforge.nn.diffusion.onnx_flow import OnnxNetwork

    folder = shutil.copytree(models.joint, tmp_path / "model")
    for graph in folder.glob("*.onnx"):
        graph.unlink()
    write_graphs(JointPipeline.from_pretrained(folder, use_safetensors=True).unet, folder)
    rng = np.random.default_rng(7)
    sizes = (64, 4) if way == "to-pixel" else (4, 64)
    known, x = (rng.random((2, count, 12, 8), np.float32) * 2 - 1 for count in sizes)
    labels = np.array([1, 9])
    wanted = network.clean(way, known, x, 0.4, labels)
    found = OnnxNetwork(folder, 1).clean(way, known, x, 0.4, labels)
    assert np.abs(found - wanted).max() < 1e-4


def test_a_model_of_another_preprocessing_is_refused(models: SimpleNamespace, tmp_path: Path) -> None:
    import json
    import shutil

    from pixforge.errors import SettingsError
    from pixforge.methods.diffusion import Options, open_session

    folder = shutil.copytree(models.joint, tmp_path / "model")
    card = folder / "card.json"
    table = json.loads(card.read_text())
    table["preprocessing"]["version"] = 99
    card.write_text(json.dumps(table))
    with pytest.raises(SettingsError, match="another preprocessing"):
        open_session(Options(), str(folder))


def test_a_model_with_graphs_needs_no_framework(models: SimpleNamespace, drawing: Path, tmp_path: Path) -> None:
    """What the base install has is enough for a small model: PyTorch and diffusers are not even imported."""
    out = tmp_path / "out.png"
    command = [
        "convert",
        str(drawing),
        "-o",
        str(out),
        "-m",
        "diffusion",
        "--model",
        str(models.joint),
        "--height",
        "12",
    ]
    program = (
        "import sys; from pixforge.cli import boundary; code = boundary.run(sys.argv[1:]);"
        "print(sorted({'torch', 'diffusers', 'transformers'} & set(sys.modules))); raise SystemExit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command, "--height", "12"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    with Image.open(out) as made:
        assert made.height == 12


@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 9), width=st.integers(1, 9))
def test_a_drawing_keeps_the_means_of_its_cells(seed: int, height: int, width: int) -> None:
    """Whatever a network drew of a flat sprite, at least half of what its cells lack in the mean is given back."""
    from pixforge.nn.diffusion.proposals import kept_cells

    rng = np.random.default_rng(seed)
    flat = np.broadcast_to(rng.random((4, 1, 1), np.float32), (4, height, width))
    drawn = flat.repeat(4, 1).repeat(4, 2) + rng.normal(0, 0.1, (4, 4 * height, 4 * width))
    drawing = np.clip(drawn, 0, 1).astype(np.float32)
    kept = kept_cells(drawing, np.ascontiguousarray(flat))
    assert kept.min() >= 0
    assert kept.max() <= 1
    before, after = (one.reshape(4, height, 4, width, 4).mean((2, 4)) - flat for one in (drawing, kept))
    assert np.abs(after).mean() <= np.abs(before).mean() / 2 + 1e-6

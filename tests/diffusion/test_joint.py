"""Models at logical resolution: the arrays, freedom, painting a region anew."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="session")
def pipeline(models: SimpleNamespace) -> object:
    from pixforge.nn.diffusion.joint import JointPipeline

    return JointPipeline.from_pretrained(models.joint, use_safetensors=True)


def sprite(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    alpha = (rng.random((1, height, width)) < 0.7).astype(np.float32)
    return np.concatenate([rng.random((3, height, width), np.float32) * alpha, alpha]).astype(np.float32)


@settings(max_examples=12)
@given(height=st.integers(1, 9), width=st.integers(1, 9), seed=st.integers(0, 99))
def test_any_size_converts_both_ways(pipeline: object, height: int, width: int, seed: int) -> None:
    from pixforge.nn.diffusion.proposals import Sampling, propose

    rng = np.random.default_rng(seed)
    drawing = np.repeat(np.repeat(sprite(rng, height, width), 4, 1), 4, 2)
    out = propose(pipeline, drawing, "to-pixel", Sampling(1, 1.0, seed % 4, seed))
    assert out.shape == (4, height, width)
    back = propose(pipeline, sprite(rng, height, width), "to-drawing", Sampling(1, 1.0, seed % 4, seed))
    assert back.shape == (4, 4 * height, 4 * width)
    assert float(np.abs(back).max()) <= 1


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), drawing=st.booleans())
def test_freedom_never_touches_the_silhouette_and_none_touches_nothing(
    checkpoints: ModuleType, seed: int, drawing: bool
) -> None:
    torch = checkpoints.torch
    from pixforge.nn.diffusion.joint import LEVELS, folded, loosened

    rng = np.random.default_rng(seed)
    side = 32 if drawing else 8
    known = torch.from_numpy(np.stack([sprite(rng, side, side) for _ in range(LEVELS)])) * 2 - 1
    known = folded(known) if drawing else known
    noise = torch.randn(known.shape, generator=torch.Generator().manual_seed(seed))
    out = loosened(known, torch.arange(LEVELS), noise)
    cut = known.shape[1] * 3 // 4
    assert torch.equal(out[:, cut:], known[:, cut:])
    assert torch.equal(out[0], known[0])
    assert all(bool((out[level] != known[level]).any()) for level in range(1, LEVELS))
    assert bool((out[1:, :cut] <= out[1:, cut:].repeat(1, 3, 1, 1) + 1e-6).all())  # premultiplied stays premultiplied


def test_folding_a_drawing_loses_nothing(checkpoints: ModuleType) -> None:
    torch = checkpoints.torch
    from pixforge.nn.diffusion.joint import folded, unfolded

    drawing = torch.randn(2, 4, 16, 24)
    assert torch.equal(unfolded(folded(drawing)), drawing)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), informed=st.booleans())
def test_painting_a_region_changes_nothing_around_it(pipeline: object, seed: int, informed: bool) -> None:
    from pixforge.nn.diffusion.proposals import Sampling, repaint

    rng = np.random.default_rng(seed)
    height, width = rng.integers(3, 10, 2)
    art = sprite(rng, height, width)
    mask = rng.random((height, width)) < 0.4
    mask[0, 0], mask[-1, -1] = True, False
    drawing = np.repeat(np.repeat(art, 4, 1), 4, 2) if informed else None
    out = repaint(pipeline, art, mask, Sampling(2, 1.5, 0, seed), drawing)
    assert (out[:, ~mask] == art[:, ~mask]).all()
    assert (out[:, mask] != art[:, mask]).any()


def test_a_perfect_network_gives_the_picture_back(checkpoints: ModuleType) -> None:
    """The sampler follows the flow that training teaches: a network that knows the answer reaches it exactly."""
    torch = checkpoints.torch
    from diffusers import FlowMatchEulerDiscreteScheduler

    from pixforge.nn.diffusion.joint import LOGICAL
    from pixforge.nn.diffusion.proposals import Sampling, flow

    answer = torch.rand(1, LOGICAL, 8, 8) * 2 - 1

    def unet(state: object, time: object, labels: object) -> SimpleNamespace:
        """What the answer differs by from the means of the known side's cells."""
        del time, labels
        out = torch.zeros_like(state)
        out[:, :LOGICAL] = answer - state[:, LOGICAL:].unflatten(1, (LOGICAL, 16)).mean(dim=2)
        return SimpleNamespace(sample=out)

    pipeline = SimpleNamespace(unet=unet, scheduler=FlowMatchEulerDiscreteScheduler())
    known = torch.rand(1, 64, 8, 8) * 2 - 1
    source = torch.Generator().manual_seed(0)
    out = flow(pipeline, known, "to-pixel", Sampling(5, 1.0), source)
    assert torch.allclose(out, answer, atol=1e-4)


def test_a_model_of_another_preprocessing_is_refused(models: SimpleNamespace, tmp_path: Path) -> None:
    import json
    import shutil

    from pixforge.errors import SettingsError
    from pixforge.methods.diffusion import Options, open_session

    folder = shutil.copytree(models.joint, tmp_path / "model")
    card = folder / "pixforge-card.json"
    table = json.loads(card.read_text())
    table["preprocessing"]["version"] = 99
    card.write_text(json.dumps(table))
    with pytest.raises(SettingsError, match="another preprocessing"):
        open_session(Options(), str(folder))

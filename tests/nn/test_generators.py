"""The generators at logical resolution."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pixforge.nn.export import export_generator  # noqa: E402  # after the check that torch is installed
from pixforge.nn.generators import GeneratorOptions, build_generator  # noqa: E402
from pixforge.nn.trunk import TrunkOptions  # noqa: E402

if TYPE_CHECKING:
    from pixforge.nn.generators import Direction

SMALL = GeneratorOptions(trunk=TrunkOptions(channels=(16, 16), blocks=(1, 1), kernels=(3, 3)))
DIRECTIONS: tuple[Direction, ...] = ("to-pixel", "to-drawing")


def network(direction: Direction) -> torch.nn.Module:
    """A small generator whose heads have weights, unlike a fresh one."""
    torch.manual_seed(3)
    net = build_generator(SMALL, direction).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return net


def picture(direction: Direction, height: int, width: int) -> torch.Tensor:
    cell = 4 if direction == "to-pixel" else 1
    return torch.rand(1, 4, height * cell, width * cell, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_output_has_the_size_of_the_other_side(direction: Direction) -> None:
    out = network(direction)(picture(direction, 8, 12), torch.zeros(1, 3))
    assert out.shape == ((1, 4, 8, 12) if direction == "to-pixel" else (1, 4, 32, 48))


def test_a_fresh_network_gives_the_area_average() -> None:
    """Training starts from the plain downscale, not from noise: on a flat opaque picture the colour is exact."""
    flat = torch.tensor([0.2, 0.4, 0.6, 1.0]).reshape(1, 4, 1, 1).expand(1, 4, 32, 32).contiguous()
    out = build_generator(SMALL, "to-pixel")(flat, torch.zeros(1, 3))
    assert torch.allclose(out[:, :3], flat[:, :3, :8, :8], atol=1e-5)
    assert (out[:, 3] > 0).all()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_nothing_beyond_its_reach_changes_a_cell(direction: Direction) -> None:
    """So tiles that overlap by the reach join without a seam."""
    reach, width = SMALL.trunk.reach, 64
    assert reach < 20
    net, before = network(direction), picture(direction, 8, width)
    cell = before.shape[3] // width
    after = before.clone()
    after[..., (width - 16) * cell :] = 0.3
    out = [net(x, torch.zeros(1, 3)) for x in (before, after)]
    per_cell = out[0].shape[3] // width
    kept = (width - 16 - reach) * per_cell
    assert torch.equal(out[0][..., :kept], out[1][..., :kept])
    assert not torch.equal(out[0], out[1])


def test_the_condition_changes_the_answer() -> None:
    net, x = network("to-pixel"), picture("to-pixel", 8, 8)
    assert not torch.equal(net(x, torch.zeros(1, 3)), net(x, torch.ones(1, 3)))


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_onnx_gives_what_torch_gives(direction: Direction, half: bool) -> None:
    """At a size other than that of the export; half-precision weights cost little."""
    onnxruntime = pytest.importorskip("onnxruntime")
    net, x = network(direction), picture(direction, 20, 12)
    model = export_generator(net, direction, half=half)
    session = onnxruntime.InferenceSession(io.BytesIO(model).getvalue(), providers=["CPUExecutionProvider"])
    condition = np.array([[1.0, 1.0, -1.0]], np.float32)
    (found,) = session.run(None, {"picture": x.numpy(), "condition": condition})
    with torch.no_grad():
        wanted = net(x, torch.from_numpy(condition))
    if direction == "to-pixel":
        wanted[:, 3] = wanted[:, 3].sigmoid()
    assert np.abs(found - wanted.numpy()).max() < (5e-3 if half else 1e-5)

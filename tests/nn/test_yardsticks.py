"""The report's generators behind the interface of the logical ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pixforge.nn.export import export_generator  # noqa: E402  # after the check for torch
from pixforge.nn.generators import DIRECTIONS, GeneratorOptions, build_generator  # noqa: E402

if TYPE_CHECKING:
    from pixforge.nn.generators import Direction


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("kind", ["unet", "resnet"])
def test_a_yardstick_gives_cells_and_drawings_of_any_size(kind: str, direction: Direction) -> None:
    """Through ONNX too, at a size other than that of the export."""
    onnxruntime = pytest.importorskip("onnxruntime")
    torch.manual_seed(2)
    network = build_generator(GeneratorOptions(kind, width=4), direction).eval()  # type: ignore[arg-type]
    size = (80, 48) if direction == "to-pixel" else (20, 12)
    x, told = torch.rand(1, 4, *size), torch.zeros(1, 3)
    with torch.no_grad():
        out = network(x, told)
    assert out.shape == ((1, 4, 20, 12) if direction == "to-pixel" else (1, 4, 80, 48))
    session = onnxruntime.InferenceSession(export_generator(network, direction), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"picture": x.numpy(), "condition": told.numpy()})
    if direction == "to-pixel":
        out[:, 3] = out[:, 3].sigmoid()
    assert np.abs(found - out.numpy()).max() < 5e-3

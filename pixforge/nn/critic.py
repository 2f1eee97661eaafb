"""A small network that tells pixel art placed by hand from algorithmic downscales, at one position a cell."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pixforge.nn.export import OPSET

Planes = NDArray[np.float32]
Draw = Callable[[np.random.Generator], tuple[Planes, NDArray[np.float32]]]

_COLOURS = 3  # the first channels are colours times alpha, the next one is alpha


@dataclass(frozen=True)
class CriticOptions:
    """Shape and training of a critic.

    Attributes:
        widths: channels at one position a cell, then at one for every 2 x 2 cells.
        features: channels that are averaged over the picture and judged.
        steps: of training.
        rate: highest learning rate (one cycle with a cosine fall).
        decay: weight decay.
        dropout: of the averaged features.
        half: compute in bfloat16, twice as fast where the processor has it and slower where not.
        seed: of the weights and of every choice.
    """

    widths: tuple[int, int] = (32, 64)
    features: int = 96
    steps: int = 1000
    rate: float = 2e-3
    decay: float = 0.02
    dropout: float = 0.2
    half: bool = True
    seed: int = 7


class CriticNetwork(nn.Module):
    """Planes (N, C, H, W), H and W even -> logits (N,), above 0: rather real; and features (N, F).

    Each feature is a mean over the places that something opaque is at, so that the size of a picture does not matter.
    """

    def __init__(self, channels: int, options: CriticOptions) -> None:
        super().__init__()
        near, far = options.widths
        self.near = nn.Sequential(_block(channels, near), _block(near, near), _block(near, near))
        self.far = nn.Sequential(_block(near, far), _block(far, far), _block(far, options.features))
        self.dropout = nn.Dropout(options.dropout)
        self.verdict = nn.Linear(options.features, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Judge a batch."""
        places = functional.max_pool2d(planes[:, _COLOURS : _COLOURS + 1], 2)
        seen = self.far(functional.avg_pool2d(self.near(planes), 2)) * places
        features = seen.sum(dim=(2, 3)) / places.sum(dim=(2, 3)).clamp_min(1.0)
        return self.verdict(self.dropout(features))[:, 0], features


@dataclass(frozen=True, eq=False)
class Done:
    """One step of training: its number from 1, its loss, and the network, the same one every time."""

    step: int
    loss: float
    network: CriticNetwork


def fit_critic(draw: Draw, channels: int, options: CriticOptions) -> Iterator[Done]:
    """Train a critic; yields after every step.

    Args:
        draw: chance -> planes (N, C, H, W) and which are real, 0 or 1 (N,).
        channels: C.
        options: how.
    """
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    network = CriticNetwork(channels, options).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=options.decay)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=options.steps, pct_start=0.1)
    for step in range(1, options.steps + 1):
        planes, real = draw(rng)
        shown = _recoloured(torch.from_numpy(planes)).contiguous(memory_format=torch.channels_last)
        target = torch.from_numpy(real)
        balance = (1 - target).sum() / target.sum().clamp_min(1)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.half):
            logits, _ = network(shown)
        loss = functional.binary_cross_entropy_with_logits(logits.float(), target, pos_weight=balance)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        rates.step()
        yield Done(step, float(loss.detach()), network)


@torch.no_grad()
def judged(network: CriticNetwork, planes: Planes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return logits (N,) and features (N, F)."""
    network.eval()
    logits, features = network(torch.from_numpy(planes))
    network.train()
    return logits.numpy(), features.numpy()


def export_critic(network: CriticNetwork, channels: int) -> bytes:
    """Return an ONNX model: planes (N, C, H, W) float32 -> logits (N,), features (N, F)."""
    buffer = io.BytesIO()
    free = {0: "batch", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own future, not about the model
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, channels, 16, 16),),
            buffer,  # type: ignore[arg-type]  # a stream is taken, the annotation lags behind
            input_names=["planes"],
            output_names=["logits", "features"],
            dynamic_axes={"planes": free, "logits": {0: "batch"}, "features": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_model_from_string(buffer.getvalue())
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


def _recoloured(planes: Tensor) -> Tensor:
    """The batch in other colours: for each picture a random turn and stretch of RGB, so that no palette is learnt."""
    count = len(planes)
    alpha = planes[:, _COLOURS : _COLOURS + 1]
    turn, _ = torch.linalg.qr(torch.randn(count, _COLOURS, _COLOURS))
    stretch = torch.empty(count, 1, _COLOURS).uniform_(0.4, 1.2)
    grey = torch.eye(_COLOURS).expand(count, -1, -1) * torch.empty(count, 1, 1).uniform_(0.6, 1.2)
    matrix = torch.where(torch.rand(count, 1, 1) < 0.6, turn * stretch, grey)
    lift = torch.empty(count, _COLOURS, 1, 1).uniform_(-0.3, 0.3)
    colours = torch.einsum("nij,njhw->nihw", matrix, planes[:, :_COLOURS]) + lift
    return torch.cat([colours.clamp(-1.2, 1.2) * alpha, planes[:, _COLOURS:]], dim=1)

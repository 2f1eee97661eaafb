"""Training of the encoder: one generator of events, a checkpoint that a killed run goes on from."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from pixforge.train.device import Precision, precision_context
from pixforge.train.encoder.losses import same_place
from pixforge.train.encoder.network import Encoder, Heads
from pixforge.train.encoder.pairs import EncoderBatch, EncoderData
from pixforge.train.events import Event, Finished, Saved, StepDone
from pixforge.typed_toml import Range

STATE = "encoder.pt"


@dataclass(frozen=True)
class EncoderRecipe:
    """How the encoder learns.

    Attributes:
        steps: length of the run.
        pairs, others: sprites with their drawings, and real drawings, a step.
        side: cells across and down of a canvas.
        places: of a batch that are told apart.
        rate: the highest learning rate (AdamW; warm-up, then a cosine to a twentieth).
        content, cells, source: weights of the three tasks: find a place again in another rendering; give the colour
            of the cell; tell which collection a picture is of.
        seed: of all chance.
    """

    steps: Annotated[int, Range(1, 10**7)] = 1500
    pairs: Annotated[int, Range(2, 256)] = 10
    others: Annotated[int, Range(1, 256)] = 4
    side: Annotated[int, Range(16, 64)] = 32
    places: Annotated[int, Range(16, 8192)] = 768
    rate: float = 2e-3
    content: float = 1.0
    cells: float = 4.0
    source: float = 0.5
    seed: int = 7


def train_encoder(
    recipe: EncoderRecipe, data: EncoderData, out: Path, precision: Precision = "auto"
) -> Iterator[Event]:
    """Train, or go on with the run in the folder `out`; yield what happens."""
    torch.manual_seed(recipe.seed)
    network = Encoder().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    channels = {name: stage.channels for stage in network.layout.stages for name in stage.names}
    heads = Heads(channels, len(data.sources))
    optimiser = torch.optim.AdamW([*network.parameters(), *heads.parameters()], recipe.rate, weight_decay=1e-3)
    first = _load(out, network, heads, optimiser)
    for step in range(first, recipe.steps):
        began = time.perf_counter()
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * _schedule(step, recipe.steps)
        batch = data.batch(step, recipe.pairs, recipe.others)
        with precision_context(torch.device("cpu"), precision):
            losses = _losses(network, heads, batch, recipe, torch.Generator().manual_seed(step))
            total = recipe.content * losses["content"] + recipe.cells * losses["cells"]
            total = total + recipe.source * losses["source"]
        optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*network.parameters(), *heads.parameters()], 5.0)
        optimiser.step()
        yield StepDone(
            step + 1, {name: float(loss.detach()) for name, loss in losses.items()}, time.perf_counter() - began
        )
        if (step + 1) % 50 == 0 or step + 1 == recipe.steps:
            yield Saved(step + 1, _save(out, network, heads, optimiser, step + 1))
    yield Finished(recipe.steps, "all steps done")


def _losses(
    network: Encoder, heads: Heads, batch: EncoderBatch, recipe: EncoderRecipe, generator: torch.Generator
) -> dict[str, Tensor]:
    count = len(batch.sprites)
    pictures = torch.cat([batch.sprites, batch.drawings, batch.others])
    features = network(pictures.contiguous(memory_format=torch.channels_last))
    content = torch.zeros(())
    for name, head in heads.content.items():
        projected = head(features[name][: 2 * count])
        content = content + same_place(projected[:count], projected[count:], recipe.places, generator)
    colours = heads.cells(features["conv3_2"][: 2 * count]).float()
    cells = functional.l1_loss(colours, torch.cat([batch.cells, batch.cells]))
    own = torch.cat([torch.arange(count), torch.arange(2 * count, len(pictures))])
    logits = heads.style({name: value[own] for name, value in features.items()})
    # A drawing made of a sprite is of no collection: it must only not be taken for the sprite's.
    made = heads.style({name: value[count : 2 * count] for name, value in features.items()})
    wrong = made.softmax(dim=1).gather(1, batch.sources[:count, None])
    source = functional.cross_entropy(logits, batch.sources) - torch.log1p(-wrong.clamp_max(0.999)).mean()
    right = (logits.argmax(dim=1) == batch.sources).float().mean()
    return {"content": content, "cells": cells, "source": source, "told": right}


def _schedule(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / 50)
    return warm * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def _save(out: Path, network: nn.Module, heads: nn.Module, optimiser: torch.optim.Optimizer, step: int) -> Path:
    """Whole or not at all: a killed run goes on from the state before."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / STATE
    weights = {"network": network.state_dict(), "heads": heads.state_dict()}
    torch.save({"step": step, "optimiser": optimiser.state_dict(), **weights}, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
    return path


def _load(out: Path, network: nn.Module, heads: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    path = out / STATE
    if not path.is_file():
        return 0
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    heads.load_state_dict(state["heads"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])

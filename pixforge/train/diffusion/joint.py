"""A run of kind joint: one network learns both directions at logical resolution, from nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from torch import Tensor, nn
from torch.nn import functional

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.image.save import write_atomic
from pixforge.nn.card import Direction
from pixforge.nn.diffusion.checkpoint import family_of, fetched, locate
from pixforge.nn.diffusion.export import write_graphs
from pixforge.nn.diffusion.flow import LEVELS, Network, Sampling, folded, label, loosened
from pixforge.nn.diffusion.joint import TIMES, JointPipeline, TorchNetwork, build_unet, clean_side, put_together
from pixforge.nn.diffusion.joint_card import read_joint_card, write_joint_card
from pixforge.nn.diffusion.lora import MARK
from pixforge.nn.diffusion.proposals import propose
from pixforge.nn.diffusion.small_lora import JOINT, OWNER, PALETTE
from pixforge.pixel.agreement import agree
from pixforge.preprocess import drawing_array, drawing_picture, logical_array, logical_picture
from pixforge.train.batches import make_batches
from pixforge.train.credits import credits_of, read_credits, write_credits
from pixforge.train.data.manifest import read_manifest
from pixforge.train.device import precision_context
from pixforge.train.diffusion.loop import Start, chance
from pixforge.train.diffusion.recipe import LORA_FILE, DiffusionRecipe
from pixforge.train.diffusion.sheet import tiled
from pixforge.train.house import read_house_palette, write_house_palette
from pixforge.train.trainer import RunOptions
from pixforge.train.validation import held_out_exam, share_of

_SAMPLES = 6
_ASKED = 24  # pairs that are scored
_STEPS = 8  # of the flow in sheets
_STREAM = 900  # keeps this chance apart from that of the batches


_SHOWN: Final = ("states", "sigmas", "labels")


class _Part(NamedTuple):
    """One direction of a batch: what is known, what is right, and what the network is shown of it."""

    direction: Direction
    known: Tensor
    target: Tensor
    states: Tensor
    sigmas: Tensor
    labels: Tensor


class JointCourse:
    """See `pixforge.train.diffusion.loop.Course`.

    Args:
        recipe: of kind joint.
        data: the data set.
        folder: of the run, where the credits are kept.
        options: of the run.
        start: its base is a small model.

    Raises:
        SettingsError: a data set has too few pictures, or the base is of another kind.
        MissingDependencyError: there is no such base.
    """

    def __init__(
        self,
        recipe: DiffusionRecipe,
        data: Path,
        folder: Path,
        options: RunOptions,
        start: Start,
    ) -> None:
        torch.manual_seed(recipe.seed)
        base = None if start.base is None else _small(start.base)
        self.recipe, self._unet = (recipe, _fresh(recipe)) if base is None else _based(recipe, base)
        self._options = options
        self._lora = self.recipe.network.lora if base else 0
        if self._lora:
            _add_matrices(self._unet, self._lora)
        self._unet.to(options.device, memory_format=torch.channels_last)
        learning = ((name, value) for name, value in self._unet.named_parameters() if value.requires_grad)
        self.trained: dict[str, nn.Parameter] = dict(learning)
        self._batches = make_batches(recipe.plain, data, start.replay)
        self._exam = held_out_exam([data], recipe.plain)
        before = read_joint_card(base).credits if base else ()
        used = [credits_of(read_manifest(root), recipe.plain) for root in (data, start.replay) if root]
        write_house_palette(folder, data, recipe.data.palette)
        write_credits(folder, tuple(dict.fromkeys((*before, *chain.from_iterable(used)))))

    def loss(self, step: int) -> Iterator[Tensor]:
        """Yield the loss of one pass: both directions at once."""
        batch = self._batches.batch(step)
        source = chance(self.recipe.seed, step, _STREAM)
        parts = []
        if len(batch.drawing):
            parts.append(self._part("to-pixel", _folded(batch.drawing * 2 - 1), batch.logical * 2 - 1, source))
        if len(batch.reverse_logical):
            fine = _folded(batch.reverse_drawing * 2 - 1)
            parts.append(self._part("to-drawing", batch.reverse_logical * 2 - 1, fine, source))
        states, sigmas, labels = (torch.cat([getattr(part, name) for part in parts]) for name in _SHOWN)
        with precision_context(self._options.device, self._options.precision):
            device = self._options.device
            states = states.to(device, memory_format=torch.channels_last)
            out = self._unet(states, TIMES * sigmas.to(device), labels.to(device)).sample.float()
        total, first = torch.zeros((), device=device), 0
        for part in parts:
            made = clean_side(part.direction, part.known.to(device), out[first : first + len(part.states)])
            weight = 1.0 if part.direction == "to-pixel" else self.recipe.flow.to_drawing
            # An error of the clean picture counts as the error of the velocity that it means: (x_s - x) / s.
            share = part.sigmas.clamp_min(self.recipe.flow.floor)[:, None, None, None].to(device)
            total = total + weight * functional.mse_loss(made / share, part.target.to(device) / share)
            first += len(part.states)
        yield total

    def _part(self, direction: Direction, known: Tensor, x: Tensor, source: torch.Generator) -> _Part:
        flow, count = self.recipe.flow, len(x)
        noise = torch.randn(x.shape, generator=source)
        sigmas = torch.sigmoid(flow.centre + flow.spread * torch.randn(count, generator=source))
        levels = torch.multinomial(torch.tensor(flow.freedom), count, replacement=True, generator=source)
        hidden = torch.rand(count, generator=source) < flow.dropout
        loose = torch.randn(known.shape, generator=source)
        known = torch.from_numpy(loosened(known.numpy(), levels.numpy(), loose.numpy()))
        known = torch.where(hidden[:, None, None, None], torch.zeros_like(known), known)
        labels = torch.where(hidden, label(direction, None), levels + label(direction, 0))
        share = sigmas[:, None, None, None]
        states = put_together(direction, known, (1 - share) * x + share * noise)
        return _Part(direction, known, x, states, sigmas, labels)

    def scores(self) -> dict[str, float]:
        """Return the shares of all cells ("exact") and of contours and details ("hard") that come back."""
        network, found = self.network(), []
        for pair in self._exam.pairs[:_ASKED]:
            array = drawing_array(pair.drawing, pair.logical.width, pair.logical.height)
            out = logical_picture(propose(network, array, "to-pixel", Sampling(_STEPS // 2)))
            found.append(agree(out.pixels, pair.logical.pixels))
        return {"exact": share_of(found, "hit", "counted"), "hard": share_of(found, "hard_hit", "hard")}

    def sheet(self) -> Picture:
        """Return held-out drawings, an answer at each level of freedom, what is right; sprites and their drawings."""
        network = self.network()
        pairs = self._exam.pairs[:_SAMPLES]
        rows = [[pair.drawing.pixels for pair in pairs]]
        for freedom in range(LEVELS):
            row = []
            for pair in pairs:
                array = drawing_array(pair.drawing, pair.logical.width, pair.logical.height)
                out = propose(network, array, "to-pixel", Sampling(_STEPS, freedom=freedom, seed=freedom))
                row.append(logical_picture(out).pixels)
            rows.append(row)
        rows.append([pair.logical.pixels for pair in pairs])
        backwards = [propose(network, logical_array(pair.logical), "to-drawing", Sampling(_STEPS)) for pair in pairs]
        rows.append([drawing_picture(np.asarray(out)).pixels for out in backwards])
        return tiled(rows)

    def network(self) -> Network:
        """Return the model with the weights as they are."""
        return TorchNetwork(self._unet)

    def ship(self, folder: Path, step: int) -> None:
        """Write `model/`: the layout of diffusers in half precision, graphs for ONNX Runtime, and the card.

        Of a run that learns a LoRA it is `lora.safetensors`, in the layout of diffusers.
        """
        if self._lora:
            write_atomic(folder / LORA_FILE, _matrices(self._unet, read_house_palette(folder)))
            return
        target = folder / "model"
        halves = build_unet(self.recipe.network.channels, self.recipe.network.layers, self.recipe.network.attention)
        halves.load_state_dict(self._unet.state_dict())
        scheduler = FlowMatchEulerDiscreteScheduler()  # type: ignore[no-untyped-call]
        JointPipeline(halves.half(), scheduler).save_pretrained(target)  # type: ignore[attr-defined]
        write_graphs(halves, target)
        write_joint_card(
            target,
            self.recipe.name,
            description=self.recipe.description,
            version=version("pixforge"),
            steps=step,
            scores=self.scores(),
            learnt_from=read_credits(folder),
            recipe=self.recipe.as_table(),
        )


def _fresh(recipe: DiffusionRecipe) -> Any:  # noqa: ANN401  # a UNet2DModel
    unet = build_unet(recipe.network.channels, recipe.network.layers, recipe.network.attention)
    nn.init.zeros_(unet.conv_out.weight)  # so that the first answers are plain conversions
    nn.init.zeros_(unet.conv_out.bias)
    return unet


def _small(base: str) -> Path:
    """The folder of a model at logical resolution.

    Raises:
        SettingsError: it is of another kind.
        MissingDependencyError: there is no such model.
    """
    source = fetched(locate(base))
    if family_of(source) != "joint":
        remedy = 'give "bundled" or a folder of `pixforge train diffusion --recipe joint`, or take recipe instruct'
        raise SettingsError(
            "is a Stable Diffusion checkpoint, which this recipe cannot start from", remedy, source.path
        )
    return source.path


def _based(recipe: DiffusionRecipe, base: Path) -> tuple[DiffusionRecipe, Any]:
    """A model's network, and the recipe with its shape."""
    pipeline: Any = JointPipeline
    unet = pipeline.from_pretrained(base, use_safetensors=True).unet.float()
    shape = unet.config
    network = replace(
        recipe.network,
        channels=tuple(shape.block_out_channels),
        layers=shape.layers_per_block,
        attention=bool(shape.add_attention),
    )
    return replace(recipe, network=network), unet


def _add_matrices(unet: Any, rank: int) -> None:  # noqa: ANN401  # a UNet2DModel
    """Put two small matrices beside every convolution and every linear map; only they learn."""
    from peft import LoraConfig, inject_adapter_in_model

    unet.requires_grad_(requires_grad=False)
    kinds = (nn.Conv2d, nn.Linear)
    targets = [name for name, part in unet.named_modules() if isinstance(part, kinds)]
    inject_adapter_in_model(LoraConfig(r=rank, lora_alpha=rank, target_modules=targets), unet)


def _matrices(unet: Any, colours: Sequence[str]) -> bytes:  # noqa: ANN401  # a UNet2DModel
    """The small matrices as a safetensors file in half precision, with the colours of the style."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save

    found = get_peft_model_state_dict(unet)
    table = {f"{OWNER}{name}": value.detach().cpu().half().contiguous() for name, value in found.items()}
    return bytes(save(table, {MARK: JOINT, PALETTE: " ".join(colours)}))


def _folded(drawing: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(folded(drawing.numpy())))

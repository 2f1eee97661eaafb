"""What is asked of a student: the loss of the optimisation, of its canvases."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pixforge.methods._style import pictures
from pixforge.methods._style.session import chosen_layers, stride_of
from pixforge.nn.style import statistics
from pixforge.nn.style.weights import Weights
from pixforge.preprocess import CELL
from pixforge.train.device import Precision, precision_context
from pixforge.train.student import losses
from pixforge.train.student.batches import Canvases
from pixforge.train.student.choice import choose
from pixforge.train.student.features import Features
from pixforge.train.student.recipe import StudentRecipe

_PLACES: Final = 1024  # of a layer that are compared at a step
_DIRECTIONS: Final = 48
_STYLE_SEED: Final = 5
_MARGIN: Final = 2  # cells, as pixforge.nn.style.cells repeats the edge
_CALM: Final = 3.0  # temperature of the answers: a cell that is far from its answer does not drown the others
_LUMA: Final = (0.299, 0.587, 0.114)


class Objective:
    """The losses of a recipe.

    Args:
        recipe: of the run.
        weights: of the encoder.
        precision: of the arithmetic.

    Raises:
        SettingsError: there is no such style, or the encoder lacks a layer.
    """

    def __init__(self, recipe: StudentRecipe, weights: Weights, precision: Precision) -> None:
        self._recipe, self._precision = recipe, precision
        self._grey = recipe.method.colours == "content"
        self._features = Features(weights)
        self._layout = weights.layout
        self._content, names = chosen_layers(recipe.method, weights.layout)
        self._style = {
            name: (torch.from_numpy(layer.gram), torch.from_numpy(layer.samples))
            for name, layer in self._measured(names).items()
        }

    def parts(self, network: nn.Module, batch: Canvases, chance: torch.Generator) -> dict[str, Tensor]:
        """Return the parts of the loss of a student's answer to a batch, unweighted."""
        likely, hard = self._chosen(network, batch)
        parts = self._parts_of(likely.exp(), hard, batch, chance) if self._recipe.losses else {}
        if self._recipe.answers:
            said = (likely / _CALM).log_softmax(dim=1).gather(1, batch.answer.clamp_min(0)[:, None])[:, 0]
            known = (batch.answer >= 0) & batch.opaque & said.isfinite()
            parts["answers"] = -said[known].sum() / known.sum().clamp_min(1)
        return parts

    @torch.no_grad()
    def decided(self, network: nn.Module, batch: Canvases) -> Tensor:
        """Return the entries int64 (N, H, W) that a student decides."""
        return self._chosen(network, batch)[1].argmax(dim=1)

    def of_cells(self, entries: Tensor, batch: Canvases, chance: torch.Generator) -> dict[str, Tensor]:
        """Return the parts for given entries int64 (N, H, W), as they are shown; no gradient passes."""
        chosen = functional.one_hot(entries, batch.palette.shape[1]).permute(0, 3, 1, 2).float()
        return self._parts_of(chosen, chosen, batch, chance)

    def _chosen(self, network: nn.Module, batch: Canvases) -> tuple[Tensor, Tensor]:
        with self._context():
            out = network(batch.drawing, batch.condition)
        return choose(out[:, :3].float() + batch.shade[:, None], batch.placed, batch.own, batch.held)

    def _parts_of(self, soft: Tensor, hard: Tensor, batch: Canvases, chance: torch.Generator) -> dict[str, Tensor]:
        """The parts for probabilities and choices (N, K, H, W)."""
        opaque = batch.opaque.float()
        picture = self._shown(hard, batch)
        plain = torch.zeros_like(hard).scatter_(1, batch.own[:, None], 1.0)
        seen = slice(self._recipe.seen)
        features = self._see(picture[seen], batch.spread[seen], CELL, sorted({*self._content, *self._style}))
        with torch.no_grad():
            wanted = self._see(batch.fine[seen], batch.spread[seen], 1, list(self._content))
        parts = {
            "content": torch.stack([losses.content(features[name], wanted[name]) for name in self._content]).mean(),
            "contour": losses.contour(picture, self._shown(plain, batch), batch.lines),
            "colour": losses.colour(picture, batch.means),
            "variation": losses.clusters(soft, batch.down, batch.across),
            "usage": losses.usage(soft, opaque, batch.usage),
        }
        return parts | self._style_parts(features, batch.near[seen], chance)

    def total(self, parts: Mapping[str, Tensor]) -> Tensor:
        """Return the weighted sum."""
        options = self._recipe.method
        pull = {name: options.strength * getattr(options, name) for name in ("gram", "sliced")}
        weights = pull | {"answers": self._recipe.answers}
        return torch.stack(
            [weights.get(name, getattr(options, name, 0.0)) * part for name, part in parts.items()]
        ).sum()

    def _shown(self, chosen: Tensor, batch: Canvases) -> Tensor:
        colour = torch.einsum("nkhw,nkc->nchw", chosen, batch.palette)
        cover = batch.opaque[:, None].float()
        return colour * cover + (1 - cover) * (pictures.GROUND / 255)

    def _see(self, picture: Tensor, spread: Tensor, scale: int, names: list[str]) -> dict[str, Tensor]:
        """Features of pictures whose cells are enlarged by `scale`, their margin repeated first."""
        reach = _MARGIN * CELL // scale
        shown = functional.pad(picture, (reach,) * 4, mode="replicate")
        shown = shown.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
        if self._grey:
            shown = grey(shown, spread)
        with self._context():
            return dict(self._features(shown, names))

    def _style_parts(self, features: dict[str, Tensor], near: Tensor, chance: torch.Generator) -> dict[str, Tensor]:
        grams, slices = [], []
        for name, (gram, samples) in self._style.items():
            stride = stride_of(self._layout, name)
            rows, columns = (
                ((torch.arange(size) * stride + stride // 2) // CELL).clamp_max(near.shape[1] - 1)
                for size in features[name].shape[2:]
            )
            every = features[name].permute(0, 2, 3, 1)[near[:, rows][:, :, columns]]
            grams.append(losses.gram_difference(every, gram))
            picked = torch.randint(len(every), (_PLACES,), generator=chance)
            taken = torch.randint(len(samples), (_PLACES,), generator=chance)
            directions = functional.normalize(torch.randn(every.shape[1], _DIRECTIONS, generator=chance), dim=0)
            slices.append(losses.sliced_distance(every[picked], samples[taken], directions))
        return {"gram": torch.stack(grams).mean(), "sliced": torch.stack(slices).mean()}

    @torch.no_grad()
    def _measured(self, names: tuple[str, ...]) -> dict[str, statistics.LayerStatistics]:
        """The statistics of the style's pictures, as the method measures them."""
        art = pictures.style_art(self._recipe.method.style)
        spread = torch.from_numpy(pictures.lightness(art))[None]

        def encode(batch: statistics.Array) -> dict[str, statistics.Array]:
            seen = torch.from_numpy(batch.transpose(0, 3, 1, 2).copy())
            found = self._features(grey(seen, spread) if self._grey else seen, names)
            return {name: value.permute(0, 2, 3, 1).numpy() for name, value in found.items()}

        strides = {name: stride_of(self._layout, name) for name in names}
        return statistics.measure(encode, strides, [pictures.seen(one, CELL) for one in art], _STYLE_SEED)

    def _context(self) -> AbstractContextManager[object]:
        return precision_context(torch.device("cpu"), self._precision)


def grey(picture: Tensor, spread: Tensor) -> Tensor:
    """Return the lightness of (N, 3, H, W) on three channels, moved to one scale (see `pixforge.nn.style.cells.grey`).

    Args:
        picture: sRGB 0..1.
        spread: (N, 2), mean and deviation.
    """
    tone = torch.einsum("c,nchw->nhw", torch.tensor(_LUMA), picture)
    tone = (tone - spread[:, 0, None, None]) / spread[:, 1, None, None] * 0.25 + 0.5
    return tone[:, None].expand(-1, 3, -1, -1)

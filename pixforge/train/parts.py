"""Loss parts: each takes what a step knows and gives one number; a recipe says how much each weighs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pixforge.nn.content import content_loss, flatness_loss, loose_difference, palette_loss, shown
from pixforge.nn.losses import alpha_entropy, decided_colour, drawing_difference, gradient_difference, opaque_colour
from pixforge.nn.outline import contour_loss, outline_loss
from pixforge.preprocess import CELL
from pixforge.train.batch import Batch
from pixforge.train.recipe import LossOptions, Recipe

TOLERANCE: Final = 24 / 255  # a cell nearer than this to the artist's counts as hit
_MAIN_COLOURS: Final = 16
Part = Callable[[Tensor, Tensor], Tensor]
Networks = Mapping[str, nn.Module]


@dataclass(frozen=True)
class Scene:
    """What a judge compares: (N, 4, H, W), premultiplied."""

    real: Tensor
    made: Tensor


@dataclass(frozen=True)
class Asked:
    """What one step asks of the generators.

    Attributes:
        values: each loss part that has a weight, unweighted.
        scenes: what each judge is to look at, by its side: pixel, drawing.
    """

    values: dict[str, Tensor]
    scenes: dict[str, Scene]


_EXACT: Final[dict[str, Part]] = {
    "colour": opaque_colour,
    "decided": lambda answer, logical: decided_colour(answer, logical, TOLERANCE),
    "alpha": alpha_entropy,
    "outline": outline_loss,
}
_DRAWING: Final[dict[str, Part]] = {"drawing": drawing_difference, "edges": gradient_difference}
_REAL: Final[dict[str, Part]] = {
    "content": lambda answer, drawing: content_loss(shown(answer), drawing, CELL),
    "contour": lambda answer, drawing: contour_loss(answer, drawing, CELL),
    "palette": lambda answer, _: palette_loss(answer, _MAIN_COLOURS),
    "flatness": lambda answer, _: flatness_loss(shown(answer)),
}


def ask(nets: Networks, frozen: Networks, batch: Batch, recipe: Recipe) -> Asked:
    """Run the generators over a batch and measure them.

    Args:
        nets: the generators, by direction.
        frozen: those of the model that the run started from, if "remember" has a weight.
        batch: what they look at.
        recipe: what is asked.
    """
    weights, pixel = recipe.loss, _pixel_answers(nets["to-pixel"], batch, recipe.loss)
    drawing = _drawing_answers(nets["to-drawing"], batch, recipe.loss)
    values = _supervised(pixel, drawing, batch, weights)
    values |= _unpaired(nets, pixel, drawing, batch, weights)
    if weights.remember:
        values["remember"] = _remembered(frozen, pixel, drawing, batch)
    return Asked(values, _scenes(pixel, drawing, batch, weights))


def total(values: Mapping[str, Tensor], weights: LossOptions) -> Tensor:
    """Return the weighted sum."""
    return torch.stack([getattr(weights, name) * value for name, value in values.items()]).sum()


def exact_sum(answer: Tensor, logical: Tensor, weights: LossOptions) -> Tensor:
    """Return the weighted sum of the parts for exact pairs."""
    return total(_measured(_EXACT, answer, logical, weights), weights)


def _pixel_answers(network: nn.Module, batch: Batch, weights: LossOptions) -> dict[str, Tensor]:
    """To-pixel's answers to all that the losses look at, in one pass."""
    unpaired = ("taught", "cycle_drawing", "adversarial_pixel", "remember", *_REAL)
    wanted = {
        "pairs": (batch.drawing, batch.condition),
        "real": (batch.real, batch.real_condition) if any(getattr(weights, name) for name in unpaired) else None,
        "same": (_enlarged(batch.art), batch.art_condition) if weights.identity else None,
        "true": (batch.true_drawing, batch.true_condition) if weights.true else None,
        "shapes": (batch.shapes, batch.shapes_condition) if weights.remember else None,
    }
    return _together(network, wanted)


def _drawing_answers(network: nn.Module, batch: Batch, weights: LossOptions) -> dict[str, Tensor]:
    """To-drawing's answers, likewise."""
    art = weights.cycle_pixel or weights.adversarial_drawing or weights.remember
    wanted = {
        "pairs": (batch.reverse_logical, batch.reverse_condition),
        "art": (batch.art, batch.art_condition) if art else None,
    }
    return _together(network, wanted)


def _together(network: nn.Module, wanted: Mapping[str, tuple[Tensor, Tensor] | None]) -> dict[str, Tensor]:
    asked = {name: pair for name, pair in wanted.items() if pair is not None and len(pair[0])}
    if not asked:
        return {}
    pictures, told = (torch.cat([pair[place] for pair in asked.values()]) for place in (0, 1))
    answers = network(pictures, told).split([len(pair[0]) for pair in asked.values()])
    return dict(zip(asked, answers, strict=True))


def _supervised(
    pixel: Mapping[str, Tensor], drawing: Mapping[str, Tensor], batch: Batch, weights: LossOptions
) -> dict[str, Tensor]:
    """Parts with a right answer."""
    values: dict[str, Tensor] = {}
    if "pairs" in pixel:
        values |= _measured(_EXACT, pixel["pairs"], batch.logical, weights)
    if "pairs" in drawing:
        values |= _measured(_DRAWING, drawing["pairs"], batch.reverse_drawing, weights)
    if weights.taught and "real" in pixel:
        values["taught"] = exact_sum(pixel["real"], batch.taught, weights)
    if "same" in pixel:
        values["identity"] = exact_sum(pixel["same"], batch.art, weights)
    if "true" in pixel:
        values["true"] = loose_difference(shown(pixel["true"]), batch.true_logical)
    return values


def _unpaired(
    nets: Networks, pixel: Mapping[str, Tensor], drawing: Mapping[str, Tensor], batch: Batch, weights: LossOptions
) -> dict[str, Tensor]:
    """Parts without one: what is known of the drawing itself, and both cycles."""
    values: dict[str, Tensor] = {}
    if "real" in pixel:
        values |= _measured(_REAL, pixel["real"], batch.real, weights)
    if weights.cycle_pixel and "art" in drawing:
        back = nets["to-pixel"](drawing["art"].clamp(0, 1), batch.art_condition)
        values["cycle_pixel"] = exact_sum(back, batch.art, weights)
    if weights.cycle_drawing and "real" in pixel:
        back = nets["to-drawing"](shown(pixel["real"]), batch.real_condition)
        # Its details are the sprite's to drop: only what a low pass leaves must come back (CycleGAN asks for all).
        values["cycle_drawing"] = (functional.avg_pool2d(back - batch.real, CELL)).abs().mean()
    return values


def _remembered(frozen: Networks, pixel: Mapping[str, Tensor], drawing: Mapping[str, Tensor], batch: Batch) -> Tensor:
    """How far the answers have moved from those of the model at the start (Li & Hoiem 2016).

    Only where the start model was asked nothing new: made-up and real drawings, and true pixel art.
    """
    gaps: list[Tensor] = []
    with torch.no_grad():
        asked = {"real": (batch.real, batch.real_condition), "shapes": (batch.shapes, batch.shapes_condition)}
        before = _together(frozen["to-pixel"], {name: pair for name, pair in asked.items() if name in pixel})
        art = frozen["to-drawing"](batch.art, batch.art_condition) if "art" in drawing else None
    gaps += [functional.smooth_l1_loss(shown(pixel[name]), shown(old), beta=24 / 255) for name, old in before.items()]
    if art is not None:
        gaps.append((drawing["art"] - art).abs().mean())
    return torch.stack(gaps).sum() if gaps else torch.zeros(())


def _scenes(
    pixel: Mapping[str, Tensor], drawing: Mapping[str, Tensor], batch: Batch, weights: LossOptions
) -> dict[str, Scene]:
    """Pairs first: there the judge sees the same content on both sides, and only the manner differs."""
    scenes: dict[str, Scene] = {}
    if weights.adversarial_pixel:
        made = [shown(pixel[name]) for name in ("pairs", "real") if name in pixel]
        scenes["pixel"] = Scene(torch.cat([batch.logical, batch.art]), torch.cat(made))
    if weights.adversarial_drawing:
        made = [drawing[name].clamp(0, 1) for name in ("pairs", "art") if name in drawing]
        scenes["drawing"] = Scene(torch.cat([batch.reverse_drawing, batch.real]), torch.cat(made))
    return scenes


def _measured(parts: Mapping[str, Part], answer: Tensor, right: Tensor, weights: LossOptions) -> dict[str, Tensor]:
    return {name: part(answer, right) for name, part in parts.items() if getattr(weights, name)}


def _enlarged(art: Tensor) -> Tensor:
    """Pixel art at four pixels a cell, every block of one colour."""
    return art.repeat_interleave(CELL, dim=2).repeat_interleave(CELL, dim=3) if len(art) else art

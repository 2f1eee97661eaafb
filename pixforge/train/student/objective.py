"""The loss of the optimisation, of cells that are decided already: by it a student is judged, not taught."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pixforge.methods._style import pictures
from pixforge.methods._style.areas import shaded_of
from pixforge.methods._style.choice import shades_of
from pixforge.methods._style.session import chosen_layers, stride_of
from pixforge.methods._style.target import usage_of
from pixforge.methods.style import Options
from pixforge.nn.style import statistics
from pixforge.nn.style.weights import Weights
from pixforge.pixel.colour import srgb_to_oklab
from pixforge.preprocess import CELL
from pixforge.train.student import losses
from pixforge.train.student.features import Features
from pixforge.train.student.lessons import Lesson

_PLACES: Final = 1024  # of a layer that are compared
_DIRECTIONS: Final = 48
_SEED: Final = 77
_STYLE_SEED: Final = 5
_MARGIN: Final = 2  # cells, as pixforge.nn.style.cells repeats the edge
_LEAST_SPREAD: Final = 0.12  # deviation of lightness; a drawing of less would have a shade seen as black and white
_LUMA: Final = (0.299, 0.587, 0.114)
Array = NDArray[np.float32]


class Objective:
    """The losses of a table [method.style].

    Args:
        options: the table.
        weights: of the encoder.

    Raises:
        SettingsError: there is no such style, or the encoder lacks a layer.
    """

    def __init__(self, options: Options, weights: Weights) -> None:
        self._options, self._grey = options, options.colours == "content"
        self._features, self._layout = Features(weights), weights.layout
        self._content, names = chosen_layers(options, weights.layout)
        self._style = {
            name: (torch.from_numpy(layer.gram), torch.from_numpy(layer.samples))
            for name, layer in self._measured(names).items()
        }

    @torch.no_grad()
    def parts(self, entries: NDArray[np.integer], lesson: Lesson) -> dict[str, float]:
        """Return the parts of the loss, unweighted, of entries (H, W) of a lesson's palette."""
        chosen = functional.one_hot(torch.from_numpy(entries.astype(np.int64)), len(lesson.palette))
        chosen = chosen.permute(2, 0, 1)[None].float()
        picture, plain = _shown(entries, lesson), _shown(lesson.own, lesson)
        spread = torch.from_numpy(np.maximum(lesson.spread, np.array([0, _LEAST_SPREAD], np.float32)))[None]
        features = self._see(picture, spread, CELL, sorted({*self._content, *self._style}))
        wanted = self._see(_fine(lesson), spread, 1, list(self._content))
        opaque = torch.from_numpy(lesson.opaque)[None].float()
        parts = {
            "content": torch.stack([losses.content(features[name], wanted[name]) for name in self._content]).mean(),
            "contour": losses.contour(picture, plain, _plane(lesson.lines)),
            "colour": losses.colour(picture, _plane(lesson.means).permute(0, 3, 1, 2)),
            "variation": losses.clusters(chosen, _plane(lesson.down), _plane(lesson.across)),
            "usage": losses.usage(chosen, opaque, _usage(lesson)),
        }
        return {name: float(part) for name, part in (parts | self._style_parts(features, lesson)).items()}

    def total(self, parts: Mapping[str, float]) -> float:
        """Return the weighted sum."""
        pulls = dict.fromkeys(("gram", "sliced"), self._options.strength)
        return float(sum(pulls.get(name, 1.0) * getattr(self._options, name) * part for name, part in parts.items()))

    def _see(self, picture: Tensor, spread: Tensor, scale: int, names: list[str]) -> dict[str, Tensor]:
        """Features of pictures whose cells are enlarged by `scale`, their margin repeated first."""
        reach = _MARGIN * CELL // scale
        shown = functional.pad(picture, (reach,) * 4, mode="replicate")
        shown = shown.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
        return dict(self._features(grey(shown, spread) if self._grey else shown, names))

    def _style_parts(self, features: dict[str, Tensor], lesson: Lesson) -> dict[str, Tensor]:
        chance, grams, slices = torch.Generator().manual_seed(_SEED), [], []
        for name, (gram, samples) in self._style.items():
            size = int(features[name].shape[2]), int(features[name].shape[3])
            places = pictures.inside(lesson.opaque, CELL, stride_of(self._layout, name), size)
            every = features[name][0].permute(1, 2, 0)[torch.from_numpy(places)]
            grams.append(losses.gram_difference(every, gram))
            picked = torch.randint(len(every), (_PLACES,), generator=chance)
            taken = torch.randint(len(samples), (_PLACES,), generator=chance)
            directions = functional.normalize(torch.randn(every.shape[1], _DIRECTIONS, generator=chance), dim=0)
            slices.append(losses.sliced_distance(every[picked], samples[taken], directions))
        return {"gram": torch.stack(grams).mean(), "sliced": torch.stack(slices).mean()}

    @torch.no_grad()
    def _measured(self, names: tuple[str, ...]) -> dict[str, statistics.LayerStatistics]:
        """The statistics of the style's pictures, as the method measures them."""
        art = pictures.style_art(self._options.style)
        spread = torch.from_numpy(pictures.lightness(art))[None]

        def encode(batch: statistics.Array) -> dict[str, statistics.Array]:
            seen = torch.from_numpy(batch.transpose(0, 3, 1, 2).copy())
            found = self._features(grey(seen, spread) if self._grey else seen, names)
            return {name: value.permute(0, 2, 3, 1).numpy() for name, value in found.items()}

        strides = {name: stride_of(self._layout, name) for name in names}
        return statistics.measure(encode, strides, [pictures.seen(one, CELL) for one in art], _STYLE_SEED)


def grey(picture: Tensor, spread: Tensor) -> Tensor:
    """Return the lightness of (N, 3, H, W) on three channels, moved to one scale (see `pixforge.nn.style.cells.grey`).

    Args:
        picture: sRGB 0..1.
        spread: (N, 2), mean and deviation.
    """
    tone = torch.einsum("c,nchw->nhw", torch.tensor(_LUMA), picture)
    tone = (tone - spread[:, 0, None, None]) / spread[:, 1, None, None] * 0.25 + 0.5
    return tone[:, None].expand(-1, 3, -1, -1)


def _shown(entries: NDArray[np.integer], lesson: Lesson) -> Tensor:
    """Cells on the ground, (1, 3, H, W)."""
    colours = lesson.palette.astype(np.float32)[entries] / np.float32(255)
    shown = np.where(lesson.opaque[..., None], colours, np.float32(pictures.GROUND / 255))
    return torch.from_numpy(np.ascontiguousarray(shown.transpose(2, 0, 1)))[None]


def _fine(lesson: Lesson) -> Tensor:
    """The drawing on the ground, (1, 3, 4H, 4W)."""
    drawing = torch.from_numpy(lesson.drawing.astype(np.float32) / np.float32(255)).permute(2, 0, 1)[None]
    return drawing[:, :3] + (1 - drawing[:, 3:]) * (pictures.GROUND / 255)


def _usage(lesson: Lesson) -> Tensor:
    """Shares (1, K) of the entries to keep."""
    shaded = shaded_of(lesson.own.astype(np.intp), shades_of(srgb_to_oklab(lesson.palette)), lesson.free)
    return torch.from_numpy(usage_of(lesson.likely.astype(np.float32), lesson.opaque, shaded))[None]


def _plane(array: NDArray[np.float16]) -> Tensor:
    return torch.from_numpy(array.astype(np.float32))[None]

"""The optimisation without its encoder, in NumPy: what light, shares and areas ask for, in a fiftieth of a second.

The losses are those of `pixforge.nn.style.losses` that need no features (contour, colour, variation, usage), descended
as `pixforge.nn.style.solve` does: the same start, the same Adam, the same temperatures. A student is told where this
ends, and learns what the encoder makes of it besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.methods._style.pictures import GROUND

if TYPE_CHECKING:
    from pixforge.methods._style.planes import Facts

Array = NDArray[np.float32]
COLD: Final = 0.15  # the last temperature
_COOLED: Final = 0.85  # share of the run at which it is reached
_BETAS: Final = (0.9, 0.99)
_TINY: Final = np.float32(1e-6)
_STEP: Final = 0.12  # difference of low-passed colours that counts 1, and ...
_LINE: Final = 0.1  # ... of what stands out along lines


@dataclass(frozen=True)
class Holds:
    """The parts of the table [method.style] that hold a drawing, and how long and fast it is optimised."""

    contour: float = 0.5
    colour: float = 0.5
    variation: float = 0.8
    usage: float = 1.0
    steps: int = 60
    rate: float = 0.12


def holds_of(table: Mapping[str, Any]) -> Holds:
    """Return them out of a whole table [method.style], as a model's card has it."""
    return Holds(**{field.name: table[field.name] for field in fields(Holds) if field.name in table})


def relaxed(facts: Facts, usage: Array, holds: Holds) -> Array:
    """Return the logits (K, H, W) where the optimisation without its encoder ends.

    Args:
        facts: of the drawing.
        usage: float32 (K,), shares of the entries to keep.
        holds: weights of the losses, steps and rate.
    """
    slope = _Slope(facts, usage, holds)
    logits = np.ascontiguousarray(facts.likely.astype(np.float32).transpose(2, 0, 1))
    first, second = np.zeros_like(logits), np.zeros_like(logits)
    for step in range(holds.steps):
        heat = np.float32(COLD ** min(1.0, step / max(1, holds.steps - 1) / _COOLED))
        gradient = slope.at(logits, heat)
        first += np.float32(1 - _BETAS[0]) * (gradient - first)
        second += np.float32(1 - _BETAS[1]) * (np.square(gradient) - second)
        length = np.sqrt(second * np.float32(1 / (1 - _BETAS[1] ** (step + 1)))) + np.float32(1e-8)
        logits -= np.float32(holds.rate / (1 - _BETAS[0] ** (step + 1))) * first / length
    return logits


class _Slope:
    """The gradient of the losses of one drawing."""

    def __init__(self, facts: Facts, usage: Array, holds: Holds) -> None:
        self._palette = facts.palette.astype(np.float32) / np.float32(255)
        self._opaque = facts.opaque.astype(np.float32)
        self._free = (facts.opaque & ~facts.held).astype(np.float32)
        self._ground = (1 - self._opaque) * np.float32(GROUND / 255)
        lines = facts.lines.astype(np.float32)
        start = self._palette[facts.own].transpose(2, 0, 1) * self._opaque + self._ground
        self._stands_out = start - low_pass(start)
        self._along = np.float32(2 * holds.contour / _LINE**2) * lines / (lines.sum() + 1)
        self._means = low_pass(facts.means.astype(np.float32).transpose(2, 0, 1))
        self._colour = np.float32(2 * holds.colour / _STEP**2 / self._means.size)
        down, across = facts.down.astype(np.float32), facts.across.astype(np.float32)
        share = np.float32(holds.variation / 2) / (down.sum() + across.sum() + 1)
        self._down, self._across = down * share, across * share
        self._count = self._opaque.sum() + _TINY
        self._usage, self._counts = np.sqrt(usage + _TINY), np.float32(holds.usage)

    def at(self, logits: Array, heat: np.float32) -> Array:
        """The slope (K, H, W) of logits at a temperature."""
        chosen = softmax(logits, heat)
        slope = self._of_colours(chosen) + self._of_shares(chosen)[:, None, None] * self._opaque
        below = np.sign(chosen[:, 1:] - chosen[:, :-1]) * self._down
        slope[:, 1:] += below
        slope[:, :-1] -= below
        beside = np.sign(chosen[..., 1:] - chosen[..., :-1]) * self._across
        slope[..., 1:] += beside
        slope[..., :-1] -= beside
        slope -= (chosen * slope).sum(axis=0)
        slope *= chosen
        slope *= self._free / heat
        return slope

    def _of_colours(self, chosen: Array) -> Array:
        """Of the losses contour and colour; the low pass is its own transpose."""
        flat = chosen.reshape(len(chosen), -1)
        picture = (self._palette.T @ flat).reshape(3, *chosen.shape[1:]) * self._opaque + self._ground
        low = low_pass(picture)
        sharp = (picture - low - self._stands_out) * self._along
        soft = (low - self._means) * self._colour
        back: Array = (sharp + low_pass(soft - sharp)) * self._opaque
        return np.asarray(self._palette @ back.reshape(3, -1), np.float32).reshape(chosen.shape)

    def _of_shares(self, chosen: Array) -> Array:
        """Of the loss usage, (K,)."""
        flat = chosen.reshape(len(chosen), -1)
        share = np.sqrt(flat @ self._opaque.reshape(-1) / self._count + _TINY)
        return np.asarray(self._counts * (share - self._usage) / share / self._count, np.float32)


def softmax(logits: Array, heat: np.float32) -> Array:
    """Return probabilities of logits (K, H, W) at a temperature."""
    out = logits / heat
    out -= out.max(axis=0)
    np.exp(out, out=out)
    out /= out.sum(axis=0)
    return out


def low_pass(picture: Array) -> Array:
    """Return the mean of the 3x3 cells round each cell of (C, H, W), edges repeated."""
    tall = np.concatenate([picture[:, :1], picture, picture[:, -1:]], axis=1)
    rows = tall[:, :-2] + tall[:, 1:-1] + tall[:, 2:]
    wide = np.concatenate([rows[..., :1], rows, rows[..., -1:]], axis=2)
    out: Array = (wide[..., :-2] + wide[..., 1:-1] + wide[..., 2:]) / np.float32(9)
    return out

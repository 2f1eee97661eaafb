"""How a student learns: everything that makes it, stored in the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated

from pixforge.methods.style import Options
from pixforge.typed_toml import Range, read


@dataclass(frozen=True)
class StudentRecipe:
    """All choices of a run.

    Attributes:
        method: the style, its strength, its colours and the weights of the losses: the table [method.style] that the
            student stands for.
        encoder: that the optimisation looks through, as `--model` of the method.
        pictures: drawings of the data set that are optimised, to learn from.
        longest: bounds of their longest side in cells.
        colors: of a drawing's palette, at most.
        width: channels of the network.
        dilations: of its convolutions, a block each.
        dropout: chance of a channel to be left out of a block.
        steps: length of the run.
        batch: canvases a step.
        side: cells across and down of a canvas.
        turned: chance of a canvas to be mirrored along its diagonal, which light from above left survives.
        rate: the highest learning rate (AdamW; warm-up, then a cosine to a hundredth).
        decay: of the weights.
        average: decay of the moving average of the weights, which is what ships.
        seed: of all chance.
    """

    method: Options = field(default_factory=Options)
    encoder: str = "bundled"
    pictures: Annotated[int, Range(1, 100_000)] = 900
    longest: tuple[int, int] = (24, 64)
    colors: Annotated[int, Range(2, 256)] = 16
    width: Annotated[int, Range(4, 512)] = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8, 4, 2, 1)
    dropout: Annotated[float, Range(0.0, 0.9)] = 0.05
    steps: Annotated[int, Range(1, 10**7)] = 4000
    batch: Annotated[int, Range(1, 256)] = 6
    side: Annotated[int, Range(8, 128)] = 32
    turned: Annotated[float, Range(0.0, 1.0)] = 0.5
    rate: Annotated[float, Range(0.0, 1.0)] = 2e-3
    decay: Annotated[float, Range(0.0, 1.0)] = 1e-2
    average: Annotated[float, Range(0.0, 1.0)] = 0.995
    seed: Annotated[int, Range(0, 2**31)] = 11

    def as_table(self) -> dict[str, object]:
        """Return plain values, which `recipe_of` turns back into an equal recipe."""
        return asdict(self)


def recipe_of(table: Mapping[str, object]) -> StudentRecipe:
    """Return the recipe that a run or a model carries as plain values."""
    return read(StudentRecipe, table)
